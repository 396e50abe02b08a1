"""Exact posteriors in a two-layer leaky noisy-OR network, however improbable the evidence.

Quickscore (Heckerman 1989) sums 2^p terms of alternating sign; in float64 it is silently wrong when
the evidence is improbable. Here a state is the set of positive findings already explained. One pass
folds the diseases in; then each disease is taken out of the whole by a triangular system over its own
findings, which gives its posterior, and its posterior without each finding, without a second pass.

Heckerman D. A tractable inference algorithm for diagnosing multiple diseases. UAI 1989.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.errors import AetiaError
from knowledge.explained import Floats, explained_by_leaks, fold_in, posteriors, sum_supersets

__all__ = ["Floats", "ImpossibleEvidence", "NoisyOr", "Posterior", "TooManyFindings"]

MAX_POSITIVE = 20
"""Each further finding doubles the time: 2^20 states take seconds where findings are common."""
_IMPOSSIBLE = "this evidence is impossible under the network; is a leak zero, or one?"


class TooManyFindings(AetiaError, ValueError):
    """More positive findings than the exact method can hold."""


class ImpossibleEvidence(AetiaError, ValueError):
    """The network gives the evidence probability zero."""


@dataclass(frozen=True)
class Posterior:
    """What the evidence says of each of D diseases.

    probability: (D,) P(disease | evidence). evidence: P(evidence).
    without: (p + n, D) P(disease | evidence but one finding), the positive ones first, then the
    negative ones, in the order given.
    """

    probability: Floats
    evidence: float
    without: Floats


@dataclass(frozen=True)
class NoisyOr:
    """A leaky noisy-OR network of D diseases over F findings.

    prior: (D,) P(disease) before any finding.
    strength: (D, F) P(finding | this disease alone, no leak).
    leak: (F,) P(finding | no modelled disease).
    """

    prior: Floats
    strength: Floats
    leak: Floats

    def __post_init__(self) -> None:
        if self.strength.shape != (len(self.prior), len(self.leak)):
            raise ValueError(
                f"strength has shape {self.strength.shape}, expected one row for each of "
                f"{len(self.prior)} priors and one column for each of {len(self.leak)} leaks"
            )
        for name in ("prior", "strength", "leak"):
            values = getattr(self, name)
            if not ((values >= 0) & (values <= 1)).all():
                raise ValueError(
                    f"{name} ranges from {values.min()} to {values.max()}, expected probabilities"
                )

    def posterior(self, positive: Sequence[int], negative: Sequence[int]) -> Posterior:
        """P(disease | evidence), P(evidence), and the same with each finding left out.

        positive, negative: column indices of findings seen and of findings sought and not seen.

        Costs O(L * 2^p) for p positive findings and L links between them and the diseases, and
        O(p * k * 2^k) for a disease with k links; diseases without a link cost O(1). Holds O(2^p).

        Raises TooManyFindings beyond MAX_POSITIVE positive findings, ValueError when a finding is
        unknown, listed twice, or both seen and not seen, ImpossibleEvidence.
        """
        self._check(positive, negative)
        silence = 1 - self.strength[:, negative]
        present = self.prior * np.prod(silence, axis=1)  # and silent on the negatives
        silent = present + 1 - self.prior
        if not silent.all() or (self.leak[negative] == 1).any():
            raise ImpossibleEvidence(_IMPOSSIBLE)
        seen, explained = _explain(present / silent, self.strength[:, positive], self.leak[positive])
        without = [*seen[1:]]
        for column in range(len(negative)):
            others = self.prior * np.prod(np.delete(silence, column, axis=1), axis=1)
            without.append(_without_a_negative(seen[0], others, present))
        return Posterior(
            seen[0],
            float(explained * np.exp(np.log(silent).sum() + _log_not(self.leak[negative]).sum())),
            np.array(without).reshape(len(positive) + len(negative), len(self.prior)),
        )

    def _check(self, positive: Sequence[int], negative: Sequence[int]) -> None:
        findings = [*positive, *negative]
        if len(positive) > MAX_POSITIVE:
            raise TooManyFindings(
                f"{len(positive)} positive findings, at most {MAX_POSITIVE} can be exact; "
                "use the bounded method or leave out the least informative ones"
            )
        if unknown := [f for f in findings if not 0 <= f < len(self.leak)]:
            raise ValueError(
                f"findings {unknown} are not in the network, which has 0 to {len(self.leak) - 1}"
            )
        if both := set(positive) & set(negative):
            raise ValueError(f"findings {sorted(both)} are both present and absent; correct one of them")
        if len(set(findings)) < len(findings):
            raise ValueError("a finding is listed twice; evidence counts once")


def _explain(belief: Floats, links: Floats, leak: Floats) -> tuple[Floats, float]:
    """(1 + p, D) P(disease | all findings explained, all but each one), and P(all explained).

    A disease that is linked to one finding only is to all others one more leak of that finding.
    """
    order = np.argsort(np.count_nonzero(links, axis=0), kind="stable")  # the widest last: long inner loops
    links = np.ascontiguousarray(links[:, order])
    count = np.count_nonzero(links, axis=1)
    linked, single, several = np.flatnonzero(count), count == 1, count > 1
    quiet = _log_not(belief[single, None] * links[single]).sum(axis=0) + _log_not(leak[order])
    holds = explained_by_leaks(-np.expm1(quiet))
    fold_in(holds, belief[several], links[several])
    sum_supersets(holds)
    if holds[-1] <= 0:
        raise ImpossibleEvidence(_IMPOSSIBLE)
    found = np.empty((1 + len(leak), len(linked)))
    posteriors(holds, belief[linked], links[linked], found)
    seen = np.tile(belief, (1 + len(leak), 1))
    seen[np.ix_(np.append(0, 1 + order), linked)] = found
    return seen, float(holds[-1])


def _without_a_negative(probability: Floats, others: Floats, present: Floats) -> Floats:
    """P(disease | all evidence but one negative finding), for each disease by itself.

    A disease's own odds are freed of the finding, the others' are left as they are: exact for one
    disease, and within a few percent where several compete. `what_if.leave_one_out` is exact.

    others, present: P(disease, silent on all negatives but this one), and on all.
    """
    odds = probability / np.maximum(1 - probability, 1e-300) * (others / np.maximum(present, 1e-300))
    return np.asarray(odds / (1 + odds))


def _log_not(chance: Floats) -> Floats:
    """ln(1 - chance), to full precision for the smallest chance; -inf at 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(-chance))
