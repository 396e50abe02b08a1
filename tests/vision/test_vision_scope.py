"""What may be judged: plain rules, and a router that knows what it has seen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil

from vision import Image, ImageReader, ImageRefused, open_image
from vision.drawn import KINDS, drawn
from vision.photographs import photographs
from vision.router import Familiarity, as_seen
from vision.scope import check_header, check_levels, likeness

Extract = Callable[[str, str], Path]


def refusal(reader: ImageReader, pixels: NDArray[np.uint8]) -> str:
    with pytest.raises(ImageRefused) as refused:
        reader.read_image(Image(pixels, "PNG"))
    return refused.value.reason


def test_blank_noise_and_small(phantom: NDArray[np.uint8]) -> None:
    check_levels(Image(phantom, "PNG"))
    rng = np.random.default_rng(0)
    for pixels, reason in (
        (np.full((200, 200), 90, np.uint8), "blank"),
        (rng.integers(0, 256, (200, 200), dtype=np.uint8), "noise"),
        (phantom[:60, :60], "too_small"),
    ):
        with pytest.raises(ImageRefused) as refused:
            check_levels(Image(pixels, "PNG"))
        assert refused.value.reason == reason


def test_likeness_of_noise_and_of_slopes() -> None:
    rng = np.random.default_rng(1)
    assert abs(likeness(rng.integers(0, 256, (128, 128), dtype=np.uint8))) < 0.1
    slope = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    assert likeness(slope + slope.T) > 0.9


def test_what_a_file_says_of_itself(phantom: NDArray[np.uint8]) -> None:
    check_header(Image(phantom, "DICOM", modality="CR", body_part="CHEST"), "chest_xray_adult")
    check_header(Image(phantom, "DICOM", modality="OT"), "knee_xray")
    for image, reason in (
        (Image(phantom, "DICOM", modality="MR"), "modality"),
        (Image(phantom, "DICOM", modality="CR", body_part="ABDOMEN"), "body_part"),
        (Image(phantom, "DICOM", view="LATERAL"), "view"),
    ):
        with pytest.raises(ImageRefused) as refused:
            check_header(image, "chest_xray_adult")
        assert refused.value.reason == reason


def test_a_tint_is_no_colour() -> None:
    rng = np.random.default_rng(2)
    grey = np.repeat(rng.integers(0, 250, (300, 300, 1), dtype=np.uint8), 3, axis=2)
    assert as_seen(grey + np.array([2, 0, 1], np.uint8)).ndim == 2
    grey[..., 0] //= 2
    assert as_seen(grey).ndim == 3


def test_familiarity_adds_what_both_say() -> None:
    usual = Familiarity(mean=(5.0, 0.8), spread=(2.0, 0.1), threshold=-3)
    assert usual.of(np.array([5.0]), np.array([0.8])) == 0
    assert usual.of(np.array([1.0]), np.array([0.5])) == pytest.approx(-5)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_drawn_gets_a_diagnosis(reader: ImageReader, kind: str) -> None:
    for name, pixels in drawn(3 * len(KINDS), 320, seed=2026):
        if name == kind:
            assert refusal(reader, pixels) in ("blank", "noise", "other", "turned", "negative")


def test_photographs_get_no_diagnosis(reader: ImageReader) -> None:
    shown = photographs(crops=1, seed=5)
    assert len(shown) >= 4
    for _, pixels in shown:
        assert refusal(reader, pixels) in ("other", "too_small")


def test_upside_down_and_negative_say_so(reader: ImageReader, real_picture: Extract) -> None:
    image = open_image(real_picture("chest_xray_adults", "Pneumonia/00000310_001.jpg"))
    assert reader.kind(image)[0] == "chest_xray_adult"
    assert refusal(reader, np.ascontiguousarray(image.grey[::-1])) == "turned"
    assert refusal(reader, 255 - image.grey) == "negative"


def test_another_organ_is_refused(reader: ImageReader, real_dicom: Path) -> None:
    with pytest.raises(ImageRefused) as refused:
        reader.read(real_dicom)
    assert refused.value.reason in ("other", "body_part", "modality")
    assert "不" in refused.value.text("zh")


def test_drawn_pictures_repeat_by_seed() -> None:
    for (_, one), (_, two) in zip(drawn(8, 64, 3), drawn(8, 64, 3), strict=True):
        np.testing.assert_array_equal(Pil.fromarray(one), Pil.fromarray(two))
