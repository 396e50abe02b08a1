"""The language model on the page, in a real browser, behind real HTTP: switched on, streamed, stopped, struck."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from assistant.api import Assistant
from assistant.events import Generated
from assistant.session import SessionStore
from tests.browser import WAIT, browsed, open_tab, served
from tests.llm.scripted import Scripted, Talk, scripted
from tests.llm.test_telling import first_source

CASE = "My name is Maria Lopez, a 38-year-old woman. I cough, and a shadow was seen on the chest X-ray. My ribs hurt like fire."


class Model:
    """What the scripted server does now."""

    def __init__(self) -> None:
        self.pause = 0.0
        self.broken = False
        self.source = ""

    def respond(self, talk: Talk) -> None:
        if self.broken:
            talk.status(500)
        elif "response_format" in talk.body:
            found = [{"finding": "chest pain", "state": "present", "quote": "ribs hurt like fire"}]
            talk.answer(json.dumps({"observations": found}))
        elif "Sources:" in talk.words:
            self.source = first_source(talk.words)
            talk.answer(f"{self.source[:-1]} [1]. Pneumonia is cured by moonlight [1].")
        else:
            self._reword(talk)

    def _reword(self, talk: Talk) -> None:
        lines = re.findall(r"^\d+\. .*", talk.body["messages"][1]["content"], re.MULTILINE)
        talk.begin()
        for line in lines:
            talk.chunk(line.replace("Most likely: ", "Most likely it is ") + "\n")
            time.sleep(self.pause)
        usage = {"prompt_tokens": len(talk.words.encode()) // 3, "completion_tokens": 90}
        talk.chunk("", "stop", usage=usage, system_fingerprint="fp-7")
        talk.raw("data: [DONE]\n\n")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def place(model: Model) -> Iterator[Scripted]:
    with scripted(model.respond) as served:
        yield served


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SessionStore:
    return SessionStore(f"sqlite:///{tmp_path_factory.mktemp('page') / 'sessions.sqlite3'}")


@pytest.fixture(scope="module")
def address(
    in_world: Assistant, store: SessionStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BASE_URL", "MODEL", "API_KEY", "PATH", "FILE"):
            patch.delenv(f"AETIA_LLM_{name}", raising=False)
        patch.setenv("AETIA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("AETIA_CACHE", str(tmp_path_factory.mktemp("cache")))
        with served(in_world, store) as url:
            yield url


@pytest.fixture(scope="module")
def opened(address: str) -> Iterator[Page]:
    with browsed(2200, 1100) as page:
        page.goto(address)
        yield page


@pytest.fixture
def page(opened: Page, model: Model) -> Page:
    """The page with a new session; a model that was switched on before stays on."""
    model.pause, model.broken = 0.0, False
    if opened.locator("#chat .user").count():
        opened.get_by_role("button", name="New session").click()
        expect(opened.locator("#chat .user")).to_have_count(0)
        settled(opened)
    return opened


def settled(page: Page) -> None:
    """Wait for what follows a click in a second step, as a person would before typing."""
    page.wait_for_timeout(500)


def tell(page: Page, text: str) -> None:
    box = page.locator("#message textarea")
    expect(box).to_be_enabled()
    expect(box).to_have_value("")
    box.fill(text)
    box.press("Enter")


def switch_on(page: Page, url: str, name: str = "scripted") -> None:
    if not page.locator("#model-apply").is_visible():
        page.locator("#model").get_by_text("Language model", exact=True).first.click()
    page.locator("#model-place").get_by_text("A server", exact=False).click()
    page.locator("#model-url textarea, #model-url input").fill(url)
    page.locator("#model-name textarea, #model-name input").fill(name)
    page.locator("#model-apply").click()
    expect(page.locator("#model-line")).to_contain_text("127.0.0.1")


def logged(store: SessionStore, purpose: str) -> list[Generated]:
    """What the model wrote in all sessions, the latest session first."""
    with store._engine.connect() as db:
        owners = [row[0] for row in db.exec_driver_sql("select distinct owner from sessions")]
    kept = sorted((k for o in owners for k in store.listed(o)), key=lambda k: k.changed, reverse=True)
    of = {k.id: o for o in owners for k in store.listed(o)}
    events = [e for k in kept for e in store.events(of[k.id], k.id)]
    return [e for e in events if isinstance(e, Generated) and e.purpose == purpose]


def test_nothing_is_sent_before_it_is_switched_on(page: Page, place: Scripted) -> None:
    before = len(place.talks)
    expect(page.locator("#model-line")).to_contain_text("Nothing is sent anywhere")
    tell(page, CASE)
    expect(page.locator("#chat")).to_contain_text("Most likely: Pneumonia")
    page.wait_for_timeout(1000)
    assert len(place.talks) == before


def test_reworded_with_where_words_go_and_what_is_masked(
    page: Page, place: Scripted, store: SessionStore
) -> None:
    switch_on(page, place.url)
    expect(page.locator("#model-line")).to_contain_text("scripted")
    tell(page, CASE)
    expect(page.locator("#chat")).to_contain_text("Most likely it is Pneumonia")
    expect(page.locator("#chat")).to_contain_text("The language model also read")
    expect(page.locator("#masked")).to_contain_text("Maria Lopez")
    assert not [t for t in place.talks if "Maria" in t.words or "Lopez" in t.words]
    assert "[NAME_1]" in place.talks[-1].words

    entry = logged(store, "voice")[0]
    assert (entry.model, entry.version, entry.temperature) == ("scripted", "fp-7", 0.0)
    asked = len(place.talks)
    open_tab(page, "Sessions")
    page.locator("label").filter(has_text="Maria Lopez").first.click()
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator("#chat")).to_contain_text("Most likely it is Pneumonia")  # the logged words again
    assert len(place.talks) == asked


def test_what_it_reads_counts_for_nothing_until_it_is_confirmed(page: Page, place: Scripted) -> None:
    switch_on(page, place.url)
    tell(page, CASE)
    expect(page.locator("#chat")).to_contain_text("The language model also read: Chest pain")
    bars = page.locator("#differential").inner_text()
    page.locator("#suggested").get_by_text("Chest pain").click()
    page.locator("#strike").click()
    expect(page.locator("#suggested")).to_be_hidden()
    settled(page)
    assert page.locator("#differential").inner_text() == bars

    tell(page, "My ribs hurt like fire.")
    page.locator("#suggested").get_by_text("Chest pain").click()
    page.locator("#believe").click()
    expect(page.locator("#chat")).to_contain_text("Chest pain: Yes")
    expect(page.locator("#suggested")).to_be_hidden()


def test_a_free_question_is_answered_from_sources(page: Page, place: Scripted, model: Model) -> None:
    switch_on(page, place.url)
    tell(page, CASE)
    expect(page.locator("#chat")).to_contain_text("Most likely it is Pneumonia")
    tell(page, "Can the moon change what happens in a chest like mine?")
    left_out = "1 sentences of the language model were left out"
    expect(page.locator("#chat")).to_contain_text(left_out, timeout=3 * WAIT)  # the search loads its encoder
    expect(page.locator("#chat")).to_contain_text(f"{model.source} [1]")
    assert "moonlight" not in page.locator("#chat").inner_text()
    page.get_by_role("tab", name="Evidence").click()
    expect(page.locator("#evidence li")).to_have_count(1)


def test_a_failure_leaves_our_own_words_with_a_plain_note(page: Page, place: Scripted, model: Model) -> None:
    model.broken = True
    switch_on(page, place.url)
    tell(page, CASE)
    expect(page.locator("#chat")).to_contain_text("Most likely: Pneumonia")
    expect(page.locator("#chat")).to_contain_text("What you read are Aetia's own words")


def test_it_can_be_stopped_and_the_session_goes_on(
    page: Page, place: Scripted, model: Model, store: SessionStore
) -> None:
    model.pause = 20.0
    switch_on(page, place.url)
    tell(page, CASE)
    page.locator("#model-stop").click()
    expect(page.locator("#chat")).to_contain_text("Stopped. What you read are Aetia's own words")
    expect(page.locator("#model-stop")).to_be_hidden()
    assert logged(store, "voice")[0].fault == "cancelled"
    model.pause = 0.0
    tell(page, "I also wheeze")
    expect(page.locator("#chat .user").last).to_contain_text("wheeze")
    expect(page.locator("#chat")).not_to_contain_text("⚠")


def test_a_new_message_stops_the_words_about_the_old_one(page: Page, place: Scripted, model: Model) -> None:
    model.pause = 20.0
    switch_on(page, place.url)
    tell(page, CASE)
    expect(page.locator("#model-stop")).to_be_visible()
    model.pause = 0.0
    tell(page, "I also wheeze")
    expect(page.locator("#chat .user")).to_have_count(2)
    expect(page.locator("#model-stop")).to_be_hidden()
    expect(page.locator("#chat")).not_to_contain_text("another window")
