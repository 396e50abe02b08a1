"""How witnesses are weighed: the fit, and what is left for something else."""

import numpy as np
import pytest

from assistant.api import Assistant
from assistant.differential import Pool
from assistant.training.bank import BankCase
from assistant.training.fusion import Scored, begun, fit, measure

_WITNESSES = ("text", "retrieval")


def drawn(count: int, seed: int) -> list[Scored]:
    """Cases of six diseases: the first witness guesses, the second knows something; more findings, more of it."""
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(count):
        right, findings = int(rng.integers(6)), int(rng.integers(1, 9))
        scores = rng.normal(size=(2, 6))
        scores[1, right] += findings
        cases.append(Scored(scores, (right,), findings))
    return cases


def test_a_witness_that_knows_weighs_more_than_one_that_guesses() -> None:
    pool = fit(drawn(300, 0), _WITNESSES)
    assert pool.weights["text"] < 0.1 < 0.3 < pool.weights["retrieval"]
    measured = measure(drawn(300, 1), pool)
    assert measured["top1"] > 0.8 and measured["ece"] < 0.1


def test_something_else_asks_more_of_those_who_told_more() -> None:
    pool = fit(drawn(300, 0), _WITNESSES)
    assert pool.other_by_finding > 0


def test_how_common_a_disease_is_counts_less_the_more_is_told() -> None:
    pool = Pool({"incidence": 0.35, "graph": 0.9}, other=4.0, temperature=1.5)
    assert pool.incidence(1) > pool.incidence(2) > pool.weight("incidence")
    assert pool.incidence(20) == pool.weight("incidence")
    assert Pool({"graph": 0.9}, other=4.0).incidence(1) == 0.0


def test_none_of_the_known_is_as_likely_however_much_the_incidence_counts(assistant: Assistant) -> None:
    session = assistant.start()
    session.say("I have a cough")
    differential = session.assessment.differential
    assert sum(h.probability for h in differential.hypotheses) + differential.other == pytest.approx(1)


@pytest.mark.parametrize(
    "told", ["headache for 2 days", "I have a cough", "my knee hurts", "咳嗽三天", "头晕", "肚子疼"]
)
def test_a_common_complaint_is_not_taken_for_something_unknown(assistant: Assistant, told: str) -> None:
    session = assistant.start()
    session.say(told)
    assert not session.assessment.differential.abstained


def test_a_case_is_begun_with_its_first_sentence() -> None:
    whole = BankCase.model_validate(
        {
            "id": "x-1",
            "part": "fit",
            "text": "I have a cough. It began on Monday.",
            "language": "en",
            "register": "patient",
            "findings": [],
            "diagnosis": "asthma",
        }
    )
    assert begun(whole).text.strip() == "I have a cough."
