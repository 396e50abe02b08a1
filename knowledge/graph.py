"""KnowledgeBase -> CausalGraph: risk factors -> diseases -> findings, disease -> disease.

A networkx DiGraph holds the edges as they are written, for drawing and paths. Inference reads
columns of effective strength, in which the is-a of findings and complications are worked in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.concepts import COURSE
from knowledge.diseases import Exposure
from knowledge.evidence import BadEvidence, Evidence
from knowledge.learning import FRESH, REFINED, LabelledCase, learn
from knowledge.links import Links
from knowledge.noisy_or import MAX_POSITIVE, Floats, NoisyOr
from knowledge.priors import Priors
from knowledge.resemblance import Resemblance
from knowledge.single_cause import single_cause
from knowledge.strengths import Strengths
from knowledge.variational import bounded_posterior, most_informative

BUDGET = 4e8
"""Moves of probability between sets of findings that one reading may cost: about half a second.
Positive findings beyond it are bounded (see variational.py)."""
_BOUNDED_READINGS = 16.0
"""Exact readings that fitting the bounds takes."""


@dataclass(frozen=True)
class GraphReading:
    """What the graph says of a case.

    diseases: ids, D of them. average: (D,) P(disease) in anybody who seeks care; prior, posterior: (D,) in this person,
    before and after the findings. findings: ids of the k findings used, with
    their state. weights: (k, D) log-odds that each finding adds: the posterior with it against the
    posterior without it. evidence: P(evidence). bounded: findings that entered through a bound,
    without a weight; lower, upper: (D,) what the posterior then lies between, the posterior itself
    when all is exact. contradictions: findings called absent though they, or a kind of them, are
    present; presence was believed. findings_alone: all else was left aside, for with it the case would be
    impossible. told: how many of the findings people told or denied; how long it lasts is none.
    """

    diseases: tuple[str, ...]
    average: Floats
    prior: Floats
    posterior: Floats
    findings: tuple[tuple[str, bool], ...]
    weights: Floats
    evidence: float
    bounded: tuple[str, ...]
    lower: Floats
    upper: Floats
    contradictions: tuple[str, ...] = ()
    findings_alone: bool = False
    told: int = 0


@dataclass(frozen=True)
class _Network:
    """The part of the graph that a case needs. Columns: findings present, raised by virtual evidence,
    diseases ruled in; then findings absent, lowered, diseases ruled out."""

    net: NoisyOr
    prior: Floats
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    contradictions: tuple[str, ...]

    def findings(self, columns: Sequence[int]) -> list[tuple[int, str, bool]]:
        """Column, finding and state of those columns that are findings."""
        names = [*self.positive, *self.negative]
        return [(i, names[i], i < len(self.positive)) for i in columns if ":" not in names[i]]


class CausalGraph:
    """The causal picture of a knowledge base, and exact inference on it."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base
        self.diseases = tuple(base.diseases)
        self.row = {disease: i for i, disease in enumerate(self.diseases)}
        links = Links(base)
        self._strengths = Strengths(base, links)
        self._priors = Priors(base)
        self._resemblance = Resemblance(base, links)

    @cached_property
    def _average(self) -> Floats:
        return self._priors.of(Evidence())

    @cached_property
    def of_course(self) -> frozenset[str]:
        """Findings that the length of the illness turns into."""
        return self.base.measured_by(COURSE)

    @cached_property
    def drawing(self) -> nx.DiGraph:
        """Nodes are full ids with `kind`; edges carry `strength` or `relative_risk`, `basis`, `source`."""
        graph = nx.DiGraph()
        for disease in self.base.diseases.values():
            graph.add_node(disease.ref, kind="disease")
            for risk in disease.risk_factors:
                ref = self.base.observable(risk.id) or f"risk:{risk.id}"
                said = {"basis": risk.basis, "source": risk.source}
                graph.add_edge(ref, disease.ref, relative_risk=risk.relative_risk, **said)
            for link in disease.findings:
                said = {"basis": link.basis, "source": link.source}
                graph.add_edge(disease.ref, f"finding:{link.id}", strength=link.probability, **said)
            for effect in disease.causes:
                said = {"basis": effect.basis, "source": effect.source}
                graph.add_edge(disease.ref, f"disease:{effect.disease}", strength=effect.strength, **said)
        return graph

    def posterior(self, evidence: Evidence) -> GraphReading:
        """P(disease | evidence) for every disease, with the weight of each finding.

        Raises ImpossibleEvidence, and BadEvidence for an id that is not in the pack.
        """
        network = self._network(evidence)
        net, count = network.net, len(network.positive)
        silent = list(range(count, len(net.leak)))
        exact = list(range(count)) if self.base.inference.single else _exact(net, count)
        bounded = [i for i in range(count) if i not in exact]
        if self.base.inference.single:
            reading = single_cause(net, exact, silent)
        elif not bounded:
            reading = net.posterior(exact, silent)
        else:
            found = bounded_posterior(net, exact, bounded, silent)
            reading = found.posterior
        lower, upper = (found.lower, found.upper) if bounded else (reading.probability,) * 2
        used = network.findings([*exact, *silent])
        place = {column: i for i, column in enumerate([*exact, *silent])}
        weights = _log_odds(reading.probability) - _log_odds(reading.without[[place[i] for i, _, _ in used]])
        return GraphReading(
            self.diseases,
            self._average,
            network.prior,
            reading.probability,
            tuple((finding, present) for _, finding, present in used),
            weights,
            reading.evidence,
            tuple(finding for _, finding, _ in network.findings(bounded)),
            lower,
            upper,
            network.contradictions,
            told=sum(finding not in self.of_course for _, finding, _ in used),
        )

    def prior(self, evidence: Evidence) -> Floats:
        """(D,) P(disease) for this person before any finding."""
        return self._priors.of(evidence)

    def fit(self, cases: Sequence[LabelledCase]) -> "CausalGraph":
        """A graph whose priors, strengths and leaks are learnt from the cases; the pack's own numbers
        weigh as much as FRESH cases. Raises BadCases."""
        return CausalGraph(learn(self.base, cases, FRESH))

    def update(self, cases: Sequence[LabelledCase], weight: float = REFINED) -> "CausalGraph":
        """A graph refined with a hospital's own cases. weight: how many cases the pack's own numbers
        weigh as much as. Raises BadCases."""
        return CausalGraph(learn(self.base, cases, weight))

    def column(self, finding: str) -> Floats:
        """(D,) effective P(finding | disease alone)."""
        return self._strengths.column(finding)

    def strength(self, disease: str, finding: str) -> float:
        """Effective P(finding | disease alone)."""
        return self._strengths.of(disease, finding)

    def chance(self, disease: str, finding: str) -> float:
        """P(finding | this disease alone, or whatever else may cause it)."""
        leak = self.base.findings[finding].leak_probability
        return 1 - (1 - self.strength(disease, finding)) * (1 - leak)

    def _network(self, evidence: Evidence) -> _Network:
        self._check(evidence)
        present, absent, contradictions = self._most_specific(evidence)
        sought = absent & evidence.sought if self.base.inference.sought else frozenset()
        ratios = {f: r for f, r in evidence.virtual.items() if f not in present | absent}
        raised = sorted(f for f, ratio in ratios.items() if ratio > 1)
        lowered = sorted(f for f, ratio in ratios.items() if ratio < 1)
        cut = frozenset(evidence.excluded & self.row.keys() | evidence.confirmed | evidence.do.keys())
        positive = [self._finding(f, cut, ratios.get(f)) for f in [*sorted(present), *raised]]
        denied = {f: 1 - self.base.inference.denied for f in absent} if self.base.inference.denied < 1 else {}
        denials = [*sorted(absent - sought), *lowered]
        negative = [self._finding(f, cut, (ratios | denied).get(f)) for f in denials]
        ruled_in = [d for d in sorted(evidence.confirmed) if self._strengths.onset(d).any()]
        ruled_out = [d for d in sorted(evidence.excluded & self.row.keys()) if self._strengths.onset(d).any()]
        person = Evidence(
            risks=evidence.risks, age=evidence.age, sex=evidence.sex, life_stage=evidence.life_stage
        )
        by_itself = self._priors.of(person)
        positive += [(self._strengths.onset(d), max(by_itself[self.row[d]], 1e-9)) for d in ruled_in]
        negative += [(self._strengths.onset(d), 0.0) for d in ruled_out]
        columns, prior = [*positive, *negative], self.prior(evidence)
        strength = np.array([column for column, _ in columns]).reshape(len(columns), len(self.diseases)).T
        return _Network(
            NoisyOr(
                _moved(prior, self._resemblance.log_odds(present, absent, sought) + self._unsaid(evidence)),
                strength,
                np.array([leak for _, leak in columns]),
            ),
            prior,
            (*sorted(present), *raised, *(f"disease:{d}" for d in ruled_in)),
            (*denials, *(f"disease:{d}" for d in ruled_out)),
            contradictions,
        )

    def _finding(self, finding: str, cut: frozenset[str], ratio: float | None) -> tuple[Floats, float]:
        """Column and leak; a likelihood ratio becomes a cause that is always there, or a weaker link."""
        column = self._strengths.column(finding, cut)
        leak = self.base.findings[finding].leak_probability
        if ratio is None:
            return column, leak
        if ratio > 1:
            return column, 1 - (1 - leak) * (1 - 1 / ratio)
        return column * (1 - ratio), leak * (1 - ratio)

    def _unsaid(self, evidence: Evidence) -> Floats:
        """(D,) log-odds, none above 0, by what people would have told unasked and did not; 0 where nothing was told."""
        unsaid = np.zeros(len(self.diseases))
        if not evidence.present:
            return unsaid
        there = frozenset(evidence.present).union(*(self.base.ancestors[f] for f in evidence.present))
        settled = there | evidence.absent | evidence.sought | evidence.virtual.keys()
        met = there | evidence.confirmed | {risk for risk, has in evidence.risks.items() if has}
        for finding, weight in self._untold.items():
            if finding not in settled and met.isdisjoint(self.base.findings[finding].told_by):
                unsaid += weight
        for row, exposure in self._exposures:
            if met.isdisjoint(exposure.any):
                unsaid[row] += np.log1p(-exposure.told)
        return unsaid

    @cached_property
    def _untold(self) -> dict[str, Floats]:
        """Finding -> (D,) log-odds that it gives where it was not told."""
        told = {f.id: f.told for f in self.base.findings.values() if f.told}
        return {finding: np.log1p(-share * self.column(finding)) for finding, share in told.items()}

    @cached_property
    def _exposures(self) -> list[tuple[int, Exposure]]:
        """Row and exposure of the diseases that never come without one."""
        return [(self.row[d.id], d.exposure) for d in self.base.diseases.values() if d.exposure]

    def _check(self, evidence: Evidence) -> None:
        findings = {*evidence.present, *evidence.absent, *evidence.sought, *evidence.virtual}
        unknown = [f for f in sorted(findings) if f not in self.base.findings]
        unknown += [d for d in sorted({*evidence.confirmed, *evidence.do}) if d not in self.row]
        if unknown:
            raise BadEvidence(f"not in this pack: {', '.join(unknown)}")

    def _most_specific(self, evidence: Evidence) -> tuple[set[str], set[str], tuple[str, ...]]:
        """Findings that are not implied by others: a child says more than its parent when present,
        a parent more than its child when absent. And what was called absent and cannot be."""
        ancestors = self.base.ancestors
        implied = {above for f in evidence.present for above in ancestors[f]}
        present = set(evidence.present) - implied
        missing = frozenset(evidence.absent | evidence.sought)
        absent = {f for f in missing if not ancestors[f] & missing}
        contradicted = missing & (implied | set(evidence.present))
        return present, absent - contradicted, tuple(sorted(contradicted))


def _exact(net: NoisyOr, positive: int) -> list[int]:
    """The columns that are folded exactly: all that the budget holds, the most informative first."""
    links = max(int(np.count_nonzero(net.strength[:, :positive])), 1)
    affordable = int(np.log2(BUDGET / links))
    if positive <= min(affordable, MAX_POSITIVE):
        return list(range(positive))
    fewer = int(np.log2(BUDGET / _BOUNDED_READINGS / links))
    return most_informative(net, range(positive), max(1, min(fewer, MAX_POSITIVE)))


def _moved(probability: Floats, log_odds: Floats) -> Floats:
    """With odds moved by a factor of at most 1; certainty stays."""
    odds = probability * np.exp(log_odds)
    return np.where(probability == 1, 1.0, odds / (1 - probability + odds + (probability == 1)))


def _log_odds(probability: Floats) -> Floats:
    """Log-odds, with certainty kept finite."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p))
