"""A reading laid over its picture, and the same in words for those who do not see it."""

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from vision.corners import blanked, text_places
from vision.geometry import SHOWN_SIDE, Box, within
from vision.images import Image
from vision.reading import Reading
from vision.refusals import Language
from vision.regions import Extent, Region, enlarged
from vision.stored import Stored
from vision.words import worded

_STRENGTH = 0.6
_ORANGE, _BLUE = (230, 159, 0), (86, 180, 233)
"""They stay apart for those who see colours differently (Okabe and Ito)."""


def shown_size(image: Image) -> tuple[int, int]:
    """(width, height) in which a picture is shown."""
    return within(image.size, SHOWN_SIDE)


def picture_png(image: Image) -> bytes:
    """The picture itself, at the size in which it is shown. Holds no metadata, and no text in its corners."""
    return _png(_ground(image))


def stored_shown(image: Image) -> Stored | None:
    """The stored values that a viewer may window, where there are some, without text in their corners."""
    stored = image.stored
    if stored is None:
        return None
    black = int(stored.codes.max()) if stored.inverted else 0
    return replace(stored, codes=blanked(stored.codes, _text(image, _small(image)), black))


def _ground(image: Image) -> Pil.Image:
    small = _small(image)
    return Pil.fromarray(blanked(small, _text(image, small))).convert("RGB")


def _small(image: Image) -> NDArray[np.uint8]:
    # Made small before anything else: 60 megapixels in colour are 240 MB each time that they are copied.
    return np.asarray(Pil.fromarray(image.pixels).resize(shown_size(image), Pil.Resampling.BILINEAR))


def _text(image: Image, small: NDArray[np.uint8]) -> Iterator[Box]:
    """Where text stands in the corners: as the file windows them, and in the whole range that a viewer can reach."""
    yield from text_places(small, image.burnt_in)
    if image.stored is not None:
        yield from text_places(image.stored.levels, image.burnt_in)


def layer_png(image: Image, reading: Reading) -> bytes:
    """What lies over the picture, on a clear ground: outlines in blue, or the heat in orange where there are none."""
    return _png(_layer(image, reading))


def overlay_png(image: Image, reading: Reading) -> bytes:
    """The picture with the layer on it, as one file. Holds no metadata, and no text in its corners."""
    laid = Pil.alpha_composite(_ground(image).convert("RGBA"), _layer(image, reading))
    return _png(laid.convert("RGB"))


def _layer(image: Image, reading: Reading) -> Pil.Image:
    size = shown_size(image)
    layer = np.zeros((size[1], size[0], 4), np.uint8)
    if reading.basis == "outline":
        for region in reading.regions:
            inside = _resized(reading.outlines[region.name], size)
            layer[inside] = (*_BLUE, 50)
            layer[_edge(inside, max(1, max(size) // 300))] = (*_BLUE, 255)
    elif reading.regions:
        heat = enlarged(reading.cells, size) * _STRENGTH * 255
        layer[..., :3] = _ORANGE
        layer[..., 3] = heat.clip(0, 255).astype(np.uint8)
    return Pil.fromarray(layer, "RGBA")


def _resized(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray(Pil.fromarray(mask).resize(size, Pil.Resampling.NEAREST))


def _edge(inside: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_dilation, binary_erosion  # type: ignore[import-untyped]

    rim = inside & ~binary_erosion(inside)
    return np.asarray(binary_dilation(rim, iterations=width))


def _png(picture: Pil.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def described(reading: Reading, language: Language = "en") -> str:
    """The reading in words, for screen readers and for reports."""
    kind = worded("kinds", reading.kind, language)
    ranked = sorted(reading.labels.items(), key=lambda item: -item[1])
    sentences = [
        _sentence(
            "reading", language,
            kind=kind[0].upper() + kind[1:], width=reading.size[0], height=reading.size[1],
            called=label_in_words(reading.called, language), percent=_percent(reading.labels[reading.called]),
        )
    ]  # fmt: skip
    if ranked[0][0] != reading.called:
        sentences.append(_sentence("balanced", language))
    for label, share in [item for item in ranked if item[0] != reading.called][:1]:
        sentences.append(
            _sentence("next", language, called=label_in_words(label, language), percent=_percent(share))
        )
    for region in reading.regions:
        sentences += region_in_words(region, language)
    if reading.regions and reading.kind.startswith("chest_xray"):
        sentences.append(_sentence("sides", language))
    sentences += [worded("notices", notice, language) for notice in reading.notices]
    return ("" if language == "zh" else " ").join(sentences)


def label_in_words(label: str, language: Language) -> str:
    """What a label means; a label of one's own set stands for itself."""
    try:
        return worded("labels", label, language)
    except KeyError:
        return label


def region_in_words(region: Region, language: Language) -> list[str]:
    """Where it is, and how large if it is outlined."""
    zone = region.position(language)
    if region.extent is None:
        return [_sentence("attention", language, zone=zone)]
    extent = region.extent
    place = _sentence(
        "outline", language,
        name=worded("outlines", region.name, language), zone=zone, share=_percent(extent.share),
        whole=worded("wholes", extent.share_of, language), longest=round(extent.longest), across=round(extent.across),
    )  # fmt: skip
    return [place, _millimetres(extent, language)]


def _millimetres(extent: Extent, language: Language) -> str:
    if extent.longest_mm is None or extent.across_mm is None:
        return _sentence("size_unknown", language)
    key = "size_mm" if extent.basis == "patient" else "size_detector"
    return _sentence(key, language, longest=round(extent.longest_mm), across=round(extent.across_mm))


def _percent(share: float) -> str:
    return f"{share:.0%}".rstrip("%") if share >= 0.01 or share == 0 else "<1"


def _sentence(key: str, language: Language, **facts: object) -> str:
    return worded("description", key, language).format(**facts)
