"""Pictures -> image findings, through the image model."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.events import ImageFinding
from knowledge.concepts import Text
from knowledge.errors import AetiaError

if TYPE_CHECKING:
    from vision import ImageReader
    from vision.images import Population


_GROWN = 18


@dataclass(frozen=True)
class Look:
    """One picture, read. overlay: PNG with where the model looked. described: the same in words."""

    findings: tuple[ImageFinding, ...]
    overlay: bytes
    described: dict[str, str]


class PictureReader:
    """Reads pictures one at a time; the model is loaded when the first one comes.

    enabled: whether this installation reads pictures at all.
    """

    def __init__(self, enabled: bool = True) -> None:
        self._enabled = enabled

    def read(self, path: Path, number: int = 0, age: float | None = None) -> tuple[ImageFinding, ...]:
        """The findings on a picture.

        number: how many were shown before, for a name of its own. age: in years; the model is
        calibrated for children and adults apart.

        Raises ImageRefused for a picture that may not be judged, WeightsMissing, and AetiaError when
        reading pictures is switched off.
        """
        return self.look(path, number, age).findings

    def look(self, path: Path, number: int = 0, age: float | None = None) -> Look:
        """The findings with the overlay and its description. Raises as `read`."""
        if not self._enabled:
            raise AetiaError("Reading pictures is switched off in this installation (AETIA_IMAGES=off).")
        from vision import described, open_image, overlay_png

        image = open_image(path)
        population: Population | None = None if age is None else "child" if age < _GROWN else "adult"
        reading = self._reader.read_image(image, population)
        region = reading.region
        box = region.box if region else None
        finding = ImageFinding(
            finding=reading.finding,
            probability=round(reading.probability, 4),
            likelihood_ratio=round(reading.likelihood_ratio, 4),
            box=(round(box.left), round(box.top), round(box.width), round(box.height)) if box else None,
            position=Text(en=region.position("en"), zh=region.position("zh")) if region else None,
            size_mm=region.size_mm if region else None,
            model="chest_xray_opacity",
            name=f"picture {number + 1}",
        )
        words = {"en": described(reading, "en"), "zh": described(reading, "zh")}
        return Look((finding,), overlay_png(image, reading), words)

    @cached_property
    def _reader(self) -> "ImageReader":
        from torch_pair import torch
        from vision import ImageReader

        torch.set_num_threads(1)  # one picture at a time: more threads spend longer meeting
        return ImageReader.load()
