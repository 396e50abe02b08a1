"""Age and sex, as people tell them, and what only looks like one."""

import pytest

from assistant.api import Assistant
from assistant.intake import Intake
from assistant.person import age_in, sex_in
from knowledge.base import KnowledgeBase


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("38-year-old man", 38),
        ("65 year old Male", 65),
        ("I'm 62", 62),
        ("26F with a cough", 26),
        ("male, 38, cough", 38),
        ("6 month old baby", 0.5),
        ("患者，男，38岁", 38),
        ("8个月大的宝宝", 0.67),
        ("My daughter, 17, has a cough", 17),
        ("my son is 8 months, and he coughs", 0.67),
        ("a sixty-two-year-old woman", 62),
        ("A 4 1/2 year old boy", 4.5),
        ("I'm a 45M with a cough", 45),
        ("A woman of 27 with a rash", 27),
        ("a man in his late fifties", 58),
        ("72, retired, cannot sleep", 72),
        ("我今年三十五岁", 35),
        ("六十多岁的老人", 65),
        ("一岁半的宝宝发烧", 1.5),
        ("宝宝两个月，咳嗽", 0.17),
        ("2个月大未接种疫苗的婴儿", 0.17),
        ("He has had asthma since the age of 5", None),
        ("5岁时得过肺炎", None),
        ("She is 33 weeks pregnant", None),
        ("肚子一天比一天大", None),
        ("最近两个月大便变细", None),
        ("calf swollen, on the pill, 31", 31),
        ("I (45f) am always cold", 45),
        ("fever and cough for 3 days 30m", 30),
        ("the pain lasts for 30m", None),
        ("baby 8 months, runny nose", 0.67),
        ("chest tight uphill, 59, smoker", 59),
        ("脚后跟疼，45女", 45),
        ("temp 99F", None),
        ("high temperature, 39", None),
        ("He coughs, has a wife, 31, and works", None),
        ("trying for a baby 18 months, no luck", None),
        ("smoker for 25 years", None),
        ("pain for 3 days", None),
        ("190 years old", None),
    ],
)
def test_age(text: str, age: float | None) -> None:
    assert age_in(text) == (None if age is None else pytest.approx(age, abs=0.02))


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("38-year-old man", "male"),
        ("F 23, cramps", "female"),
        ("M 30, bloody diarrhoea", "male"),
        ("She coughs", "female"),
        ("女，26岁", "female"),
        ("患者李某，男", "male"),
        ("I cough", None),
        ("26F", "female"),
        ("My daughter has a cough", "female"),
        ("I have a cough, and my girlfriend says she has one too", None),
        ("I had this with my son and now my wrist hurts", None),
        ("孕30周，头痛", "female"),
        ("I have MS and a cough", None),
    ],
)
def test_sex(text: str, sex: str | None) -> None:
    assert sex_in(text) == sex


def test_a_number_alone_is_an_age_where_none_is_known(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("a sore on my penis")
    session.say("26")
    assert session.case.age == 26
    session.say("38")
    assert session.case.age == 26
    assert age_in("3", alone=True) is None and age_in("26") is None


def test_nothing_is_guessed_that_the_other_sex_has(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("I have a sore on my penis, painless, two weeks")
    session.say("no discharge")
    assert session.case.state("finding:vaginal_discharge") is None


def test_a_diagnosis_is_told_again_to_a_clinician_who_asks_in_a_word(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("患者女，65岁，发热寒战3天，右腰痛，尿频尿痛")
    answer = session.say("诊断？")
    assert answer.intent == "diagnose" and answer.statements


def test_a_result_that_is_awaited_is_not_known(assistant: Assistant) -> None:
    session = assistant.start()
    answer = session.say("58M, crushing chest pain for 3 h, T2DM, troponin pending")
    assert session.case.state("finding:troponin_high") != "present"
    assert not any("T2" in note for note in answer.notes)


def test_the_weeks_of_a_pregnancy_are_read_behind_its_count(core: KnowledgeBase) -> None:
    read = Intake(core).read("34F, G2P1, 33 weeks, BP 168/112, headache, visual flashes, RUQ pain")
    assert {m.quantity: m.value for m in read.measurements}["gestation"] == 33
