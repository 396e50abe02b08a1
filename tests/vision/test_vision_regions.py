"""Outlines have the sizes of what was drawn; a region of attention has none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.geometry import Box
from vision.images import Spacing
from vision.regions import Lungs, attended, enlarged, filled, outlined

SIZE = (400, 300)


def ellipse(a: float, b: float, x: float = 200, y: float = 150) -> np.ndarray:
    """Half axes a across and b down, in a picture of 400 by 300."""
    down, across = np.mgrid[:300, :400]
    return ((across - x) / a) ** 2 + ((down - y) / b) ** 2 <= 1


@given(a=st.integers(20, 90), b=st.integers(20, 90))
def test_an_ellipse_has_its_area_and_its_axes(a: int, b: int) -> None:
    region = outlined("lesion", ellipse(a, b), SIZE, None)
    assert region is not None and region.extent is not None
    long, short = max(a, b), min(a, b)
    assert region.extent.area == pytest.approx(np.pi * a * b, rel=0.03)
    assert region.extent.longest == pytest.approx(2 * long, rel=0.03, abs=2)
    assert region.extent.share == pytest.approx(np.pi * a * b / 120_000, rel=0.03)
    if long > 1.2 * short:  # nearly round, any diameter may be the longest
        assert region.extent.across == pytest.approx(2 * short, rel=0.06, abs=2)


def test_millimetres_use_each_direction_and_need_a_spacing() -> None:
    region = outlined("lesion", ellipse(60, 60), SIZE, Spacing(down=0.5, across=0.25))
    assert region is not None and region.extent is not None and region.extent.basis == "patient"
    assert region.extent.longest_mm == pytest.approx(60, rel=0.03)
    assert region.extent.across_mm == pytest.approx(30, rel=0.05)
    bare = outlined("lesion", ellipse(60, 60), SIZE, None)
    assert bare is not None and bare.extent is not None and bare.extent.longest_mm is None


def test_a_mask_at_half_scale_gives_the_same_sizes() -> None:
    whole = outlined("lesion", ellipse(60, 40), SIZE, None)
    half = outlined("lesion", ellipse(60, 40)[::2, ::2], SIZE, None)
    assert whole and half and whole.extent and half.extent
    assert half.extent.longest == pytest.approx(whole.extent.longest, rel=0.03)
    assert half.extent.area == pytest.approx(whole.extent.area, rel=0.03)


def test_specks_are_nothing() -> None:
    mask = np.zeros((300, 400), bool)
    mask[3:5, 3:5] = True
    assert outlined("lesion", mask, SIZE, None) is None
    both = outlined("lesion", mask | ellipse(30, 30), SIZE, None)
    assert both is not None and both.box.left > 100


def test_sides_are_the_patients_and_the_share_is_of_the_lungs() -> None:
    right, left = ellipse(50, 100, x=110), ellipse(50, 100, x=290)
    lungs = Lungs(right=right, left=left)
    spot = ellipse(20, 20, x=110, y=225)
    region = outlined("opacity", spot, SIZE, None, lungs)
    assert region is not None and region.extent is not None
    assert region.zone == "right_lower" and region.extent.share_of == "lung"
    assert region.extent.share == pytest.approx((spot & right).sum() / (right | left).sum(), rel=0.01)
    assert region.position("en") == "right lower zone" and region.position("zh") == "右下肺野"
    outside = ellipse(10, 10, x=200, y=20)
    assert outlined("opacity", outside, SIZE, None, lungs) is None


def test_attention_surrounds_the_peak_and_has_no_size() -> None:
    cells = np.zeros((7, 7))
    cells[1, 5] = 4.0
    region = attended(cells, SIZE)
    assert region.extent is None and region.zone == "picture_top_right"
    assert region.box.contains(5.5 / 7 * 400, 1.5 / 7 * 300)


def test_enlarging_keeps_places_and_filling_cuts_at_one_half() -> None:
    logits = np.full((6, 8), -3.0, np.float32)
    logits[:, :4] = 3.0
    assert enlarged(logits, SIZE).shape == (300, 400)
    inside = filled(logits, SIZE)
    assert inside[:, :190].all() and not inside[:, 210:].any()


def test_overlap_by_counting_cells() -> None:
    one, two = Box(0, 0, 4, 2), Box(2, 0, 4, 2)
    assert one.overlap(two) == pytest.approx(4 / 12)
    assert one.overlap(Box(9, 9, 1, 1)) == 0
