"""From a case to a differential and an urgency: the witnesses are heard, weighed and added."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.case import Case
from assistant.differential import Differential, Fusion, Hypothesis, fuse
from assistant.scores import Scorer
from assistant.triage import Triage, triage
from assistant.view import evidence_of
from knowledge.base import KnowledgeBase
from knowledge.evidence import Evidence
from knowledge.graph import CausalGraph, GraphReading
from knowledge.noisy_or import Floats, ImpossibleEvidence


class Witness(Protocol):
    """Gives an opinion on every disease of the graph."""

    name: str

    def opinion(self, case: Case) -> Floats | None:
        """(D,) log-odds, centred, in the order of the graph's diseases; None when it cannot say."""


@dataclass(frozen=True)
class Assessment:
    """What is thought of a case."""

    differential: Differential
    triage: Triage
    reading: GraphReading | None


Change = Callable[[Evidence], Evidence]


def _unchanged(evidence: Evidence) -> Evidence:
    return evidence


class Diagnostician:
    """Weighs cases; made once."""

    def __init__(self, graph: CausalGraph, witnesses: Sequence[Witness], fusion: Fusion) -> None:
        self.graph = graph
        self.base: KnowledgeBase = graph.base
        self._witnesses = witnesses
        self._fusion = fusion
        self.scorer = Scorer(self.base)
        self._names = [self.base.diseases[d].name("en") for d in graph.diseases]
        self._row = {d: i for i, d in enumerate(graph.diseases)}
        self._usual = [
            i for i, d in enumerate(graph.diseases) if not self.base.diseases[d].traditional_pattern
        ]

    def assess(
        self, case: Case, candidates: Sequence[str] | None = None, change: Change = _unchanged
    ) -> Assessment:
        """The differential and triage of a case.

        candidates: bare disease ids that alone may appear; patterns of traditional medicine appear
        only so. change: what is supposed of the evidence beyond the case, for the graph.
        """
        if case.is_empty and candidates is None:
            nothing = Differential((), 1.0, True)
            return Assessment(nothing, triage(case, self.base, (), True, self.scorer), None)
        reading, opinions = self.hear(case, change)
        rows = self._usual if candidates is None else [self._row[d] for d in dict.fromkeys(candidates)]
        rows = [i for i in rows if reading.prior[i] > 0 or candidates is not None]
        differential = fuse(reading, opinions, self._fusion, self._names, rows)
        return Assessment(
            differential,
            triage(case, self.base, differential.hypotheses, differential.abstained, self.scorer),
            reading,
        )

    def hear(self, case: Case, change: Change = _unchanged) -> tuple[GraphReading, dict[str, Floats]]:
        """What the graph and the other witnesses say, before anything is weighed."""
        opinions = {
            witness.name: opinion
            for witness in self._witnesses
            if (opinion := witness.opinion(case)) is not None
        }
        return self._read(change(evidence_of(case, self.base))), opinions

    def hypothesis(self, assessment: Assessment, disease: str) -> tuple[int, Hypothesis] | None:
        """Rank (from 1) and hypothesis of a disease (bare id) in an assessment."""
        for rank, h in enumerate(assessment.differential.hypotheses, 1):
            if h.disease == disease:
                return rank, h
        return None

    def _read(self, evidence: Evidence) -> GraphReading:
        try:
            return self.graph.posterior(evidence)
        except ImpossibleEvidence:
            # Every disease was ruled out by the user or by sex: fall back to what was seen alone.
            alone = Evidence(present=evidence.present, absent=evidence.absent)
            return replace(self.graph.posterior(alone), findings_alone=True)
