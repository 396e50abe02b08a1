"""Positive findings beyond the exact method: an estimate, between two bounds.

ln P(finding | diseases) = f(x) with f(x) = ln(1 - exp(-x)) and x the summed -ln(1 - strength) of what
is present. f is concave. Its tangent bounds it from above; Jensen's inequality, with shares of the
finding dealt out to the diseases, bounds it from below (Jaakkola and Jordan 1999). The estimate
replaces f by the factors that leave each disease's posterior right while the diseases are taken as
independent for that one finding (expectation propagation, Minka 2001); it was 2 to 10 times nearer
than leaving the findings out, where the bounds alone were not always nearer.

All three are products over diseases: such a finding only scales each disease's odds, and costs
nothing in the exact recursion. The bounds hold for every state of the diseases, so P(disease,
evidence) and P(no disease, evidence) are bounded too, and with them the posterior.

Jaakkola T, Jordan M. Variational probabilistic inference and the QMR-DT network. JAIR 10 (1999).
Minka T. Expectation propagation for approximate Bayesian inference. UAI 2001.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]

from knowledge.noisy_or import Floats, NoisyOr, Posterior

_STEPS, _ROUNDS = 10, 5
"""Of the tangents, which are a convex problem, and of the shares and factors, which settle quickly."""
_DAMPING = 0.6
_HIGHEST = 1 - 1e-9
_ROUNDING = 1e-14
_STRONGEST = 50.0


@dataclass(frozen=True)
class Bounded:
    """The posterior between bounds.

    posterior: the estimate, kept within the bounds; its `without` covers the exact findings, its
    evidence is the geometric mean of the bounds. lower, upper: (D,) what P(disease | all evidence)
    lies between. log_evidence: what ln P(evidence) lies between.
    """

    posterior: Posterior
    lower: Floats
    upper: Floats
    log_evidence: tuple[float, float]


def most_informative(net: NoisyOr, positive: Sequence[int], count: int) -> list[int]:
    """The `count` findings that tell diseases apart most: by the weight of evidence of their links."""
    chance = net.prior @ net.strength[:, positive] + net.leak[positive]
    weight = np.max(np.log(net.strength[:, positive] + 1e-3) - np.log(chance + 1e-9), axis=0)
    return [positive[i] for i in np.argsort(-weight, kind="stable")[:count]]


def bounded_posterior(
    net: NoisyOr, exact: Sequence[int], bounded: Sequence[int], negative: Sequence[int]
) -> Bounded:
    """The posterior with some positive findings exact and the others bounded.

    Raises as NoisyOr.posterior does, and ValueError when a bounded finding has no leak.
    """
    if not net.leak[list(bounded)].all():
        raise ValueError("a finding without a leak cannot be bounded; put it among the exact ones")
    cost = -np.log1p(-np.minimum(net.strength[:, bounded], _HIGHEST))
    leak = -np.log1p(-np.minimum(net.leak[bounded], _HIGHEST))
    factored = _Factored(net, exact, negative)
    high, over = _from_above(factored, cost, leak)
    low, under = _from_below(factored, cost, leak)
    absent = 1 - high.probability + _ROUNDING
    at_least = low.probability * np.exp(under - over)
    at_least_absent = (1 - low.probability) * np.exp(under - over)
    lower = at_least / (at_least + absent)
    upper = high.probability / np.maximum(high.probability + at_least_absent, 1e-300)
    estimate = _estimate(factored, leak, net.strength[:, bounded])
    return Bounded(
        replace(
            estimate,
            probability=np.clip(estimate.probability, lower, upper),
            evidence=float(np.exp((over + under) / 2)),
        ),
        lower,
        upper,
        (under, over),
    )


@dataclass(frozen=True)
class _Factored:
    """The exact part; the bounded findings enter as factors."""

    net: NoisyOr
    exact: Sequence[int]
    negative: Sequence[int]

    def posterior(self, scale: Floats, constant: float) -> tuple[Posterior, float]:
        """With each disease's odds scaled by exp(scale), and ln P(evidence) moved by a constant."""
        with np.errstate(divide="ignore"):
            present, absent = np.log(self.net.prior) + scale, np.log1p(-self.net.prior)
        whole = np.logaddexp(present, absent)
        prior = np.minimum(np.exp(present - whole), 1.0)
        found = NoisyOr(prior, self.net.strength, self.net.leak).posterior(self.exact, self.negative)
        return found, float(np.log(found.evidence) + whole.sum() + constant)


def _from_above(factored: _Factored, cost: Floats, leak: Floats) -> tuple[Posterior, float]:
    """Under tangents: f(x) <= slope x - g(slope) for every slope, the sum is convex in the slopes."""

    def under(slope: Floats) -> tuple[Posterior, float]:
        conjugate = (slope + 1) * np.log1p(slope) - slope * np.log(slope)
        return factored.posterior(cost @ slope, float(slope @ leak - conjugate.sum()))

    def bound(log_slope: Floats) -> tuple[float, Floats]:
        slope = np.exp(log_slope)
        found, value = under(slope)
        return value, (found.probability @ cost + leak - np.log1p(1 / slope)) * slope

    start = np.zeros(len(leak))
    best = minimize(bound, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return under(np.exp(best.x))


def _from_below(factored: _Factored, cost: Floats, leak: Floats) -> tuple[Posterior, float]:
    """Under f(leak + sum x_d) >= f(leak) + sum q_d (f(leak + x_d / q_d) - f(leak)), with shares q that
    add up to one and move towards the best by a fixed point."""
    share = factored.net.prior[:, None] * cost
    for _ in range(_ROUNDS):
        share = share / np.maximum(share.sum(axis=0), 1e-300)
        reach = leak + cost / np.maximum(share, 1e-300)
        gain = np.where(share > 0, _f(reach) - _f(leak), 0.0)
        found, value = factored.posterior((share * gain).sum(axis=1), float(_f(leak).sum()))
        slope = 1 / np.expm1(np.minimum(reach, 700.0))
        share = share * found.probability[:, None] * np.maximum(gain - (reach - leak) * slope, 0.0)
    return found, value


def _estimate(factored: _Factored, leak: Floats, strength: Floats) -> Posterior:
    """With a factor for each disease and finding, each in turn fitted to what the others leave open."""
    factors = np.zeros(strength.shape)
    found = factored.posterior(factors.sum(axis=1), 0.0)[0]
    for done in range(_ROUNDS):
        belief = np.clip(found.probability, 1e-300, 1 - 1e-15)
        others = (np.log(belief) - np.log1p(-belief))[:, None] - factors
        silent = np.log1p(-strength / (1 + np.exp(-others)))
        without = silent.sum(axis=0) - leak - silent
        with np.errstate(divide="ignore"):
            fitted = _f(-without - np.log1p(-strength)) - _f(-without)
        factors += (_DAMPING if done else 1.0) * (np.minimum(fitted, _STRONGEST) - factors)
        found = factored.posterior(factors.sum(axis=1), 0.0)[0]
    return found


def _f(x: Floats) -> Floats:
    """ln(1 - exp(-x))."""
    return np.asarray(np.log(-np.expm1(-x)))
