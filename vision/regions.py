"""Where on a picture a map of logits is highest: a box, a place in words, a size."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from vision.geometry import Box
from vision.images import Spacing
from vision.metrics import Floats
from vision.refusals import Language
from vision.words import worded

_FINE = 112
"""Cells on a side of the map that regions are cut from."""

_ACROSS = (0.45, 0.55)
_DOWN = (0.35, 0.55)
"""Where the zones meet, in shares of the picture: lungs reach from its top to about three quarters."""


@dataclass(frozen=True)
class Region:
    """A place on a picture. The box is in the picture's own pixels.

    zone: a key of `zones` in words.yaml, by thirds of the picture and not of the lung.
    size_mm: (across, down), or None where the pixel spacing is not known.
    size_basis: "patient" or "detector", as in Spacing.
    """

    box: Box
    zone: str
    size_mm: tuple[float, float] | None
    size_basis: Literal["patient", "detector"] | None

    @property
    def size_px(self) -> tuple[int, int]:
        """(across, down) in whole pixels."""
        return round(self.box.width), round(self.box.height)

    def position(self, language: Language) -> str:
        """The zone in words, sides as the patient's."""
        return worded("zones", self.zone, language)


def enlarged(cells: Floats, size: tuple[int, int]) -> NDArray[np.float32]:
    """A map of (s, s) cells as (height, width) of a picture of `size` (width, height), bilinear."""
    picture = Pil.fromarray(cells.astype(np.float32))
    return np.asarray(picture.resize(size, Pil.Resampling.BILINEAR))


def highest_region(cells: Floats, size: tuple[int, int], spacing: Spacing | None) -> Region:
    """The region around the highest cell that reaches half of its height above the median cell.

    cells: (s, s) logits. size: (width, height) of the picture in pixels.
    """
    from scipy.ndimage import label  # type: ignore[import-untyped]

    fine = enlarged(cells, (_FINE, _FINE))
    level = (float(fine.max()) + float(np.median(fine))) / 2
    parts, _ = label(fine >= level)
    part = parts == parts[np.unravel_index(int(fine.argmax()), fine.shape)]
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    left, right, top, bottom = (int(x) for x in (columns[0], columns[-1], rows[0], rows[-1]))
    share = Box(left, top, right - left + 1, bottom - top + 1).scaled(1 / _FINE, 1 / _FINE)
    box = share.scaled(*size)
    return Region(
        box=box,
        zone=zone_of(*share.centre),
        size_mm=(box.width * spacing.across, box.height * spacing.down) if spacing else None,
        size_basis=spacing.basis if spacing else None,
    )


def zone_of(x: float, y: float) -> str:
    """The zone of a point in shares of the picture; its left is the patient's right."""
    side = "right" if x < _ACROSS[0] else "left" if x > _ACROSS[1] else "central"
    height = "upper" if y < _DOWN[0] else "lower" if y > _DOWN[1] else "middle"
    return f"{side}_{height}"
