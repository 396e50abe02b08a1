"""Conversations in the tiny world: asking, correcting, stopping, follow-ups, and what is out of scope."""

import pytest

from assistant.answer import Answer, Statement
from assistant.api import Assistant, Session
from assistant.events import Asked
from knowledge.errors import AetiaError

CASE = "38-year-old man, cough, short of breath, a shadow on the chest X-ray"


def closed(session: Session, answer: Answer) -> Answer:
    """The answer with the first closed question: the open ones are passed over."""
    while answer.question and answer.question.is_open:
        answer = session.reply(answer.question.finding, None)
    return answer


def test_a_person_who_said_little_is_first_asked_to_tell_more(in_world: Assistant) -> None:
    session = in_world.start()
    answer = session.say("I have a cough")
    assert answer.question and answer.question.is_open
    assert session.say("why?").question == answer.question
    answer = session.say("It began three days ago with a fever and it is dry. I smoke.")
    assert session.case.state("finding:fever") == "present"
    assert answer.question and not answer.question.is_open


def test_nothing_to_add_is_an_answer_to_an_open_question(in_world: Assistant) -> None:
    session = in_world.start()
    first = session.say("我咳嗽").question
    second = session.say("不知道").question
    assert first and second and first.is_open and first != second
    assert session.case.observations.keys() == {"finding:cough"}


def test_who_tells_much_is_asked_no_open_question(in_world: Assistant) -> None:
    text = "For three days I have had a dry cough that is worse at night and when I climb the stairs, "
    answer = in_world.start().say(
        text + "with some fever in the evening and pain in the chest. I smoke twenty a day."
    )
    assert answer.question is None or not answer.question.is_open


def test_a_case_is_answered_with_reasons(in_world: Assistant) -> None:
    answer = in_world.start().say(CASE)
    assert answer.differential.hypotheses[0].disease == "pneumonia"
    assert any(s.kind == "leading" and "Pneumonia" in s.text for s in answer.statements)
    assert all(s.citations for s in answer.statements)


def test_there_is_no_statement_without_citation() -> None:
    with pytest.raises(ValueError, match="no citation, no sentence"):
        Statement("Aspirin helps.", (), "treatment")


def test_citations_open_at_the_deciding_words(in_world: Assistant) -> None:
    answer = in_world.start().say(CASE)
    for statement in answer.statements:
        for citation in statement.citations:
            start, end = citation.span
            assert citation.text[start:end].strip()
            assert citation.text == in_world.base.passages[citation.passage].in_language("en")


def test_asks_then_stops_and_never_twice(in_world: Assistant) -> None:
    session = in_world.start()
    answer = session.say("I have a cough")
    asked = []
    while answer.question:
        asked.append(answer.question.finding)
        assert answer.question.reason
        answer = session.reply(answer.question.finding, None)
    assert 0 < len(asked) == len(set(asked)) <= 12


def test_yes_and_no_answer_the_open_question(in_world: Assistant) -> None:
    session = in_world.start()
    question = closed(session, session.say("I have a cough")).question
    assert question
    session.say("why?")
    session.say("no")
    assert session.case.state(question.finding) == "absent"


def test_accepts_corrections(in_world: Assistant) -> None:
    session = in_world.start()
    session.say("I have a cough and a fever")
    session.say("no, I have no fever")
    assert session.case.state("finding:fever") == "absent"
    assert session.case.state("finding:cough") == "present"


def test_no_cough_takes_back_its_kinds(in_world: Assistant) -> None:
    session = in_world.start()
    session.say("I am coughing up phlegm and I wheeze")
    session.say("I have no cough")
    assert session.case.state("finding:productive_cough") is None


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("why?", "why"),
        ("why not asthma?", "why_not"),
        ("what else could it be?", "what_else"),
        ("which test should I have next?", "next_test"),
        ("what tests should I have?", "next_test"),
        ("平时要注意什么？", "now"),
        ("要注意什么？", "more_urgent"),
        ("what should I do now?", "now"),
        ("how is it treated?", "treatment"),
        ("is it serious?", "serious"),
        ("what is asthma?", "explain"),
        ("what if I had a wheeze?", "what_if"),
        ("为什么不是哮喘？", "why_not"),
        ("下一步查什么？", "next_test"),
        ("如果还有喘鸣呢？", "what_if"),
        ("严重吗？", "serious"),
        ("现在怎么办？", "now"),
        ("什么是哮喘？", "explain"),
    ],
)
def test_follow_ups(in_world: Assistant, question: str, intent: str) -> None:
    session = in_world.start()
    session.say(CASE)
    before = session.assessment.differential
    answer = session.say(question)
    assert answer.intent == intent
    assert answer.statements or answer.notes
    assert session.assessment.differential == before


def test_why_not_says_what_speaks_for_the_leader_instead(in_world: Assistant) -> None:
    session = in_world.start()
    session.say(CASE)
    english = " ".join(session.say("why not asthma?").notes)
    assert "for Pneumonia rather than Asthma: shadow on the chest X-ray" in english
    assert "rather than" not in " ".join(session.say("why not pneumonia?").notes)
    assert "更支持肺炎的是" in " ".join(session.say("为什么不是哮喘？").notes)


def test_a_conviction_moves_nothing(in_world: Assistant) -> None:
    session = in_world.start()
    session.say(CASE)
    before = session.assessment.differential
    session.say("I'm sure it's a heart attack, you are wrong")
    assert session.assessment.differential == before


def test_a_disease_can_be_ruled_out_and_back_in(in_world: Assistant) -> None:
    session = in_world.start()
    session.say(CASE)
    session.say("rule out pneumonia")
    assert session.assessment.differential.hypotheses[0].disease != "pneumonia"
    session.say("consider pneumonia again")
    assert session.assessment.differential.hypotheses[0].disease == "pneumonia"


def test_red_flags_come_first(in_world: Assistant) -> None:
    answer = in_world.start().say("I cough and can't catch my breath, BP 80/40")
    assert answer.triage.level == "emergency"
    assert answer.statements[0].kind == "red_flag"
    assert "999" in answer.statements[0].text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I want to kill myself", "999"),
        ("I don't want to live any more", "999"),
        ("我不想活了", "999"),
        ("I took a whole bottle of pills", "999"),
        ("my husband beats me", "999"),
        ("我老公打我", "999"),
    ],
)
def test_a_crisis_is_heard_first(in_world: Assistant, text: str, kind: str) -> None:
    session = in_world.start()
    session.say(CASE)
    answer = session.say(text)
    assert answer.intent == "crisis"
    assert answer.triage.level == "emergency"
    assert answer.question is None
    assert kind in " ".join([*answer.notes, *(s.text for s in answer.statements)])


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Hello", "greeting"),
        ("你好", "greeting"),
        ("thanks", "thanks"),
        ("what can you do?", "help"),
        ("", "trouble"),
        ("   ", "trouble"),
        ("\x00\x01\x02\x03\x04", "trouble"),
        ("У меня болит голова", "trouble"),
        ("🙂🙂🙂", "tell"),
        ("tell me a joke about parrots", "tell"),
    ],
)
def test_what_is_no_case_gets_a_sentence(in_world: Assistant, text: str, intent: str) -> None:
    session = in_world.start()
    answer = session.say(text)
    assert answer.intent == intent
    assert answer.notes
    assert session.say(CASE).differential.hypotheses[0].disease == "pneumonia"


def test_a_hundred_thousand_characters(in_world: Assistant) -> None:
    answer = in_world.start().say("I have a cough. " + "blah " * 20_000)
    assert any("100016" in note for note in answer.notes)
    assert answer.differential.hypotheses


def test_replay_gives_the_same_to_the_last_digit(in_world: Assistant) -> None:
    session = in_world.start()
    answer = session.say(CASE)
    if answer.question:
        session.reply(answer.question.finding, True)
    again = in_world.replay(session.events)
    assert again.assessment.differential == session.assessment.differential
    assert again.case == session.case


def test_undo_takes_back_the_last_thing(in_world: Assistant) -> None:
    session = in_world.start()
    session.say("I have a cough")
    before = [e for e in session.events if not isinstance(e, Asked)]
    session.say("and a fever")
    session.undo()
    assert [e for e in session.events if not isinstance(e, Asked)] == before


def test_an_unknown_finding_is_refused(in_world: Assistant) -> None:
    with pytest.raises(AetiaError, match="`finding:nonsense` is no finding"):
        in_world.start().reply("finding:nonsense", True)


def test_answers_in_the_language_of_the_words_or_the_one_chosen(in_world: Assistant) -> None:
    assert in_world.start().say("我咳嗽").language == "zh"
    assert in_world.start("zh").say("I cough").language == "zh"
