"""Treatment of the leading diseases, ordered for this person, every reason cited.

A treatment of the pack is taken when it is meant for this person (age, sex, pregnancy, allergy, grade);
each of its drugs is judged by `drug_safety`. A dose is named only inside a cited claim.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Statement
from assistant.case import Case
from assistant.differential import Differential
from assistant.drug_safety import STANDINGS, DrugSafety, Patient, Reason, Standing, Verdict
from assistant.explain import Explainer
from assistant.phrases import listed, say
from assistant.view import judge_of
from knowledge.base import KnowledgeBase
from knowledge.claims import claim_id
from knowledge.concepts import Language
from knowledge.criteria import within
from knowledge.diseases import Disease, Treatment

_LEADING = 2
_LIKELY = 0.15
_OPTIONS = 5
_REASONS = 3


@dataclass(frozen=True)
class Option:
    """A treatment for a disease (bare id). verdicts: of its drugs, in its order."""

    disease: str
    line: int
    passage: str
    verdicts: tuple[Verdict, ...]

    @property
    def standing(self) -> Standing:
        """That of its best drug, for most treatments name alternatives; every drug's own is told beside it."""
        return max((v.standing for v in self.verdicts), key=STANDINGS.index, default="open")


@dataclass(frozen=True)
class Plan:
    """Options with drugs, the most fitting first; measures without drugs; what is to be watched."""

    options: tuple[Option, ...]
    measures: tuple[str, ...]
    """Ids of passages."""
    monitoring: tuple[str, ...]


class Therapist:
    """Makes plans from a pack."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self.safety = DrugSafety(base)

    def plan(self, diseases: Sequence[str], case: Case, patient: Patient) -> Plan:
        """The treatment of diseases (bare ids), ordered for a patient."""
        options: list[Option] = []
        measures: list[str] = []
        monitoring: list[str] = []
        for disease in (self._base.diseases[d] for d in diseases):
            for number, treatment in enumerate(disease.treatment, 1):
                if not self._is_for(treatment, disease, case, patient):
                    continue
                passage = claim_id(disease, "treatment", number)
                if treatment.drugs:
                    verdicts = tuple(self.safety.verdict(drug, patient) for drug in treatment.drugs)
                    options.append(Option(disease.id, treatment.line, passage, verdicts))
                else:
                    measures.append(passage)
            measures += [claim_id(disease, "self_care", n) for n in range(1, len(disease.self_care) + 1)]
            monitoring += [claim_id(disease, "follow_up", n) for n in range(1, len(disease.follow_up) + 1)]
        rank = {disease: place for place, disease in enumerate(diseases)}
        options.sort(key=lambda o: (rank[o.disease], -STANDINGS.index(o.standing), o.line))
        return Plan(tuple(options), tuple(measures), tuple(monitoring))

    def _is_for(self, treatment: Treatment, disease: Disease, case: Case, patient: Patient) -> bool:
        """Whether a treatment is meant for this person, as far as is known."""
        meant = treatment.for_
        if meant is None:
            return True
        if meant.age and patient.age is not None and not within(patient.age, meant.age):
            return False
        if meant.sex and patient.sex and meant.sex != patient.sex:
            return False
        if meant.pregnancy is not None and meant.pregnancy != ("pregnancy" in patient.conditions):
            return False
        if meant.allergy and not self._is_allergic(meant.allergy, patient):
            return False
        return meant.grade is None or self._has_grade(meant.grade, disease, case)

    def _has_grade(self, grade: str, disease: Disease, case: Case) -> bool:
        """Whether the case meets a grade of the disease; what treats another is left out."""
        judge = judge_of(case, self._base)
        return any(g.grade == grade and g.when and judge.holds(g.when) for g in disease.severity)

    def _is_allergic(self, drug: str, patient: Patient) -> bool:
        only = Patient(allergies=patient.allergies)
        return self.safety.verdict(drug, only).standing == "contraindicated"


def leading(differential: Differential) -> list[str]:
    """The diseases (bare ids) whose treatment is worth telling."""
    named = [h for h in differential.hypotheses if h.disease]
    return [h.disease or "" for i, h in enumerate(named[:_LEADING]) if i == 0 or h.probability >= _LIKELY]


class TreatmentTeller:
    """Puts plans and verdicts into words."""

    def __init__(self, base: KnowledgeBase, explainer: Explainer) -> None:
        self._base = base
        self._explain = explainer

    def options(self, plan: Plan, language: Language) -> Iterator[Statement]:
        """The options, each followed by the reasons that its drugs stand where they do."""
        for option in plan.options[:_OPTIONS]:
            yield self._quote(option.passage, language, f"disease:{option.disease}")
            for verdict in option.verdicts:
                yield from self.reasons(verdict, language)
        for passage in plan.measures[:_REASONS]:
            yield self._quote(passage, language)
        for passage in plan.monitoring[:_REASONS]:
            yield self._quote(passage, language)

    def reasons(self, verdict: Verdict, language: Language) -> Iterator[Statement]:
        """Each reason against a drug, with its standing, what about the person it rests on, and its source."""
        name = self._explain.name(f"drug:{verdict.drug}", language)
        told: set[str] = set()
        for reason in verdict.reasons:
            passage = self._base.passages[reason.passage]
            text = passage.in_language(language)
            if text in told or len(told) == _REASONS:
                continue
            told.add(text)
            head = say(
                language,
                "drug_stands",
                drug=name[0].upper() + name[1:],
                standing=self._standing(reason, language),
                because=self._because(reason, language),
            )
            joint = "" if language == "zh" else " "
            yield Statement(
                f"{head}{joint}{text}",
                (self._explain.cite(passage, language),),
                "treatment",
                f"drug:{verdict.drug}",
                (text,),
            )

    def notes(self, verdicts: Sequence[Verdict], language: Language) -> Iterator[str]:
        """In Aetia's own words: which need a prescriber, and what the pack does not cover."""
        names = {v.drug: self._explain.name(f"drug:{v.drug}", language) for v in verdicts}
        prescribed = [name for drug, name in names.items() if self._base.drugs[drug].prescription]
        if prescribed:
            yield say(language, "needs_prescriber", drugs=listed(language, prescribed))
        uncovered: dict[tuple[str, ...], list[str]] = {}
        told: set[frozenset[str]] = set()
        for verdict in verdicts:
            pairs = {ref: frozenset((f"drug:{verdict.drug}", ref)) for ref in verdict.uncovered}
            if facts := tuple(ref for ref, pair in pairs.items() if pair not in told):
                uncovered.setdefault(facts, []).append(names[verdict.drug])
            told |= set(pairs.values())
        for facts, drugs in uncovered.items():
            words = [self._explain.name(ref, language) for ref in facts]
            yield say(
                language, "not_covered", drugs=listed(language, drugs), facts=listed(language, words[:6])
            )

    def _standing(self, reason: Reason, language: Language) -> str:
        severity = f"severity_{reason.severity}" if reason.severity else f"standing_{reason.standing}"
        return say(language, severity)

    def _because(self, reason: Reason, language: Language) -> str:
        if reason.because == "age":
            return say(language, "because_age")
        name = self._explain.name(reason.because, language)
        allergic = reason.passage.startswith("class/") or reason.passage == "medicines/allergy"
        return say(language, "because_allergy", drug=name) if allergic else name

    def _quote(self, passage: str, language: Language, about: str | None = None) -> Statement:
        return self._explain.quote(self._base.passages[passage], language, "treatment", about)
