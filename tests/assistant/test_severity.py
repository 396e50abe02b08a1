"""Severity: criteria met, unmet and unknown; the gravest grade first; each with its source."""

import pytest

from assistant.api import Assistant
from assistant.case import Case
from assistant.events import Measurement, Observation, State
from assistant.settings import Settings
from assistant.severity import GRADES, graded, told
from assistant.severity_panel import severity_html
from assistant.severity_words import item_in_words, severity_statements
from knowledge.base import KnowledgeBase


@pytest.fixture(scope="module")
def mind(core: KnowledgeBase) -> Assistant:
    return Assistant(core, settings=Settings(country="GB"))


def case_of(states: dict[str, State], **numbers: float) -> Case:
    return Case(
        age=30,
        observations={r: Observation(ref=r, state=s, manner="asked") for r, s in states.items()},
        measurements={q: Measurement(quantity=q, value=v) for q, v in numbers.items()},
    )


def test_every_full_disease_can_be_graded(core: KnowledgeBase) -> None:
    full = [d for d in core.diseases.values() if d.tier == "full"]
    without = [d.id for d in full if not any(grade.when for grade in d.severity)]
    assert without == []
    for disease in full:
        for grade in graded(disease, Case(), core):
            assert grade.marks or grade.grade.when.age or grade.grade.when.sex, disease.id
            assert grade.items(True) == [] or grade.met is not None


def test_criteria_are_met_unmet_and_unknown(core: KnowledgeBase) -> None:
    asthma = core.diseases["acute_asthma_exacerbation"]
    case = case_of({"finding:cannot_speak_sentences": "present"}, heart_rate=100)
    severe = next(g for g in graded(asthma, case, core) if g.grade.grade == "severe")
    assert severe.met is True
    assert [m.item for m in severe.items(True)] == ["cannot_speak_sentences"]
    assert "heart_rate >= 110" in [m.item for m in severe.items(False)]
    assert "respiratory_rate >= 25" in [m.item for m in severe.items(None)]


def test_the_gravest_that_is_met_hides_the_milder_ones(core: KnowledgeBase) -> None:
    asthma = core.diseases["acute_asthma_exacerbation"]
    critical = told(graded(asthma, case_of({"finding:silent_chest": "present"}), core))
    assert [g.grade.grade for g in critical] == ["critical"]
    nothing = told(graded(asthma, Case(), core))
    order = [GRADES.index(g.grade.grade) for g in nothing]
    assert order == sorted(order, reverse=True) and len(order) > 1


def test_what_must_not_hold_is_told_as_its_opposite(mind: Assistant, core: KnowledgeBase) -> None:
    case = case_of({}, heart_rate=90, peak_flow_percent=60).model_copy(update={"language": "en"})
    texts = [s.text for s in severity_statements("acute_asthma_exacerbation", case, core, mind.shelf)]
    moderate = next(t for t in texts if t.startswith("Moderate"))
    assert "Heart rate < 110 /min" in moderate and "≥ 110" not in moderate.partition("Met:")[2]
    assert item_in_words("age >= 65", core, "zh") == "年龄 ≥ 65"


@pytest.mark.parametrize(
    ("told_first", "question", "word"),
    [
        (
            "28-year-old asthmatic woman, wheezing, cannot finish a sentence, pulse 118",
            "is it serious?",
            "Severe",
        ),
        ("28岁哮喘女性，喘息，说不完一句话，心率118", "严重吗？", "重度"),
    ],
)
def test_is_it_serious_names_grade_criteria_and_source(
    mind: Assistant, told_first: str, question: str, word: str
) -> None:
    session = mind.start()
    session.say(told_first)
    answer = session.say(question)
    grade = next(s for s in answer.statements if s.kind == "severity" and s.text.startswith(word))
    assert grade.citations[0].source == "sign_158"
    assert ("Met:" in grade.text) or ("符合：" in grade.text)


def test_the_panel_shows_grades_and_scores(mind: Assistant) -> None:
    session = mind.start()
    text = "70-year-old woman, cough with rusty sputum, fever 39, sharp chest pain, RR 32, BP 118/70, urea 9 mmol/L"
    answer = session.say(text)
    html = severity_html(mind, session.case, answer)
    assert "CURB-65" in html and "<script" not in html
