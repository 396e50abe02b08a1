"""The language model reads: what maps to a concept and stands in the text is suggested, and nothing more."""

import json
from collections.abc import Callable

import pytest

from assistant.api import Assistant, Session
from assistant.events import Observation
from assistant.llm.backend import Prompt
from assistant.llm.companion import Companion
from assistant.llm.server import Server
from assistant.llm.settings import ModelSettings
from tests.llm.obedient import Obedient
from tests.llm.scripted import Talk, scripted

TEXT = "I cough. My ribs hurt like fire since Monday and I never ran a temperature. My father coughs phlegm."


def listed(*observations: tuple[str, str, str]) -> str:
    keys = ("finding", "state", "quote")
    return json.dumps({"observations": [dict(zip(keys, o, strict=True)) for o in observations]})


def read(
    in_world: Assistant, answer: str | Callable[[Prompt], str], text: str = TEXT
) -> tuple[tuple[Observation, ...], Session, Companion]:
    session = in_world.start()
    session.say(text)
    say = answer if callable(answer) else lambda _: answer
    companion = Companion(in_world, Obedient(say), lambda q, language: ())
    return companion.read_again(session), session, companion


def test_a_finding_in_other_words_is_suggested_with_its_place(in_world: Assistant) -> None:
    new, session, _ = read(in_world, listed(("chest pain", "present", "ribs  hurt\nlike fire")))
    (one,) = new
    assert (one.ref, one.state, one.manner) == ("finding:chest_pain", "present", "model")
    assert TEXT[one.start : one.end] == "ribs hurt like fire"
    assert session.case.suggested == {"finding:chest_pain": one}


def test_a_suggestion_is_no_evidence_until_the_person_says_yes(in_world: Assistant) -> None:
    _, session, companion = read(in_world, listed(("chest pain", "present", "ribs hurt like fire")))
    without = in_world.start()
    without.say(TEXT)
    assert session.assessment.differential == without.assessment.differential
    assert session.assessment.triage == without.assessment.triage
    assert session.case.state("finding:chest_pain") is None
    session.reply("finding:chest_pain", True)
    assert session.case.state("finding:chest_pain") == "present" and not session.case.suggested
    assert session.assessment.differential != without.assessment.differential
    assert companion.read_again(session) == ()  # known now


def test_a_suggestion_can_be_struck(in_world: Assistant) -> None:
    _, session, _ = read(in_world, listed(("chest pain", "present", "ribs hurt like fire")))
    session.strike("finding:chest_pain")
    assert not session.case.suggested and "finding:cough" in session.case.observations


@pytest.mark.parametrize(
    "observation",
    [
        ("chest pain", "present", "crushing pain in my chest"),  # not in the text
        ("glowing earlobe", "present", "ribs hurt like fire"),  # no concept
        ("pneumonia", "present", "ribs hurt like fire"),  # no finding
        ("fever", "present", "ran a temperature"),  # denied where it stands
        ("chest pain", "absent", "ribs hurt like fire"),  # stated where it stands
        ("cough with phlegm", "present", "coughs phlegm"),  # the father's
        ("chest pain and fever and wheeze", "present", "ribs hurt like fire"),  # three at once
        ("chest pain", "perhaps", "ribs hurt like fire"),
        ("chest pain", "present", ""),
        ("cough", "present", "cough"),  # read before
    ],
)
def test_what_is_dropped(in_world: Assistant, observation: tuple[str, str, str]) -> None:
    new, session, _ = read(in_world, listed(observation))
    assert new == () and not session.case.suggested


def test_a_denial_agrees_with_its_words(in_world: Assistant) -> None:
    new, _, _ = read(in_world, listed(("fever", "absent", "ran a temperature")))
    assert [(o.ref, o.state) for o in new] == [("finding:fever", "absent")]


@pytest.mark.parametrize(
    "answer",
    ["", "no idea", "{", '{"observations": 7}', "[" * 5000, '{"observations": [], "more": 1}',
     '{"observations": [{"finding": "chest pain"}]}'],
)  # fmt: skip
def test_what_is_no_list_is_nothing(in_world: Assistant, answer: str) -> None:
    assert read(in_world, answer)[0] == ()


def test_bad_entries_do_not_spoil_good_ones(in_world: Assistant) -> None:
    good = json.loads(listed(("chest pain", "present", "ribs hurt like fire")))["observations"]
    answer = "Here:\n" + json.dumps({"observations": [{"finding": 3}, *good, {"x": 1}]}) + "\nDone."
    assert [o.ref for o in read(in_world, answer)[0]] == ["finding:chest_pain"]


def test_in_chinese(in_world: Assistant) -> None:
    text = "我咳嗽，胸口像火烧一样难受，没有喘。"
    new, _, _ = read(in_world, listed(("胸痛", "present", "胸口像火烧一样难受")), text)
    assert [o.ref for o in new] == ["finding:chest_pain"]


def test_the_schema_goes_to_the_server(in_world: Assistant) -> None:
    def respond(talk: Talk) -> None:
        schema = talk.body["response_format"]["json_schema"]["schema"]
        assert schema["properties"]["observations"]["items"]["required"] == ["finding", "state", "quote"]
        talk.answer(listed(("chest pain", "present", "ribs hurt like fire")))

    session = in_world.start()
    session.say(TEXT)
    with scripted(respond) as place:
        model = Server(ModelSettings(base_url=place.url, model="m"))
        new = Companion(in_world, model, lambda q, language: ()).read_again(session)
    assert [o.ref for o in new] == ["finding:chest_pain"]
