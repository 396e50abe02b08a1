"""The ways from what a person has, through a disease, to what was found: the reasons in the graph's words."""

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx

from knowledge.evidence import BadEvidence, Evidence
from knowledge.graph import CausalGraph


@dataclass(frozen=True)
class Step:
    """One edge, in full ids. kind: `risk` (strength is a relative risk), `causes` (strength is a
    probability), or `is_a` between findings (no strength). basis, source: as the pack says."""

    cause: str
    effect: str
    kind: str
    strength: float | None = None
    basis: str | None = None
    source: str | None = None


def causal_paths(graph: CausalGraph, evidence: Evidence, disease: str) -> list[tuple[Step, ...]]:
    """The shortest way from each risk factor or disease that the person has to the disease, and from
    it to each present finding that it explains, by its own links or through what it causes.

    disease: bare id. Raises BadEvidence when it is not in the pack.
    """
    here = f"disease:{disease}"
    if disease not in graph.row:
        raise BadEvidence(f"not in this pack: {disease}")
    had = [graph.base.observable(risk) for risk, has in sorted(evidence.risks.items()) if has]
    ways = [_way(graph.drawing, start, here) for start in had if start and start != here]
    ways += [_to_finding(graph, here, finding) for finding in sorted(evidence.present)]
    return [way for way in ways if way]


def _to_finding(graph: CausalGraph, here: str, finding: str) -> tuple[Step, ...]:
    """To the finding itself, else to a kind of it, else to what it is a kind of."""
    for near in _near(graph, finding):
        if way := _way(graph.drawing, here, f"finding:{near}"):
            last = () if near == finding else (Step(f"finding:{near}", f"finding:{finding}", "is_a"),)
            return (*way, *last)
    return ()


def _near(graph: CausalGraph, finding: str) -> Iterator[str]:
    yield finding
    yield from sorted(graph.base.descendants[finding])
    yield from sorted(graph.base.ancestors[finding])


def _way(drawing: nx.DiGraph, start: str, end: str) -> tuple[Step, ...]:
    if start not in drawing or end not in drawing or not nx.has_path(drawing, start, end):
        return ()
    return tuple(_step(drawing, a, b) for a, b in nx.utils.pairwise(nx.shortest_path(drawing, start, end)))


def _step(drawing: nx.DiGraph, cause: str, effect: str) -> Step:
    edge = drawing.edges[cause, effect]
    kind = "risk" if "relative_risk" in edge else "causes"
    strength = edge.get("relative_risk", edge.get("strength"))
    return Step(cause, effect, kind, strength, edge["basis"], edge["source"])
