"""Numbers as people write them."""

import re

import pytest

from assistant.durations import durations_in
from assistant.numerals import NUMBER, value


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("38", 38), ("2.5", 2.5), ("4½", 4.5), ("4 1/2", 4.5), ("nineteen", 19), ("sixty", 60),
        ("Twenty-three", 23), ("seventy one", 71), ("十", 10), ("十二", 12), ("三十五", 35), ("一百零二", 102),
        ("两", 2), ("七八", 7.5), ("三四十", 35),
    ],
)  # fmt: skip
def test_a_number_is_worth_what_it_says(words: str, number: float) -> None:
    assert re.fullmatch(NUMBER, words, re.IGNORECASE)
    assert value(words) == number


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
