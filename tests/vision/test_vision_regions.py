"""Boxes, regions, zones and their words."""

import numpy as np
import pytest

from vision.geometry import Box, squared
from vision.images import Spacing
from vision.regions import enlarged, highest_region, zone_of


def _map(row: int, column: int) -> np.ndarray:
    cells = np.full((7, 7), -3.0)
    cells[row, column] = 4.0
    return cells


def test_region_surrounds_the_peak_in_the_pictures_own_pixels() -> None:
    region = highest_region(_map(5, 1), (2100, 1400), None)
    assert region.box.contains(1.5 * 300, 5.5 * 200)
    assert 200 < region.size_px[0] < 600 and 130 < region.size_px[1] < 400
    assert region.size_mm is None and region.size_basis is None


def test_size_in_millimetres_uses_each_direction() -> None:
    region = highest_region(_map(3, 5), (700, 700), Spacing(down=0.2, across=0.1, basis="detector"))
    assert region.size_mm is not None
    assert region.size_mm[0] == pytest.approx(region.box.width * 0.1)
    assert region.size_mm[1] == pytest.approx(region.box.height * 0.2)
    assert region.size_basis == "detector"


def test_two_peaks_are_not_joined() -> None:
    cells = _map(5, 1)
    cells[1, 5] = 3.9
    assert not highest_region(cells, (700, 700), None).box.contains(550, 150)


@pytest.mark.parametrize(
    ("x", "y", "zone"),
    [
        (0.2, 0.8, "right_lower"),
        (0.8, 0.2, "left_upper"),
        (0.5, 0.45, "central_middle"),
        (0.1, 0.5, "right_middle"),
    ],
)
def test_the_left_of_the_picture_is_the_patients_right(x: float, y: float, zone: str) -> None:
    assert zone_of(x, y) == zone


def test_words_in_both_languages() -> None:
    region = highest_region(_map(6, 1), (700, 700), None)
    assert (region.position("en"), region.position("zh")) == ("right lower zone", "右下肺野")


def test_enlarged_keeps_places() -> None:
    big = enlarged(_map(2, 4), (140, 70))
    assert big.shape == (70, 140)
    assert np.unravel_index(big.argmax(), big.shape) == pytest.approx((25, 90), abs=6)


def test_overlap_by_counting_cells() -> None:
    a, b = Box(0, 0, 4, 6), Box(2, 3, 5, 5)
    grid = [
        [a.contains(x + 0.5, y + 0.5) + 2 * b.contains(x + 0.5, y + 0.5) for x in range(10)]
        for y in range(10)
    ]
    counts = np.bincount(np.ravel(grid), minlength=4)
    assert a.overlap(b) == pytest.approx(counts[3] / counts[1:].sum())
    assert a.overlap(Box(8, 8, 1, 1)) == 0


def test_squared_changes_proportions_only() -> None:
    levels = np.repeat(np.arange(0, 200, 2, dtype=np.uint8)[:, None], 50, axis=1)
    square = squared(levels, 20)
    assert square.shape == (20, 20) and (np.diff(square.astype(int), axis=0) > 0).all()
