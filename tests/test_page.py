"""The page in a real browser, as a newcomer meets it: headless Chromium, the real assistant."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assistant.api import Assistant
from assistant.session import SessionStore
from tests.browser import browsed, served
from tests.conftest import FOUNDING


@pytest.fixture(scope="module")
def address(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running page."""
    with served(
        assistant, SessionStore(f"sqlite:///{tmp_path_factory.mktemp('page') / 'sessions.sqlite3'}")
    ) as url:
        yield url


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    """A browser on the page."""
    with browsed(1440, 1100) as page:
        page.goto(address)
        yield page


def tell(page: Page, text: str) -> None:
    box = page.locator("#message textarea")
    expect(box).to_be_enabled()
    expect(box).to_have_value("")
    box.fill(text)
    box.press("Enter")


def test_the_founding_case_from_the_first_word_to_the_picture(page: Page, data: Path, tmp_path: Path) -> None:
    tell(page, FOUNDING)
    differential = page.locator("#differential")
    expect(differential.locator("li .name").first).to_contain_text("肺炎")
    names = differential.locator("li .name").all_inner_texts()
    assert any("肺癌" in name for name in names) and any("肺结核" in name for name in names), names
    expect(page.locator("#chat")).to_contain_text("最可能：肺炎")

    expect(page.locator("#reply-no")).to_be_hidden()  # first an open question, to be answered in words
    tell(page, "三天前开始的，咳黄痰，晚上发烧。")
    expect(page.locator("#chat")).to_contain_text("其他疾病")
    tell(page, "没有")

    for plain, of_card in (("#reply-unknown", "#choices-unknown"), ("#reply-no", "#choices-none")):
        said = page.locator("#chat .user").count()
        page.locator(plain).or_(page.locator(of_card)).locator("visible=true").click()
        expect(page.locator("#chat .user")).to_have_count(said + 1)

    page.get_by_role("tab", name="Evidence").click()
    evidence = page.locator("#evidence li").first
    expect(evidence.locator("mark")).not_to_be_empty()
    expect(evidence.locator("blockquote")).to_be_visible()
    links = page.locator("#evidence a[href^='http']")
    assert links.count() > 0

    page.get_by_role("tab", name="Causal picture").click()
    expect(page.locator("#causes svg g.disease").first).to_be_visible()

    picture = tmp_path / "chest.jpg"
    picture.write_bytes(_chest_x_ray(data))
    page.locator("#message input[type=file]").set_input_files(str(picture))
    expect(page.locator("#message .thumbnail-item, #message img").first).to_be_visible()
    page.locator("#message textarea").press("Enter")
    page.get_by_role("tab", name="Picture", exact=True).click()
    expect(page.locator("#picture img.ground")).to_be_visible()
    assert page.locator("#picture img.ground").get_attribute("alt")

    page.locator("label").filter(has_text="中文").first.click()
    expect(page.get_by_role("tab", name="鉴别诊断")).to_be_visible()


def test_markup_in_a_message_stays_text(page: Page) -> None:
    tell(page, "<img src=x onerror=\"document.title='hacked'\"> I have a cough")
    expect(page.locator("#chat")).to_contain_text("onerror")
    assert page.title() == "Aetia"


def test_a_wrong_file_gets_a_sentence_and_the_session_goes_on(page: Page, tmp_path: Path) -> None:
    fake = tmp_path / "scan.png"
    fake.write_bytes(b"GIF89a" + bytes(64))
    page.locator("#message input[type=file]").set_input_files(str(fake))
    page.wait_for_timeout(1500)
    tell(page, "I also have a fever")
    expect(page.locator("#chat")).to_contain_text("⚠")
    tell(page, "I have a sore throat as well")
    expect(page.locator("#chat .user").last).to_contain_text("sore throat")


def _chest_x_ray(data: Path) -> bytes:
    with zipfile.ZipFile(data / "images" / "chest_xray_children.zip") as pictures:
        name = next(
            n
            for n in sorted(pictures.namelist())
            if "pneumonia" in n.lower() and n.endswith((".jpg", ".jpeg", ".png"))
        )
        return pictures.read(name)


def test_the_page_opens_in_the_language_of_the_browser(page: Page, address: str) -> None:
    browser = page.context.browser
    assert browser
    for locale, tab in (("zh-CN", "鉴别诊断"), ("en-GB", "Differential")):
        opened = browser.new_page(locale=locale)
        opened.goto(address)
        expect(opened.get_by_role("tab", name=tab)).to_be_visible()
        opened.close()
