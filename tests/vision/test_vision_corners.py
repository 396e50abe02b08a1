"""Text in the corners of what is shown is blanked; the mark of a side, the organ and what the models read are not."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from vision import Image, ImageReader, open_image, overlay_png, picture_png
from vision.corners import text_places, without_text
from vision.datasets import read_set
from vision.tasks import task_named

DATA = Path(os.environ.get("AETIA_DATA", "../shared/data")) / "images"
_NAME = "DOE JANE 1961"


def _written(
    pixels: NDArray[np.uint8], text: str, place: tuple[float, float], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The picture with a text at a place in shares of it, and where the text's ink is."""
    picture = Pil.fromarray(pixels)
    white = 240 if pixels.ndim == 2 else (240, 240, 240)
    at = (place[0] * picture.width, place[1] * picture.height)
    ImageDraw.Draw(picture).text(at, text, fill=white, font=ImageFont.load_default(size))
    written = np.asarray(picture)
    ink = np.abs(written.astype(int) - pixels).reshape(*pixels.shape[:2], -1).max(axis=2) > 60
    return written, ink


def _dark(colour: bool = False) -> NDArray[np.uint8]:
    """(600, 800) a dark ground with a soft bright disc in the middle, as of a fundus or a slice."""
    y, x = np.mgrid[:600, :800]
    disc = (170 * np.exp(-(((x - 400) / 220) ** 4) - ((y - 300) / 200) ** 4)).astype(np.uint8) + 12
    return np.stack([disc, disc // 2, disc // 3], axis=2) if colour else disc


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("place", [(0.02, 0.02), (0.7, 0.02), (0.02, 0.92), (0.7, 0.92)])
@pytest.mark.parametrize("size", [14, 22])
def test_a_name_in_any_corner_goes(colour: bool, place: tuple[float, float], size: int) -> None:
    plain = _dark(colour)
    written, ink = _written(plain, _NAME, place, size)
    kept = without_text(written)
    assert ink.sum() > 200
    assert (kept[ink] == 0).all()
    middle = (slice(120, 480), slice(100, 700))
    assert (kept[middle] == plain[middle]).all()


@pytest.mark.parametrize("text", [_NAME, "Doe, Jane 12.03.1961"])
@pytest.mark.parametrize("ground", [125, 145, 160])
def test_a_name_on_bright_tissue_goes_too(text: str, ground: int) -> None:
    y, x = np.mgrid[:600, :800]
    tissue = (ground + 10 * np.sin(x / 23) * np.cos(y / 31)).astype(np.uint8)
    tissue += np.random.default_rng(1).integers(0, 6, tissue.shape, dtype=np.uint8)
    written, ink = _written(tissue, text, (0.02, 0.02), 20)
    kept = without_text(written)
    assert ink.sum() > 200 and (kept[ink] == 0).mean() > 0.98
    assert (kept[120:] == written[120:]).all() and without_text(tissue) is tissue


def test_bright_specks_of_many_levels_on_tissue_are_no_text() -> None:
    """As vessels on end: in a row, and none as bright as the next."""
    tissue = np.full((600, 800), 150, np.uint8)
    for i, level in enumerate((255, 214, 250, 220, 240, 216, 255)):
        tissue[30:42, 30 + 14 * i : 36 + 14 * i] = level
        tissue[34:38, 32 + 14 * i : 34 + 14 * i] = 150
    assert without_text(tissue) is tissue


def test_small_letters_on_a_dark_ground_go_with_the_capitals() -> None:
    written, ink = _written(_dark(), "Wang Xiaoming", (0.02, 0.02), 18)
    assert (without_text(written)[ink] == 0).all()


def test_the_mark_of_a_side_stays_unless_the_file_tells_of_text() -> None:
    written, ink = _written(_dark(), "R", (0.06, 0.05), 28)
    assert without_text(written) is written
    assert (without_text(written, told=True)[ink] == 0).all()


def test_a_picture_without_text_is_given_back_as_it_is(phantom: NDArray[np.uint8]) -> None:
    for pixels in (phantom, _dark(), _dark(colour=True), np.zeros((200, 200), np.uint8)):
        assert without_text(pixels) is pixels


@pytest.mark.parametrize("name", ["brain_mri", "fundus", "skin_lesions", "knee_xray"])
def test_anatomy_is_hardly_ever_taken_for_text(name: str) -> None:
    source = DATA / f"{name}.zip"
    if not source.exists():
        pytest.skip(f"{source} is not there; set AETIA_DATA to the folder that holds images/")
    task = task_named(name).model_copy(update={"size": (512, 512), "masks": {}})
    pictures = read_set(source, task, 60)
    taken = [p.path for p in pictures if list(text_places(p.pixels))]
    assert len(pictures) >= 50 and len(taken) <= 2, taken


def test_what_is_shown_has_no_name_and_what_is_read_is_untouched(
    reader: ImageReader, real_picture: Callable[[str, str], Path]
) -> None:
    whole = open_image(real_picture("fundus", "cataract/1144_left.jpg")).pixels
    large = np.asarray(Pil.fromarray(whole).resize((900, 900)))
    written, ink = _written(large, _NAME, (0.02, 0.02), 20)
    image = Image(written, "PNG")
    before = image.pixels.copy()
    reading = reader.read_as(image, "fundus")
    for made in (picture_png(image), overlay_png(image, replace(reading, regions=()))):
        shown = np.asarray(Pil.open(io.BytesIO(made)).convert("L"))
        assert (shown[ink] == 0).all()
    assert (image.pixels == before).all()
