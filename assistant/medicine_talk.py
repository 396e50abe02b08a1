"""Questions about medicines, with a case or without: "can I take ibuprofen with warfarin?".

A message is read sentence by sentence: the drugs in a sentence that asks are judged, everything else
that it names (diseases, pregnancy, allergies, drugs taken) is told about the person.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

import yaml

from assistant.answer import Statement
from assistant.case import Case
from assistant.context import Context, sentences
from assistant.drug_safety import Patient, Verdict
from assistant.events import Observation
from assistant.explain import Explainer
from assistant.person import age_in, language_of
from assistant.phrases import listed, say
from assistant.treatment import Therapist, TreatmentTeller
from knowledge.base import KnowledgeBase
from knowledge.lexicon import Lexicon
from knowledge.mentions import Mention

_MANY = 12


@dataclass(frozen=True)
class MedicineQuestion:
    """What a message asks. drugs, classes: bare ids asked about. asked: where the asking sentences stand.
    told: the person, as the message adds to the case. purposes: conditions for which the medicine is wanted."""

    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    asked: tuple[tuple[int, int], ...] = ()
    allergies: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    age: float | None = None
    purposes: frozenset[str] = frozenset()


class MedicineTalk:
    """Recognises and answers them; made once for a pack."""

    def __init__(self, base: KnowledgeBase, explainer: Explainer) -> None:
        self._base = base
        self._explain = explainer
        self.therapist = Therapist(base)
        self.teller = TreatmentTeller(base, explainer)

    @cached_property
    def _medicines(self) -> Lexicon:
        return Lexicon(self._base, ("drug", "class"))

    @cached_property
    def _conditions(self) -> Lexicon:
        return Lexicon(self._base, ("disease", "risk", "finding"))

    def question_in(self, text: str, case: Case) -> MedicineQuestion | None:
        """The question about medicines that a message asks, be it about those that the person has told of: "should I
        stop my tablets?"; None when it asks none."""
        what = any(_matches("what", text, span) for span in sentences(text))
        question = self.told_in(text, case)
        if (
            not question.drugs
            and not question.classes
            and any(_matches("own", text, s) for s in sentences(text))
        ):
            question = replace(question, drugs=tuple(sorted(Patient.of(case, self._base).drugs)))
        asks = bool(question.drugs or question.classes) or (what and bool(question.allergies))
        return question if asks else None

    def told_in(self, text: str, case: Case) -> MedicineQuestion:
        """The medicines that a message asks about, and what else it tells of the person."""
        asked = [span for span in sentences(text) if _matches("asks", text, span)]
        context = Context(text, language_of(text, case.language))
        found: dict[str, dict[str, None]] = {role: {} for role in _ROLES}
        for mention in self._mentions(text):
            senses = context.senses(mention.start, mention.end)
            allergic = "allergy" in senses and _is_allergy(text, mention)
            in_question = any(a <= mention.start < b for a, b in asked)
            for ref in mention.refs:
                kind, _, bare = ref.partition(":")
                if kind == "finding" and bare not in self.therapist.safety.barring:
                    continue
                role = _role(kind, allergic, in_question)
                if role in ("drugs", "classes") or not senses & {"negation", "family"}:
                    found[role][bare] = None
                if role == "conditions" and in_question and _is_purpose(text, mention):
                    found["purposes"][bare] = None
        return MedicineQuestion(
            tuple(found["drugs"]),
            tuple(found["classes"]),
            tuple(asked),
            frozenset(found["allergies"]),
            frozenset(found["taken"]),
            frozenset(found["conditions"]),
            age_in(text),
            frozenset(found["purposes"]),
        )

    def without_asked(
        self, observations: Sequence[Observation], question: MedicineQuestion
    ) -> tuple[Observation, ...]:
        """What a message tells beside its question: a drug that is asked about is not yet taken."""
        return tuple(
            o
            for o in observations
            if not (o.start is not None and any(a <= o.start < b for a, b in question.asked))
        )

    def patient(self, question: MedicineQuestion, case: Case) -> Patient:
        """The person: the case, what its texts say of classes, and what the question adds."""
        known = Patient.of(case, self._base)
        classes = question.taken & self._base.drug_classes.keys()
        return replace(
            known,
            age=known.age if question.age is None else question.age,
            conditions=known.conditions | question.conditions | classes,
            drugs=(known.drugs | question.taken) & self._base.drugs.keys(),
            allergies=known.allergies | question.allergies | self._allergic_classes(case),
        ).completed(self._base)

    def verdicts(self, question: MedicineQuestion, patient: Patient) -> tuple[Verdict, ...]:
        """The drugs asked about, for the person; the others asked about count as taken too. Of a class
        asked about alone, each of its first drugs."""
        judge = self.therapist.safety.verdict
        if not question.drugs:
            return tuple(judge(drug, patient) for drug in self._members(question.classes))
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
        patient = self.patient(question, case)
        if not question.drugs and question.allergies:
            return self._by_allergy(question, patient, case)
        wanted_for = {f"{kind}:{bare}" for kind in _CONDITIONS for bare in question.purposes}
        verdicts = tuple(
            replace(v, uncovered=tuple(ref for ref in v.uncovered if ref not in wanted_for))
            for v in self.verdicts(question, patient)
        )
        supposed = self._supposed(question, patient, likely, verdicts)
        statements = tuple(self._once([*verdicts, *supposed], case))
        if not question.drugs and not any(v.reasons or v.uncovered for v in verdicts):
            return (say(case.language, "about_drug_first"),), ()
        notes = list(self.teller.notes(verdicts, case.language))
        if supposed:
            names = [self._explain.name(f"disease:{disease}", case.language) for disease in likely]
            notes.insert(0, say(case.language, "likely_counted", diseases=listed(case.language, names)))
        if not statements and all(not v.uncovered for v in verdicts):
            names = [self._explain.name(f"drug:{v.drug}", case.language) for v in verdicts]
            notes.insert(0, say(case.language, "nothing_held", drugs=listed(case.language, names)))
        return tuple(notes), statements

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

    def _mentions(self, text: str) -> list[Mention]:
        """Medicines, and the conditions whose words do not name a medicine ("takes aspirin")."""
        medicines = [m for m in self._medicines.mentions(text) if m.manner == "name"]
        conditions = [m for m in self._conditions.mentions(text) if m.manner == "name"]
        apart = [c for c in conditions if not any(c.start < m.end and m.start < c.end for m in medicines)]
        return [*medicines, *apart]

    def _allergic_classes(self, case: Case) -> frozenset[str]:
        """Classes that the person's earlier words call an allergy; the case itself holds drugs alone."""
        found: set[str] = set()
        for text in case.texts:
            context = Context(text, language_of(text, case.language))
            for mention in self._mentions(text):
                senses = context.senses(mention.start, mention.end)
                if "allergy" in senses and "negation" not in senses and _is_allergy(text, mention):
                    found |= {r.partition(":")[2] for r in mention.refs if r.startswith("class:")}
        return frozenset(found)


_ROLES = ("drugs", "classes", "allergies", "taken", "conditions", "purposes")
_CONDITIONS = ("disease", "risk", "finding")


def _role(kind: str, allergic: bool, in_question: bool) -> str:
    """What a concept of a kind, named in a message, is to the question."""
    if kind in _CONDITIONS:
        return "conditions"
    if allergic:
        return "allergies"
    return {"drug": "drugs", "class": "classes"}[kind] if in_question else "taken"


def _is_allergy(text: str, mention: Mention) -> bool:
    """Whether a word for allergy stands in the sentence, with nothing between it and the mention that
    begins something else: "allergic to penicillin, can I take cefalexin"."""
    start, end = next(s for s in sentences(text) if s[0] <= mention.start < s[1])
    for word in re.finditer(_any_of("allergy_word"), text[start:end], re.IGNORECASE):
        left, right = start + word.end(), start + word.start()
        between = text[left : mention.start] if left <= mention.start else text[mention.end : right]
        if not re.search(_any_of("begins_anew"), between, re.IGNORECASE):
            return True
    return False


def _is_purpose(text: str, mention: Mention) -> bool:
    """Whether a condition is what the medicine is for: "ibuprofen for the pain"."""
    return re.search(f"(?:{_any_of('purpose')})$", text[: mention.start], re.IGNORECASE) is not None


def _any_of(key: str) -> str:
    return "|".join(_patterns()[key])


def _matches(key: str, text: str, span: tuple[int, int]) -> bool:
    return any(re.search(p, text[span[0] : span[1]], re.IGNORECASE) for p in _patterns()[key])


@cache
def _patterns() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load(
        (files("assistant") / "rules" / "medicine_questions.yaml").read_text(encoding="utf-8")
    )
    return loaded
