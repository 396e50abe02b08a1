"""Diseases as the pack describes them: the edges of the graph, and what is told and done."""

from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from knowledge.concepts import (
    AgeBand,
    Claim,
    Concept,
    Criterion,
    Entry,
    Id,
    Sex,
    Topic,
    Urgency,
)

Basis = Literal["measured", "definition", "estimate"]
Frequency = Literal["obligate", "very_frequent", "frequent", "occasional", "very_rare", "excluded"]

STRENGTH_RANGE: dict[Frequency, tuple[float, float, float]] = {
    "obligate": (1.0, 0.99, 1.0),
    "very_frequent": (0.80, 0.90, 0.99),
    "frequent": (0.30, 0.55, 0.80),
    "occasional": (0.05, 0.15, 0.30),
    "very_rare": (0.0, 0.02, 0.05),
    "excluded": (0.0, 0.0, 0.0),
}
"""Human Phenotype Ontology frequency word -> lowest, used when no number is given, highest.
An obligate finding is used as 0.99: a person's account of it is never certain."""


class Edge(Entry):
    """Base of the graph's edges: where the number comes from, and who states the link."""

    basis: Basis
    source: Id | None = None
    page: int | None = None


class FindingEdge(Edge):
    """P(finding | this disease alone), as a word, or as a number within the word's range."""

    id: Id
    frequency: Frequency
    strength: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _number_fits_word(self) -> "FindingEdge":
        low, _, high = STRENGTH_RANGE[self.frequency]
        if self.strength is not None and not low <= self.strength <= high:
            raise ValueError(f"strength {self.strength} is not {self.frequency} ({low} to {high})")
        return self

    @property
    def probability(self) -> float:
        """The number, or what stands for the word; never 1."""
        return STRENGTH_RANGE[self.frequency][1] if self.strength is None else min(self.strength, 0.99)


class RiskEdge(Edge):
    """How much likelier the disease is with the risk factor (or with the disease of that id)."""

    id: Id
    relative_risk: float = Field(gt=0)


class Exposure(Entry):
    """What a disease never comes without, and whoever has met it tells of: an altitude, a bite, a pregnancy.

    told: P(one of `any` is told unasked | this disease). any: findings, risk factors or diseases.
    """

    told: float = Field(gt=0, lt=1)
    any: tuple[Id, ...] = Field(min_length=1)


class DiseaseEdge(Edge):
    """P(the other disease | this one alone)."""

    disease: Id
    strength: float = Field(gt=0, lt=1)


class Incidence(Entry):
    """Cases per 1,000 people of this age and sex who seek care, in primary and emergency care."""

    basis: Basis
    source: Id | None = None
    by_age: dict[AgeBand, float] = Field(min_length=1)
    male_to_female: float = Field(default=1.0, gt=0)
    only: Sex | None = None


class Mimic(Entry):
    """A disease that this one is confused with, and the findings that tell them apart."""

    disease: Id
    apart_by: tuple[Id, ...] = Field(min_length=1)


class Grade(Claim):
    """A degree of severity; `when` applies it to a case, the text says what it means."""

    grade: Literal["mild", "moderate", "severe", "critical"]
    when: Criterion | None = None


class Workup(Claim):
    """A test and what it tells in this disease. `positive`: the finding that it shows."""

    test: Id
    positive: Id | None = None


class For(Entry):
    """The people a treatment is for; what is not given does not matter."""

    grade: Literal["mild", "moderate", "severe", "critical"] | None = None
    age: AgeBand | None = None
    sex: Sex | None = None
    pregnancy: bool | None = None
    allergy: Id | None = None


class Treatment(Claim):
    """A treatment, its line, its drugs and for whom."""

    line: int = Field(ge=1, le=3)
    drugs: tuple[Id, ...] = ()
    for_: For | None = Field(default=None, alias="for")


class DiseasePassage(Claim):
    """A passage as written inside a disease."""

    id: Id
    topic: Topic


class DiseaseGroup(Concept):
    """Diseases that people ask about together: "is it my heart?", "could it be cancer?".

    department: whose diseases all belong. icd10: beginnings of the codes of those that belong; but: of those that do not.
    """

    prefix: ClassVar[str] = "group"
    department: Id | None = None
    icd10: tuple[str, ...] = ()
    but: tuple[str, ...] = ()

    def holds(self, disease: "Disease") -> bool:
        """Whether a disease belongs."""
        if any(code.startswith(self.but) for code in disease.icd10):
            return False
        return disease.department == self.department or any(c.startswith(self.icd10) for c in disease.icd10)


class Disease(Concept):
    """A disease as the pack describes it; `findings` and `incidence` decide the diagnosis."""

    prefix: ClassVar[str] = "disease"
    tier: Literal["full", "brief", "listed"]
    """How much is written: everything, the essentials, or, when imported, only which findings it shows."""
    icd10: tuple[str, ...] = ()
    department: Id
    urgency: Urgency
    traditional_pattern: bool = False
    """A pattern of traditional Chinese medicine; shown only among candidates asked for."""
    subtype_of: Id | None = None
    incidence: Incidence
    exposure: Exposure | None = None
    risk_factors: tuple[RiskEdge, ...] = ()
    findings: tuple[FindingEdge, ...]
    causes: tuple[DiseaseEdge, ...] = ()
    mimics: tuple[Mimic, ...] = ()
    severity: tuple[Grade, ...] = ()
    workup: tuple[Workup, ...] = ()
    treatment: tuple[Treatment, ...] = ()
    outlook: tuple[Claim, ...] = ()
    follow_up: tuple[Claim, ...] = ()
    self_care: tuple[Claim, ...] = ()
    come_back_if: tuple[Claim, ...] = ()
    passages: tuple[DiseasePassage, ...] = ()

    @field_validator("findings")
    @classmethod
    def _each_finding_once(cls, edges: tuple[FindingEdge, ...]) -> tuple[FindingEdge, ...]:
        ids = [edge.id for edge in edges]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"findings listed twice: {', '.join(twice)}")
        return edges
