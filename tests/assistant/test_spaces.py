"""Chinese with spaces where others put marks: what was told is kept beside what is asked."""

import pytest

from assistant.api import Assistant
from assistant.context import sentences


def test_a_space_between_chinese_words_ends_a_sentence() -> None:
    text = "孩子发烧三天 一直咳嗽 BMI 22 要看医生吗？"
    assert [text[a:b].strip() for a, b in sentences(text)] == ["孩子发烧三天", "一直咳嗽 BMI 22 要看医生吗？"]
    assert len(list(sentences("无 发热 无 咳嗽"))) == 1


def test_what_is_told_before_a_question_about_a_medicine_is_kept(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("右鼻孔一直滴清水 低头就滴得多 有时候头疼 药店给了氯雷他定 能吃吗？")
    assert session.case.observations["finding:headache"].state == "present"


@pytest.mark.parametrize(
    "text",
    [
        "宝宝10个月 发烧三天 一直咳嗽 怎么办？",
        "I have had a cough and a fever for three days, what should I do?",
    ],
)
def test_a_case_told_with_a_question_is_weighed_first(graph_only: Assistant, text: str) -> None:
    answer = graph_only.start().say(text)
    assert answer.intent == "diagnose"
    assert answer.statements and answer.question


def test_a_question_alone_is_answered(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("I have had a cough and a fever for three days")
    assert session.say("What should I do?").intent == "now"
