"""A reading laid over its picture, and the same in words for those who do not see it."""

import io

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw

from vision.classify import Reading
from vision.images import Image
from vision.refusals import Language
from vision.regions import Region, enlarged
from vision.words import worded

LARGEST = 1024
"""Pixels on the longer side of an overlay; it is for looking at, not for measuring."""

_STRENGTH = 0.5
"""How much of a pixel the heat may cover: the picture underneath must stay readable."""


def overlay_png(image: Image, reading: Reading) -> bytes:
    """A PNG of the picture with the heat in orange and the region in a blue box.

    Orange and blue stay apart for those who see colours differently. Holds no metadata.
    """
    shrink = min(1.0, LARGEST / max(image.size))
    size = (max(1, round(image.size[0] * shrink)), max(1, round(image.size[1] * shrink)))
    grey = np.asarray(Pil.fromarray(image.grey).resize(size, Pil.Resampling.BILINEAR), dtype=np.float32)
    cover = enlarged(reading.cells, size)[..., None] * _STRENGTH
    mixed = grey[..., None] * (1 - cover) + np.array([230.0, 159.0, 0.0]) * cover
    picture = Pil.fromarray(mixed.astype(np.uint8))
    if reading.region:
        _frame(picture, reading.region, size[0] / image.size[0], size[1] / image.size[1])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _frame(picture: Pil.Image, region: Region, across: float, down: float) -> None:
    box = region.box.scaled(across, down)
    corners = (box.left, box.top, box.left + box.width - 1, box.top + box.height - 1)
    width = max(2, picture.width // 200)
    ImageDraw.Draw(picture).rectangle(corners, outline=(86, 180, 233), width=width)


def described(reading: Reading, language: Language = "en") -> str:
    """The overlay in words, for screen readers and for reports."""
    width, height = reading.size
    shares = {"percent": round(reading.probability * 100), "prior": round(reading.prior * 100)}
    sentences = [_sentence("reading", language, width=width, height=height, **shares)]
    if reading.region:
        sentences += _region_in_words(reading.region, language)
    else:
        sentences.append(_sentence("no_region", language))
    sentences.append(_sentence("basis", language))
    sentences += [worded("notices", notice, language) for notice in reading.notices]
    return ("" if language == "zh" else " ").join(sentences)


def _region_in_words(region: Region, language: Language) -> list[str]:
    across, down = region.size_px
    where = {"left": round(region.box.left), "top": round(region.box.top)}
    place = _sentence("region", language, zone=region.position(language), across=across, down=down, **where)
    if region.size_mm is None:
        return [place, _sentence("size_unknown", language)]
    key = "size_mm" if region.size_basis == "patient" else "size_detector"
    wide, tall = (round(length) for length in region.size_mm)
    return [place, _sentence(key, language, across=wide, down=tall)]


def _sentence(key: str, language: Language, **facts: object) -> str:
    return worded("description", key, language).format(**facts)
