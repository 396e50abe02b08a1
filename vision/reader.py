"""The image witness: a file in, a reading or a refusal out."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from vision.images import Image, Population, open_image
from vision.reading import PictureModel, Reading, read_picture
from vision.refusals import ImageRefused, WeightsMissing
from vision.router import Router
from vision.saved import BUILTIN
from vision.scope import check_header, check_levels, kinds

ROUTER = "restricted/router.safetensors"
_LUNGS = "chest_xray_regions"
_CHESTS: dict[Population, str] = {"child": "chest_xray_child", "adult": "chest_xray_adult"}


@dataclass(frozen=True)
class ImageReader:
    """Opens a picture, finds out what kind it is, and reads it with that kind's model.

    folder: where the weights are, laid out as the built-in ones; a kind's model is loaded when it is needed.
    """

    router: Router
    folder: Path
    _models: dict[str, PictureModel] = field(default_factory=dict)

    @classmethod
    def load(cls, weights: str | Path = BUILTIN) -> Self:
        """The reader with the weights in a folder. Raises WeightsMissing."""
        return cls(Router.load(Path(weights) / ROUTER), Path(weights))

    def read(self, path: str | Path, population: Population | None = None) -> Reading:
        """Read a picture file. Raises ImageRefused, with the reason in words.

        population: "child" or "adult", where known; a DICOM file's own age goes second.
        """
        return self.read_image(open_image(path), population)

    def read_image(self, image: Image, population: Population | None = None) -> Reading:
        """Read a picture that is open already. Raises ImageRefused when it may not be judged."""
        kind, sure = self.kind(image, population)
        try:
            return self.read_as(image, kinds()[kind].set, sure)
        except WeightsMissing as missing:
            raise ImageRefused("no_model", kind=kind) from missing

    def kind(self, image: Image, population: Population | None = None) -> tuple[str, float]:
        """The kind of a picture and how sure that is. Raises ImageRefused.

        A chest is a child's or an adult's by the age where it is known, and else by its looks.
        """
        check_levels(image)
        kind, sure = self.router.kind(image)
        whose = population or image.population
        if whose and kind in _CHESTS.values():
            kind = _CHESTS[whose]
        check_header(image, kind)
        return kind, sure

    def read_as(self, image: Image, task: str, sure: float = 1.0) -> Reading:
        """Read a picture with the model of a task, whatever it looks like. Raises WeightsMissing."""
        model = self.model(task)
        chest = model.task.kind in _CHESTS.values()
        return read_picture(image, model, sure, self._lungs() if chest else None)

    def _lungs(self) -> PictureModel | None:
        try:
            return self.model(_LUNGS)
        except WeightsMissing:  # then places are those of the picture
            return None

    def model(self, task: str) -> PictureModel:
        """The model of a task, from the open folder or the restricted one. Raises WeightsMissing."""
        if task not in self._models:
            places = [self.folder / f"{task}.safetensors", self.folder / "restricted" / f"{task}.safetensors"]
            self._models[task] = PictureModel.load(next((p for p in places if p.is_file()), places[-1]))
        return self._models[task]
