"""Pictures -> image findings, through the image models."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.events import ImageFinding, Shown
from knowledge.concepts import Text
from knowledge.errors import AetiaError

if TYPE_CHECKING:
    from vision import Image, ImageReader, Reading
    from vision.images import Population
    from vision.stored import Stored


_GROWN = 18


@dataclass(frozen=True)
class Look:
    """One picture, read.

    picture: PNG of it. layer: PNG of what lies over it, on a clear ground. outlined: whether that is an
    outline, or only where the model looked. described: all of it in words. labels: (words, probability).
    millimetres: across the whole picture, where the spacing is known. stored: the values of a grey DICOM
    picture, which a viewer can window.
    """

    findings: tuple[ImageFinding, ...]
    picture: bytes
    layer: bytes
    outlined: bool
    described: Text
    labels: tuple[tuple[Text, float], ...] = ()
    millimetres: float | None = None
    stored: "Stored | None" = None

    @property
    def event(self) -> Shown:
        """What is added to the conversation; the picture itself is not kept."""
        return Shown(findings=self.findings, described=self.described)


class PictureReader:
    """Reads pictures one at a time; models are loaded when a picture first needs them.

    enabled: whether this installation reads pictures at all.
    """

    def __init__(self, enabled: bool = True) -> None:
        self._enabled = enabled

    def read(self, path: Path, number: int = 0, age: float | None = None) -> Shown:
        """What a picture shows, as an event.

        number: how many were shown before, for a name of its own. age: in years; children and adults
        have models of their own for the chest.

        Raises ImageRefused for a picture that may not be judged, WeightsMissing, and AetiaError when
        reading pictures is switched off.
        """
        return self.look(path, number, age).event

    def look(self, path: Path, number: int = 0, age: float | None = None) -> Look:
        """The findings with what lies over the picture and its description. Raises as `read`."""
        image, reading = self.reading(path, age)
        from vision import described, label_in_words, layer_png, picture_png, stored_shown

        across = image.spacing.across * image.size[0] if image.spacing else None
        return Look(
            findings=_findings(reading, f"picture {number + 1}"),
            picture=picture_png(image),
            layer=layer_png(image, reading),
            outlined=reading.basis == "outline",
            described=Text(en=described(reading, "en"), zh=described(reading, "zh")),
            labels=tuple(
                (Text(en=label_in_words(label, "en"), zh=label_in_words(label, "zh")), p)
                for label, p in sorted(reading.labels.items(), key=lambda item: -item[1])
            ),
            millimetres=across,
            stored=stored_shown(image),
        )

    def reading(self, path: Path, age: float | None = None) -> "tuple[Image, Reading]":
        """The picture, decoded, and what the models say of it. Raises as `read`."""
        if not self._enabled:
            raise AetiaError("Reading pictures is switched off in this installation (AETIA_IMAGES=off).")
        from vision import open_image

        image = open_image(path)
        population: Population | None = None if age is None else "child" if age < _GROWN else "adult"
        return image, self._reader.read_image(image, population)

    @cached_property
    def _reader(self) -> "ImageReader":
        from torch_pair import torch
        from vision import ImageReader

        torch.set_num_threads(1)  # one picture at a time: more threads spend longer meeting
        return ImageReader.load()


def _findings(reading: "Reading", name: str) -> tuple[ImageFinding, ...]:
    """The signs as findings; where a picture speaks for one, with its place and size."""
    region = reading.regions[0] if reading.regions and reading.is_suspicious else None
    place = Text(en=region.position("en"), zh=region.position("zh")) if region else None
    extent = region.extent if region else None
    box = region.box if region else None
    found = []
    for sign in reading.signs:
        speaks = sign.likelihood_ratio > 1
        found.append(
            ImageFinding(
                finding=sign.finding,
                probability=round(sign.probability, 4),
                likelihood_ratio=round(sign.likelihood_ratio, 4),
                box=(round(box.left), round(box.top), round(box.width), round(box.height))
                if box and speaks
                else None,
                position=place if speaks else None,
                share=round(extent.share, 4) if extent and speaks else None,
                size_mm=_rounded(extent.longest_mm, extent.across_mm) if extent and speaks else None,
                model=reading.task,
                name=name,
            )
        )
    return tuple(found)


def _rounded(longest: float | None, across: float | None) -> tuple[float, float] | None:
    return None if longest is None or across is None else (round(longest, 1), round(across, 1))
