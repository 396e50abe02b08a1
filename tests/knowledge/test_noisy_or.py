"""The exact method against brute force, against 80-digit arithmetic, and against common sense."""

import itertools

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.noisy_or import MAX_POSITIVE, ImpossibleEvidence, NoisyOr, TooManyFindings
from knowledge.variational import bounded_posterior, most_informative


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


DIGITS = 60


def with_sixty_digits(net: NoisyOr, positive: list[int], negative: list[int]) -> tuple[list[float], float]:
    """Quickscore's alternating sum over sets of findings, in 60 digits: another way than by diseases."""
    mpmath.mp.dps = DIGITS
    prior = [mpmath.mpf(float(p)) for p in net.prior]
    quiet = [[1 - mpmath.mpf(float(s)) for s in row] for row in net.strength]
    total, joint = mpmath.mpf(0), [mpmath.mpf(0)] * len(prior)
    for size in range(len(positive) + 1):
        for chosen in itertools.combinations(positive, size):
            silent = [*chosen, *negative]
            here = [p * mpmath.fprod(row[f] for f in silent) for p, row in zip(prior, quiet, strict=True)]
            either = [h + 1 - p for h, p in zip(here, prior, strict=True)]
            term = (-1) ** size * mpmath.fprod(either)
            term *= mpmath.fprod(1 - mpmath.mpf(float(net.leak[f])) for f in silent)
            total += term
            joint = [j + term * h / e for j, h, e in zip(joint, here, either, strict=True)]
    return [float(j / total) for j in joint], float(total)


@pytest.mark.parametrize("rarity", [0.5, 1e-2, 1e-3])
def test_agrees_with_sixty_digits_on_forty_diseases(rarity: float) -> None:
    net = network(40, 12, rarity=rarity, seed=7)
    positive, negative = list(range(8)), [9, 11]
    expected, evidence = with_sixty_digits(net, positive, negative)
    posterior = net.posterior(positive, negative)
    assert posterior.evidence == pytest.approx(evidence, rel=1e-12)
    np.testing.assert_allclose(posterior.probability, expected, rtol=1e-12)
    for i in (0, 5):
        others = positive[:i] + positive[i + 1 :]
        expected, _ = with_sixty_digits(net, others, negative)
        np.testing.assert_allclose(posterior.without[i], expected, rtol=1e-12)


def test_agrees_with_sixty_digits_on_twenty_positive_findings() -> None:
    net = network(10, 20, rarity=2e-4, seed=11)
    positive = list(range(20))
    expected, evidence = by_enumeration(net, positive, [])
    posterior = net.posterior(positive, [])
    assert evidence < 1e-12
    assert posterior.evidence == pytest.approx(evidence, rel=1e-12)
    np.testing.assert_allclose(posterior.probability, expected, rtol=1e-12)


@settings(deadline=None, max_examples=25)
@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-6, 1), st.integers(0, 10_000))
def test_stays_exact_for_certain_and_for_hopeless_diseases(prior: float, widest: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    strength = rng.uniform(0, widest, (4, 6)) * (rng.random((4, 6)) < 0.8)
    net = NoisyOr(rng.uniform(prior / 2, prior, 4), strength, rng.uniform(1e-9, 1e-3, 6))
    expected, evidence = by_enumeration(net, list(range(6)), [])
    posterior = net.posterior(list(range(6)), [])
    assert posterior.evidence == pytest.approx(evidence, rel=1e-12)
    np.testing.assert_allclose(posterior.probability, expected, rtol=1e-12)


def test_a_disease_that_is_certain_stays_certain() -> None:
    net = NoisyOr(np.array([1.0, 0.1]), np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0.01, 0.01]))
    expected, _ = by_enumeration(net, [0, 1], [])
    np.testing.assert_allclose(net.posterior([0, 1], []).probability, expected, rtol=1e-12)


def test_evidence_that_a_certain_disease_forbids_is_named() -> None:
    net = NoisyOr(np.array([1.0]), np.array([[1.0, 0.5]]), np.array([0.01, 0.01]))
    with pytest.raises(ImpossibleEvidence, match="impossible"):
        net.posterior([1], [0])


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


@pytest.mark.parametrize("seed", range(6))
def test_the_bounds_hold_the_exact_answer(seed: int) -> None:
    net = network(30, 14, rarity=0.05, seed=seed)
    findings = list(range(12))
    exact = net.posterior(findings, [12, 13])
    chosen = most_informative(net, findings, 8)
    rest = [f for f in findings if f not in chosen]
    bounded = bounded_posterior(net, chosen, rest, [12, 13])
    low, high = bounded.log_evidence
    assert low - 1e-9 <= np.log(exact.evidence) <= high + 1e-9
    assert (bounded.lower <= exact.probability + 1e-9).all()
    assert (bounded.upper >= exact.probability - 1e-9).all()


def test_the_bounded_method_comes_nearer_than_leaving_findings_out() -> None:
    nearer = []
    for seed in range(8):
        net = network(30, 14, rarity=0.05, seed=seed)
        findings = list(range(12))
        exact = net.posterior(findings, []).probability
        chosen = most_informative(net, findings, 8)
        rest = [f for f in findings if f not in chosen]
        bounded = bounded_posterior(net, chosen, rest, []).posterior.probability
        left_out = net.posterior(chosen, []).probability
        nearer.append(np.abs(bounded - exact).max() / np.abs(left_out - exact).max())
    assert np.median(nearer) < 0.6


def test_a_bounded_finding_must_have_a_leak() -> None:
    net = NoisyOr(np.array([0.1]), np.array([[0.5, 0.5]]), np.array([0.1, 0.0]))
    with pytest.raises(ValueError, match="without a leak"):
        bounded_posterior(net, [0], [1], [])


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
