"""Whether it is a disease: the name asks and does not tell, and the answer says where the disease stands."""

import pytest

from assistant.api import Assistant
from assistant.intake import Intake
from knowledge.base import KnowledgeBase


@pytest.fixture(scope="module")
def intake(core: KnowledgeBase) -> Intake:
    return Intake(core)


@pytest.mark.parametrize(
    ("text", "told", "asked"),
    [
        ("头晕，是不是脑梗", "dizziness", "cerebral_infarction"),
        ("咳嗽三天，会不会是肺炎？", "cough", "community_acquired_pneumonia"),
        ("肚子疼，不会是阑尾炎吧", "abdominal_pain", "acute_appendicitis"),
        ("胸口疼，是心梗吗", "chest_pain", "myocardial_infarction"),
        ("cough for three days, could this be pneumonia", "cough", "community_acquired_pneumonia"),
        ("I have a cough. Do I have TB?", "cough", "tuberculosis"),
        ("dizzy since yesterday, it's not a stroke is it?", "dizziness", "stroke"),
    ],
)
def test_the_name_is_neither_told_nor_denied(intake: Intake, text: str, told: str, asked: str) -> None:
    read = {o.bare: o.state for o in intake.read(text).observations}
    assert read.get(told) == "present"
    assert asked not in read


@pytest.mark.parametrize(
    ("text", "disease"),
    [
        ("我有高血压，头晕", "hypertension"),
        ("I have asthma and a cough", "asthma"),
        ("头疼，没有高血压", "hypertension"),
        ("Is it ok to run with asthma?", "asthma"),
        ("Could it come from my diabetes?", "diabetes"),
        ("我有高血压头晕要紧吗", "hypertension"),
        ("有哮喘能跑步吗", "asthma"),
        ("头晕是不是和我的糖尿病有关", "diabetes"),
    ],
)
def test_what_is_told_still_is(intake: Intake, text: str, disease: str) -> None:
    assert disease in {o.bare for o in intake.read(text).observations}


@pytest.mark.parametrize(
    ("case", "question", "disease"),
    [
        ("咳嗽三天，发烧38度", "不会是新冠吧？", "新型冠状病毒感染"),
        ("咳嗽三天，发烧38度", "是肺炎吗", "肺炎"),
        ("cough and fever for three days", "could it be covid?", "COVID 19"),
        ("cough and fever for three days", "am I having a heart attack?", "Heart attack"),
    ],
)
def test_a_question_is_answered_and_changes_nothing(
    graph_only: Assistant, case: str, question: str, disease: str
) -> None:
    session = graph_only.start()
    before = session.say(case).differential
    answer = session.say(question)
    assert answer.intent == "why_not"
    assert answer.differential == before
    assert any(disease in note for note in answer.notes)


def test_beside_a_complaint_the_case_is_weighed_and_the_question_answered(graph_only: Assistant) -> None:
    session = graph_only.start()
    answer = session.say("咳嗽发烧三天，会不会是肺炎？")
    assert answer.intent == "diagnose" and answer.differential.hypotheses
    assert any(note.startswith("肺炎目前") for note in answer.notes)
    assert session.case.told == ("咳嗽发烧三天，会不会是？",)


@pytest.mark.parametrize("text", ["Could it just be heartburn?", "是不是发烧？"])
def test_a_finding_that_is_asked_about_is_not_told(graph_only: Assistant, text: str) -> None:
    session = graph_only.start()
    session.say(text)
    assert not session.case.refs("finding", "present")


def test_what_a_question_tells_beside_is_told(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("Could this be why I have a headache?")
    assert session.case.state("finding:headache") == "present"


@pytest.mark.parametrize(
    ("case", "question", "group"),
    [
        ("chest pain since this morning, 56, male", "is it my heart?", "diseases of the heart"),
        ("chest pain since this morning, 56, male", "could it be my lungs?", "diseases of the lungs"),
        ("胸痛两天，45岁，女", "是不是心脏的问题？", "心脏疾病"),
        ("胸痛两天，45岁，女", "是心理问题吗", "心理疾病"),
        ("coughing blood and lost 8 kg, smoker, 62", "could it be cancer?", "cancer; first: Lung"),
        ("膝盖红肿热痛三天，发烧38.5，66岁男", "是感染了吗", "感染性疾病，依次为：化脓性关节炎"),
        (
            "29 weeks pregnant, my hands and feet itch terribly",
            "could it be my liver?",
            "first: Intrahepatic",
        ),
        ("a painless sore on my penis for two weeks", "is it herpes?", "herpes; first: Genital herpes"),
        ("sneezing and itchy eyes every spring", "is it an allergy?", "allergies; first: Allergic"),
    ],
)
def test_whether_it_is_of_a_group_is_answered_by_what_lies_on_its_diseases(
    graph_only: Assistant, case: str, question: str, group: str
) -> None:
    session = graph_only.start()
    before = session.say(case).differential
    answer = session.say(question)
    assert answer.differential == before
    assert any(group in note and "%" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("how is pneumonia treated?", None),
        ("is pneumonia dangerous?", None),
        ("肺炎严重吗", None),
        ("肺炎怎么治疗", None),
        ("how long will my pneumonia last?", "present"),
    ],
)
def test_a_disease_that_a_question_is_about_is_not_told(
    graph_only: Assistant, question: str, told: str | None
) -> None:
    session = graph_only.start()
    session.say("咳嗽三天" if "肺" in question else "cough for three days")
    session.say(question)
    assert session.case.state("disease:community_acquired_pneumonia") == told


def test_a_disease_is_meant_where_its_name_is_longer_than_the_groups(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("coughing blood and lost 8 kg, smoker, 62")
    assert any(
        note.startswith("Lung Cancer stands") for note in session.say("could it be lung cancer?").notes
    )
