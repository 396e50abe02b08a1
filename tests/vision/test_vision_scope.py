"""The plain rules that come before the network."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.drawn import KINDS, drawn
from vision.geometry import squared
from vision.images import Image
from vision.refusals import ImageRefused
from vision.scope import check_levels, colour_spread, likeness


def _refused(pixels: NDArray[np.uint8]) -> str:
    image = Image(pixels, "PNG")
    with pytest.raises(ImageRefused) as caught:
        check_levels(image, squared(image.grey, 224))
    return caught.value.reason


def test_a_phantom_passes(phantom: NDArray[np.uint8]) -> None:
    check_levels(Image(phantom, "PNG"), squared(phantom, 224))


def test_blank_noise_small() -> None:
    rng = np.random.default_rng(0)
    assert _refused(np.full((400, 300), 77, np.uint8)) == "blank"
    assert _refused(np.clip(rng.normal(90, 2, (400, 300)), 0, 255).astype(np.uint8)) == "blank"
    assert _refused(rng.integers(0, 256, (400, 300), dtype=np.uint8)) == "noise"
    assert _refused(rng.integers(0, 256, (3000, 2500), dtype=np.uint8)) in ("blank", "noise")
    assert _refused(rng.integers(0, 256, (64, 64), dtype=np.uint8)) == "too_small"


def test_colour_is_refused_and_a_tint_is_not(phantom: NDArray[np.uint8]) -> None:
    tinted = np.stack([phantom, phantom, np.minimum(phantom + 25, 255)], axis=-1).astype(np.uint8)
    check_levels(Image(tinted, "PNG"), squared(phantom, 224))
    red = np.stack([phantom, phantom // 3, phantom // 3], axis=-1)
    assert _refused(red) == "colour"
    assert colour_spread(phantom) == 0


def test_likeness_of_noise_and_of_slopes() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 200), dtype=np.uint8)
    assert abs(likeness(noise)) < 0.05
    assert likeness(np.tile(np.arange(200, dtype=np.uint8), (200, 1))) > 0.95


def test_drawn_pictures_repeat_by_seed() -> None:
    first, again = drawn(2 * len(KINDS), 64, seed=5), drawn(2 * len(KINDS), 64, seed=5)
    assert all((a == b).all() and a.shape == (64, 64) for (_, a), (_, b) in zip(first, again, strict=True))
    assert {name for name, _ in first} == set(KINDS)
