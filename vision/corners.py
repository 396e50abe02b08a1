"""Text that a scanner burnt into a picture's corners: names, dates and numbers. It is found and blanked.

Only in what is shown or written: the models read the picture as it came.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vision.geometry import Box

Level = TypeVar("Level", np.uint8, np.uint16)

_CORNER = (0.16, 0.45)
"""How far down and across a corner reaches, as shares of the picture."""

_LETTER = (5, 0.05)
"""Height of a letter: at least in pixels, at most as a share of the picture's longer side."""

_CONTRAST = 45
"""Grey levels that a letter stands above what is behind it."""

_DARK, _BRIGHT = 110, 195
"""The brightest ground that is no tissue, and the brightest that letters are looked for on."""

_INK_OF_ONE_PEN = (20, 210)
"""Letters on tissue, and of different heights, must be as bright as each other, within so many levels, and at least
so bright: what is drawn has one ink, and anatomy has many."""

_INK = (0.2, 0.8)
"""Share of its box that a letter fills: less is a scratch, more a patch."""

_EVEN = (0.2, 0.45)
"""How far the tops of a row's letters may lie apart, and the bottoms, as shares of their height: one of the two up to
the first, the other up to the second, because small letters are lower and some reach below the line."""

_WIDE = (1.6, 10)
"""Widths in heights: up to which a piece is one letter, and up to which several that run into each other."""

_LONG_LINE = 5
"""Letters in a row that make a line of text on tissue, or where some are lower than others."""

_SPACE = 2.0
"""Widest gap within a line of text, in heights of a letter."""

_LINE = {False: 3, True: 1}
"""Letters in a row that make a line of text; one or two may be the mark of a side, which is wanted unless the file
says that there is text."""


@dataclass(frozen=True)
class _Letter:
    """A small bright piece, a letter or several that touch: its box, in pixels, its brightest level, and that of
    what is behind it."""

    top: int
    bottom: int
    left: int
    right: int
    peak: int
    ground: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def count(self) -> int:
        """Two stands for several that run into each other: how many is not seen."""
        return 1 if self.right - self.left <= _WIDE[0] * self.height else 2

    def follows(self, other: "_Letter", uneven: float = _EVEN[1]) -> bool:
        """Whether it may be the next letter of the same row: near, as bright, on one line.

        uneven: how far the worse of tops and bottoms may lie apart.
        """
        tall = max(self.height, other.height)
        better, worse = sorted((abs(self.top - other.top), abs(self.bottom - other.bottom)))
        near = -tall / 2 <= self.left - other.right <= 1.5 * tall
        level = better <= max(1, _EVEN[0] * tall) and worse <= max(1, uneven * tall)
        return near and level and abs(self.peak - other.peak) <= _CONTRAST


def without_text(pixels: NDArray[np.uint8], told: bool = False) -> NDArray[np.uint8]:
    """The picture, lines of text in its corners made black; the same array where there are none.

    pixels: (H, W) or (H, W, 3). told: whether the file says that text is burnt in; then anything that may be
    a letter goes, and the mark of the side with it.
    """
    places = list(text_places(pixels, told))
    return blanked(pixels, places) if places else pixels


def blanked(pixels: NDArray[Level], places: Iterable[Box], black: int = 0) -> NDArray[Level]:
    """A copy of the picture with `black` in these places."""
    kept = pixels.copy()
    for box in places:
        top, left = int(box.top), int(box.left)
        kept[top : top + int(box.height), left : left + int(box.width)] = black
    return kept


def text_places(pixels: NDArray[np.uint8], told: bool = False) -> Iterator[Box]:
    """Where letters stand in a row in a corner, each row with a margin, in pixels; told: see `without_text`."""
    grey = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    height, width = grey.shape
    down, across = round(height * _CORNER[0]), round(width * _CORNER[1])
    tallest = _LETTER[1] * max(height, width)
    for top in (0, height - down):
        for left in (0, width - across):
            corner = grey[top : top + down, left : left + across]
            marks, ground = _marks(corner, tallest)
            for row in _rows(_letters(corner, marks, ground, tallest)):
                if _is_text(row, told):
                    yield _around(row, _line(row, marks), left, top, (width, height))


def _is_text(row: list[_Letter], told: bool) -> bool:
    """Whether a row of letters is a line of text: the less plain it is, the more letters of one ink it needs."""
    count = sum(letter.count for letter in row)
    if told or (_is_even(row) and max(letter.ground for letter in row) <= _DARK):
        return count >= _LINE[told]
    peaks = [letter.peak for letter in row]
    spread, least = _INK_OF_ONE_PEN
    return count >= _LONG_LINE and max(peaks) - min(peaks) <= spread and min(peaks) >= least


def _is_even(row: list[_Letter]) -> bool:
    """Whether each letter is as high as the one before it, as capitals and figures are."""
    return all(letter.follows(before, _EVEN[0]) for before, letter in pairwise(row))


def _rows(letters: list[_Letter]) -> list[list[_Letter]]:
    """Letters put behind the row that they follow, from left to right."""
    rows: list[list[_Letter]] = []
    for letter in sorted(letters, key=lambda piece: piece.left):
        row = next((r for r in rows if letter.follows(r[-1])), None)
        if row is None:
            rows.append([letter])
        else:
            row.append(letter)
    return rows


def _marks(corner: NDArray[np.uint8], tallest: float) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """(H, W) what stands out from the ground, and the ground. tallest: letter, in pixels."""
    from scipy.ndimage import grey_opening  # type: ignore[import-untyped]

    side = max(_LETTER[0] + 2, round(tallest / 2))
    ground = grey_opening(corner, size=(side, side))
    return (corner.astype(np.int16) - ground >= _CONTRAST) & (ground <= _BRIGHT), ground


def _letters(
    corner: NDArray[np.uint8], marks: NDArray[np.bool_], ground: NDArray[np.uint8], tallest: float
) -> list[_Letter]:
    """Small bright pieces. tallest: in pixels."""
    from scipy.ndimage import find_objects, label

    pieces, _ = label(marks, np.ones((3, 3)))
    found = []
    for number, (down, across) in enumerate(find_objects(pieces), 1):
        ink = pieces[down, across] == number
        tall, wide = ink.shape
        if _LETTER[0] <= tall <= tallest and wide <= _WIDE[1] * tall and _INK[0] <= ink.mean() <= _INK[1]:
            peak, behind = int(corner[down, across][ink].max()), int(np.median(ground[down, across][ink]))
            found.append(_Letter(down.start, down.stop, across.start, across.stop, peak, behind))
    return found


def _line(row: list[_Letter], marks: NDArray[np.bool_]) -> tuple[int, int]:
    """From where to where a row's line goes on: over points, dashes and the spaces between words."""
    tall = max(letter.height for letter in row)
    band = marks[min(letter.top for letter in row) : max(letter.bottom for letter in row)]
    columns = np.flatnonzero(band.any(axis=0)).tolist()
    left, right = row[0].left, row[-1].right
    for at in (c for c in columns if c >= right):
        if at - right > _SPACE * tall:
            break
        right = at + 1
    for at in (c for c in reversed(columns) if c < left):
        if left - at > _SPACE * tall:
            break
        left = at
    return left, right


def _around(row: list[_Letter], line: tuple[int, int], left: int, top: int, size: tuple[int, int]) -> Box:
    """The line with half a letter's height around it, within a picture of `size`; left, top: of its corner."""
    tall = max(letter.height for letter in row)
    more = max(2, tall // 2)
    x, right = max(0, left + line[0] - tall), min(size[0], left + line[1] + tall)
    y = max(0, top + min(letter.top for letter in row) - more)
    return Box(x, y, right - x, min(size[1], top + max(letter.bottom for letter in row) + more) - y)
