"""Random changes: a mask moves with its picture, a turn is a turn, and no value leaves its range."""

import numpy as np
import pytest

from torch_pair import torch
from vision.augment import _affine, _moved, shaken
from vision.tasks import Task, own_task

pytestmark = pytest.mark.usefixtures("one_thread")

PIXELS = (48, 64)
ASPECT = PIXELS[1] / PIXELS[0]


def _task(**changes: object) -> Task:
    return own_task("s", ("a",)).model_copy(update=changes)


def _in_pixels(affine: torch.Tensor) -> np.ndarray:
    """(N, 2, 2) the linear part between places in pixels, from that between shares of an oblong picture."""
    half = np.diag([PIXELS[1] / 2, PIXELS[0] / 2])
    return half @ affine[:, :, :2].double().numpy() @ np.linalg.inv(half)


def test_a_mask_moves_with_its_picture() -> None:
    torch.manual_seed(1)
    x = torch.zeros(12, 3, *PIXELS)
    x[:, :, 14:32, 16:40] = 1
    moved, marked = shaken(x, x[:, :1].clone(), _task(turn=180, mirror=True, upside_down=True))
    for picture, region in zip(moved.mean(1), marked[:, 0], strict=True):
        assert picture[region > 0.9].mean() - picture[region < 0.1].mean() > 0.3
    assert moved.shape == x.shape and moved.min() >= 0 and moved.max() <= 1


def test_a_coarse_mask_moves_like_a_fine_one() -> None:
    torch.manual_seed(3)
    fine = torch.zeros(8, 1, *PIXELS)
    fine[:, :, 12:36, 16:44] = 1
    affine = _affine(8, _task(turn=90), ASPECT)
    coarse = _moved(torch.nn.functional.avg_pool2d(fine, 4), affine)
    after = torch.nn.functional.avg_pool2d(_moved(fine, affine), 4)
    assert (coarse - after).abs().mean() < 0.05


def test_no_shear_whatever_the_proportions() -> None:
    torch.manual_seed(2)
    linear = _in_pixels(_affine(64, _task(turn=180, mirror=True, upside_down=True), ASPECT))
    gram = linear.transpose(0, 2, 1) @ linear
    np.testing.assert_allclose(gram[:, 0, 1], 0, atol=1e-5)
    scales = np.sqrt(np.stack([gram[:, 0, 0], gram[:, 1, 1]]))
    assert scales.min() >= 0.85 - 1e-5 and scales.max() <= 1.15 + 1e-5


def test_half_a_turn_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dice that fall in the middle, and the angle at its end: half a turn and nothing else."""
    falls = iter([1.0, 0.5, 0.5, 0.5])
    monkeypatch.setattr(torch, "rand", lambda *size: torch.full(size, next(falls)))
    affine = _affine(1, _task(turn=180), ASPECT)
    x = torch.arange(PIXELS[0] * PIXELS[1], dtype=torch.float32).view(1, 1, *PIXELS)
    torch.testing.assert_close(_moved(x, affine), x.flip([2, 3]), rtol=1e-4, atol=0.02)


def test_what_changes_the_meaning_is_not_done() -> None:
    torch.manual_seed(0)
    determinants = np.linalg.det(_in_pixels(_affine(64, _task(turn=8), ASPECT)))
    assert (determinants > 0).all(), "mirrored, though a mirrored picture means something else"
    linear = _in_pixels(_affine(64, _task(turn=8), ASPECT))
    angles = np.degrees(np.arctan2(linear[:, 1, 0], linear[:, 0, 0]))
    assert np.abs(angles).max() <= 8 + 1e-4 and np.ptp(angles) > 8
    both = np.linalg.det(_in_pixels(_affine(64, _task(mirror=True), ASPECT)))
    assert (both > 0).any() and (both < 0).any()
