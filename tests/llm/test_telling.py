"""An answer told with a model, without a page: whole at every step, kept, shown again, and chosen by a person."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import get_args

import pytest

from assistant.answer import Answer
from assistant.api import Assistant, Session
from assistant.events import Generated
from assistant.llm.backend import Backend, Cancel, Prompt
from assistant.llm.companion import Companion
from assistant.llm.questions import Find
from assistant.llm.server import Server
from assistant.llm.settings import BadModelSetting, ModelSettings
from assistant.llm.telling import Use, told
from assistant.page.model import masked_html
from assistant.page.model_choice import ModelChoice
from assistant.page.speaking import Speaking
from assistant.transcript import messages
from tests.llm.obedient import Obedient
from tests.llm.scripted import Talk, scripted
from tests.llm.test_reading import listed

CASE = "38-year-old man, cough, short of breath, a shadow on the chest X-ray. My ribs hurt like fire."
ALL = frozenset(get_args(Use))


def says(prompt: Prompt) -> str:
    """A model that words, reads and answers."""
    if prompt.schema:
        return listed(("chest pain", "present", "ribs hurt like fire"))
    if "Sources:" in prompt.user:
        return f"{first_source(prompt.user)[:-1]} [1]. The moon cures pneumonia [1]."
    return prompt.user.replace("Most likely: ", "Most likely it is ")


def first_source(words: str) -> str:
    """The first sentence of the first source."""
    found = re.search(r"^\[1\] (.+?\.)(?: |$)", words, re.MULTILINE)
    assert found
    return found[1]


def steps(
    session: Session, answer: Answer, backend: Backend, find: Find, uses: frozenset[Use] = ALL
) -> list[Answer]:
    companion = Companion(session.assistant, backend, find)
    return list(told(companion, session, answer, uses, "patient", Cancel()))


def test_every_step_is_whole_and_the_last_is_kept(in_world: Assistant, search_world: Find) -> None:
    session = in_world.start()
    answer = session.say(CASE)
    shown = steps(session, answer, Obedient(says), search_world)
    assert len(shown) > len(answer.statements)
    assert {len(step.statements) for step in shown} == {len(answer.statements)}
    assert shown[-1].statements[1].text.startswith("Most likely it is")
    assert all((s.differential, s.triage) == (answer.differential, answer.triage) for s in shown)
    assert "Chest pain (“ribs hurt like fire”)" in shown[-1].notes[-1]

    def retold(events: tuple[object, ...], own: Answer, later: tuple[object, ...]) -> Answer:
        companion = Companion(in_world, None, search_world)
        return companion.retold(in_world.replay(events), own, later)  # type: ignore[arg-type]

    chat = messages(in_world, session.events, retold)
    assert "Most likely it is" in chat[-1]["content"] and "ribs hurt like fire" in chat[-1]["content"]
    assert "Most likely: " in messages(in_world, session.events)[-1]["content"]


def test_a_question_is_told_sentence_by_sentence_and_again(in_world: Assistant, search_world: Find) -> None:
    session = in_world.start()
    session.say(CASE)
    answer = session.say("Can the moon change what happens in a chest like mine?")
    model = Obedient(says)
    shown = steps(session, answer, model, search_world)
    assert [s.text for s in shown[-1].statements] == [first_source(model.given[0].user)]
    assert "1 sentences of the language model were left out" in shown[-1].notes[0]
    entry = next(e for e in session.events if isinstance(e, Generated))
    assert (entry.model, entry.version, entry.temperature, entry.seed) == ("obedient", "1", 0.0, 0)
    events = [e for e in session.events if not isinstance(e, Generated)]
    own = in_world.replay(events)
    again = Companion(in_world, None, search_world).retold(own, answer, (entry,))
    assert (again.statements, again.notes) == (shown[-1].statements, shown[-1].notes)


@pytest.mark.parametrize("uses", [frozenset(), frozenset({"question"})])
def test_what_it_may_not_do_it_is_not_asked(
    in_world: Assistant, search_world: Find, uses: frozenset[Use]
) -> None:
    session = in_world.start()
    answer = session.say(CASE)
    model = Obedient(says)
    assert steps(session, answer, model, search_world, uses) == [] and not model.given


def test_a_failure_ends_in_our_own_words_within_two_seconds(in_world: Assistant, search_world: Find) -> None:
    session = in_world.start()
    answer = session.say(CASE)
    broken = False

    def respond(talk: Talk) -> None:
        talk.status(503) if broken else talk.answer("Hello.")

    with scripted(respond) as place:
        model = Server(ModelSettings(base_url=place.url, model="m"))
        companion = Companion(in_world, model, search_world)
        companion.ask(session, "warm?")
        broken = True
        began = time.monotonic()
        last = list(told(companion, session, answer, frozenset({"voice"}), "patient", Cancel()))[-1]
        assert time.monotonic() - began < 2.0
    assert last.statements == answer.statements
    assert last.notes[-1].endswith("What you read are Aetia's own words.")


def test_stopped_in_the_middle_the_rest_is_our_own(in_world: Assistant, search_world: Find) -> None:
    def respond(talk: Talk) -> None:
        talk.begin()
        first = re.search(r"1\. .*", talk.body["messages"][1]["content"])
        assert first
        talk.chunk(first[0].replace("Most likely: ", "Most likely it is ") + "\n2. ")
        time.sleep(30)

    session = in_world.start()
    answer = session.say(CASE)
    speaking, shown = Speaking(), []
    with scripted(respond) as place:
        companion = Companion(in_world, Server(ModelSettings(base_url=place.url, model="m")), search_world)
        with speaking.turn("s") as cancel:
            for step in told(companion, session, answer, ALL, "patient", cancel):
                shown.append(step)
                speaking.stop("s")
    assert shown[-1].statements[1].text.startswith("Most likely it is")
    assert shown[-1].statements[2:] == answer.statements[2:]
    assert session.events[-1].fault == "cancelled"  # type: ignore[union-attr]


def test_a_new_message_waits_until_the_stopped_model_is_written_down() -> None:
    speaking, done = Speaking(), []

    def model() -> None:
        with speaking.turn("s") as cancel:
            while not cancel.cancelled:
                time.sleep(0.01)
            time.sleep(0.1)
            done.append("kept")

    thread = Thread(target=model)
    thread.start()
    while "s" not in speaking._running:
        time.sleep(0.01)
    speaking.hush("another")
    assert not done
    speaking.hush("s")
    assert done == ["kept"]
    thread.join()


def test_the_page_turns_only_after_what_was_being_sent() -> None:
    speaking, sent = Speaking(), []

    def words() -> None:
        with speaking.following("s"):
            time.sleep(0.2)
            sent.append("words")

    thread = Thread(target=words)
    thread.start()
    while not speaking._following["s"]:
        time.sleep(0.01)
    mark = speaking.mark("s")
    speaking.leave("another")
    assert not sent
    speaking.leave("s")
    assert sent == ["words"]
    assert speaking.is_past("s", mark)
    thread.join()


@contextmanager
def environment(patch: pytest.MonkeyPatch, home: Path, **given: str) -> Iterator[None]:
    for name in ("BASE_URL", "MODEL", "API_KEY", "PATH", "FILE", "CONTEXT", "INT8"):
        patch.delenv(f"AETIA_LLM_{name}", raising=False)
    patch.setenv("AETIA_HOME", str(home))
    for name, value in given.items():
        patch.setenv(name, value)
    yield


def test_a_file_switches_it_on_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "language_model.yaml"
    with environment(monkeypatch, tmp_path):
        assert not ModelSettings.configured().on
        file.write_text("base_url: http://127.0.0.1:9/v1/\nmodel: ours\ncontext: 8192\nint8: on\n", "utf-8")
        settings = ModelSettings.configured()
        assert (settings.base_url, settings.model) == ("http://127.0.0.1:9/v1", "ours")
        assert (settings.context, settings.int8, settings.key) == (8192, True, "")
    with environment(monkeypatch, tmp_path, AETIA_LLM_PATH="/models/mine", AETIA_LLM_API_KEY="k"):
        settings = ModelSettings.configured()
        assert (settings.base_url, settings.path, settings.context) == ("", Path("/models/mine"), 8192)


@pytest.mark.parametrize(
    ("text", "told_of"),
    [("api_key: secret", "environment"), ("url: x", "no setting"), ("- a", "must hold"), ("a: [", "YAML")],
)
def test_a_file_that_cannot_be_used_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, told_of: str
) -> None:
    (tmp_path / "language_model.yaml").write_text(text, "utf-8")
    with environment(monkeypatch, tmp_path), pytest.raises(BadModelSetting, match=told_of) as raised:
        ModelSettings.configured()
    assert "secret" not in str(raised.value)


def test_the_key_goes_to_the_configured_server_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "https://models.example/v1"
    given = {"AETIA_LLM_BASE_URL": url, "AETIA_LLM_MODEL": "m", "AETIA_LLM_API_KEY": "k"}
    with environment(monkeypatch, tmp_path, **given):
        free, bound = ModelChoice(True), ModelChoice(False)
    assert free._settings("server", url, "m", "").key == "k"
    assert free._settings("server", "https://other.example/v1", "m", "").key == ""
    assert free._settings("off", url, "m", "").on is False
    assert bound._settings("server", "https://other.example/v1", "m", "").base_url == url
    assert bound._settings("folder", "", "", "/etc").path is None
    with pytest.raises(BadModelSetting):
        free._settings("server", "file:///etc", "m", "")


def test_what_is_masked_is_shown_and_escaped(in_world: Assistant) -> None:
    session = in_world.start()
    session.say("My name is Maria Lopez and I cough. Write to <b>m@mail.example</b>")
    html = masked_html(session, "en")
    assert "Maria Lopez" in html and "[NAME_1]" in html and "m@mail.example" in html
    assert "<b>" not in html and masked_html(in_world.start(), "en") == ""
