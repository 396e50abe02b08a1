"""The voice rewords; what adds, loses or turns anything is replaced by our own sentence."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answer import Statement
from assistant.api import Assistant
from assistant.events import Event, Generated
from assistant.evidence import Citation
from assistant.llm.backend import ModelFault
from assistant.llm.faithful import Faithful
from assistant.llm.recorder import Recorder
from assistant.llm.server import Patience, Server
from assistant.llm.settings import ModelSettings
from assistant.llm.voice import Speech, Voice, speech
from knowledge.concepts import Language
from tests.llm.scripted import Talk, scripted
from tests.llm.test_server import QUICK, SOON

PASSAGE = "Adults with pneumonia and fever should take amoxicillin 500 mg three times a day for 5 days. Do not give aspirin."
TREAT = "Adults with pneumonia should take amoxicillin 500 mg three times a day for 5 days."
REST = "Pneumonia mostly ends well."
PASSAGE_ZH = "肺炎患者应卧床休息，不要吸烟。"


def statement(text: str, passage: str, kind: str = "treatment") -> Statement:
    citation = Citation("p", "s", "Title", "Book", 2024, None, None, None, passage, (0, len(passage)), True)
    return Statement(text, (citation,), kind)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def faithful(in_world: Assistant) -> Faithful:
    return Faithful(in_world.dialogue.intake.lexicon)


def spoken(
    faithful: Faithful,
    statements: list[Statement],
    respond: Callable[[Talk], None],
    language: Language = "en",
    events: list[Event] | None = None,
    patience: Patience | None = None,
) -> Speech:
    with scripted(respond) as place:
        model = Server(ModelSettings(base_url=place.url, model="m"), patience)
        recorder = Recorder(model, [] if events is None else events)
        return speech(Voice(faithful).speak(recorder, statements, language, "patient"))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("If you are an adult with pneumonia, take amoxicillin 500 mg three times a day for 5 days.", None),
        ("Adults with pneumonia should take amoxicillin 5000 mg three times a day for 5 days.", "number"),
        ("Adults with pneumonia should take amoxicillin 500 mg three times a day for 50 days.", "number"),
        ("Adults with pneumonia should take amoxicillin three times a day.", "number"),
        (
            "Adults with pneumonia should not take amoxicillin 500 mg three times a day for 5 days.",
            "negation",
        ),
        ("Adults with asthma should take amoxicillin 500 mg three times a day for 5 days.", "lost"),
        (
            "Adults with pneumonia or asthma should take amoxicillin 500 mg three times a day for 5 days.",
            "concept",
        ),
        (f"{TREAT} The moon heals lungs quickly and for ever.", "support"),
        (f"{TREAT} 这很好。", "language"),
        (f"{TREAT[:-1]}; stop all other tablets now.", "support"),
        (f"{TREAT} and skip the hospital", "support"),
    ],
)
def test_each_sentence_is_checked(faithful: Faithful, line: str, fault: str | None) -> None:
    said = spoken(faithful, [statement(TREAT, PASSAGE)], lambda talk: talk.answer(f"1. {line}")).spoken[0]
    assert said.fault == fault
    assert said.text == (TREAT if fault else line)


@pytest.mark.parametrize(
    ("line", "reworded"),
    [
        ("肺炎患者要卧床休息，不要吸烟。", True),
        ("肺炎患者要卧床休息，可以吸烟。", False),
        ("肺炎患者要卧床休息14天，不要吸烟。", False),
    ],
)
def test_in_chinese_too(faithful: Faithful, line: str, reworded: bool) -> None:
    said = spoken(
        faithful, [statement(PASSAGE_ZH, PASSAGE_ZH)], lambda t: t.answer(f"1. {line}"), "zh"
    ).spoken[0]
    assert said.reworded is reworded


def test_the_share_replaced_is_told(faithful: Faithful) -> None:
    statements = [statement(TREAT, PASSAGE), statement(REST, REST, "outlook")]
    said = spoken(faithful, statements, lambda t: t.answer("1. Take 9 g.\n2. Mostly, pneumonia ends well."))
    assert [s.text for s in said.spoken] == [TREAT, "Mostly, pneumonia ends well."]
    assert said.replaced == 0.5 and "50 %" in said.notes("en")[0]


def test_lines_that_are_missing_doubled_or_foreign_change_nothing(faithful: Faithful) -> None:
    statements = [
        statement(TREAT, PASSAGE),
        statement(REST, REST, "outlook"),
        statement(REST, REST, "outlook"),
    ]
    answer = "Sure!\n7. Hello.\n0. No.\n2. Pneumonia ends well, mostly.\n1. Take 1 mg.\n2. Again."
    said = spoken(faithful, statements, lambda t: t.answer(answer))
    assert [s.text for s in said.spoken] == [TREAT, "Pneumonia ends well, mostly.", REST]


def test_an_emergency_is_never_given_to_the_model(faithful: Faithful) -> None:
    def respond(talk: Talk) -> None:
        assert "112" not in talk.words
        talk.answer("1. Pneumonia ends well, mostly.")

    flag = statement("Call 112 now.", "Call 112 now.", "red_flag")
    said = spoken(faithful, [flag, statement(REST, REST, "outlook")], respond)
    assert [s.text for s in said.spoken] == ["Call 112 now.", "Pneumonia ends well, mostly."]


def broken(talk: Talk) -> None:
    talk.begin()
    talk.chunk("1. Pneumonia ends well, mostly.\n2. Pneumonia ends ba")


def silent(talk: Talk) -> None:
    talk.begin()
    time.sleep(QUICK.first + 1)


@pytest.mark.parametrize("respond", [broken, lambda t: t.status(503), lambda t: t.status(401)])
def test_our_own_words_take_over_soon(faithful: Faithful, respond: Callable[[Talk], None]) -> None:
    statements = [statement(REST, REST, "outlook"), statement(TREAT, PASSAGE)]
    began = time.monotonic()
    said = spoken(faithful, statements, respond)
    assert time.monotonic() - began < SOON
    assert said.spoken[1].text == TREAT and len(said.spoken) == 2
    assert said.trouble and "Aetia's own words" in said.notes("en")[0] and "自己的话" in said.notes("zh")[0]


def test_silence_ends_in_our_own_words(faithful: Faithful) -> None:
    said = spoken(faithful, [statement(REST, REST, "outlook")], silent, patience=QUICK)
    assert said.spoken[0].text == REST and said.trouble and said.trouble.key == "slow"


def test_a_replay_reads_the_log_and_asks_nobody(faithful: Faithful) -> None:
    events: list[Event] = []
    statements = [statement(REST, REST, "outlook")]
    first = spoken(faithful, statements, lambda t: t.answer("1. Mostly, pneumonia ends well."), events=events)
    (entry,) = events
    assert isinstance(entry, Generated)
    assert (entry.model, entry.version, entry.temperature, entry.seed) == ("scripted", "fp-7", 0.0, 0)
    logged = [Generated.model_validate_json(entry.model_dump_json())]
    assert speech(Voice(faithful).speak(Recorder(None, [*logged]), statements, "en", "patient")) == first
    other = speech(Voice(faithful).speak(Recorder(None, []), statements, "en", "patient"))
    assert isinstance(other.trouble, ModelFault) and other.spoken[0].text == REST


def test_a_failure_is_replayed_as_it_was_but_may_be_tried_again(faithful: Faithful) -> None:
    events: list[Event] = []
    statements = [statement(REST, REST, "outlook"), statement(TREAT, PASSAGE)]
    first = spoken(faithful, statements, broken, events=events)
    again = speech(Voice(faithful).speak(Recorder(None, list(events)), statements, "en", "patient"))
    assert again.spoken == first.spoken
    assert again.trouble and first.trouble and again.trouble.text("zh") == first.trouble.text("zh")
    good = spoken(faithful, statements, lambda t: t.answer("1. Pneumonia ends well, mostly."), events=events)
    assert good.trouble is None


def test_the_voice_over_a_real_server(
    in_world: Assistant, faithful: Faithful, served: str, tiny_model: Path
) -> None:
    """Random weights write noise: every statement must come back, in our own words, and twice the same."""
    session = in_world.start()
    answer = session.say("38-year-old man, cough, short of breath, a shadow on the chest X-ray")
    model = Server(ModelSettings(base_url=served, model=str(tiny_model)))
    texts = []
    for _ in range(2):
        events: list[Event] = []
        said = speech(Voice(faithful).speak(Recorder(model, events), answer.statements, "en", "clinician"))
        assert [s.text for s in said.spoken] == [s.text for s in answer.statements]
        assert said.trouble is None
        texts.append([e.text for e in events if isinstance(e, Generated)])
    assert texts[0] == texts[1] and texts[0][0]


def test_who_somebody_is_does_not_leave(faithful: Faithful) -> None:
    words: list[str] = []

    def respond(talk: Talk) -> None:
        words.append(talk.words)
        line = re.search(r"1\. (.*)", talk.words)
        assert line
        talk.answer(f"1. {line[1]}")

    text = "Mr John Smith with pneumonia should rest."
    said = spoken(faithful, [statement(text, text)], respond)
    assert "Smith" not in words[0] and "[NAME_1]" in words[0]
    assert said.spoken[0].text == text and said.spoken[0].reworded
