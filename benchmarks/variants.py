"""The differential with all witnesses and with each alone, from one hearing of a case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.api import Assistant
from assistant.case import Case
from assistant.differential import GRAPH, Fusion, fuse
from knowledge.base import KnowledgeBase

VARIANTS: dict[str, tuple[str, ...]] = {
    "fused": (*GRAPH, "text", "retrieval"),
    "graph_alone": GRAPH,
    "text_alone": ("text",),
    "retrieval_alone": ("retrieval",),
}
"""Name -> the witnesses that keep their weight."""


@dataclass(frozen=True)
class Ranked:
    """Diseases (bare ids) by falling probability; the probability of the first, and that of the first together
    with what it is a subtype of and its subtypes."""

    diseases: tuple[str, ...]
    confidence: float
    confidence_of_kin: float


def ranked(assistant: Assistant, case: Case, candidates: Sequence[str] | None = None) -> dict[str, Ranked]:
    """Variant -> the differential; witnesses that the assistant does not have count nothing."""
    base, mind = assistant.base, assistant.mind
    reading, opinions = mind.hear(case)
    names = [d.name("en") for d in base.diseases.values()]
    row = {d: i for i, d in enumerate(base.diseases)}
    rows = [
        i
        for i, d in enumerate(base.diseases.values())
        if candidates is None and not d.traditional_pattern and reading.prior[i] > 0
    ] or [row[d] for d in dict.fromkeys(candidates or ())]
    committed = Fusion.load().pool(opinions)
    found = {}
    for variant, witnesses in VARIANTS.items():
        alone = len(witnesses) == 1
        weights = {w: (1.0 if alone else v) if w in witnesses else 0.0 for w, v in committed.weights.items()}
        fusion = Fusion((replace(committed, weights=weights),))
        hypotheses = fuse(reading, opinions, fusion, names, rows).hypotheses
        shares_of = {h.disease: h.probability for h in hypotheses if h.disease}
        first = next(iter(shares_of), None)
        kin = related(base, first) if first else frozenset[str]()
        found[variant] = Ranked(
            tuple(shares_of),
            shares_of.get(first, 0.0) if first else 0.0,
            sum(shares_of.get(disease, 0.0) for disease in kin),
        )
    return found


def related(base: KnowledgeBase, disease: str) -> frozenset[str]:
    """A disease (bare id), what it is a subtype of, and its subtypes."""
    found = {disease}
    above = base.diseases[disease].subtype_of
    while above and above not in found:
        found.add(above)
        above = base.diseases[above].subtype_of
    return frozenset(found | {d.id for d in base.diseases.values() if d.subtype_of == disease})


def rank_of(diseases: Sequence[str], right: frozenset[str]) -> int | None:
    """The place, from 1, of the first right one."""
    return next((i for i, disease in enumerate(diseases, 1) if disease in right), None)


def shares(ranks: Sequence[int | None]) -> dict[str, float]:
    """Share in the first 1, 3, 5."""
    placed = np.array([rank or np.inf for rank in ranks])
    return {f"top{k}": round(float((placed <= k).mean()), 4) if len(placed) else 0.0 for k in (1, 3, 5)}
