"""The Human Phenotype Ontology's annotations -> a pack of rare diseases.

Köhler S, et al. The Human Phenotype Ontology in 2021. Nucleic Acids Res 2021;49:D1207-17.

What the ontology does not say is estimated, and marked so: a frequency that is not known, how common
a disease is (the more publications the likelier), and how common a finding is otherwise (as among
all diseases of the ontology, so that a finding of few diseases tells more).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from knowledge import concepts as c
from knowledge.base import Inference, KnowledgeBase
from knowledge.compiled import write_compiled
from knowledge.diseases import Disease, DiseasePassage, Incidence
from knowledge.importers.frequencies import Shown, borrowed, shown_by
from knowledge.importers.hpo_files import Annotation, Annotations, read_annotations, read_labels
from knowledge.importers.names import Names
from knowledge.importers.namesakes import namesakes
from knowledge.importers.ontology import Ontology, read_ontology

INFERENCE = Inference(single=True, denied=0.1, breadth=0.5, kinship=0.1, similarity=0.2, sought=0.4)
"""Chosen on half of the development cases; see benchmarks/rare.py."""
_TERMS: dict[str, Any] = yaml.safe_load((files("knowledge.importers") / "hpo.yaml").read_text("utf-8"))
_RATE, _KNOWN = 0.01, 0.3
"""Cases per 1,000 of a disease without a publication; with n of them (1 + n)^_KNOWN times as many."""
_RAREST, _COMMONEST = 1e-4, 0.5
_TOLD = 12
_ONTOLOGY = "human_phenotype_ontology"
_DEPARTMENT = c.Department(
    id="rare_diseases", names=c.Names(en=("Rare diseases", "medical genetics"), zh=("罕见病", "医学遗传科"))
)

Profiles = Mapping[str, Mapping[str, Shown]]


@dataclass(frozen=True)
class Imported:
    """A pack, and what of the files was not used or not understood, in words."""

    base: KnowledgeBase
    notes: tuple[str, ...]


def import_hpo(annotations: Path, edges: Path, labels: Sequence[Path], out: Path) -> Imported:
    """Read the files and write the pack. Raises PackError that names every fault."""
    imported = read_hpo(annotations, edges, labels)
    write_compiled(imported.base, out)
    return imported


def read_hpo(annotations: Path, edges: Path, labels: Sequence[Path]) -> Imported:
    """The pack that the files amount to. Raises PackError."""
    ontology = read_ontology(edges)
    names = Names(ontology)
    for path in labels:
        names.add(read_labels(path))
    read = read_annotations(annotations)
    rows = [replace(row, term=ontology.replaced.get(row.term, row.term)) for row in read.rows]
    return _Import(ontology, names, replace(read, rows=tuple(rows))).done()


class _Import:
    """One import: the files read, and what is made of them."""

    def __init__(self, ontology: Ontology, names: Names, read: Annotations) -> None:
        self._ontology, self._names, self._read = ontology, names, read
        self._phenotypes = [row for row in read.rows if row.aspect == "P" and self._is_finding(row.term)]
        titles = {row.disease: row.name for row in read.rows}
        self._titles = titles
        own = shown_by(self._phenotypes, _TERMS["frequency"])
        self._profiles: Profiles = borrowed(own, namesakes(titles))
        named = {term for profile in self._profiles.values() for term in profile}
        self._terms = named | {term for term in ontology.parents if self._is_finding(term)}
        self._rows_of: dict[str, list[Annotation]] = defaultdict(list)
        for row in read.rows:
            self._rows_of[row.disease].append(row)

    def done(self) -> Imported:
        leak = self._leaks()
        base = KnowledgeBase(
            name="Human Phenotype Ontology",
            version=self._read.version or "unknown",
            licence="Human Phenotype Ontology licence: attribution, no change under its name",
            inference=INFERENCE,
            departments={_DEPARTMENT.id: _DEPARTMENT},
            quantities={},
            tests={},
            sources={source.id: source for source in self._sources()},
            findings={_bare(term): self._finding(term, leak[term]) for term in sorted(self._terms)},
            risk_factors={},
            drugs={},
            diseases={_bare(disease): self._disease(disease) for disease in sorted(self._titles)},
        )
        return Imported(base, tuple(self._notes()))

    def _is_finding(self, term: str) -> bool:
        """Whether it lies below the root, or the edges do not know it (they may be older)."""
        root = _TERMS["root"]
        unplaced = term not in self._ontology.parents and term not in (root, *self._ontology.above(root))
        return root in self._ontology.above(term) or unplaced

    def _leaks(self) -> dict[str, float]:
        """Term -> its mean frequency over all diseases, kinds of it counted as it."""
        total: defaultdict[str, float] = defaultdict(float)
        for profile in self._profiles.values():
            here: dict[str, float] = {}
            for term, shown in profile.items():
                for t in (term, *self._ontology.above(term)):
                    here[t] = max(here.get(t, 0.0), shown.strength)
            for term, strength in here.items():
                total[term] += strength
        mean = {term: total[term] / max(len(self._profiles), 1) for term in self._terms}
        return {term: float(np.clip(m, _RAREST, _COMMONEST)) for term, m in mean.items()}

    def _finding(self, term: str, leak: float) -> c.Finding:
        names = self._names.of_term(term)
        parents = sorted(p for p in self._ontology.parents.get(term, ()) if p in self._terms)
        return c.Finding(
            id=_bare(term),
            names=names,
            kind="symptom" if self._names.is_plain(term) else "sign",
            question=c.Text(en=f"Is this there: {names.en[-1]}?", zh=f"是否有：{names.zh[0]}？"),
            parents=tuple(_bare(parent) for parent in parents),
            hpo=term,
            leak=leak,
        )

    def _disease(self, disease: str) -> Disease:
        profile = self._profiles.get(disease, {})
        names = self._names.of_disease(disease, self._titles[disease])
        return Disease(
            id=_bare(disease),
            names=names,
            tier="listed",
            department=_DEPARTMENT.id,
            urgency="routine",
            incidence=self._incidence(self._rows_of[disease]),
            findings=tuple(s.edge(_bare(term), _bare(s.reference)) for term, s in sorted(profile.items())),
            passages=tuple(self._passages(names.en[0], profile)),
        )

    def _incidence(self, rows: Sequence[Annotation]) -> Incidence:
        """From how often it was published, when it begins, and how it is inherited."""
        said = {row.term for row in rows}
        published = {row.reference for row in rows if row.reference.startswith("PMID")}
        onset = min((_TERMS["onset"][term] for term in said & _TERMS["onset"].keys()), default=0)
        ratio = max((_TERMS["inheritance"][t] for t in said & _TERMS["inheritance"].keys()), default=1.0)
        rate = round(_RATE * (1 + len(published)) ** _KNOWN, 5)
        return Incidence(basis="estimate", by_age={f"{onset}+": rate}, male_to_female=ratio)

    def _passages(self, name: str, profile: Mapping[str, Shown]) -> Iterator[DiseasePassage]:
        """What the ontology says, in a sentence that can be cited."""
        told = sorted((t for t in profile if profile[t].strength > 0), key=lambda t: -profile[t].strength)
        if told:
            english = ", ".join(self._names.label(t) for t in told[:_TOLD])
            chinese = "、".join(self._names.chinese(t) for t in told[:_TOLD])
            yield DiseasePassage(
                id="findings",
                topic="symptoms",
                en=f"Findings annotated to {name}, the most frequent first: {english}.",
                zh=f"{name} 的表型注释（按频率排列）：{chinese}。",
                source=_ONTOLOGY,
            )

    def _sources(self) -> Iterator[c.Source]:
        yield c.Source(
            id=_ONTOLOGY,
            title="Annotations of rare diseases with phenotype terms",
            publisher="Human Phenotype Ontology",
            year=int(self._read.version[:4]) if re.match(r"\d{4}", self._read.version) else None,
            url="https://hpo.jax.org",
        )
        for reference in sorted({row.reference for row in self._phenotypes}):
            catalogue, _, number = reference.partition(":")
            url = _LINKS[catalogue].format(number) if catalogue in _LINKS else None
            yield c.Source(id=_bare(reference), title=reference, publisher=catalogue, url=url)

    def _notes(self) -> Iterator[str]:
        rows = self._read.rows
        aside = Counter(row.aspect or "none" for row in rows if row.aspect != "P")
        elsewhere = sum(row.aspect == "P" for row in rows) - len(self._phenotypes)
        unplaced = sorted(t for t in self._terms if t not in self._ontology.parents)
        bare = sorted(term for term in self._terms if not self._names.known(term))
        yield f"{len(rows)} rows, of which {len(self._phenotypes)} say that a disease shows a finding or not"
        yield f"read for onset and inheritance, or set aside, by aspect: {dict(aside)}"
        if elsewhere:
            yield f"{elsewhere} rows with terms that are no phenotypic abnormality were set aside"
        if unplaced:
            yield f"{len(unplaced)} terms have no place in the edges (is that file older?): {_few(unplaced)}"
        if bare:
            yield f"{len(bare)} terms have no name in any file and go by their number: {_few(bare)}"
        empty = sorted(self._titles.keys() - self._profiles.keys())
        if empty:
            yield f"{len(empty)} diseases have no finding: {_few(empty)}"


_LINKS = {
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/{}",
    "OMIM": "https://omim.org/entry/{}",
    "ORPHA": "https://www.orpha.net/en/disease/detail/{}",
}


@cache
def _bare(reference: str) -> str:
    """`HP:0001250` as an id of a pack: hp_0001250."""
    plain = re.sub(r"[^a-z0-9]+", "_", reference.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"reference_{plain}"


def _few(items: Sequence[str]) -> str:
    return ", ".join(items[:5]) + (", …" if len(items) > 5 else "")
