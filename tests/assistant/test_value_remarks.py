"""Numbers that cannot be, or whose unit had to be assumed, are asked about."""

import pytest

from assistant.api import Assistant
from assistant.settings import Settings
from knowledge.base import KnowledgeBase


@pytest.fixture(scope="module")
def mind(core: KnowledgeBase) -> Assistant:
    return Assistant(core, settings=Settings(country="GB"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Headache, BP 1200/80", "BP 1200/80"),
        ("I am a 190-year-old man with a cough", "190"),
        ("Thirsty and tired, glucose 5", "mg/dL"),
        ("头痛，血压1200/80", "1200/80"),
        ("190岁男性，咳嗽", "190岁"),
        ("口渴乏力，血糖5", "mg/dL"),
        ("fever, temp 60", "temp 60"),
    ],
)
def test_asked_about(mind: Assistant, text: str, word: str) -> None:
    session = mind.start()
    answer = session.say(text)
    assert any(word in note for note in answer.notes), answer.notes
    assert session.case.age is None or session.case.age <= 120


@pytest.mark.parametrize(
    "text", ["Thirsty, glucose 5 mmol/L", "glucose 90 mg/dL, thirsty", "cough, T 38.5, WBC 18"]
)
def test_what_is_clear_is_not_asked_about(mind: Assistant, text: str) -> None:
    notes = mind.start().say(text).notes
    assert not any("no unit" in note or "does not look possible" in note for note in notes)


def test_the_assumed_unit_is_used(mind: Assistant) -> None:
    session = mind.start()
    session.say("Thirsty and tired, glucose 5")
    assert session.case.measurements["glucose"].value == 5
