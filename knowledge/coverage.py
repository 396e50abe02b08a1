"""The pack held against tables that others made: does it have the strongest symptoms of each disease?

Tables: disease-symptom weights learnt from emergency records (Rotmensch et al., Sci Rep 2017), and the
pairs of the Disease Ontology. A symptom counts as covered when the disease, or what it is a subtype of,
links to a finding of that name, to a kind of it or to what it is a kind of. The pack's coverage.yaml says
which findings a table's loose word (pain, weakness) may mean, and what is left out on purpose and why.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from knowledge.base import KnowledgeBase
from knowledge.lexicon import Lexicon
from knowledge.resolve import Resolver

STRONGEST = 10
TABLES = {
    "rotmensch": Path("graph/rotmensch2017_disease_symptom.csv"),
    "disease_ontology": Path("ontology/do_disease_symptom.tsv"),
}
_WEIGHTED = re.compile(r"([^,(]+?)\s*\(([\d.]+)\)")


@dataclass(frozen=True)
class Pair:
    """A disease (bare id) and a symptom as the table words it; reason: why the pack leaves it out."""

    table: str
    disease: str
    symptom: str
    covered: bool
    reason: str | None

    @property
    def settled(self) -> bool:
        """In the pack, or left out for a reason."""
        return self.covered or self.reason is not None


@dataclass(frozen=True)
class Remarks:
    """means: a table's word -> patterns of finding ids (`*pain*`). everywhere, of_disease: symptoms left
    out everywhere, and of single diseases (bare ids), each with the reason."""

    means: Mapping[str, Sequence[str]]
    everywhere: Mapping[str, str]
    of_disease: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, pack: Path) -> "Remarks":
        """Of a pack; empty when it has none."""
        path = pack / "coverage.yaml"
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return cls(raw.get("means", {}), raw.get("everywhere", {}), raw.get("of_disease", {}))

    def meant(self, symptom: str, linked: set[str]) -> bool:
        """Whether a disease linked to some concepts shows what a table's word may mean."""
        return any(fnmatchcase(ref, pattern) for pattern in self.means.get(symptom, ()) for ref in linked)

    def reason(self, disease: str, symptom: str) -> str | None:
        """Why a symptom of a disease is left out, if it is."""
        return self.of_disease.get(disease, {}).get(symptom) or self.everywhere.get(symptom)


def coverage(base: KnowledgeBase, pack: Path, data: Path) -> list[Pair]:
    """Every pair of the tables whose disease the pack knows."""
    lexicon, resolver = Lexicon(base, ("finding", "risk", "disease")), Resolver(base)
    remarks = Remarks.load(pack)
    pairs = []
    for table, path in TABLES.items():
        for name, symptoms in _rows(data / path):
            found = resolver.resolve(name)
            if found is None:
                continue
            disease = found.disease.partition(":")[2]
            linked = _linked(base, disease)
            for symptom in symptoms[:STRONGEST]:
                means = {ref.partition(":")[2] for m in lexicon.mentions(symptom) for ref in m.refs}
                covered = bool(means & linked) or remarks.meant(symptom, linked)
                pairs.append(Pair(table, disease, symptom, covered, remarks.reason(disease, symptom)))
    return pairs


def _linked(base: KnowledgeBase, disease: str) -> set[str]:
    """What a disease or those above it link to, with the kinds and the wider forms of each finding."""
    own = base.diseases[disease]
    direct = {e.id for e in own.findings if e.frequency != "excluded"}
    direct |= {r.id for r in own.risk_factors} | {c.disease for c in own.causes}
    findings = direct & base.findings.keys()
    wide = {g for f in findings for g in (*base.ancestors[f], *base.descendants[f])}
    above = _linked(base, own.subtype_of) if own.subtype_of else set()
    return direct | wide | above | {disease}


def _rows(path: Path) -> Iterator[tuple[str, Sequence[str]]]:
    """(disease, symptoms with the strongest first)."""
    with path.open(encoding="utf-8", newline="") as stream:
        if path.suffix == ".csv":
            for row in csv.DictReader(stream):
                weighted = [(float(w), s.strip()) for s, w in _WEIGHTED.findall(row["Symptoms"])]
                yield row["Diseases"], [s for _, s in sorted(weighted, key=lambda x: -x[0])]
        else:
            grouped: dict[str, list[str]] = {}
            for row in csv.DictReader(stream, delimiter="\t"):
                grouped.setdefault(row["disease_label"], []).append(row["symptom_label"])
            yield from grouped.items()
