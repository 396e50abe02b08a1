"""Does the pack know its own diseases? Cases drawn from a disease's row should bring it to the front.

For each disease, people of its ages and sex with six to twelve of its findings are drawn, times among
them, and the causal graph ranks all diseases. A disease that is often not among the first three is
described too much like another: those pairs are named.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.diseases import Disease
from knowledge.evidence import Evidence
from knowledge.graph import CausalGraph
from knowledge.sampling import Sampler

FIRST = 3
_FEWEST, _MOST = 6, 12


@dataclass(frozen=True)
class Coherence:
    """Of one disease (bare id): the share of its cases in which it, or a kind or wider form of it, came
    among the first; and what stood before it, with how often."""

    disease: str
    cases: int
    among_first: float
    mistaken_for: tuple[tuple[str, int], ...]


def coherence(
    base: KnowledgeBase, cases: int, seed: int = 0, done: Callable[[], object] = lambda: None
) -> list[Coherence]:
    """One row a disease; patterns of traditional medicine are left out. done: called after each."""
    graph = CausalGraph(base)
    usual = np.array([not d.traditional_pattern for d in base.diseases.values()])
    rows: list[Coherence] = []
    for disease in base.diseases.values():
        if not disease.traditional_pattern:
            rows.append(_of(disease, graph, usual, cases, np.random.default_rng([seed, len(rows)])))
            done()
    return rows


def pairs(rows: Sequence[Coherence], share: float = 0.25) -> list[tuple[str, str, float]]:
    """(disease, the one before it, share of cases), where that happens at least so often."""
    found = [(r.disease, other, n / r.cases) for r in rows for other, n in r.mistaken_for]
    return sorted((p for p in found if p[2] >= share), key=lambda p: -p[2])


def _of(
    disease: Disease, graph: CausalGraph, usual: np.ndarray, cases: int, rng: np.random.Generator
) -> Coherence:
    sampler = Sampler(rng)
    kin = _kin(graph.base, disease)
    hits, before = 0, Counter[str]()
    for _ in range(cases):
        age, sex = sampler.person(disease)
        shown = _few(sampler, disease)
        posterior = graph.posterior(Evidence(present=frozenset(shown), age=age, sex=sex)).posterior
        order = np.argsort(-np.where(usual, posterior, -1.0), kind="stable")[:FIRST]
        first = [graph.diseases[i] for i in order]
        if kin & set(first):
            hits += 1
        else:
            before.update(first[:1])
    return Coherence(disease.id, cases, hits / cases, tuple(before.most_common(3)))


def _few(sampler: Sampler, disease: Disease) -> list[str]:
    """Six to twelve findings; the likeliest are added where fewer were drawn."""
    shown, _ = sampler.shown(disease)
    few = shown[: int(sampler.rng.integers(_FEWEST, _MOST + 1))]
    likeliest = sorted(disease.findings, key=lambda e: -e.probability)
    return [*few, *(e.id for e in likeliest if e.id not in few)][: max(len(few), _FEWEST)]


def _kin(base: KnowledgeBase, disease: Disease) -> set[str]:
    """A disease, those above it, and those below it."""
    above, at = {disease.id}, disease
    while at.subtype_of and at.subtype_of not in above:
        above.add(at.subtype_of)
        at = base.diseases[at.subtype_of]
    return above | {d.id for d in base.diseases.values() if d.subtype_of == disease.id}
