"""Whose it is and since when, as notes tell it: informants, families, headings, lengths of time."""

import pytest

from assistant.api import Assistant
from assistant.intake import Intake
from knowledge.base import KnowledgeBase


@pytest.fixture(scope="module")
def intake(core: KnowledgeBase) -> Intake:
    return Intake(core)


def told(intake: Intake, text: str) -> dict[str, str]:
    return {o.bare: o.state for o in intake.read(text).observations}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Her mother noticed that she bruises easily.", "easy_bruising"),
        ("His wife says he snores loudly.", "snoring"),
        ("A child brought to the clinic by her parents with a cough.", "cough"),
        ("母亲发现患儿皮肤发黄", "jaundice"),
        ("孩子妈妈诉发热三天", "fever"),
        ("In the past 2 days his cough has increased.", "cough"),
        ("He seems confused in the past few days.", "confusion_new"),
        ("过去三天一直咳嗽", "cough"),
        ("He could no longer get his shoes on, and has increased sweating.", "excessive_sweating"),
    ],
)
def test_what_is_told_of_the_patient_now(intake: Intake, text: str, finding: str) -> None:
    assert told(intake, text).get(finding) == "present"


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("Family history: diabetes.", "family_history_diabetes"),
        ("Her mother was diagnosed with sickle cell anemia.", "family_history_anemia_inherited"),
        ("There is a history of sudden death in the family.", "family_history_sudden_death"),
        ("Past history: Smoker.", "smoking"),
    ],
)
def test_families_and_headings(intake: Intake, text: str, risk: str) -> None:
    found = told(intake, text)
    assert found.get(risk) == "present"
    assert "former_smoking" not in found


def test_what_a_relative_has_is_not_the_patients(intake: Intake) -> None:
    assert "jaundice" not in told(intake, "His father had jaundice, and he has a cough.")


def test_a_denial_reaches_the_whole_name(intake: Intake) -> None:
    assert told(intake, "No weight loss, no appetite loss.")["loss_of_appetite"] == "absent"
    assert told(intake, "He has no appetite.")["loss_of_appetite"] == "present"


def test_a_length_of_time_is_no_exact_measure(intake: Intake) -> None:
    week = told(intake, "A cough for a week.")
    assert week["symptoms_over_1_week"] == "present"
    assert "symptoms_over_10_days" not in week
    assert week["symptoms_over_6_weeks"] == "absent"
    assert told(intake, "A cough for two days.")["symptoms_over_1_week"] == "absent"


@pytest.mark.parametrize(
    ("text", "finding", "state"),
    [
        ("I can speak whole sentences.", "cannot_speak_sentences", "absent"),
        ("She is speaking in full sentences.", "cannot_speak_sentences", "absent"),
        ("He is not able to talk in full sentences.", "cannot_speak_sentences", "present"),
        ("She struggles to speak in full sentences.", "cannot_speak_sentences", "present"),
        ("能说完整的句子", "cannot_speak_sentences", "absent"),
        ("她喘得不能说完整的话", "cannot_speak_sentences", "present"),
        ("I can keep fluids down.", "vomiting_persistent", "absent"),
        ("I can't keep fluids down.", "vomiting_persistent", "present"),
    ],
)
def test_what_one_can_still_do_raises_no_alarm(
    assistant: Assistant, text: str, finding: str, state: str
) -> None:
    """With both readers, for it was the second that took the ability for its want."""
    read = assistant.dialogue.intake.read(text, 0, None, 30, None).observations
    assert [o.state for o in read if o.bare == finding] == [state]


def test_asking_for_the_emergency_department_is_answered(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("昨晚开始喘不上气，胸口有哨音")
    assert session.say("现在我有点着急，需要去急诊吗？").intent == "now"


def test_a_friend_may_be_the_patient(graph_only: Assistant) -> None:
    session = graph_only.start()
    answer = session.say("friend not waking up, breathing slow, tiny pupils, heroin")
    assert answer.triage.level == "emergency"
    assert session.case.state("finding:pinpoint_pupils") == "present"
    session = graph_only.start()
    session.say("my friend had covid last week and now I have a cough")
    assert session.case.state("finding:cough") == "present"


def test_an_age_is_no_length_of_an_illness(intake: Intake) -> None:
    read = told(intake, "Male, 38 years old, has recently had symptoms such as cough.")
    assert read["cough"] == "present" and "symptoms_for_years" not in read
    assert told(intake, "Symptoms for years, 38 years old, cough.")["symptoms_for_years"] == "present"


@pytest.mark.parametrize(
    ("text", "gone", "disease"),
    [
        (
            "Pain in the right lower belly and fever for a day.",
            "I had my appendix out.",
            "acute_appendicitis",
        ),
        ("右上腹疼一天，发烧。", "胆囊切了。", "acute_cholecystitis"),
    ],
)
def test_what_was_taken_out_is_not_ill(graph_only: Assistant, text: str, gone: str, disease: str) -> None:
    session = graph_only.start()

    def probability(told: str) -> float:
        hypotheses = session.say(told).differential.hypotheses
        return next((h.probability for h in hypotheses if h.disease == disease), 0.0)

    before = probability(text)
    assert 0 < probability(gone) * 5 < before
