"""Where on a picture something is: outlines with their sizes, and where a network looked, without any."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from vision.geometry import Box
from vision.images import Spacing
from vision.metrics import Floats
from vision.refusals import Language
from vision.words import worded

Mask = NDArray[np.bool_]

_FINE = 112
"""Cells on a side of the map that regions of attention are cut from."""

_SMALLEST = 5e-4
"""Share of the picture below which a piece of an outline is a speck."""

_THIRDS = (1 / 3, 2 / 3)


@dataclass(frozen=True)
class Extent:
    """How large an outline is. Pixels are the picture's own.

    share: of the picture or of the lungs, as `share_of` says. longest, across: the longest diameter of its
    largest piece, and the widest one at a right angle to it (as RECIST 1.1 measures a lesion), in pixels.
    longest_mm, across_mm: None where the pixel spacing is not known; basis as in Spacing.
    """

    area: int
    share: float
    share_of: Literal["picture", "lung"]
    longest: float
    across: float
    longest_mm: float | None = None
    across_mm: float | None = None
    basis: Literal["patient", "detector"] | None = None


@dataclass(frozen=True)
class Region:
    """A place on a picture.

    name: the outline's, such as "lesion", or "attention". box: in the picture's own pixels. zone: a key of
    `zones` in words.yaml. extent: None for a region of attention, which outlines nothing.
    """

    name: str
    box: Box
    zone: str
    extent: Extent | None = None

    def position(self, language: Language) -> str:
        """The zone in words, sides of a chest as the patient's."""
        return worded("zones", self.zone, language)


def enlarged(cells: Floats | NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """A map of (h, w) cells as (height, width) of a picture of `size` (width, height), bilinear."""
    picture = Pil.fromarray(np.asarray(cells, dtype=np.float32))
    return np.asarray(picture.resize(size, Pil.Resampling.BILINEAR))


def filled(logits: NDArray[np.float32], size: tuple[int, int]) -> Mask:
    """Logits (h, w) of an outline to the pixels inside it, (height, width) of a picture of `size`."""
    return enlarged(logits, size) > 0


def attended(cells: Floats, size: tuple[int, int], lungs: "Lungs | None" = None) -> Region:
    """The region around the highest cell that reaches half of its height above the median cell.

    cells: (h, w) logits. size: (width, height) of the picture in pixels.
    """
    from scipy.ndimage import label  # type: ignore[import-untyped]

    fine = enlarged(cells, (_FINE, _FINE))
    level = (float(fine.max()) + float(np.median(fine))) / 2
    parts, _ = label(fine >= level)
    share = _box(parts == parts[np.unravel_index(int(fine.argmax()), fine.shape)]).scaled(
        1 / _FINE, 1 / _FINE
    )
    return Region("attention", share.scaled(*size), _zone(share, lungs))


def outlined(
    name: str, mask: Mask, size: tuple[int, int], spacing: Spacing | None, lungs: "Lungs | None" = None
) -> Region | None:
    """An outline as a region with its sizes; None where nothing but specks is inside.

    mask: (h, w), at any scale. size: (width, height) of the picture in pixels. lungs: where they are known
    only what lies in them counts, and the share is of them.
    """
    if lungs is not None:
        mask = mask & lungs.both
    mask = _without_specks(mask)
    if not mask.any():
        return None
    height, width = mask.shape
    across, down = size[0] / width, size[1] / height
    largest = _largest(mask)
    whole = int(lungs.both.sum()) if lungs is not None else mask.size
    longest, wide = _calipers(_rim(largest) * (across, down))
    extent = Extent(
        area=round(int(mask.sum()) * across * down),
        share=int(mask.sum()) / max(whole, 1),
        share_of="picture" if lungs is None else "lung",
        longest=longest,
        across=wide,
    )
    if spacing is not None:
        longest, wide = _calipers(_rim(largest) * (across * spacing.across, down * spacing.down))
        extent = replace(extent, longest_mm=longest, across_mm=wide, basis=spacing.basis)
    box = _box(largest)
    zone = _zone(box.scaled(1 / width, 1 / height), lungs)
    return Region(name, box.scaled(across, down), zone, extent)


@dataclass(frozen=True)
class Lungs:
    """The patient's right and left lung on a chest picture, (h, w) masks of one shape."""

    right: Mask
    left: Mask

    @property
    def both(self) -> Mask:
        """Either lung."""
        return self.right | self.left

    def zone(self, x: float, y: float) -> str:
        """The zone of a point in shares of the picture, by thirds of the lung that is nearer."""
        height, width = self.right.shape
        boxes = {"right": _box(self.right), "left": _box(self.left)}
        side = min(boxes, key=lambda s: abs(boxes[s].centre[0] - x * width))
        share = (y * height - boxes[side].top) / max(boxes[side].height, 1)
        return f"{side}_{_third(share, ('upper', 'middle', 'lower'))}"


def _zone(share: Box, lungs: Lungs | None) -> str:
    x, y = share.centre
    if lungs is not None and lungs.right.any() and lungs.left.any():
        return lungs.zone(x, y)
    return f"picture_{_third(y, ('top', 'middle', 'bottom'))}_{_third(x, ('left', 'centre', 'right'))}"


def _third(share: float, names: tuple[str, str, str]) -> str:
    return names[int(share > _THIRDS[0]) + int(share > _THIRDS[1])]


def _without_specks(mask: Mask) -> Mask:
    from scipy.ndimage import label

    parts, count = label(mask)
    kept = [i for i in range(1, count + 1) if (parts == i).mean() >= _SMALLEST]
    return np.isin(parts, kept)


def _largest(mask: Mask) -> Mask:
    from scipy.ndimage import label

    parts, _ = label(mask)
    return np.asarray(parts == 1 + int(np.bincount(parts.ravel())[1:].argmax()))


def _box(mask: Mask) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return Box(0, 0, 0, 0)
    left, right, top, bottom = (int(i) for i in (columns[0], columns[-1], rows[0], rows[-1]))
    return Box(left, top, right - left + 1, bottom - top + 1)


def _rim(mask: Mask) -> Floats:
    """(N, 2) x and y of the corners of the pixels at both ends of every row."""
    points = []
    for y in np.flatnonzero(mask.any(axis=1)):
        inside = np.flatnonzero(mask[y])
        points += [(x, y + d) for x in (inside[0], inside[-1] + 1) for d in (0, 1)]
    return np.array(points, dtype=np.float64)


def _calipers(points: Floats) -> tuple[float, float]:
    """The largest distance between two points, and the largest extent at a right angle to it."""
    from scipy.spatial import ConvexHull  # type: ignore[import-untyped]

    hull = points[ConvexHull(points).vertices]
    apart = hull[:, None] - hull[None]
    squares = (apart**2).sum(axis=2)
    i, j = np.unravel_index(int(squares.argmax()), squares.shape)
    longest = float(np.sqrt(squares[i, j]))
    normal = np.array([-apart[i, j][1], apart[i, j][0]]) / longest
    return longest, float(np.ptp(hull @ normal))
