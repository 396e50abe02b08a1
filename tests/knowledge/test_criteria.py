"""Criteria know three truths: what is not known is never absent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.concepts import Criterion
from knowledge.criteria import Judge, Truth, within

STATE: dict[str, Truth] = {"yes": True, "no": False, "maybe": None}


def judge(age: float | None = 40) -> Judge:
    values = {"age": age, "rate": 32.0}
    return Judge(STATE.get, values.get, "female")


@pytest.mark.parametrize(
    ("criterion", "truth"),
    [
        (Criterion(all=("yes",)), True),
        (Criterion(all=("yes", "maybe")), None),
        (Criterion(all=("no", "maybe")), False),
        (Criterion(any=("no", "yes")), True),
        (Criterion(any=("no", "maybe")), None),
        (Criterion(any=("no",)), False),
        (Criterion(none=("no",)), True),
        (Criterion(none=("yes",)), False),
        (Criterion(none=("maybe",)), None),
        (Criterion(all=("rate >= 30",)), True),
        (Criterion(all=("rate < 30",)), False),
        (Criterion(all=("pulse > 100",)), None),
        (Criterion(all=("age >= 65",)), False),
        (Criterion(count=2, of=("yes", "maybe", "no")), None),
        (Criterion(count=1, of=("yes", "maybe", "no")), True),
        (Criterion(count=3, of=("yes", "maybe", "no")), False),
        (Criterion(at_most=0, of=("yes", "no")), False),
        (Criterion(at_most=1, of=("yes", "maybe")), None),
        (Criterion(age="18+", sex="female", all=("yes",)), True),
        (Criterion(sex="male", all=("yes",)), False),
    ],
)
def test_truth(criterion: Criterion, truth: Truth) -> None:
    assert judge().holds(criterion) is truth


def test_age_not_known_is_not_known() -> None:
    assert judge(None).holds(Criterion(age="65+")) is None


@given(st.sets(st.sampled_from(["maybe", "yes", "no"]), min_size=1), st.booleans())
def test_learning_more_never_takes_back_what_was_certain(items: set[str], learnt: bool) -> None:
    criterion = Criterion(any=tuple(sorted(items)))
    before = judge().holds(criterion)
    after = Judge({**STATE, "maybe": learnt}.get, lambda _: None, None).holds(criterion)
    assert before is None or before == after


@pytest.mark.parametrize(
    ("age", "band", "inside"),
    [(4.9, "0-4", True), (5, "0-4", False), (80, "80+", True), (0.1, "0-0.25", True), (0.3, "0-0.25", False)],
)
def test_age_bands(age: float, band: str, inside: bool) -> None:
    assert within(age, band) is inside


def test_counting_needs_something_to_count() -> None:
    with pytest.raises(ValueError, match="goes together with `of`"):
        Criterion(count=2)
