"""Medicines as the pack describes them: what for, when not, and what happens with others."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from knowledge.concepts import (
    AgeBand,
    Claim,
    Concept,
    Criterion,
    Id,
    Rule,
    Sourced,
    Text,
)


class Interaction(Sourced, Text):
    """What happens when taken with a drug or any drug of a class."""

    with_: tuple[Id, ...] = Field(alias="with")
    severity: Literal["contraindicated", "serious", "moderate", "minor"]


class Contraindication(Sourced, Text):
    """When not to use it; all that is given must hold.

    when: a disease, risk factor or finding of the person, or a drug class that they are allergic to.
    measured: a number, such as an eGFR, that must lie within the rule.
    """

    when: Id | None = None
    age: AgeBand | None = None
    measured: Rule | None = None
    level: Literal["avoid", "caution"] = "avoid"

    @model_validator(mode="after")
    def _says_when(self) -> "Contraindication":
        if self.when is None and self.age is None and self.measured is None:
            raise ValueError("a contraindication says `when`, at which `age`, or `measured`")
        return self


class CrossReaction(Sourced, Text):
    """What an allergy to a drug of one class means for drugs of others (or of the same)."""

    with_: tuple[Id, ...] = Field(alias="with")
    level: Literal["avoid", "caution"] = "avoid"


class DrugClass(Concept):
    """A class of drugs that people speak of, and what an allergy to one of them means."""

    prefix: ClassVar[str] = "class"
    reacts: tuple[CrossReaction, ...] = ()


class Implication(Sourced, Text):
    """Something that counts as a condition, or as taking a class of drugs, when drugs are judged."""

    id: Id
    when: Criterion
    condition: Id


class Drug(Concept):
    """A medicine: what for, when not, and what happens with others."""

    prefix: ClassVar[str] = "drug"
    classes: tuple[Id, ...] = ()
    """Pharmacological classes, narrow to wide; allergy and interactions work through them."""
    prescription: bool = True
    uses: tuple[Claim, ...] = ()
    contraindications: tuple[Contraindication, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    harms: tuple[Claim, ...] = ()
    causes: tuple[Id, ...] = ()
    """Findings that it can cause."""
    doses: tuple[Claim, ...] = ()
