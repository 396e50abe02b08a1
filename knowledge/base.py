"""Everything in one pack, by kind and bare id."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from pydantic import Field

from knowledge import concepts as c
from knowledge.claims import passages_of
from knowledge.diseases import Disease, DiseaseGroup
from knowledge.medicines import Drug, DrugClass, Implication


class Inference(c.Entry):
    """How the graph reads cases against this pack; the defaults are the plain noisy-OR network.

    single: whether at most one disease is taken to be present.
    denied: how much of an absent finding is believed (1: it is surely not there).
    breadth: how far each finding told is taken as drawn from all that a disease shows, so that what a
    case leaves out speaks against diseases that show much (0 not at all, 1 in full). kinship: how strongly a disease is taken to
    show a finding when it shows another of the same kind, in proportion to how common both are.
    similarity: log-odds for each nat of information that a finding shares with the disease's own
    (Resnik 1995), beside the network. sought: the same for a finding that was looked for in vain (see
    Evidence.sought); 0 takes it for absent.
    """

    single: bool = False
    denied: float = Field(default=1.0, ge=0, le=1)
    breadth: float = Field(default=0.0, ge=0, le=1)
    kinship: float = Field(default=0.0, ge=0, le=1)
    similarity: float = Field(default=0.0, ge=0)
    sought: float = Field(default=0.0, ge=0)


class KnowledgeBase(c.Entry):
    """A checked pack. `knowledge.pack.load_pack` makes it."""

    name: str
    version: str
    licence: str
    inference: Inference = Inference()
    departments: dict[str, c.Department]
    quantities: dict[str, c.Quantity]
    tests: dict[str, c.Test]
    sources: dict[str, c.Source]
    findings: dict[str, c.Finding]
    risk_factors: dict[str, c.RiskFactor]
    drugs: dict[str, Drug]
    drug_classes: dict[str, DrugClass] = {}
    diseases: dict[str, Disease]
    disease_groups: dict[str, DiseaseGroup] = {}
    question_groups: tuple[c.QuestionGroup, ...] = ()
    red_flags: tuple[c.RedFlag, ...] = ()
    targets: dict[str, c.Target] = {}
    implications: tuple[Implication, ...] = ()
    own_passages: tuple[c.Passage, ...] = ()

    @cached_property
    def passages(self) -> dict[str, c.Passage]:
        """All passages by id: those written as such, and every claim of a disease, drug or red flag."""
        entries: list[Disease | Drug | DrugClass | c.Target | c.RedFlag] = [
            *self.diseases.values(), *self.drugs.values(), *self.drug_classes.values(),
            *self.targets.values(), *self.red_flags
        ]  # fmt: skip
        written = {p.id: p for p in self.own_passages}
        return written | {p.id: p for entry in entries for p in passages_of(entry)}

    @cached_property
    def by_prefix(self) -> dict[str, Mapping[str, c.Concept]]:
        """Prefix of a full id -> the concepts of that kind by bare id."""
        return {
            "department": self.departments,
            "quantity": self.quantities,
            "test": self.tests,
            "finding": self.findings,
            "risk": self.risk_factors,
            "drug": self.drugs,
            "class": self.drug_classes,
            "target": self.targets,
            "disease": self.diseases,
            "group": self.disease_groups,
        }

    def concept(self, ref: str) -> c.Concept:
        """The concept of a full id. Raises KeyError."""
        prefix, _, bare = ref.partition(":")
        return self.by_prefix[prefix][bare]

    def concepts(self) -> Iterator[c.Concept]:
        """Every concept of every kind."""
        for kind in self.by_prefix.values():
            yield from kind.values()

    def observable(self, bare: str) -> str | None:
        """Full id of what a criterion or a risk edge names: a finding, a risk factor or a disease."""
        for prefix in ("finding", "risk", "disease"):
            if bare in self.by_prefix[prefix]:
                return f"{prefix}:{bare}"
        return None

    def measured_by(self, quantity: str) -> frozenset[str]:
        """The findings (bare ids) that values of a quantity turn into."""
        rows = self.findings.items()
        return frozenset(bare for bare, f in rows if any(rule.quantity == quantity for rule in f.measured))

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """Bare finding id -> all findings that it is one of, itself not included."""
        return {finding: frozenset(self._above(finding)) for finding in self.findings}

    @cached_property
    def descendants(self) -> dict[str, frozenset[str]]:
        """Bare finding id -> all findings that are one of it, itself not included."""
        below: dict[str, set[str]] = {f: set() for f in self.findings}
        for child, parents in self.ancestors.items():
            for parent in parents:
                below[parent].add(child)
        return {f: frozenset(children) for f, children in below.items()}

    def _above(self, finding: str) -> set[str]:
        above: set[str] = set()
        waiting = list(self.findings[finding].parents)
        while waiting:
            if (parent := waiting.pop()) not in above:
                above.add(parent)
                waiting.extend(self.findings[parent].parents)
        return above
