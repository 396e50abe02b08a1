"""Answers about medicines, with a case or without: may they be taken, what harm they do, what they are for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answer import Statement
from assistant.case import Case
from assistant.drug_safety import Patient, Verdict
from assistant.explain import Explainer, is_for
from assistant.medicine_questions import CONDITIONS, MedicineQuestion, MedicineQuestions
from assistant.phrases import listed, say
from assistant.treatment import Therapist, TreatmentTeller
from knowledge.base import KnowledgeBase
from knowledge.claims import claim_id
from knowledge.medicines import Drug

_MANY = 12
_OFFERED = 3
"""Drugs offered as treatment that a question about them is taken for."""
_NAMED = 4
"""Drugs of a class that are named where one is asked for."""
_FACTS = 5
"""Passages told of what medicines do."""
_AMOUNT = re.compile(r"\d[\d.,]* ?(?:mg|g|ml|microgram|mcg|units?|drops?|puffs?|tablets?|%)\b")
_FEW = 6
"""Drugs in a sentence about a treatment up to which it says what each is for."""


class MedicineTalk:
    """Answers them; made once for a pack."""

    def __init__(self, base: KnowledgeBase, explainer: Explainer) -> None:
        self._base = base
        self._explain = explainer
        self.therapist = Therapist(base)
        self.questions = MedicineQuestions(base, self.therapist.safety.barring)
        self.teller = TreatmentTeller(base, explainer)

    def about_offered(
        self, question: MedicineQuestion, diseases: Sequence[str], case: Case
    ) -> MedicineQuestion:
        """The question with the drugs that are offered for diseases (bare ids), the first first."""
        options = self.therapist.plan(diseases, case, self.patient(question, case)).options
        drugs = dict.fromkeys(verdict.drug for option in options for verdict in option.verdicts)
        return replace(question, drugs=tuple(drugs)[:_OFFERED])

    def patient(self, question: MedicineQuestion, case: Case) -> Patient:
        """The person: the case, what its texts say of classes, and what the question adds."""
        known = Patient.of(case, self._base)
        classes = question.taken & self._base.drug_classes.keys()
        return replace(
            known,
            age=known.age if question.age is None else question.age,
            conditions=known.conditions | question.conditions | classes,
            drugs=(known.drugs | question.taken) & self._base.drugs.keys(),
            allergies=known.allergies | question.allergies | self.questions.allergic_classes(case),
        ).completed(self._base)

    def verdicts(self, question: MedicineQuestion, patient: Patient) -> tuple[Verdict, ...]:
        """The drugs asked about, for the person; the others asked about count as taken too. Of a class
        asked about alone, each of its first drugs."""
        judge = self.therapist.safety.verdict
        if not question.drugs or question.offered:  # of what is offered one is taken
            return tuple(judge(drug, patient) for drug in question.drugs or self._members(question.classes))
        together = replace(
            patient,
            drugs=patient.drugs | set(question.drugs),
            conditions=patient.conditions | set(question.classes),
        )
        return tuple(judge(drug, replace(together, drugs=together.drugs - {drug})) for drug in question.drugs)

    def answer(
        self, question: MedicineQuestion, case: Case, likely: Sequence[str] = ()
    ) -> tuple[tuple[str, ...], tuple[Statement, ...]]:
        """Notes and statements. likely: diseases (bare ids) that the case may well have; what is held against a
        drug in them is told as such."""
        if question.about & {"harms", "uses"}:
            told = tuple(self._facts(question, case, likely))
            return (() if told else (say(case.language, "no_source"),)), told
        patient = self.patient(question, case)
        if not question.drugs and question.allergies:
            return self._by_allergy(question, patient, case)
        wanted_for = {f"{kind}:{bare}" for kind in CONDITIONS for bare in question.purposes}
        verdicts = tuple(
            replace(v, uncovered=tuple(ref for ref in v.uncovered if ref not in wanted_for))
            for v in self.verdicts(question, patient)
        )
        supposed = self._supposed(question, patient, likely, verdicts)
        given = self._facts(question, case, likely) if question.about else ()
        statements = (*self._once([*verdicts, *supposed], case), *given)
        if not question.drugs and not statements and not any(v.uncovered for v in verdicts):
            names = [self._explain.name(f"drug:{v.drug}", case.language) for v in verdicts[:_NAMED]]
            phrase = "which_of_class" if names else "about_drug_first"
            return (say(case.language, phrase, drugs=listed(case.language, names)),), ()
        notes = list(self.teller.notes(verdicts, case.language))
        if supposed:
            names = [self._explain.name(f"disease:{disease}", case.language) for disease in likely]
            notes.insert(0, say(case.language, "likely_counted", diseases=listed(case.language, names)))
        if not statements and all(not v.uncovered for v in verdicts):
            names = [self._explain.name(f"drug:{v.drug}", case.language) for v in verdicts]
            notes.insert(0, say(case.language, "nothing_held", drugs=listed(case.language, names)))
        return tuple(notes), statements

    def _facts(self, question: MedicineQuestion, case: Case, likely: Sequence[str]) -> Iterator[Statement]:
        """What harm the drugs do and to whom; or how illnesses are treated with them, the likely ones first, and of
        doses what tells an amount before all else."""
        drugs = [self._base.drugs[d] for d in question.drugs or self._members(question.classes)]
        fields = [(d, f, len(getattr(d, f))) for f in ("harms", "contraindications") for d in drugs]
        harms = [claim_id(d, field, n) for d, field, many in fields for n in range(1, many + 1)]
        told = harms if "harms" in question.about else list(self._treating(drugs, case, likely))
        if question.about == {"doses"}:
            amounts = [p for p in (*told, *harms) if _AMOUNT.search(self._base.passages[p].en)]
            told = amounts or [p for p in told if p.partition("/")[0] in likely]
        for passage in told[:_FACTS]:
            yield self._explain.quote(self._base.passages[passage], case.language, "treatment")

    def _treating(self, drugs: Sequence[Drug], case: Case, likely: Sequence[str]) -> Iterator[str]:
        """The passages (ids) that say what the drugs treat in such a person, the likely diseases first, then the
        commonest."""
        diseases = sorted(
            self._base.diseases.values(),
            key=lambda d: (d.id not in likely, -max(d.incidence.by_age.values())),
        )
        for drug in drugs:
            for disease in diseases:
                for n, treatment in enumerate(disease.treatment, 1):
                    few = len(treatment.drugs) <= _FEW
                    if drug.id in treatment.drugs and few and is_for(treatment, case):
                        yield claim_id(disease, "treatment", n)

    def _supposed(
        self,
        question: MedicineQuestion,
        patient: Patient,
        likely: Sequence[str],
        verdicts: Sequence[Verdict],
    ) -> list[Verdict]:
        """What more is held against the drugs if the person has the likely diseases."""
        known = {(v.drug, reason) for v in verdicts for reason in v.reasons}
        then = replace(patient, conditions=patient.conditions | set(likely)).completed(self._base)
        more = (
            replace(v, reasons=tuple(r for r in v.reasons if (v.drug, r) not in known))
            for v in self.verdicts(question, then)
        )
        return [v for v in more if v.reasons]

    def _once(self, verdicts: Sequence[Verdict], case: Case) -> Iterator[Statement]:
        """Each interaction once, though it is held against both drugs."""
        told: set[str] = set()
        for verdict in verdicts:
            for statement in self.teller.reasons(verdict, case.language):
                passage = statement.citations[0].passage
                if passage not in told:
                    told.add(passage)
                    yield statement

    def _by_allergy(
        self, question: MedicineQuestion, patient: Patient, case: Case
    ) -> tuple[tuple[str, ...], tuple[Statement, ...]]:
        """What an allergy bars, drug by drug, with the sentences that say so."""
        language = case.language
        only = Patient(allergies=patient.allergies)
        held = [v for drug in self._base.drugs if (v := self.therapist.safety.verdict(drug, only)).reasons]
        chosen = [v for v in held if self._is_asked(v, question)]
        notes = []
        for standing, key in (("contraindicated", "allergy_barred"), ("adjust", "allergy_care")):
            drugs = [v.drug for v in chosen if v.standing == standing]
            names = [self._explain.name(f"drug:{drug}", language) for drug in drugs[:_MANY]]
            if names:
                more = "…" if len(drugs) > _MANY else ""
                notes.append(say(language, key, drugs=listed(language, names) + more))
        passages = dict.fromkeys(
            r.passage for v in chosen for r in v.reasons if r.passage.startswith("class/")
        )
        passages = passages or dict.fromkeys(r.passage for v in chosen for r in v.reasons)
        statements = [
            self._explain.quote(self._base.passages[p], language, "treatment") for p in list(passages)[:3]
        ]
        if not case.refs("finding", "present"):
            notes.append(say(language, "allergy_which"))
        return tuple(notes), tuple(statements)

    def _members(self, classes: Sequence[str]) -> tuple[str, ...]:
        drugs = self._base.drugs.values()
        return tuple(d.id for d in drugs if set(classes) & set(d.classes))[:_MANY]

    def _is_asked(self, verdict: Verdict, question: MedicineQuestion) -> bool:
        classes = set(self._base.drugs[verdict.drug].classes)
        return not question.classes or bool(classes & set(question.classes))
