"""The table against its definition: mutual information, conclusions that can change, bad input."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answer_table import CAN_HAPPEN, AnswerTable, weighed_by_harm

SHAPES = st.tuples(st.integers(2, 4), st.integers(1, 5), st.integers(1, 4), st.integers(0, 10_000))


def drawn(shape: tuple[int, int, int, int]) -> tuple[AnswerTable, np.ndarray]:
    answers, hypotheses, questions, seed = shape
    rng = np.random.default_rng(seed)
    chance = rng.dirichlet(np.full(answers, 0.4), (hypotheses, questions)).transpose(2, 0, 1)
    table = AnswerTable(chance, rng.uniform(0.5, 9, questions), np.ones(answers, dtype=bool))
    return table, rng.dirichlet(np.full(hypotheses, 0.7))


@given(SHAPES)
@settings(max_examples=80, deadline=None)
def test_gain_is_the_expected_fall_of_entropy(shape: tuple[int, int, int, int]) -> None:
    table, belief = drawn(shape)
    gain = table.gain(belief)
    for q in range(shape[2]):
        expected = -sum(p * np.log(p) for p in belief if p > 0)
        for a in range(shape[0]):
            joint = [belief[h] * table.chance[a, h, q] for h in range(shape[1])]
            seen = sum(joint)
            expected += sum(j * np.log(j / seen) for j in joint if j > 0)
        assert gain[q] == pytest.approx(expected, abs=1e-9)
    assert (gain >= 0).all()
    np.testing.assert_allclose(table.worth(belief) * table.burden, gain)


@given(SHAPES)
@settings(max_examples=80, deadline=None)
def test_can_change_tries_every_answer(shape: tuple[int, int, int, int]) -> None:
    table, belief = drawn(shape)
    changes = False
    for a, q in product(range(shape[0]), range(shape[2])):
        joint = belief * table.chance[a, :, q]
        changes |= joint.sum() >= CAN_HAPPEN and int(joint.argmax()) != int(belief.argmax())
    assert table.can_change(belief, np.arange(shape[2])) == changes


def test_many_beliefs_at_once_are_as_one_by_one() -> None:
    table, _ = drawn((3, 4, 5, 1))
    beliefs = np.random.default_rng(2).dirichlet(np.ones(4), 6)
    np.testing.assert_allclose(table.worth(beliefs), [table.worth(b) for b in beliefs])


def test_a_definite_answer_is_worth_a_little_in_itself() -> None:
    chance = np.array([[[0.2, 0.8]], [[0.8, 0.2]]])
    table = AnswerTable(chance, np.ones(2), np.array([True, False]), heard=0.1)
    np.testing.assert_allclose(table.gain(np.ones(1)), [0.02, 0.08])


def test_danger_draws_the_question_to_it() -> None:
    # The first question tells the dangerous third hypothesis from the rest, the second the first two apart.
    yes = np.array([[0.1, 0.9], [0.1, 0.1], [0.9, 0.5]])
    table = AnswerTable(np.stack([yes, 1 - yes]), np.ones(2), np.array([True, True]))
    belief = np.array([0.48, 0.47, 0.05])
    assert table.worth(belief).argmax() == 1
    assert table.worth(weighed_by_harm(belief, np.array([1, 1, 30]))).argmax() == 0


@pytest.mark.parametrize(
    ("chance", "burden", "message"),
    [
        (np.full((2, 1, 1), 0.5), np.ones(2), "burdens"),
        (np.full((2, 1, 1), 0.4), np.ones(1), "sum to 1"),
        (np.full((2, 1, 1), 0.5), np.zeros(1), "above 0"),
    ],
)
def test_what_cannot_be_is_refused(chance: np.ndarray, burden: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AnswerTable(chance, burden, np.ones(2, dtype=bool))
