"""Posteriors when at most one disease is present: for packs in which any two together are a rarity.

The network is the same noisy-OR; only states with two diseases or more are left out. Any number of
findings costs O(D * (p + n)), and the odds of a disease are its prior odds times the product of the
findings' likelihood ratios, as in LIRICAL.

Robinson PN, et al. Interpretable clinical genomics with a likelihood ratio paradigm. AJHG 2020;107.
"""

from collections.abc import Sequence

import numpy as np

from knowledge.noisy_or import Floats, ImpossibleEvidence, NoisyOr, Posterior


def single_cause(net: NoisyOr, positive: Sequence[int], negative: Sequence[int]) -> Posterior:
    """P(disease | evidence), none or one being present, as NoisyOr.posterior gives it.

    Raises ImpossibleEvidence.
    """
    with np.errstate(divide="ignore"):
        odds = np.log(net.prior) - np.log1p(-net.prior)
        silent = np.log1p(-net.leak[positive])
        seen = np.log(-np.expm1(silent + np.log1p(-net.strength[:, positive])))
        alone = np.log(net.leak[positive])
        ratios = np.concatenate([seen - alone, np.log1p(-net.strength[:, negative])], axis=1)
        nothing = np.log1p(-net.prior).sum() + alone.sum() + np.log1p(-net.leak[negative]).sum()
    if not np.isfinite(nothing):
        raise ImpossibleEvidence("this evidence is impossible under the network; is a leak zero, or one?")
    scores = odds + ratios.sum(axis=1)
    without = np.array([_share(scores - ratios[:, i]) for i in range(ratios.shape[1])])
    return Posterior(
        _share(scores),
        float(np.exp(nothing + _log_whole(scores))),
        without.reshape(ratios.shape[1], len(net.prior)),
    )


def _share(scores: Floats) -> Floats:
    """Of all hypotheses, no disease (score 0) among them."""
    return np.asarray(np.exp(scores - _log_whole(scores)))


def _log_whole(scores: Floats) -> float:
    return float(np.logaddexp(0.0, np.logaddexp.reduce(scores)))
