"""Identifying details stay here, medicine goes through, and everything comes back as it was."""

import json
from pathlib import Path

import pytest

import assistant.training
from assistant.llm.masking import Mask

DETAILS = [
    ("Mr John Smith has had a cough for 3 days.", ["John", "Smith"]),
    ("Seen by Dr. Alice O'Neill; Alice wants a chest film.", ["Alice", "O'Neill"]),
    ("Patient Li, male, 38, cough.", ["Li"]),
    ("My name is Maria Lopez and I have a fever of 38.9.", ["Maria", "Lopez"]),
    ("Name: Zoe Brown. DOB: 12/03/1961. BP 88/60.", ["Zoe", "Brown", "12/03/1961"]),
    ("Born on 3 May 1950, she has chest pain.", ["3 May 1950"]),
    ("Date of birth March 4, 1999.", ["March 4, 1999"]),
    ("MRN 00482913, NHS number 943 476 5919.", ["00482913", "943 476 5919"]),
    ("SSN 078-05-1120, call (555) 123-4567 or +44 20 7946 0018.", ["078-05-1120", "123-4567", "7946 0018"]),
    ("He lives at 14 Oak Street, Leeds. Postcode LS1 4AP.", ["14 Oak", "LS1 4AP"]),
    ("Write to jo.b@mail.example or see https://me.example/x?id=1", ["jo.b", "me.example"]),
    ("My daughter Emily has a rash.", ["Emily"]),
    ("患者李某，男，38岁，咳嗽。", ["李某"]),
    ("姓名：王小明，出生日期：1985年3月12日。王小明咳嗽。", ["王小明", "1985年3月12日"]),
    ("我叫陈静，手机13812345678。", ["陈静", "13812345678"]),
    ("身份证号110101198503121234，病历号：A0293847。", ["110101198503121234", "A0293847"]),
    ("家住北京市海淀区中关村大街27号，发热3天。", ["海淀区", "中关村", "27号"]),
    ("张女士，45岁，头痛3天。", ["张"]),
    ("刘建国医生说是感冒。", ["刘建国"]),
    ("我儿子赵磊，5岁，发烧。", ["赵磊"]),
    ("欧阳娜娜，女，20岁，腹痛。", ["欧阳娜娜"]),
    ("1962年7月8日出生，胸痛1小时。", ["1962年7月8日"]),
    ("电话：010-62345678。", ["62345678"]),
]
MEDICINE = [
    "BP 88/60, HR 112, T 38.9, SpO2 91 %, WBC 12,300, troponin 0.04 ng/mL, glucose 7.8 mmol/L",
    "Patient Denies chest pain. Pt Reports a cough since 12 March.",
    "Crohn's disease, Parkinson, Hodgkin lymphoma, Down syndrome",
    "amoxicillin 500 mg 3 times a day for 7 days; HbA1c 48 mmol/mol on 2024-05-01",
    "血压150/90mmHg，心率112次/分，体温38.9℃，白细胞12.3×10^9/L，发热3天，2024年5月1日起。",
    "我是男的，胸痛2小时，向左臂放射。",
]


@pytest.mark.parametrize(("text", "details"), DETAILS)
def test_details_are_hidden_and_come_back(text: str, details: list[str]) -> None:
    mask = Mask()
    hidden = mask.hide(text)
    assert not [d for d in details if d in hidden], hidden
    assert mask.show(hidden) == text


@pytest.mark.parametrize("text", MEDICINE)
def test_medicine_goes_through(text: str) -> None:
    assert Mask().hide(text) == text


def test_one_person_has_one_mark_through_a_conversation() -> None:
    mask = Mask()
    mask.hide("Mr John Smith has a cough.")
    again = mask.hide("Smith is worse.")
    assert "Smith" not in again and mask.show(again) == "Smith is worse."
    assert mask.hide("Smith is better.")[:8] == again[:8]
    assert mask.show("[name 1] should rest.") == "John Smith should rest."


def test_marks_of_a_person_s_own_are_not_taken_for_ours() -> None:
    mask = Mask()
    text = "Mr Jones wrote [NAME_1] himself."
    assert mask.show(mask.hide(text)) == text
    assert Mask().show("[NAME_9] rests.") == "[NAME_9] rests."


def test_cases_without_names_are_hardly_touched() -> None:
    """Every tenth case of the bank; these name nobody, so whatever is masked is lost to the model."""
    folder = Path(assistant.training.__file__).parent / "cases"
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    texts = [json.loads(line)["text"] for line in lines[::10]]
    touched = [text for text in texts if Mask().hide(text) != text]
    assert len(texts) > 300
    assert len(touched) <= 0.01 * len(texts), touched[:5]
