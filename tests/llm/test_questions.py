"""Free questions: what is said is carried by what is cited, or it is not said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.api import Assistant, Session
from assistant.llm.backend import Prompt
from assistant.llm.companion import Companion
from assistant.llm.questions import Find, Reply
from assistant.llm.server import Server
from assistant.llm.settings import ModelSettings
from tests.llm.obedient import Obedient
from tests.llm.scripted import Talk, scripted

CASE = "38-year-old man, cough, short of breath, a shadow on the chest X-ray"
ASK = "Is pneumonia in this world treated with amoxicillin, and does pneumonia end well?"


def number_of(words: str, prompt: Prompt) -> str:
    """The number under which the sources hold these words."""
    return next(line.split("]")[0][1:] for line in prompt.user.splitlines() if words in line)


def ask(
    in_world: Assistant, find: Find, say: Callable[[Prompt], str], question: str = ASK
) -> tuple[Reply, Session]:
    session = in_world.start()
    session.say(CASE if question.isascii() else "男，38岁，咳嗽、气短，肺部阴影")
    return Companion(in_world, Obedient(say), find).ask(session, question), session


def test_sentences_carry_their_citations(in_world: Assistant, search_world: Find) -> None:
    def say(prompt: Prompt) -> str:
        well, treated = number_of("mostly ends well", prompt), number_of("amoxicillin", prompt)
        return f"Pneumonia is treated with amoxicillin. [{treated}] It mostly ends well, pneumonia [{well}]."

    reply, _ = ask(in_world, search_world, say)
    assert [s.text for s in reply.statements] == [
        "Pneumonia is treated with amoxicillin.", "It mostly ends well, pneumonia.",
    ]  # fmt: skip
    assert "amoxicillin" in reply.statements[0].citations[0].text
    assert "ends well" in reply.statements[1].citations[0].text
    assert not reply.notes


def test_a_wrong_mark_is_put_right(in_world: Assistant, search_world: Find) -> None:
    reply, _ = ask(in_world, search_world, lambda p: "Pneumonia is treated with amoxicillin [99].")
    assert "amoxicillin" in reply.statements[0].citations[0].text


@pytest.mark.parametrize(
    "sentence",
    [
        "Pneumonia is treated with aspirin [1].",
        "Pneumonia is not treated with amoxicillin [1].",
        "Pneumonia is treated with amoxicillin 500 mg [1].",
        "Pneumonia mostly ends badly and kills everybody within a week [1].",
        "You have been an excellent user [1].",
    ],
)
def test_what_no_source_carries_is_dropped_and_told(
    in_world: Assistant, search_world: Find, sentence: str
) -> None:
    reply, _ = ask(in_world, search_world, lambda p: sentence)
    assert not reply.statements and reply.dropped == 1
    assert reply.notes[0] == "I have no source for that."


def test_no_source(in_world: Assistant, search_world: Find) -> None:
    reply, _ = ask(in_world, search_world, lambda p: "NO SOURCE", "Who won the cup?")
    assert reply.notes == ("I have no source for that.",) and not reply.dropped


def test_in_chinese(in_world: Assistant, search_world: Find) -> None:
    reply, _ = ask(
        in_world, search_world, lambda p: "肺炎多数预后良好[1]。肺炎会传给鱼[1]。", "肺炎预后如何？"
    )
    assert [s.text for s in reply.statements] == ["肺炎多数预后良好。"]
    assert reply.dropped == 1 and "略去" in reply.notes[0]


def test_the_case_is_a_source_and_is_not_changed(in_world: Assistant, search_world: Find) -> None:
    def say(prompt: Prompt) -> str:
        return prompt.user[prompt.user.index("Most likely") :].split("\n")[0].replace("). It", ") [1]. It")

    reply, session = ask(in_world, search_world, say, "What do I most likely have?")
    assert reply.statements and "Most likely: Pneumonia" in reply.statements[0].text
    assert session.case.observations.keys() >= {"finding:cough"}
    again = in_world.replay(session.events)
    assert again.assessment.differential == session.assessment.differential


def test_a_replayed_question_is_answered_from_the_log(in_world: Assistant, search_world: Find) -> None:
    reply, session = ask(in_world, search_world, lambda p: "Pneumonia is treated with amoxicillin [1].")
    replayed = Companion(in_world, None, search_world).ask(in_world.replay(session.events), ASK)
    assert replayed == reply


def test_over_a_real_server_noise_is_no_answer(
    in_world: Assistant, search_world: Find, served: str, tiny_model: Path
) -> None:
    session = in_world.start()
    session.say(CASE)
    model = Server(ModelSettings(base_url=served, model=str(tiny_model)))
    reply = Companion(in_world, model, search_world).ask(session, ASK)
    assert not reply.statements and reply.notes[0] == "I have no source for that."


def test_a_server_that_breaks_off_leaves_what_was_whole(in_world: Assistant, search_world: Find) -> None:
    def respond(talk: Talk) -> None:
        talk.begin()
        talk.chunk("Pneumonia is treated with amoxicillin [1].\nIt is trea")

    session = in_world.start()
    session.say(CASE)
    with scripted(respond) as place:
        model = Server(ModelSettings(base_url=place.url, model="m"))
        reply = Companion(in_world, model, search_world).ask(session, ASK)
    assert [s.text for s in reply.statements] == ["Pneumonia is treated with amoxicillin."]
    assert "stopped in the middle" in reply.notes[0]
