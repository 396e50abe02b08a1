"""Numbers as people write them."""

import re

import pytest

from assistant.durations import durations_in
from assistant.measures import Measures
from assistant.numerals import NUMBER, in_figures, value
from knowledge.base import KnowledgeBase


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("38", 38), ("2.5", 2.5), ("4½", 4.5), ("4 1/2", 4.5), ("nineteen", 19), ("sixty", 60),
        ("Twenty-three", 23), ("seventy one", 71), ("十", 10), ("十二", 12), ("三十五", 35), ("一百零二", 102),
        ("两", 2), ("七八", 7.5), ("三四十", 35), ("一百六", 160),
    ],
)  # fmt: skip
def test_a_number_is_worth_what_it_says(words: str, number: float) -> None:
    assert re.fullmatch(NUMBER, words, re.IGNORECASE)
    assert value(words) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("血压一百六", "血压160"), ("一百零六", "106"), ("十六点八", "16.8"), ("三点五", "3.5"), ("一三五", "135"),
        ("白细胞一万二", "白细胞12000"), ("四万五", "45000"), ("一千五", "1500"), ("十片", "10片"), ("两百", "200"),
        ("一天七八次", "一天七八次"), ("一般", "一般"), ("十分难受", "十分难受"), ("千万别", "千万别"), ("38度5", "38度5"),
    ],
)  # fmt: skip
def test_a_text_in_figures(text: str, expected: str) -> None:
    figures, places = in_figures(text)
    assert figures == expected
    assert len(places) == len(figures) + 1
    assert places[-1] == len(text)


@pytest.mark.parametrize(
    ("text", "quantity", "number", "words"),
    [
        ("头晕，血压一百六，九十五", "systolic_bp", 160, "血压一百六，九十五"),
        ("血压一百六到九十五", "diastolic_bp", 95, "血压一百六到九十五"),
        ("在药店测的血糖十六点八，难受", "glucose", 16.8, "血糖十六点八"),
        ("体温三十八度五，头疼", "temperature", 38.5, "三十八度五"),
        ("吃了三十片布洛芬", "tablets_at_once", 30, "吃了三十片"),
        ("it was 160 over 95 this morning", "diastolic_bp", 95, "160 over 95"),
        ("BP 130 and 85", "systolic_bp", 130, "BP 130 and 85"),
        ("fever 39.4 since last night", "temperature", 39.4, "fever 39.4 "),
        ("发烧三十九度，咳嗽", "temperature", 39, "发烧三十九度"),
        ("39 degrees", "temperature", 39, "39 degrees"),
        ("by noon it was 40.5 degrees and he shivered", "temperature", 40.5, "40.5 degrees"),
        ("102 degrees since last night", "temperature", 38.8889, "102 degrees"),
        ("temperature 101 degrees", "temperature", 38.3333, "temperature 101 "),
    ],
)
def test_a_value_said_aloud(core: KnowledgeBase, text: str, quantity: str, number: float, words: str) -> None:
    found = {m.quantity: m for m in Measures(core).read(text)[0]}[quantity]
    assert found.value == number
    assert text[found.start : found.end] == words


@pytest.mark.parametrize(
    "text",
    [
        "blood pressure 150, 70 years old",
        "血压120，80岁",
        "疼痛十分剧烈",
        "发热3天",
        "fever for 38 days",
        "直腿抬高30度",
        "straight leg raise at 40 degrees",
        "it was 36 degrees outside",
        "after working in 40 degrees for hours",
    ],
)
def test_what_stands_beside_a_value_is_not_read_as_one(core: KnowledgeBase, text: str) -> None:
    assert not Measures(core).read(text)[0]


@pytest.mark.parametrize("words", ["sixtyish", "often", "千"])
def test_other_words_are_no_number(words: str) -> None:
    assert not re.fullmatch(NUMBER, words)
    with pytest.raises(ValueError, match="no number"):
        value(words)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("a cough for twenty-five days", 25), ("咳嗽十五天", 15), ("二十年前", 7300), ("一个半月", 45),
        ("三四天", 3.5), ("十来天", 10), ("十几年", 5475), ("半年", 182.5), ("in 2019", None), ("宝宝10个月，哭闹", None),
        ("a 2-month-old boy", None), ("10个月婴儿，发热3天", 3),
    ],
)  # fmt: skip
def test_a_length_of_time_in_any_numerals(text: str, days: float | None) -> None:
    assert [told for _, _, told in durations_in(text)] == ([] if days is None else [pytest.approx(days)])


@pytest.mark.parametrize(("text", "fever"), [("体温36.8", False), ("T 37.9", None), ("T 38.2", True)])
def test_a_value_near_a_bound_rules_nothing_out(core: KnowledgeBase, text: str, fever: bool | None) -> None:
    measures = Measures(core)
    found = {f.id: shown for f, shown in measures.findings(measures.read(text)[0][0], 40, None)}
    assert found.get("fever") is fever


def test_weight_and_height_tell_the_body_mass_index(core: KnowledgeBase) -> None:
    found = {m.quantity: m.value for m in Measures(core).read("weight 118 kg, height 175 cm")[0]}
    assert found["bmi"] == pytest.approx(118 / 1.75**2, abs=0.1)
    assert "bmi" not in {m.quantity for m in Measures(core).read("体重118公斤")[0]}
