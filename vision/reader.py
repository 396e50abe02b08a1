"""The image witness: a file in, a reading or a refusal out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from vision.classify import OpacityModel, Reading, read_chest_xray
from vision.images import Image, Population, open_image
from vision.saved import BUILTIN
from vision.scope import Scope

OPACITY = "restricted/pneumonia.safetensors"
OPACITY_OPEN = "pneumonia_children.safetensors"
SCOPE = "restricted/scope.safetensors"


@dataclass(frozen=True)
class ImageReader:
    """Opens a picture, checks that it may be judged, and reads it."""

    opacity: OpacityModel
    scope: Scope

    @classmethod
    def load(cls, weights: str | Path = BUILTIN, children_only: bool = False) -> Self:
        """The reader with the weights in a folder laid out as the built-in one.

        children_only: use the opacity model trained on openly licensed pictures of children alone.
        Raises WeightsMissing.
        """
        folder = Path(weights)
        opacity = OpacityModel.load(folder / (OPACITY_OPEN if children_only else OPACITY))
        return cls(opacity, Scope.load(folder / SCOPE))

    def read(self, path: str | Path, population: Population | None = None) -> Reading:
        """Read a picture file. Raises ImageRefused, with the reason in words.

        population: "child" or "adult", where known; a DICOM file's own age goes second.
        """
        return self.read_image(open_image(path), population)

    def read_image(self, image: Image, population: Population | None = None) -> Reading:
        """Read a picture that is open already. Raises ImageRefused when it may not be judged."""
        scope = self.scope.check(image)
        return read_chest_xray(image, self.opacity, scope, population)
