"""Questions in the middle of a case: what is asked tells nothing, and is answered from passages or not at all."""

import pytest

from assistant.api import Assistant
from assistant.intents import asks_what_may_be, intent_of, is_question


@pytest.mark.parametrize(
    "text",
    [
        "会传染吗",
        "能上学吗",
        "怎么会这样呢",
        "can I swim",
        "how long does it last",
        "is it catching?",
        "is it contagious, his sister is 6 months",
    ],
)
def test_a_question_needs_no_mark(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["can't sleep because of it", "when I walk it hurts more", "没有", "I do feel sick", "能走路"]
)
def test_what_tells_is_no_question(text: str) -> None:
    assert not is_question(text)


def test_what_may_be_is_not_so() -> None:
    assert asks_what_may_be("do I need antibiotics") and asks_what_may_be("要吃抗生素吗？")
    assert not asks_what_may_be("I take antibiotics, is that right?")


def test_a_question_changes_nothing(graph_only: Assistant) -> None:
    session = graph_only.start()
    before = session.say("孩子咳嗽三天，晚上重，5岁").differential
    answer = session.say("要吃抗生素吗")
    assert answer.intent == "treatment"
    assert answer.differential == before
    assert "risk:recent_antibiotics" not in session.case.observations


@pytest.mark.parametrize(
    ("case", "asked"),
    [
        ("cough and fever for three days, 30 m", "what could it be?"),
        ("咳嗽发热三天，男，30岁", "到底是什么病？"),
    ],
)
def test_asked_what_it_is_the_judgement_is_told_again(graph_only: Assistant, case: str, asked: str) -> None:
    session = graph_only.start()
    first = session.say(case)
    again = session.say(asked)
    assert again.intent == "diagnose" and again.differential == first.differential


def test_passages_that_lie_near_answer(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("55 year old man, big toe red, hot and very painful since last night, he has had gout before")
    answer = session.say("what foods should I avoid")
    assert any("purine" in s.text for s in answer.statements)
    assert all(s.citations for s in answer.statements)
    assert not session.say("can I watch television?").statements


@pytest.mark.parametrize(
    ("case", "question", "word"),
    [
        ("itchy rash between my fingers, worse at night, my wife itches too", "is it contagious?", "spreads"),
        (
            "itchy rash between my fingers, worse at night, my wife itches too",
            "can my kids go to school?",
            "school",
        ),
        ("孩子5岁，发烧，手心脚心有红点，嘴里有疱", "会传染吗", "传播"),
        ("男，63岁，右边腰背一圈起了水泡，火辣辣地疼，三天了", "会传染给孙子吗", "未患过水痘者"),
        ("孩子5岁，发烧，手心脚心有红点，嘴里有疱", "什么时候能上学", "居家"),
    ],
)
def test_passages_with_the_words_that_are_asked_for_answer(
    assistant: Assistant, case: str, question: str, word: str
) -> None:
    session = assistant.start()
    session.say(case)
    answer = session.say(question)
    assert any(word in s.text for s in answer.statements)
    assert all(s.citations for s in answer.statements)


def test_a_question_is_read_for_names_alone(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("35岁女，小便疼，尿频")
    before = session.case.observations
    session.say("多喝水能好吗")
    assert session.case.observations == before


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("肚子不胀，按着软软的", "abdominal_distension"),
        ("身高160，体重50公斤", "high_blood_pressure"),
        ("numb fingers, 40 f", "hyperthermia_over_40"),
    ],
)
def test_words_that_say_something_else_are_no_guess(assistant: Assistant, text: str, finding: str) -> None:
    session = assistant.start()
    session.say(text)
    assert session.case.state(f"finding:{finding}") != "present"


def test_what_does_not_spread_is_not_said_to(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("55 year old man, big toe red, hot and very painful since last night, he has had gout before")
    assert not session.say("is it contagious?").statements


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("how do I treat it?", "treatment"),
        ("那要换什么药", "treatment"),
        ("能自己在家治吗", "now"),
        ("can I treat it at home?", "now"),
        ("should I take him to hospital?", "now"),
        ("should I take ibuprofen?", "treatment"),
        ("要住院吗？", "now"),
        ("是不是得开刀？", "treatment"),
        ("what helps besides tablets?", "treatment"),
        ("what cream can I buy?", "treatment"),
        ("what happens if he does nothing?", "outlook"),
        ("what will they do at the hospital?", "treatment"),
        ("吃的方面要注意啥？", "stay_well"),
        ("以后还会得吗？", "outlook"),
        ("多久复查一次", "check_up"),
        ("要复查吗", "check_up"),
        ("how often should I be checked?", "check_up"),
        ("should we wait for the appointment next week?", "now"),
        ("what's the chance of him recovering?", "outlook"),
        ("how long?", "outlook"),
        ("mortality?", "outlook"),
        ("will it recur?", "outlook"),
        ("differential?", "what_else"),
        ("鉴别诊断", "what_else"),
        ("workup?", "next_test"),
        ("next steps?", "treatment"),
        ("what should be given first?", "treatment"),
        ("抗生素怎么选", "treatment"),
        ("下一步怎么处理", "treatment"),
        ("烫伤了怎么处理", "now"),
        ("can it be cured?", "outlook"),
        ("can it be appendicitis?", "why_not"),
        ("严重会怎么样", "outlook"),
        ("可以先观察一晚上吗", "now"),
        ("what does that mean?", "why"),
        ("how urgent is it?", "now"),
    ],
)
def test_what_is_asked_for(question: str, intent: str) -> None:
    assert intent_of(question) == intent
    assert intent_of("能吃海鲜吗") is None


def test_medicines_that_the_person_takes_are_meant(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("I am dizzy, 70 m, I take amlodipine and ibuprofen")
    answer = session.say("should I stop my tablets?")
    assert answer.intent == "medicine"
    assert any("amlodipine" in note.lower() for note in answer.notes)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("what does 80 % mean", "of a hundred people"),
        ("你确定吗", "一百个像您这样讲述的人"),
        ("are you a doctor?", "do not replace a doctor"),
        ("is my data stored", "on this machine"),
        ("which doctor should I see", "belongs in an emergency department"),
        ("为什么要问这个", "理由"),
    ],
)
def test_what_is_asked_of_the_assistant_itself(graph_only: Assistant, asked: str, expected: str) -> None:
    session = graph_only.start()
    before = session.say(
        "咳嗽发热三天，男，30岁" if not asked.isascii() else "cough and fever for three days, 30 m"
    )
    answer = session.say(asked)
    assert any(expected in note for note in answer.notes)
    assert answer.differential == before.differential and answer.question == before.question


def test_prevention_is_of_the_illness_at_hand(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("女28岁，尿频尿急尿痛两天，没发烧")
    assert any("多饮水" in s.text for s in session.say("怎么预防").statements)


def test_what_to_eat_is_of_the_illness_at_hand_first(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("My big toe is red, hot and very painful since last night, I am 66, male")
    assert "purine" in session.say("what should I avoid eating?").statements[0].text


def test_check_ups_are_those_of_a_kind_where_the_illness_has_none(graph_only: Assistant) -> None:
    session = graph_only.start()
    answer = session.say("我妈最近总是口渴，喝水多，瘦了")
    leader = answer.differential.hypotheses[0].disease
    assert leader == "diabetes" and not graph_only.base.diseases[leader].follow_up
    assert any("糖化血红蛋白" in s.text for s in session.say("多久复查一次").statements)


def test_a_stiff_neck_and_a_fever_are_two(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("I have a stiff neck and fever")
    assert session.case.state("finding:fever") == session.case.state("finding:neck_stiffness") == "present"


def test_whether_it_can_wait_is_answered_by_the_urgency(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("62-year-old man, crushing chest pain for an hour going into the left arm, sweating")
    for asked in ("can it wait until tomorrow?", "which doctor should I see"):
        assert session.say(asked).statements[0].kind == "red_flag"
