"""The command with a model switched on, over real HTTP, and without one."""

import re

import pytest

from assistant.api import Assistant
from assistant.llm.companion import reworded
from knowledge.errors import AetiaError
from tests.llm.scripted import Talk, scripted

CASE = "38-year-old man, cough, short of breath, a shadow on the chest X-ray"


def test_an_answer_is_reworded_and_says_where_words_went(
    in_world: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(talk: Talk) -> None:
        lines = re.findall(r"^\d+\. .*", talk.body["messages"][1]["content"], re.MULTILINE)
        talk.answer("\n".join(line.replace("Most likely: ", "Most likely it is ") for line in lines))

    session = in_world.start()
    answer = session.say(CASE)
    with scripted(respond) as place:
        monkeypatch.setenv("AETIA_LLM_BASE_URL", place.url)
        monkeypatch.setenv("AETIA_LLM_MODEL", "scripted")
        said = reworded(session, answer, "patient")
    assert any(s.text.startswith("Most likely it is Pneumonia") for s in said.statements)
    assert said.differential == answer.differential and said.triage == answer.triage
    assert any("127.0.0.1" in note for note in said.notes)


def test_without_a_model_it_is_told_how_to_switch_one_on(
    in_world: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AETIA_LLM_BASE_URL", raising=False)
    monkeypatch.delenv("AETIA_LLM_PATH", raising=False)
    session = in_world.start()
    with pytest.raises(AetiaError, match="AETIA_LLM_BASE_URL"):
        reworded(session, session.say(CASE), "clinician")
