"""Lists between commas: what is denied with a word before it, what is told, and what is one name."""

import pytest

from assistant.api import Assistant


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        ("Itchy palms, no rash, urine dark", "dark_urine", "rash"),
        ("I have no fever, and my throat is sore", "sore_throat", "fever"),
        ("For a week cold hands, no appetite, tired", "fatigue", None),
        ("Sore throat, no fever, cough or rash", "sore_throat", "cough"),
        ("No fever, chills. Cough", "cough", "chills"),
        ("Denies fever, chills, cough. Headache", "headache", "cough"),
        ("Cough, no rash for two or three days, headache", "headache", "rash"),
    ],
)
def test_a_list_is_denied_where_or_joins_it(
    graph_only: Assistant, text: str, present: str, absent: str | None
) -> None:
    session = graph_only.start()
    session.say(text)
    assert session.case.state(f"finding:{present}") == "present"
    if absent:
        assert session.case.state(f"finding:{absent}") == "absent"


def test_two_things_between_commas_are_not_one_name(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("Flank pain, vomiting, blood on dipstick")
    assert session.case.state("finding:vomiting") == "present"
    assert session.case.state("finding:hematemesis") is None
    session = graph_only.start()
    session.say("cough, blood in sputum")
    assert session.case.state("finding:hemoptysis") == "present"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("took about 30 paracetamol last night, feel ok now", "emergency"),
        ("一气之下吃了40多片安眠药", "emergency"),
        ("took 2 paracetamol for a headache", "urgent"),
    ],
)
def test_many_tablets_at_once_are_an_overdose(graph_only: Assistant, text: str, level: str) -> None:
    triage = graph_only.start().say(text).triage
    assert ("overdose_or_poisoning" in [flag.id for flag in triage.flags]) == (level == "emergency")


def test_a_length_that_was_told_is_not_asked_for(graph_only: Assistant) -> None:
    session = graph_only.start()
    answer = session.say("burning upper belly pain for a week, worse when hungry, 44 m")
    asked = []
    while answer.question:
        asked += [choice.finding for choice in answer.question.choices] or [answer.question.finding]
        answer = session.reply(answer.question.finding, None)
    assert asked and not [
        f for f in asked if f.startswith(("finding:symptoms_over", "finding:symptoms_under"))
    ]


@pytest.mark.parametrize(
    ("text", "risk"), [("on apixaban", "anticoagulant_use"), ("吃双氯芬酸", "nsaid_use")]
)
def test_a_drug_is_the_risk_that_its_class_is(graph_only: Assistant, text: str, risk: str) -> None:
    session = graph_only.start()
    session.say(text)
    assert session.case.state(f"risk:{risk}") == "present"


@pytest.mark.parametrize(
    ("text", "systolic"),
    [
        ("160/95 at the doctor", 160),
        ("inhaler 250/50 mcg", None),
        ("scored 90/100", None),
        ("fluticasone 250/50", None),
    ],
)
def test_a_blood_pressure_needs_no_word(graph_only: Assistant, text: str, systolic: int | None) -> None:
    session = graph_only.start()
    session.say(text)
    read = session.case.measurements.get("systolic_bp")
    assert (read.value if read else None) == systolic


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("30 weeks pregnant, bleeding", "present"),
        ("怀孕7个月，出血", "present"),
        ("8 weeks pregnant, spotting", "absent"),
        ("pregnant, cough for 3 weeks", None),
    ],
)
def test_weeks_of_pregnancy_stand_before_or_behind(
    graph_only: Assistant, text: str, state: str | None
) -> None:
    session = graph_only.start()
    session.say(text)
    assert session.case.state("finding:pregnancy_second_half") == state
