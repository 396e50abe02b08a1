"""Window and level of a DICOM picture in a real browser: the greys are those that pydicom makes."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from assistant.picture_panel import pictures_html
from assistant.pictures import Look
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Text
from tests.browser import browsed
from tests.vision.test_vision_dicom import _write
from vision import open_image, picture_png, stored_shown

_CT = {"Modality": "CT", "RescaleIntercept": -1024, "RescaleSlope": 1, "WindowCenter": 40, "WindowWidth": 400}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browsed(900, 900) as page:
        yield page


@pytest.fixture(scope="module")
def stored() -> NDArray[np.uint16]:
    """(120, 200) nearly all of 12 bits, rising: noise would have letters in its corners."""
    return (np.arange(24_000).reshape(120, 200) // 6).astype(np.uint16)


def _open(page: Page, base: KnowledgeBase, path: Path, language: Language = "en") -> None:
    """Show a DICOM file as the page's tab does."""
    image = open_image(path)
    text = Text(en="A slice, in words.", zh="一张切片的文字说明。")
    png = picture_png(image)
    look = Look((), png, png, False, text, stored=stored_shown(image))
    script = (files("assistant") / "templates" / "pictures.js").read_text(encoding="utf-8")
    html = pictures_html([look], base, language)
    page.set_content(f"<!doctype html><script>{script}</script><div id='picture'>{html}</div>")


def _greys(page: Page) -> NDArray[np.uint8]:
    """What the canvas shows."""
    found: dict[str, Any] = page.evaluate(
        """() => { const c = document.querySelector('canvas.values');
        const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
        return { size: [c.height, c.width], greys: Array.from(data.filter((_, i) => i % 4 == 0)) }; }"""
    )
    return np.array(found["greys"], np.uint8).reshape(found["size"])


def _expected(path: Path) -> NDArray[np.float64]:
    """Greys as pydicom windows them, in the whole of its output range."""
    data = pydicom.dcmread(path)
    seen = np.asarray(apply_voi_lut(apply_modality_lut(data.pixel_array, data), data), np.float64)
    low = float(data.get("RescaleIntercept", 0))
    greys = (seen - low) / 4095 * 255
    return 255 - greys if data.PhotometricInterpretation == "MONOCHROME1" else greys


def _shown(page: Page) -> None:
    expect(page.locator("canvas.values")).to_be_visible()


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_the_files_window_is_drawn_as_the_standard_says(
    page: Page,
    world: KnowledgeBase,
    tmp_path: Path,
    stored: NDArray[np.uint16],
    function: str,
    photometric: str,
) -> None:
    given = {**_CT, "VOILUTFunction": function, "PhotometricInterpretation": photometric}
    path = _write(tmp_path / "a.dcm", stored, **given)
    _open(page, world, path)
    _shown(page)
    assert np.abs(_greys(page) - _expected(path)).max() <= 0.51


def test_buttons_keys_and_reset(
    page: Page, world: KnowledgeBase, tmp_path: Path, stored: NDArray[np.uint16]
) -> None:
    path = _write(tmp_path / "a.dcm", stored, **_CT)
    _open(page, world, path)
    _shown(page)
    as_asked = _greys(page)
    bone = page.get_by_role("button", name="Bone")
    bone.focus()
    page.keyboard.press("Enter")
    expect(bone).to_have_attribute("aria-pressed", "true")
    width, centre = page.get_by_label("Window width"), page.get_by_label("Window centre")
    expect(width).to_have_value("1800")
    expect(centre).to_have_value("400")
    expect(centre).to_have_attribute("aria-valuetext", "400 HU")
    other = _write(tmp_path / "b.dcm", stored, **{**_CT, "WindowCenter": 400, "WindowWidth": 1800})
    page.wait_for_timeout(200)
    assert np.abs(_greys(page) - _expected(other)).max() <= 0.51

    centre.focus()
    page.keyboard.press("ArrowRight")
    expect(centre).to_have_attribute("aria-valuetext", "401 HU")
    expect(bone).to_have_attribute("aria-pressed", "false")
    expect(page.locator("output", has_text="401 HU")).to_be_visible()

    page.get_by_role("button", name="As the file asks").click()
    expect(centre).to_have_value("40")
    page.wait_for_timeout(200)
    assert (_greys(page) == as_asked).all()


def test_a_table_of_the_files_own_is_kept_until_a_slider_moves(
    page: Page, world: KnowledgeBase, tmp_path: Path, stored: NDArray[np.uint16]
) -> None:
    table = pydicom.Dataset()
    table.LUTDescriptor = [4096, 0, 12]
    table.LUTData = np.rint(np.arange(4096) ** 2 / 4095).astype("<u2").tobytes()
    _open(page, world, _write(tmp_path / "a.dcm", stored, VOILUTSequence=[table]))
    page.wait_for_timeout(200)
    expect(page.locator("canvas.values")).to_be_hidden()
    expect(page.get_by_role("button", name="Bone")).to_have_count(0)  # no Hounsfield units
    page.get_by_label("Window width").focus()
    page.keyboard.press("ArrowLeft")
    _shown(page)
    page.get_by_role("button", name="As the file asks").click()
    expect(page.locator("canvas.values")).to_be_hidden()


def test_in_chinese_and_for_a_screen_reader(
    page: Page, world: KnowledgeBase, tmp_path: Path, stored: NDArray[np.uint16]
) -> None:
    _open(page, world, _write(tmp_path / "a.dcm", stored, **_CT), "zh")
    expect(page.get_by_role("slider", name="窗宽")).to_have_count(1)
    expect(page.get_by_role("group", name="CT 常用窗").get_by_role("button")).to_have_count(5)
    expect(page.get_by_role("img", name="一张切片的文字说明。")).to_have_count(1)
    expect(page.locator("canvas.values")).to_have_attribute("aria-hidden", "true")
