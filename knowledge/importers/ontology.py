"""The terms of an ontology and what each is one of, from OBO graphs (JSON) or OBO text."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import networkx as nx

from knowledge.faults import Fault, PackError
from knowledge.importers.hpo_files import lines_of, term_id

_IS_A = ("is_a", "http://www.w3.org/2000/01/rdf-schema#subClassOf")
_QUOTED = re.compile(r'^"((?:[^"\\]|\\.)*)"(.*)')


@dataclass
class Ontology:
    """parents: term -> what it is one of. labels, lay: term -> name, lay synonyms, where the file has
    them. replaced: withdrawn or merged term -> the one that stands for it. version: as it names it."""

    parents: dict[str, set[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    lay: dict[str, list[str]] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    version: str = ""

    def above(self, term: str) -> frozenset[str]:
        """All that a term is one of, itself not included."""
        if term not in self._closed:
            parents = self.parents.get(term, set())
            self._closed[term] = frozenset(parents).union(*map(self.above, parents))
        return self._closed[term]

    def __post_init__(self) -> None:
        self._closed: dict[str, frozenset[str]] = {}


def read_ontology(path: Path) -> Ontology:
    """Raises PackError when the file cannot be read or a term is, by steps, one of itself."""
    lines = lines_of(path)
    text = "\n".join(lines)
    try:
        found = _from_json(json.loads(text)) if text.lstrip().startswith("{") else _from_obo(lines)
    except json.JSONDecodeError as fault:
        raise PackError(
            [Fault(path.name, fault.lineno, "", f"not JSON, is it cut off? {fault.msg}")]
        ) from None
    except (KeyError, TypeError, AttributeError) as fault:
        raise PackError([Fault(path.name, 1, "", f"no OBO graph: {fault!r}")]) from None
    if not found.parents:
        raise PackError([Fault(path.name, 1, "", "no is-a edge in it; expected hp.json or hp.obo")])
    if cycle := _cycle(found.parents):
        raise PackError([Fault(path.name, 1, "", f"a cycle of is-a edges: {' → '.join(cycle)}")])
    return found


def _from_json(content: Any) -> Ontology:
    found = Ontology()
    for graph in content["graphs"]:
        found.version = found.version or str((graph.get("meta") or {}).get("version") or "")
        for edge in graph.get("edges", []):
            if edge["pred"] in _IS_A:
                found.parents.setdefault(term_id(edge["sub"]), set()).add(term_id(edge["obj"]))
        for node in graph.get("nodes", []):
            _node(found, term_id(node["id"]), node.get("lbl"), node.get("meta") or {})
    return found


def _node(found: Ontology, term: str, label: str | None, meta: dict[str, Any]) -> None:
    for value in meta.get("basicPropertyValues", []):
        if value["pred"].endswith("hasAlternativeId"):
            found.replaced[value["val"]] = term
        elif value["pred"].endswith("IAO_0100001"):
            found.replaced[term] = term_id(value["val"])
    if label and not meta.get("deprecated"):
        found.labels[term] = label
    for synonym in meta.get("synonyms", []):
        kinds = [synonym.get("synonymType") or "", *synonym.get("xrefs", [])]
        if any("layperson" in kind for kind in kinds):
            found.lay.setdefault(term, []).append(synonym["val"])


def _from_obo(lines: Iterable[str]) -> Ontology:
    found = Ontology()
    term, in_term = "", False
    for line in lines:
        if line.startswith("["):
            term, in_term = "", line.strip() == "[Term]"
        key, _, value = line.partition(": ")
        if key == "data-version":
            found.version = value
        if in_term:
            term = value if key == "id" else term
            _obo_field(found, term, key, value)
    return found


def _obo_field(found: Ontology, term: str, key: str, value: str) -> None:
    if key == "name" and not value.startswith("obsolete "):
        found.labels[term] = value
    elif key == "is_a":
        found.parents.setdefault(term, set()).add(value.split(" ")[0])
    elif key == "alt_id":
        found.replaced[value] = term
    elif key == "replaced_by":
        found.replaced[term] = value
    elif key == "synonym" and (quoted := _QUOTED.match(value)) and "layperson" in quoted[2]:
        found.lay.setdefault(term, []).append(quoted[1].replace('\\"', '"'))


def _cycle(parents: dict[str, set[str]]) -> list[str]:
    """A way from a term back to itself, or nothing."""
    graph = nx.DiGraph([(term, parent) for term, above in parents.items() for parent in above])
    try:
        way = [term for term, _ in nx.find_cycle(graph)]
    except nx.NetworkXNoCycle:
        return []
    return [*way, way[0]]
