"""Readings, records and visits on the page, in a real browser. The graph alone answers: no weights are needed."""

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from playwright.sync_api import Page, expect

from assistant.api import Assistant
from assistant.session import SessionStore
from assistant.settings import Settings
from knowledge.base import KnowledgeBase
from tests.browser import browsed, open_tab, served
from tests.vision.test_vision_dicom import _write

_WAIT = 180_000
_RECORDS = Path(__file__).parent / "assistant" / "records"
_LOG = "date,time,bp,weight (kg),glucose\n" + "\n".join(
    f"2026-11-{day:02d},{part},{160 - day * 2}/{95 - day},80.{day},{'6.5' if day == 1 else ''}"
    for day in range(1, 8)
    for part in ("07:30", "evening")
)


@pytest.fixture(scope="module")
def address(core: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running page."""
    with served(
        Assistant(core, settings=Settings(country="GB")),
        SessionStore(f"sqlite:///{tmp_path_factory.mktemp('care') / 'sessions.sqlite3'}"),
    ) as url:
        yield url


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    """A browser on the page."""
    with browsed(1440, 1300, _WAIT) as page:
        page.goto(address)
        yield page


def test_readings_are_checked_averaged_drawn_and_planned(page: Page, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(_LOG, encoding="utf-8")
    open_tab(page, "Readings")
    page.locator("#readings-file input[type=file]").set_input_files(str(log))
    expect(page.locator("#readings-file")).to_contain_text("log.csv")
    page.locator("#readings-about textarea, #readings-about input").fill("62-year-old woman, smokes")
    page.locator("#readings-look").click()
    shown = page.locator("#readings-shown")
    expect(shown).to_contain_text("The first day (2 values) is left out")
    expect(shown).to_contain_text("Which is it: mmol/L, mg/dL?")
    expect(shown).to_contain_text("Improving")
    expect(shown).to_contain_text("Plan for four weeks")
    expect(shown.locator("figure.chart svg").first).to_be_visible()


def test_a_record_is_shown_before_it_is_used(page: Page, tmp_path: Path) -> None:
    open_tab(page, "Records")
    use = page.locator("#record-use")
    expect(use).to_be_disabled()
    bundle = json.loads((_RECORDS / "12_unknown_code.json").read_text(encoding="utf-8"))["bundle"]
    record = tmp_path / "bundle.json"
    record.write_text(json.dumps(bundle), encoding="utf-8")
    page.locator("#record-file input[type=file]").set_input_files(str(record))
    shown = page.locator("#record-shown")
    expect(shown).to_contain_text("NOT UNDERSTOOD")
    expect(page.locator("#chat .bot, #chat .user")).to_have_count(0)
    use.click()
    expect(shown).to_contain_text("Taken into the conversation")
    expect(page.locator("#chat .bot").first).to_be_visible()


def test_what_is_no_record_gets_a_sentence(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"resourceType": ', encoding="utf-8")
    page.goto(page.url)
    open_tab(page, "Records")
    page.locator("#record-file input[type=file]").set_input_files(str(broken))
    expect(page.locator("#record-shown")).to_contain_text("no JSON")
    expect(page.locator("#record-use")).to_be_disabled()


def test_a_ct_is_windowed_on_its_stored_values(page: Page, data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(data / "images" / "lung_ct.zip") as pictures:
        slice_ = Pil.open(io.BytesIO(pictures.read("CT_NonCOVID/0.jpg"))).convert("L")
    stored = (np.asarray(slice_) * (1400 / 255) + 24).astype(np.uint16)  # -1000 to 400 HU
    ct = _write(
        tmp_path / "slice.dcm", stored,
        Modality="CT", RescaleIntercept=-1024, RescaleSlope=1, WindowCenter=-300, WindowWidth=1400,
        PixelSpacing=[0.8, 0.8],
    )  # fmt: skip
    page.locator("#message input[type=file]").set_input_files(str(ct))
    expect(page.locator("#message .thumbnail-item, #message img").first).to_be_visible()
    page.locator("#message textarea").press("Enter")
    page.get_by_role("tab", name="Picture", exact=True).click()
    expect(page.locator("#picture canvas.values")).to_be_visible()
    page.get_by_role("button", name="Soft tissue (mediastinum)").click()
    expect(page.get_by_label("Window width")).to_have_attribute("aria-valuetext", "350 HU")
    page.wait_for_timeout(300)
    greys = page.evaluate(
        """() => { const c = document.querySelector('#picture canvas.values');
        return Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((_, i) => i % 4 == 0)); }"""
    )
    values = stored.astype(float).ravel() - 1024
    assert (np.array(greys)[values < -130] == 0).all() and (np.array(greys)[values > 230] == 255).all()


def test_a_picture_in_a_record_is_read_and_shown(page: Page, data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(data / "images" / "chest_xray_children.zip") as pictures:
        content = base64.b64encode(pictures.read("images/PNEUMONIA/person10_bacteria_43.jpeg")).decode()
    attachment = {"contentType": "image/jpeg", "data": content, "title": "Chest"}
    resources = [
        {"resourceType": "Patient", "gender": "male", "birthDate": "2021-05-01"},
        {"resourceType": "Media", "status": "completed", "content": attachment},
        {"resourceType": "Media", "status": "completed", "content": {"url": "https://pacs.example/2"}},
    ]
    record = tmp_path / "bundle.json"
    record.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}))
    page.goto(page.url)
    open_tab(page, "Records")
    page.locator("#record-file input[type=file]").set_input_files(str(record))
    shown = page.locator("#record-shown")
    expect(shown).to_contain_text("Media: Chest: A child's chest X-ray")
    expect(shown).to_contain_text("not fetched")
    page.locator("#record-use").click()
    expect(page.locator("#chat .bot").first).to_contain_text("chest X-ray")
    page.get_by_role("tab", name="Picture", exact=True).click()
    expect(page.locator("#picture img.ground")).to_be_visible()
