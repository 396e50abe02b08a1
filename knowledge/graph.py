"""KnowledgeBase -> CausalGraph: risk factors -> diseases -> findings, disease -> disease.

A networkx DiGraph holds the edges as they are written, for drawing and paths. Inference reads
columns of effective strength, in which the is-a of findings and complications are worked in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import networkx as nx
import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.evidence import Evidence
from knowledge.noisy_or import Floats, NoisyOr
from knowledge.priors import prior
from knowledge.variational import bounded_weights, most_informative

EXACT = 12
"""Positive findings folded exactly; further ones are bounded (see variational.py)."""
_SHARE_OF_KIND = 0.2
"""Of a wider finding that a disease shows, the share that is of a kind which its row does not name."""


@dataclass(frozen=True)
class GraphReading:
    """What the graph says of a case.

    diseases: ids, D of them. prior, posterior: (D,). findings: ids of the k findings used, with
    their state. weights: (k, D) log-odds that each finding adds: the posterior with it against the
    posterior without it. bounded: findings that entered through a bound, without a weight.
    """

    diseases: tuple[str, ...]
    prior: Floats
    posterior: Floats
    findings: tuple[tuple[str, bool], ...]
    weights: Floats
    evidence: float
    bounded: tuple[str, ...]


class CausalGraph:
    """The causal picture of a knowledge base, and exact inference on it."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base
        self.diseases = tuple(base.diseases)
        self._row = {disease: i for i, disease in enumerate(self.diseases)}
        self._prevalence = {risk.id: risk.prevalence for risk in base.risk_factors.values()}
        self.column = lru_cache(maxsize=4096)(self._column)

    @cached_property
    def drawing(self) -> nx.DiGraph:
        """Nodes are full ids with `kind`; edges carry `strength` or `relative_risk`, `basis`, `source`."""
        graph = nx.DiGraph()
        for disease in self.base.diseases.values():
            graph.add_node(disease.ref, kind="disease")
            for risk in disease.risk_factors:
                ref = self.base.observable(risk.id) or f"risk:{risk.id}"
                graph.add_edge(
                    ref, disease.ref, relative_risk=risk.relative_risk, basis=risk.basis, source=risk.source
                )
            for link in disease.findings:
                graph.add_edge(
                    disease.ref,
                    f"finding:{link.id}",
                    strength=link.probability,
                    basis=link.basis,
                    source=link.source,
                )
            for effect in disease.causes:
                graph.add_edge(
                    disease.ref,
                    f"disease:{effect.disease}",
                    strength=effect.strength,
                    basis=effect.basis,
                    source=effect.source,
                )
        return graph

    def posterior(self, evidence: Evidence) -> GraphReading:
        """P(disease | evidence) for every disease, with the weight of each finding.

        Raises ImpossibleEvidence, and KeyError for a finding that is not in the pack.
        """
        present, absent = self._most_specific(evidence)
        raised = {
            f: ratio for f, ratio in evidence.virtual.items() if ratio > 1 and f not in present | absent
        }
        lowered = {
            f: ratio for f, ratio in evidence.virtual.items() if ratio < 1 and f not in present | absent
        }
        positive = sorted(present) + sorted(raised)
        negative = sorted(absent) + sorted(lowered)
        net = self._network(evidence, positive, negative, raised | lowered)
        columns = list(range(len(positive)))
        exact = columns if len(columns) <= EXACT else most_informative(net, columns, EXACT)
        bounded = [i for i in columns if i not in exact]
        silent = list(range(len(positive), len(positive) + len(negative)))
        reading = net.posterior(exact, silent)
        if bounded:
            scaled = _scale(net, bounded_weights(net, bounded, reading.probability))
            reading = scaled.posterior(exact, silent)
        used = [(positive[i], True) for i in exact] + [(finding, False) for finding in negative]
        return GraphReading(
            self.diseases,
            net.prior,
            reading.probability,
            tuple(used),
            _log_odds(reading.probability) - _log_odds(reading.without),
            reading.evidence,
            tuple(positive[i] for i in bounded),
        )

    def prior(self, evidence: Evidence) -> Floats:
        """(D,) P(disease) for this person before any finding."""
        return np.array([prior(d, evidence, self._prevalence) for d in self.base.diseases.values()])

    def strength(self, disease: str, finding: str) -> float:
        """Effective P(finding | disease alone)."""
        return float(self.column(finding)[self._row[disease]])

    def chance(self, disease: str, finding: str) -> float:
        """P(finding | this disease alone, or whatever else may cause it)."""
        leak = self.base.findings[finding].leak_probability
        return 1 - (1 - self.strength(disease, finding)) * (1 - leak)

    def _network(
        self,
        evidence: Evidence,
        positive: Sequence[str],
        negative: Sequence[str],
        virtual: dict[str, float],
    ) -> NoisyOr:
        findings = [*positive, *negative]
        strength = np.zeros((len(self.diseases), len(findings)))
        leak = np.empty(len(findings))
        for i, finding in enumerate(findings):
            strength[:, i] = self.column(finding)
            leak[i] = self.base.findings[finding].leak_probability
            ratio = virtual.get(finding)
            if ratio is not None and ratio > 1:
                leak[i] = 1 - (1 - leak[i]) * (1 - 1 / ratio)
            elif ratio is not None:
                strength[:, i] *= 1 - ratio
                leak[i] *= 1 - ratio
        return NoisyOr(self.prior(evidence), strength, leak)

    def _most_specific(self, evidence: Evidence) -> tuple[set[str], set[str]]:
        """Findings that are not implied by others: a child says more than its parent when present,
        a parent more than its child when absent."""
        ancestors = self.base.ancestors
        implied = {above for f in evidence.present for above in ancestors[f]}
        present = set(evidence.present) - implied
        absent = {f for f in evidence.absent if not ancestors[f] & evidence.absent}
        return present, absent - set(evidence.present) - implied

    def _column(self, finding: str) -> Floats:
        """(D,) P(finding | disease alone), complications worked in."""
        own = self._own_column(finding)
        silence = 1 - own
        for effect, causes in self._causes_of.items():
            if (strength := own[self._row[effect]]) > 0:
                for cause, chance in causes:
                    silence[self._row[cause]] *= 1 - chance * strength
        return 1 - silence

    def _own_column(self, finding: str) -> Floats:
        """(D,) from the disease's own row: the link itself, else those to its kinds, else to what it is
        a kind of, in proportion to how common both are."""
        below, above = self.base.descendants[finding], self.base.ancestors[finding]
        here = self.base.findings[finding].leak_probability
        column = np.zeros(len(self.diseases))
        for row, links in enumerate(self._links):
            if finding in links:
                column[row] = links[finding]
            elif kinds := [links[f] for f in below & links.keys()]:
                column[row] = max(kinds)
            elif wider := above & links.keys():
                column[row] = max(
                    links[f] * np.clip(here / self.base.findings[f].leak_probability, 0.15, 0.6)
                    for f in wider
                )
        return column

    @cached_property
    def _links(self) -> tuple[dict[str, float], ...]:
        return tuple({e.id: e.probability for e in d.findings} for d in self.base.diseases.values())

    @cached_property
    def _causes_of(self) -> dict[str, list[tuple[str, float]]]:
        """Disease -> what causes it, with the chance."""
        causes: dict[str, list[tuple[str, float]]] = {}
        for disease in self.base.diseases.values():
            for edge in disease.causes:
                causes.setdefault(edge.disease, []).append((disease.id, edge.strength))
        return causes


def _scale(net: NoisyOr, factors: Floats) -> NoisyOr:
    """The network with each disease's prior odds multiplied by its factor."""
    odds = net.prior / np.maximum(1 - net.prior, 1e-12) * factors
    return NoisyOr(odds / (1 + odds), net.strength, net.leak)


def _log_odds(probability: Floats) -> Floats:
    """Log-odds, with certainty kept finite."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p))
