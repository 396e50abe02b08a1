"""Plain rules of what may be judged: on what the file says, on size, blanks and noise. The router does the rest."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from vision.geometry import squared
from vision.images import Image
from vision.refusals import ImageRefused

_SIDE = 224
"""Pixels on a side of the square that blanks and noise are looked for in."""


class Kind(BaseModel):
    """A kind of picture that is read: the set that shows it, and what a DICOM file may say of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    set: str
    modalities: tuple[str, ...]
    parts: tuple[str, ...]


@cache
def limits() -> dict[str, Any]:
    """The contents of scope.yaml."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("scope.yaml").read_text(encoding="utf-8"))
    return found


@cache
def kinds() -> dict[str, Kind]:
    """The kinds that are read, in the router's order."""
    return {name: Kind.model_validate(kind) for name, kind in limits()["kinds"].items()}


def check_header(image: Image, kind: str) -> None:
    """Refuse what a DICOM file itself says is not of the kind that it looks like. Raises ImageRefused."""
    expected = kinds()[kind]
    neutral = limits()["neutral_modalities"]
    if image.modality and image.modality not in (*expected.modalities, *neutral):
        raise ImageRefused("modality", modality=image.modality, kind=kind)
    if image.body_part and image.body_part not in expected.parts:
        raise ImageRefused("body_part", part=image.body_part, kind=kind)
    if kind in limits()["upright"] and image.view in limits()["lateral_views"]:
        raise ImageRefused("view", view=image.view)


def check_levels(image: Image) -> None:
    """Refuse pictures that are too small, blank or noise. Raises ImageRefused."""
    width, height = image.size
    if min(width, height) < limits()["smallest_side"]:
        raise ImageRefused("too_small", width=width, height=height, limit=limits()["smallest_side"])
    square = squared(image.grey, _SIDE)
    low, high = np.percentile(square, (1, 99))
    if high - low < limits()["blank_range"]:
        raise ImageRefused("blank")
    if min(likeness(square), likeness(_middle(image.grey))) < limits()["noise_correlation"]:
        raise ImageRefused("noise")


def likeness(grey: NDArray[np.uint8]) -> float:
    """Correlation of each pixel with its neighbour, the lower of along rows and along columns."""
    levels = grey.astype(np.float64) - grey.mean()
    power = float((levels**2).mean()) or 1.0
    along = float((levels[:, 1:] * levels[:, :-1]).mean())
    down = float((levels[1:] * levels[:-1]).mean())
    return min(along, down) / power


def _middle(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle half of the picture, at most 512 pixels on a side."""
    height, width = grey.shape
    h, w = min(height // 2, 512), min(width // 2, 512)
    return grey[(height - h) // 2 : (height + h) // 2, (width - w) // 2 : (width + w) // 2]
