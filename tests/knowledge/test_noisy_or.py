"""The exact method against brute force, against 80-digit arithmetic, and against common sense."""

import itertools

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.noisy_or import MAX_POSITIVE, ImpossibleEvidence, NoisyOr, TooManyFindings
from knowledge.variational import bounded_weights, most_informative


def network(diseases: int, findings: int, rarity: float = 0.05, seed: int = 0) -> NoisyOr:
    rng = np.random.default_rng(seed)
    strength = rng.uniform(0.05, 0.95, (diseases, findings)) * (rng.random((diseases, findings)) < 0.5)
    return NoisyOr(
        rng.uniform(rarity / 10, rarity, diseases), strength, rng.uniform(0.001, 0.05, findings) * rarity
    )


def by_enumeration(net: NoisyOr, positive: list[int], negative: list[int]) -> tuple[list[float], float]:
    """Sum over every combination of diseases, with 80 digits."""
    mpmath.mp.dps = 80
    total, joint = mpmath.mpf(0), [mpmath.mpf(0)] * len(net.prior)
    for state in itertools.product((0, 1), repeat=len(net.prior)):
        weight = mpmath.mpf(1)
        for here, prior in zip(state, net.prior, strict=True):
            weight *= mpmath.mpf(prior) if here else 1 - mpmath.mpf(prior)
        for finding in positive + negative:
            silent = 1 - mpmath.mpf(net.leak[finding])
            for disease, here in enumerate(state):
                if here:
                    silent *= 1 - mpmath.mpf(net.strength[disease, finding])
            weight *= silent if finding in negative else 1 - silent
        total += weight
        joint = [j + weight * here for j, here in zip(joint, state, strict=True)]
    return [float(j / total) for j in joint], float(total)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.integers(0, 5), st.integers(0, 3), st.integers(0, 10_000))
def test_agrees_with_enumeration(diseases: int, seen: int, not_seen: int, seed: int) -> None:
    net = network(diseases, 8, seed=seed)
    positive, negative = list(range(seen)), list(range(5, 5 + not_seen))
    expected, evidence = by_enumeration(net, positive, negative)
    posterior = net.posterior(positive, negative)
    np.testing.assert_allclose(posterior.probability, expected, rtol=1e-12, atol=1e-15)
    assert posterior.evidence == pytest.approx(evidence, rel=1e-12)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 10_000))
def test_leaving_a_positive_finding_out_is_as_if_it_were_not_given(
    diseases: int, seen: int, seed: int
) -> None:
    net = network(diseases, 6, seed=seed)
    positive, negative = list(range(seen)), [5]
    without = net.posterior(positive, negative).without
    for i in range(seen):
        others = positive[:i] + positive[i + 1 :]
        np.testing.assert_allclose(without[i], net.posterior(others, negative).probability, rtol=1e-10)


def test_leaving_a_negative_finding_out_is_exact_for_one_disease() -> None:
    net = NoisyOr(np.array([0.1]), np.array([[0.8, 0.6]]), np.array([0.05, 0.02]))
    posterior = net.posterior([0], [1])
    np.testing.assert_allclose(posterior.without[1], net.posterior([0], []).probability, rtol=1e-12)


def test_stays_exact_when_the_evidence_is_improbable() -> None:
    net = network(8, 10, rarity=1e-5, seed=3)
    positive = list(range(10))
    expected, evidence = by_enumeration(net, positive, [])
    assert evidence < 1e-14
    np.testing.assert_allclose(net.posterior(positive, []).probability, expected, atol=1e-12)


def test_explaining_away() -> None:
    net = NoisyOr(np.array([0.1, 0.1]), np.array([[0.9, 0.9], [0.9, 0.0]]), np.array([0.01, 0.01]))
    alone = net.posterior([0], []).probability
    explained = net.posterior([0, 1], []).probability
    assert explained[1] < alone[1]


def test_the_bounded_method_stays_near_the_exact_one() -> None:
    net = network(12, 10, rarity=0.1, seed=5)
    findings = list(range(10))
    exact = net.posterior(findings, []).probability
    chosen = most_informative(net, findings, 8)
    rest = [f for f in findings if f not in chosen]
    first = net.posterior(chosen, []).probability
    odds = net.prior / (1 - net.prior) * bounded_weights(net, rest, first)
    bounded = NoisyOr(odds / (1 + odds), net.strength, net.leak).posterior(chosen, []).probability
    assert np.abs(bounded - exact).max() < np.abs(first - exact).max()
    assert np.abs(bounded - exact).max() < 0.06


def test_refuses_a_contradiction() -> None:
    with pytest.raises(ValueError, match=r"findings \[0\] are both present and absent"):
        network(2, 3).posterior([0], [0])


def test_refuses_more_than_it_can_hold() -> None:
    with pytest.raises(TooManyFindings, match=f"at most {MAX_POSITIVE}"):
        network(2, 30).posterior(list(range(21)), [])


def test_refuses_impossible_evidence() -> None:
    net = NoisyOr(np.array([0.1]), np.array([[0.0]]), np.array([0.0]))
    with pytest.raises(ImpossibleEvidence, match="impossible"):
        net.posterior([0], [])


@pytest.mark.parametrize(
    ("positive", "negative", "complaint"),
    [([0, 0], [], "listed twice"), ([3], [], "not in the network"), ([0], [-1], "not in the network")],
)
def test_refuses_bad_evidence(positive: list[int], negative: list[int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        network(2, 3).posterior(positive, negative)


def test_refuses_what_is_no_probability() -> None:
    with pytest.raises(ValueError, match=r"strength ranges from 1\.3 to 1\.3"):
        NoisyOr(np.array([0.1]), np.array([[1.3]]), np.array([0.0]))


def test_refuses_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="expected one row for each of 2 priors"):
        NoisyOr(np.array([0.1, 0.2]), np.array([[0.3]]), np.array([0.0]))
