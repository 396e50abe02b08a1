"""Priors, strengths and leaks from labelled cases with missing answers: EM with Beta priors.

Which cause brought a finding about is not recorded. The expectation step deals each present finding
out to its possible causes; the maximisation step takes the mode under Beta priors whose own modes are
the pack's own numbers, so that a number moves only as far as the cases carry it.

Vomlel J. Noisy-or classifier. Int J Intell Syst 2006;21:381-98 (EM for noisy-OR).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding
from knowledge.diseases import STRENGTH_RANGE, Disease, FindingEdge, Frequency
from knowledge.errors import AetiaError
from knowledge.noisy_or import Floats

FRESH, REFINED = 2.0, 20.0
"""How many cases the pack's own number weighs as much as: when learning anew, and when refining."""
_ROUNDS, _SETTLED = 200, 1e-7
_HIGHEST = 0.99


class BadCases(AetiaError, ValueError):
    """Cases that cannot be learnt from; the message names them."""


@dataclass(frozen=True)
class LabelledCase:
    """A person whose diseases are known; findings neither present nor absent were not looked for.

    All ids are bare. diseases: all that are present; none of the others is.
    """

    diseases: Set[str]
    present: Set[str] = field(default_factory=frozenset)
    absent: Set[str] = field(default_factory=frozenset)


def learn(base: KnowledgeBase, cases: Sequence[LabelledCase], weight: float) -> KnowledgeBase:
    """The knowledge base with its numbers moved by the cases. weight: of its own numbers, in cases.

    Only edges that are written are learnt; a finding in a case without such an edge raises its leak.
    An edge keeps its source; its basis becomes `measured` when the cases outweigh the pack.
    Incidence is moved as a whole: its shape over age and the sexes stays. Cases are taken as people
    who seek care, as they come; a collection of one disease would make that disease common.

    Raises BadCases.
    """
    _check(base, cases)
    if not cases:
        return base
    changed = _Numbers(base, cases, weight)
    diseases = {d.id: changed.disease(d) for d in base.diseases.values()}
    findings = {f.id: changed.finding(f) for f in base.findings.values()}
    return base.model_copy(update={"diseases": diseases, "findings": findings})


class _Numbers:
    """The learnt numbers of one knowledge base."""

    def __init__(self, base: KnowledgeBase, cases: Sequence[LabelledCase], weight: float) -> None:
        self._cases, self._weight = cases, weight
        self._ancestors, self._descendants = base.ancestors, base.descendants
        self._links: dict[str, list[tuple[str, float]]] = {f: [] for f in base.findings}
        for disease in base.diseases.values():
            for edge in disease.findings:
                self._links[edge.id].append((disease.id, edge.probability))
        self._with: dict[str, list[int]] = {d: [] for d in base.diseases}
        for i, case in enumerate(cases):
            for label in case.diseases:
                self._with[label].append(i)
        self._state = {f: self._states(f) for f in base.findings}
        self._learnt = {f: self._of_finding(base.findings[f]) for f in base.findings}

    def finding(self, finding: Finding) -> Finding:
        """With its learnt leak."""
        leak = self._learnt[finding.id][1]
        return finding.model_copy(update={"leak": round(float(np.clip(leak, 1e-6, _HIGHEST)), 6)})

    def disease(self, disease: Disease) -> Disease:
        """With learnt edges and incidence."""
        seen = len(self._with[disease.id])
        rate = sum(disease.incidence.by_age.values()) / len(disease.incidence.by_age) / 1000
        learnt = (self._weight * rate + seen) / (self._weight + len(self._cases))
        by_age = {band: r * learnt / rate for band, r in disease.incidence.by_age.items()} if rate else None
        incidence = disease.incidence.model_copy(update={"by_age": by_age} if by_age else {})
        edges = tuple(self._edge(disease.id, edge) for edge in disease.findings)
        return disease.model_copy(update={"incidence": incidence, "findings": edges})

    def _edge(self, disease: str, edge: FindingEdge) -> FindingEdge:
        strengths, _, trials = self._learnt[edge.id]
        if trials.get(disease, 0.0) == 0:
            return edge
        value = round(min(strengths[disease], _HIGHEST), 4)
        basis = "measured" if trials[disease] > self._weight else edge.basis
        return FindingEdge(
            id=edge.id,
            frequency=_word(value),
            strength=value,
            basis=basis,
            source=edge.source,
            page=edge.page,
        )

    def _states(self, finding: str) -> dict[int, bool]:
        """Case -> whether it shows the finding, by is-a too; cases where it is not known are left out."""
        kinds, wider = self._descendants[finding] | {finding}, self._ancestors[finding] | {finding}
        states = {}
        for i, case in enumerate(self._cases):
            if not kinds.isdisjoint(case.present):
                states[i] = True
            elif not wider.isdisjoint(case.absent):
                states[i] = False
        return states

    def _of_finding(self, finding: Finding) -> tuple[dict[str, float], float, dict[str, float]]:
        """Strength by disease, leak, and in how many cases each disease's edge was tried."""
        states, links = self._state[finding.id], self._links[finding.id]
        place = {case: i for i, case in enumerate(states)}
        causes = np.zeros((len(states), 1 + len(links)))
        causes[:, 0] = 1
        for column, (disease, _) in enumerate(links, 1):
            causes[[place[i] for i in self._with[disease] if i in place], column] = 1
        start = np.array([finding.leak_probability, *(strength for _, strength in links)])
        shown = np.fromiter(states.values(), bool, len(states))
        learnt = _expect_and_maximise(causes, shown, start, self._weight)
        trials = causes.sum(axis=0)
        names = [disease for disease, _ in links]
        return (
            dict(zip(names, map(float, learnt[1:]), strict=True)),
            float(learnt[0]),
            dict(zip(names, map(float, trials[1:]), strict=True)),
        )


def _expect_and_maximise(causes: Floats, shown: np.ndarray, start: Floats, weight: float) -> Floats:
    """(1 + n,) P(finding | each cause alone), the leak first.

    causes: (cases, 1 + n) which may have brought it about. shown: (cases,) whether it is there.
    start: (1 + n,) the modes of Beta priors that weigh as much as `weight` cases. In a case without
    the finding no cause acted; in one with it, cause j did with chance s_j / P(finding | the causes).
    """
    strength, trials = start.copy(), causes.sum(axis=0)
    for _ in range(_ROUNDS):
        acting = causes[shown] * strength
        there = 1 - np.prod(1 - acting, axis=1, keepdims=True)
        acted = (acting / np.maximum(there, 1e-300)).sum(axis=0)
        updated: Floats = (weight * start + acted) / (weight + trials)
        if np.abs(updated - strength).max() < _SETTLED:
            return updated
        strength = updated
    return strength


def _word(strength: float) -> Frequency:
    return next(w for w, (low, _, _) in STRENGTH_RANGE.items() if strength >= low)


def _check(base: KnowledgeBase, cases: Sequence[LabelledCase]) -> None:
    faults = []
    for number, case in enumerate(cases, 1):
        if unknown := sorted(case.diseases - base.diseases.keys()):
            faults.append(f"case {number}: no disease of this pack: {', '.join(unknown)}")
        if unknown := sorted((case.present | case.absent) - base.findings.keys()):
            faults.append(f"case {number}: no finding of this pack: {', '.join(unknown)}")
        implied = frozenset(case.present).union(*(base.ancestors.get(f, ()) for f in case.present))
        if both := sorted(implied & case.absent):
            faults.append(f"case {number}: both present and absent: {', '.join(both)}")
    if faults:
        more = f" (and {len(faults) - 20} more)" if len(faults) > 20 else ""
        raise BadCases("; ".join(faults[:20]) + more)
