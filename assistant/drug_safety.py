"""Is this drug safe for this person? Every reason stands in the pack; what it does not cover is named.

A drug is judged against what is known of the person: allergies, with cross-reactivity by class;
conditions, pregnancy and breastfeeding; age and measured values; the other drugs taken. Each fact can
only add reasons, so a further allergy or disease never makes a drug better. That nothing was found is
never safety: `uncovered` names what the pack says nothing about.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.case import Case
from knowledge.base import KnowledgeBase
from knowledge.claims import claim_id
from knowledge.concepts import Sex
from knowledge.criteria import Judge, within
from knowledge.medicines import Contraindication, Drug, Interaction

Standing = Literal["contraindicated", "interacting", "adjust", "open"]
STANDINGS: tuple[Standing, ...] = ("contraindicated", "interacting", "adjust", "open")
"""Worst first. adjust: use with care. open: the pack holds nothing against it."""

Severity = Literal["contraindicated", "serious", "moderate", "minor"]
_SEVERITIES: tuple[Severity, ...] = ("contraindicated", "serious", "moderate", "minor")
_OWN_ALLERGY = "medicines/allergy"


@dataclass(frozen=True)
class Reason:
    """Why a drug stands where it does. passage: who says so. because: full id of the fact about the
    person, or `age`. severity: of an interaction."""

    standing: Standing
    passage: str
    because: str
    severity: Severity | None = None


@dataclass(frozen=True)
class Verdict:
    """What the pack says of a drug (bare id) for a person. uncovered: full ids of facts about the person
    that it relates to no reason."""

    drug: str
    reasons: tuple[Reason, ...]
    uncovered: tuple[str, ...]

    @property
    def standing(self) -> Standing:
        """The worst of its reasons; `open` without any."""
        return min((r.standing for r in self.reasons), key=STANDINGS.index, default="open")


@dataclass(frozen=True)
class Patient:
    """What decides about drugs; bare ids, classes among `conditions` when one of them is taken."""

    age: float | None = None
    sex: Sex | None = None
    conditions: frozenset[str] = frozenset()
    values: tuple[tuple[str, float], ...] = ()
    drugs: frozenset[str] = frozenset()
    allergies: frozenset[str] = frozenset()
    """Drugs and classes."""

    @classmethod
    def of(cls, case: Case, base: KnowledgeBase) -> "Patient":
        """The patient of a case, with what its facts imply."""
        told = (
            case.refs("finding", "present") | case.refs("risk", "present") | case.refs("disease", "present")
        )
        return cls(
            case.about_age,
            case.sex,
            told,
            tuple((m.quantity, m.value) for m in case.measurements.values()),
            case.refs("drug", "present"),
            frozenset(ref.partition(":")[2] for ref in case.allergies),
        ).completed(base)

    def completed(self, base: KnowledgeBase) -> "Patient":
        """The same person with every condition that the known ones imply."""
        holding = set(self.conditions)
        for bare in self.conditions:
            holding |= base.ancestors.get(bare, frozenset())
            holding |= set(_wider(bare, base))
        values = dict(self.values)
        judge = Judge(
            lambda bare: True if bare in holding else None,
            lambda quantity: self.age if quantity == "age" else values.get(quantity),
            self.sex,
        )
        holding |= {i.condition for i in base.implications if judge.holds(i.when)}
        return Patient(self.age, self.sex, frozenset(holding), self.values, self.drugs, self.allergies)


class DrugSafety:
    """Judges drugs by a pack."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self.barring = frozenset(
            c.when for drug in base.drugs.values() for c in drug.contraindications if c.when is not None
        )

    def verdict(self, drug: str, patient: Patient) -> Verdict:
        """What is known of a drug (bare id) for a person. Raises KeyError for an unknown drug."""
        entry = self._base.drugs[drug]
        found = [
            *self._by_allergy(entry, patient),
            *self._by_contraindication(entry, patient),
            *(r for other in sorted(patient.drugs - {drug}) for r in self.between(drug, other)),
            *self._by_class_taken(entry, patient),
        ]
        reasons = tuple(sorted(dict.fromkeys(found), key=_gravity))
        answered = {r.because for r in reasons}
        facts = (ref for ref in self._facts(patient, entry) if ref not in answered)
        return Verdict(drug, reasons, tuple(facts))

    def between(self, drug: str, other: str) -> tuple[Reason, ...]:
        """The interactions of two drugs (bare ids), in either's entry; none found is not safety."""
        one, two = self._base.drugs[drug], self._base.drugs[other]
        found = [
            *self._interactions(one, {two.id, *two.classes}, two.ref),
            *self._interactions(two, {one.id, *one.classes}, two.ref),
        ]
        return tuple(sorted(found, key=_gravity))

    def with_class(self, drug: str, group: str) -> tuple[Reason, ...]:
        """The interaction of a drug with a class as such, or what all drugs of the class say of it."""
        one = self._base.drugs[drug]
        ref = f"class:{group}"
        found = list(self._interactions(one, {group}, ref))
        if not found:
            members = [d for d in self._base.drugs.values() if group in d.classes and d.id != drug]
            each = [list(self._interactions(d, {one.id, *one.classes}, ref)) for d in members]
            found = [r for reasons in each for r in reasons] if each and all(each) else []
        return tuple(sorted(found, key=_gravity))[:1]

    def _interactions(self, drug: Drug, others: set[str], because: str) -> Iterator[Reason]:
        for number, interaction in enumerate(drug.interactions, 1):
            if others & set(interaction.with_):
                passage = claim_id(drug, "interactions", number)
                yield Reason(_standing(interaction), passage, because, interaction.severity)

    def _by_class_taken(self, drug: Drug, patient: Patient) -> Iterator[Reason]:
        """Interactions with a class or a risk factor that is known only as such."""
        for condition in sorted(patient.conditions - set(drug.classes)):
            if condition in self._base.drug_classes:
                yield from self.with_class(drug.id, condition)
            else:
                ref = self._base.observable(condition) or condition
                yield from self._interactions(drug, {condition}, ref)

    def _by_allergy(self, drug: Drug, patient: Patient) -> Iterator[Reason]:
        own = {drug.id, *drug.classes}
        for allergy in sorted(patient.allergies):
            ref = self._named(allergy)
            if allergy in own and _OWN_ALLERGY in self._base.passages:
                yield Reason("contraindicated", _OWN_ALLERGY, ref)
            classes = self._classes_of(allergy)
            for group in classes & self._base.drug_classes.keys():
                for number, reaction in enumerate(self._base.drug_classes[group].reacts, 1):
                    if own & set(reaction.with_):
                        level: Standing = "contraindicated" if reaction.level == "avoid" else "adjust"
                        yield Reason(level, f"class/{group}/reacts/{number}", ref)
            for number, contra in enumerate(drug.contraindications, 1):
                if contra.when in classes:
                    yield Reason(_level(contra), claim_id(drug, "contraindications", number), ref)

    def _by_contraindication(self, drug: Drug, patient: Patient) -> Iterator[Reason]:
        values = dict(patient.values)
        for number, contra in enumerate(drug.contraindications, 1):
            if contra.when is not None and contra.when not in patient.conditions:
                continue
            if contra.age and (patient.age is None or not within(patient.age, contra.age)):
                continue
            rule = contra.measured
            if rule and not ((value := values.get(rule.quantity)) is not None and rule.holds(value)):
                continue
            because = self._base.observable(contra.when) or contra.when if contra.when else "age"
            if rule and not contra.when:
                because = f"quantity:{rule.quantity}"
            yield Reason(_level(contra), claim_id(drug, "contraindications", number), because)

    def _facts(self, patient: Patient, drug: Drug) -> Iterator[str]:
        """The facts about a person that a drug should be held against."""
        yield from (self._named(allergy) for allergy in sorted(patient.allergies))
        others = sorted(patient.drugs - {drug.id})
        yield from (f"drug:{other}" for other in others)
        told = {group for d in (drug.id, *others) for group in self._base.drugs[d].classes}
        for condition in sorted(patient.conditions - told):
            if condition in self._base.drug_classes:
                yield f"class:{condition}"
            elif (
                condition in self.barring
                or condition in self._base.diseases.keys() - self._base.findings.keys()
            ):
                yield self._base.observable(condition) or condition

    def _classes_of(self, allergy: str) -> set[str]:
        known = self._base.drugs.get(allergy)
        return set(known.classes) if known else {allergy}

    def _named(self, bare: str) -> str:
        return f"drug:{bare}" if bare in self._base.drugs else f"class:{bare}"


def _wider(disease: str, base: KnowledgeBase) -> Iterable[str]:
    """The diseases that one is a kind of."""
    entry = base.diseases.get(disease)
    while entry and entry.subtype_of:
        yield entry.subtype_of
        entry = base.diseases.get(entry.subtype_of)


def _level(contra: Contraindication) -> Standing:
    return "contraindicated" if contra.level == "avoid" else "adjust"


def _standing(interaction: Interaction) -> Standing:
    return "contraindicated" if interaction.severity == "contraindicated" else "interacting"


def _gravity(reason: Reason) -> tuple[int, int, str]:
    severity = _SEVERITIES.index(reason.severity) if reason.severity else 0
    return STANDINGS.index(reason.standing), severity, reason.passage
