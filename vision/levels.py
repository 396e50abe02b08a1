"""Levels of any depth to 8 bits, a strip of rows at a time: 60 megapixels in float64 would be half a gigabyte."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

Values = NDArray[np.float64]
Used = NDArray[np.bool_]

_STRIP = 4_000_000
"""Pixels in a strip."""


def strips(shape: tuple[int, ...]) -> Iterator[slice]:
    """The rows of a picture of (height, width, ...), in strips."""
    rows = max(1, _STRIP // max(shape[1], 1))
    return (slice(top, min(top + rows, shape[0])) for top in range(0, shape[0], rows))


def scaled_to_bytes(values: Values, used: Used | None = None) -> NDArray[np.uint8]:
    """Any levels to 0..255, the lowest used one at 0 and the highest at 255; all 0 where they are equal.

    used: (H, W) which pixels count for the range, such as those that are no padding.
    """
    counts = None if used is None else lambda rows: used[rows]
    return scaled_in_strips(values.shape, lambda rows: values[rows], counts)


def scaled_in_strips(
    shape: tuple[int, ...],
    values: Callable[[slice], Values],
    used: Callable[[slice], Used] | None = None,
) -> NDArray[np.uint8]:
    """As `scaled_to_bytes`, of levels that are computed when they are asked for, twice."""
    levels = np.zeros(shape, np.uint8)
    low, high = value_range(shape, values, used)
    if used is not None and low > high:
        low, high = value_range(shape, values, None)
    if low < high:
        for rows in strips(shape):
            scaled = np.nan_to_num((values(rows) - low) / (high - low) * 255)
            levels[rows] = np.clip(np.rint(scaled), 0, 255)
    return levels


def value_range(
    shape: tuple[int, ...], values: Callable[[slice], Values], used: Callable[[slice], Used] | None
) -> tuple[float, float]:
    """The lowest and the highest finite level; the lowest above the highest where there is none."""
    low, high = np.inf, -np.inf
    for rows in strips(shape):
        part = values(rows)
        counted = part[np.isfinite(part) if used is None else np.isfinite(part) & used(rows)]
        if counted.size:
            low, high = min(low, float(counted.min())), max(high, float(counted.max()))
    return low, high


def levels_of(picture: Pil.Image) -> NDArray[np.uint8]:
    """(H, W) where the picture is grey, (H, W, 3) where it has colour; transparency becomes black."""
    size = (picture.height, picture.width)
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return scaled_in_strips(size, lambda rows: np.asarray(_rows(picture, rows), dtype=np.float64))
    grey = picture.mode in ("1", "L")
    levels = np.empty(size if grey else (*size, 3), np.uint8)
    for rows in strips(size):
        part = _rows(picture, rows)
        levels[rows] = np.asarray(part.convert("L") if grey else _opaque(part).convert("RGB"))
    return levels


def grey_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) colours to (H, W) grey levels, as Pillow weighs them."""
    grey = np.empty(pixels.shape[:2], np.uint8)
    for rows in strips(pixels.shape):
        grey[rows] = np.asarray(Pil.fromarray(pixels[rows]).convert("L"))
    return grey


def _rows(picture: Pil.Image, rows: slice) -> Pil.Image:
    return picture.crop((0, rows.start, picture.width, rows.stop))


def _opaque(picture: Pil.Image) -> Pil.Image:
    if picture.mode in ("LA", "La", "RGBA", "RGBa", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        return Pil.alpha_composite(Pil.new("RGBA", clear.size, "black"), clear)
    return picture
