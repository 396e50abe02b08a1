"""Exact posteriors in a two-layer leaky noisy-OR network, without subtraction.

Quickscore (Heckerman 1989) sums 2^p terms of alternating sign; in float64 it is
silently wrong when the evidence is improbable. Here a state is the set of positive
findings already explained, diseases are folded in one by one, and every term is
non-negative, so the error stays near machine precision however rare the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import AetiaError

Floats = NDArray[np.float64]

MAX_POSITIVE = 20
"""2^20 states of 8 bytes for every linked disease are as much as one machine should hold."""


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

        Costs O(L * p * 2^p) time for p positive findings and L links between them and the
        diseases; diseases without such a link cost O(1).

        Raises TooManyFindings beyond MAX_POSITIVE positive findings, ValueError when a finding is
        unknown, listed twice, or both seen and not seen, ImpossibleEvidence.
        """
        self._check(positive, negative)
        silence = 1 - self.strength[:, negative]
        present = self.prior * np.prod(silence, axis=1)  # and silent on the negatives
        absent = 1 - self.prior
        joint, total = self._explained(present, absent, positive)
        quiet = np.prod(1 - self.leak[negative])
        if total[0] * quiet <= 0:
            raise ImpossibleEvidence("this evidence is impossible under the network; is a leak zero?")
        without = [*(joint[1:] / total[1:, None])]
        for column in range(len(negative)):
            others = self.prior * np.prod(np.delete(silence, column, axis=1), axis=1)
            without.append(_without_a_negative(joint[0], total[0], others, present, absent))
        return Posterior(
            joint[0] / total[0],
            float(total[0] * quiet),
            np.array(without).reshape(len(positive) + len(negative), len(self.prior)),
        )

    def _explained(self, present: Floats, absent: Floats, positive: Sequence[int]) -> tuple[Floats, Floats]:
        """Joint (1 + p, D) and total (1 + p,): all positives explained, and all but each one."""
        links = self.strength[:, positive]
        linked = np.flatnonzero(links.any(axis=1))
        unlinked = np.setdiff1d(np.arange(len(self.prior)), linked)
        part, explained = _fold(present[linked], absent[linked], links[linked], self.leak[positive])
        share = present[unlinked] / np.maximum(present[unlinked] + absent[unlinked], 1e-300)
        rest = np.prod(present[unlinked] + absent[unlinked])
        joint = np.empty((1 + len(positive), len(self.prior)))
        joint[:, linked] = part * rest
        joint[:, unlinked] = explained[:, None] * rest * share
        return joint, explained * rest

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


def _without_a_negative(
    joint: Floats, total: float, others: Floats, present: Floats, absent: Floats
) -> Floats:
    """P(disease | all evidence but one negative finding), for each disease by itself.

    A disease's own odds are freed of the finding, the others' are left as they are: exact for one
    disease, and within a few percent where several compete.
    """
    odds = joint / np.maximum(total - joint, 1e-300) * (others / np.maximum(present, 1e-300))
    return np.asarray(odds / (1 + odds))


def _fold(present: Floats, absent: Floats, links: Floats, leak: Floats) -> tuple[Floats, Floats]:
    """P(disease, findings explained), and P(findings explained): all of them, and all but each one.

    Forward: mass over explained sets before each disease. Backward: the chance to explain
    the rest from each set after it, one row for each goal. Their meeting at a disease is its joint.

    Returns ((1 + p, D), (1 + p,)).
    """
    diseases, findings = links.shape
    before = np.empty((diseases, 1 << findings))
    mass = np.zeros(1 << findings)
    mass[0] = 1
    mass = _explain(mass, leak)
    for d in range(diseases):
        before[d] = mass
        mass = absent[d] * mass + present[d] * _explain(mass, links[d])

    to_come = _goals(findings)
    total = to_come @ mass
    joint = np.empty((1 + findings, diseases))
    for d in reversed(range(diseases)):
        with_d = present[d] * _explain_transposed(to_come, links[d])
        joint[:, d] = with_d @ before[d]
        to_come = absent[d] * to_come + with_d
    return joint, total


def _goals(findings: int) -> Floats:
    """(1 + p, 2^p): the sets that satisfy each goal; the first wants all, the others all but one."""
    full = (1 << findings) - 1
    goals = np.zeros((1 + findings, 1 << findings))
    goals[:, full] = 1
    for i in range(findings):
        goals[1 + i, full ^ (1 << i)] = 1
    return goals


def _explain(mass: Floats, chance: Floats) -> Floats:
    """Move mass from every set to the sets that also hold finding i, with chance[i]."""
    moved = mass.copy()
    for i in np.flatnonzero(chance).tolist():
        without, with_i = _halves(moved, i)
        with_i += without * chance[i]
        without *= 1 - chance[i]
    return moved


def _explain_transposed(value: Floats, chance: Floats) -> Floats:
    """The expected value after _explain, from every set."""
    expected = value.copy()
    for i in np.flatnonzero(chance).tolist():
        without, with_i = _halves(expected, i)
        without *= 1 - chance[i]
        without += with_i * chance[i]
    return expected


def _halves(states: Floats, bit: int) -> tuple[Floats, Floats]:
    """Views of the entries whose index along the last axis lacks, and has, the bit."""
    pairs = states.reshape(*states.shape[:-1], -1, 2, 1 << bit)
    return pairs[..., 0, :], pairs[..., 1, :]
