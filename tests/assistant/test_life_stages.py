"""About how old somebody is of whom no age is told."""

import pytest

from assistant.api import Assistant
from assistant.life_stages import life_stage_in
from assistant.person import told_of
from assistant.view import evidence_of


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("My baby has a fever.", "0-2"),
        ("宝宝发烧两天", "0-2"),
        ("新生儿皮肤发黄", "0-0.08"),
        ("我家孩子起疹子", "1-14"),
        ("Child with rash and fever.", "1-14"),
        ("上初中，长痘痘", "12-19"),
        ("Elderly woman with confusion.", "65+"),
        ("老人走路不稳", "65+"),
        ("My grandmother fell and cannot walk.", "65+"),
        ("I was carrying my baby and hurt my back.", None),
        ("产后三个月，宝宝母乳，乳房疼", None),
        ("孩子上学压力大，我失眠", None),
        ("My kids gave me their cold.", None),
        ("孩子也咳嗽", None),
        ("my child has the same", None),
        ("My grandmother had diabetes, I feel dizzy.", None),
        ("Newborn screening positive.", None),
        ("Since the baby was born she feels low.", None),
    ],
)
def test_the_stage_of_life_is_the_patients(text: str, ages: str | None) -> None:
    relative = told_of(text, beginning=True)
    assert life_stage_in(text, relative.word if relative else None) == ages


def test_a_baby_has_a_babys_diseases_and_norms(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("My baby has a cough, heart rate 130.")
    assert session.case.age is None
    assert session.case.state("finding:tachycardia") == "absent"
    later = assistant.start()
    later.say("My baby has a cough.")
    later.say("heart rate 130")
    assert later.case.state("finding:tachycardia") == "absent"
    baby = {h.disease: h.probability for h in session.answer().differential.hypotheses}
    session = assistant.start()
    session.say("She has a cough, heart rate 130.")
    assert session.case.state("finding:tachycardia") == "present"
    someone = {h.disease: h.probability for h in session.answer().differential.hypotheses}
    assert baby.get("bronchiolitis", 0.0) > 2 * someone.get("bronchiolitis", 0.0)


def test_an_age_that_is_told_counts_before_the_stage(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("My child has a cough.")
    assert session.case.about_age == 8.0
    session.say("she is 2 years old")
    assert session.case.about_age == 2.0


def test_the_childrens_clinic_sees_children(assistant: Assistant) -> None:
    seen = [
        evidence_of(assistant.start().case.model_copy(update={"department": d}), assistant.base).life_stage
        for d in ("paediatrics", "cardiology")
    ]
    assert seen == ["0-14", None]
