"""What is seen: eight kinds of picture read for what they show and where, or refused with the reason.

`open_image` reads a picture file, `ImageReader` judges it, `overlay_png` and `described` show the
reading to those who see it and to those who do not. Importing this package does not load torch.
"""

from typing import TYPE_CHECKING

from vision.images import Image, Spacing, open_image
from vision.refusals import ImageRefused, WeightsMissing

if TYPE_CHECKING:
    from vision.overlay import described, label_in_words, layer_png, overlay_png, picture_png, stored_shown
    from vision.reader import ImageReader
    from vision.reading import Reading
    from vision.regions import Region

__all__ = [
    "Image",
    "ImageReader",
    "ImageRefused",
    "Reading",
    "Region",
    "Spacing",
    "WeightsMissing",
    "described",
    "label_in_words",
    "layer_png",
    "open_image",
    "overlay_png",
    "picture_png",
    "stored_shown",
]

_LAZY = {
    "ImageReader": "vision.reader",
    "Reading": "vision.reading",
    "Region": "vision.regions",
    "described": "vision.overlay",
    "label_in_words": "vision.overlay",
    "layer_png": "vision.overlay",
    "overlay_png": "vision.overlay",
    "picture_png": "vision.overlay",
    "stored_shown": "vision.overlay",
}
"""Name: the module that it comes from, which loads torch when it is first asked for."""


def __getattr__(name: str) -> object:
    """Import what needs torch when it is used."""
    from importlib import import_module

    if name not in _LAZY:
        raise AttributeError(f"module 'vision' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
