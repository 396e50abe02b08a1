"""Answers to questions about the case: why, why not, what else, which test, what now, what if."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from assistant.advice_talk import AdviceTalk
from assistant.answer import Statement
from assistant.care_followups import CareFollowUps
from assistant.case import Case
from assistant.cues import says_request
from assistant.diagnosis import Assessment, Diagnostician
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from assistant.free_questions import FreeQuestions
from assistant.inquiry import Inquiry
from assistant.intents import asked_whether, asks_what_may_be, intent_of
from assistant.meant import Meant
from assistant.medicine_questions import MedicineQuestion
from assistant.medicine_talk import MedicineTalk
from assistant.phrases import percent, say
from assistant.prognosis import Foresight
from assistant.reasoning_followups import ReasoningFollowUps
from assistant.reasoning_words import supposed_in_words
from assistant.suppose import suppose
from assistant.supposition import supposition_in
from assistant.treatment import leading
from assistant.triage import LEVELS
from knowledge.lexicon import Lexicon

_COUNTS = 0.3
"""Probability from which a disease that is not established counts in what is said of a drug."""
_PREVENTING = 4
"""Passages told of how a disease is kept from coming back."""
_NOT_BEFORE_HELP = ("treatment", "medicine")
"""Intents whose answer, in an emergency, is to call for help first."""
_OF_ITSELF = ("objection", "identity", "privacy", "sources", "why_ask")
"""Intents about the assistant; the phrase of that name answers."""


@dataclass(frozen=True)
class Reply:
    """Notes are Aetia's own words; statements state medicine, each with its citation."""

    notes: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()


class FollowUps:
    """One method an intent."""

    def __init__(
        self,
        mind: Diagnostician,
        explainer: Explainer,
        inquiry: Inquiry,
        shelf: EvidenceShelf,
        lexicon: Lexicon,
        questions: FreeQuestions | None = None,
    ) -> None:
        """questions: answers those that no pattern knows, where the assistant has text models."""
        self._mind = mind
        self._base = mind.base
        self._explain = explainer
        self._inquiry = inquiry
        self._shelf = shelf
        self._lexicon = lexicon
        self._questions = questions
        self.meant = Meant(mind.base, lexicon)
        self.foresight = Foresight(mind.base, shelf, lexicon)
        self._care = CareFollowUps(mind, explainer, shelf, self.foresight)
        self._reason = reason = ReasoningFollowUps(mind, explainer, inquiry, shelf)
        self.medicines = MedicineTalk(mind.base, explainer)
        self._advice = AdviceTalk(mind.base, explainer, shelf, lexicon)
        self._methods: dict[str, Callable[[str, Case, Assessment], Reply | None]] = {
            "why": lambda text, case, now: Reply(*reason.why(self.meant.disease(text, case, now), case, now)),
            "why_not": self._why_not,
            "what_else": lambda _, case, now: Reply(*reason.what_else(case, now)),
            "next_test": lambda _, case, now: Reply(*reason.next_test(case, now)),
            "now": self._now,
            "check_up": partial(self._from_fields, fields=("follow_up", "come_back_if"), limit=2),
            "treatment": self._treatment,
            "medicine": self._medicine,
            "target": self._target,
            "stay_well": self._stay_well,
            "serious": self._serious,
            "score": self._score,
            "more_urgent": self._more_urgent,
            "outlook": self._outlook,
            "explain": self._explain_word,
            "what_if": self._what_if,
            "numbers": self._numbers,
            "department": self._department,
            "prevent": self._prevent,
            **{phrase: partial(_of_itself, phrase) for phrase in _OF_ITSELF},
        }

    def answer(self, intent: str, text: str, case: Case, assessment: Assessment) -> Reply | None:
        """The reply to a follow-up; None for an intent that is no follow-up, and where the judgement itself is asked for."""
        method = self._methods.get(intent)
        reply = method(text, case, assessment) if method else None
        if reply is None or intent not in _NOT_BEFORE_HELP or assessment.triage.level != LEVELS[-1]:
            return reply
        return replace(
            reply,
            statements=(
                *islice(self._explain.urgency(assessment.triage, case.language), 1),
                *reply.statements,
            ),
        )

    def free(self, text: str, case: Case, assessment: Assessment) -> tuple[Statement, ...]:
        """What the passages about the disease named, or the leading one, say to a question that no intent covers."""
        disease = self.meant.disease(text, case, assessment)
        if self._questions is None or disease is None:
            return ()
        return tuple(self._questions.answer(text, disease, case.language))

    def intent(self, text: str, case: Case) -> str | None:
        """What a message asks for; a question about a medicine, or that names a score, asks for it."""
        if self.medicines.questions.question_in(text, case):
            return "medicine"
        asks = any(mark in text for mark in "?？") and self._mind.scorer.library.named_in(text)
        if asks:
            return "score"
        if found := intent_of(text):
            return found
        asked = [text[start:end] for start, end in asked_whether(text)]
        return (
            "why_not"
            if any(self.meant.disease_in(what) or self.meant.group_in(what) for what in asked)
            else None
        )

    def standing(self, text: str, case: Case, assessment: Assessment) -> list[str]:
        """Where the disease, or the group, stands of which a message asks, beside what it tells, whether it is that."""
        for start, end in asked_whether(text):
            if group := self.meant.group_in(text[start:end]):
                return self._reason.of_group(group, case, assessment)
            if disease := self.meant.disease_in(text[start:end]):
                return self._reason.standing(disease, case, assessment)
        return []

    def _why_not(self, text: str, case: Case, assessment: Assessment) -> Reply:
        group = None if case.is_empty else self.meant.group_in(text)
        if group and (told := self._reason.of_group(group, case, assessment)):
            return Reply(tuple(told))
        return Reply(*self._reason.why_not(self.meant.disease_in(text), case, assessment))

    def _target(self, text: str, case: Case, assessment: Assessment) -> Reply:
        patient = self.medicines.patient(self.medicines.questions.told_in(text, case), case)
        return Reply(*self._advice.target(text, patient, case.language))

    def _stay_well(self, text: str, case: Case, assessment: Assessment) -> Reply:
        """What keeps people well; what the passages about the leading illnesses say of it goes first."""
        patient = self.medicines.patient(self.medicines.questions.told_in(text, case), case)
        notes, statements = self._advice.answer(text, patient, case.language)
        if self._questions:
            likely = self.meant.diseases(text, case, assessment)
            statements = (*self._questions.in_words(text, likely, case.language), *statements)
        return Reply(notes, statements)

    def _now(self, text: str, case: Case, assessment: Assessment) -> Reply:
        flags = tuple(self._explain.urgency(assessment.triage, case.language))
        return self._from_fields(text, case, assessment, ("self_care", "come_back_if", "workup"), 2, flags)

    def _treatment(self, text: str, case: Case, assessment: Assessment) -> Reply:
        """Options for the disease named, else for the leading ones, ordered for this person."""
        diseases = self.meant.diseases(text, case, assessment)
        if not diseases:
            return Reply((say(case.language, "which_illness"),))
        talk = self.medicines
        told = MedicineQuestion() if asks_what_may_be(text) else talk.questions.told_in(text, case)
        plan = talk.therapist.plan(diseases, case, talk.patient(told, case))
        statements = tuple(talk.teller.options(plan, case.language))
        if not statements:
            return Reply((say(case.language, "no_source"),))
        verdicts = {v.drug: v for o in plan.options for v in o.verdicts}
        return Reply(tuple(talk.teller.notes(list(verdicts.values()), case.language)), statements)

    def _medicine(self, text: str, case: Case, assessment: Assessment) -> Reply:
        question = self.medicines.questions.question_in(text, case)
        if question and question.offered:
            question = self.medicines.about_offered(question, leading(assessment.differential), case)
        if question is None or (question.offered and not question.drugs):
            return Reply((say(case.language, "about_drug_first"),))
        told = assessment.differential.hypotheses
        likely = [h.disease for h in told if h.disease and h.probability >= _COUNTS]
        reply = Reply(*self.medicines.answer(question, case, likely))
        if question.drugs or question.classes or not case.refs("finding", "present"):
            return reply
        options = self._treatment(text, case, assessment)  # "allergic to penicillin: what can I take?"
        return Reply((*reply.notes, *options.notes), (*reply.statements, *options.statements))

    def _serious(self, text: str, case: Case, assessment: Assessment) -> Reply:
        told = self._care.serious(self.meant.disease(text, case, assessment), case, assessment)
        outlook = self._from_fields(text, case, assessment, ("outlook",), 2)
        return Reply(told[0], (*told[1], *outlook.statements))

    def _score(self, text: str, case: Case, assessment: Assessment) -> Reply:
        told = self._care.score(text, case, assessment)
        return Reply(*told) if told else Reply((say(case.language, "no_score"),))

    def _more_urgent(self, text: str, case: Case, assessment: Assessment) -> Reply:
        return Reply(*self._care.more_urgent(case, assessment))

    def _outlook(self, text: str, case: Case, assessment: Assessment) -> Reply:
        disease = self.meant.disease(text, case, assessment)
        if disease is not None:
            return Reply(*self._care.outlook(disease, case))
        complaints = {
            r: None for m in self._lexicon.mentions(text) for r in m.refs if r.startswith("finding:")
        }
        quoted = tuple(self._care.outlook_of(complaints, case.language))
        return Reply(() if quoted else (say(case.language, "which_illness"),), quoted)

    def _from_fields(
        self,
        text: str,
        case: Case,
        assessment: Assessment,
        fields: tuple[str, ...],
        limit: int,
        first: tuple[Statement, ...] = (),
    ) -> Reply:
        """What the fields of the disease named say, or of the likeliest, or a kind of it, that says anything."""
        if not (diseases := self.meant.diseases(text, case, assessment)):
            return Reply((say(case.language, "which_illness"),), first)
        likely = (self._base.diseases[h.disease] for h in assessment.differential.hypotheses if h.disease)
        kinds = (entry for entry in likely if entry.subtype_of in diseases)
        for entry in (*(self._base.diseases[d] for d in diseases), *kinds):
            if said := [s for f in fields for s in self._explain.claims(entry, f, case, limit)]:
                return Reply((), (*first, *said))
        return Reply(() if first else (say(case.language, "no_source"),), first)

    def _explain_word(self, text: str, case: Case, assessment: Assessment) -> Reply | None:
        language = case.language
        if says_request(text, language):
            return None
        if self._mind.scorer.library.named_in(text):
            return self._score(text, case, assessment)
        if disease := self.meant.disease_in(text):
            statements = tuple(self._explain.defining(disease, language))
            if statements:
                return Reply((), statements)
        for mention in self._lexicon.mentions(text):
            for ref in mention.refs:
                for passage, span in self._shelf.mentioning(ref, language)[:2]:
                    citation = self._shelf.cite(passage, language, span)
                    return Reply((), (Statement(citation.text, (citation,), "explanation", ref),))
        return Reply((say(language, "no_source"),))

    def _what_if(self, text: str, case: Case, assessment: Assessment) -> Reply:
        supposition = supposition_in(text, case, self._lexicon, self._base)
        if supposition.is_empty:
            return Reply((say(case.language, "what_if_unknown"),))
        supposed = suppose(self._mind, self._inquiry, case, supposition)
        return Reply(tuple(supposed_in_words(supposed, supposition, self._explain, case.language)))

    def _numbers(self, text: str, case: Case, assessment: Assessment) -> Reply:
        leader = next((h for h in assessment.differential.hypotheses if h.disease), None)
        if leader is None:
            return Reply((say(case.language, "no_case"),))
        name = self._explain.name(f"disease:{leader.disease}", case.language)
        shown = say(case.language, "numbers", disease=name, percent=percent(leader.probability))
        return Reply((shown,))

    def _department(self, text: str, case: Case, assessment: Assessment) -> Reply:
        """Who treats the disease named, or the leading one; what cannot wait goes first."""
        disease = self.meant.disease(text, case, assessment)
        if disease is None:
            return Reply((say(case.language, "no_case"),))
        name = self._explain.name(f"disease:{disease}", case.language)
        where = self._base.departments[self._base.diseases[disease].department].name(case.language)
        first = tuple(self._explain.urgency(assessment.triage, case.language))
        return Reply((say(case.language, "department", disease=name, department=where),), first)

    def _prevent(self, text: str, case: Case, assessment: Assessment) -> Reply:
        """How the disease named, or the leading one, is kept from coming or coming back."""
        disease = self.meant.disease(text, case, assessment)
        if disease is None:
            return self._stay_well(text, case, assessment)
        told = self._shelf.about(f"disease:{disease}", ("prevention", "self_care"))[:_PREVENTING]
        quoted = tuple(self._explain.quote(p, case.language, "advice", f"disease:{disease}") for p in told)
        return Reply(() if quoted else (say(case.language, "no_source"),), quoted)


def _of_itself(phrase: str, text: str, case: Case, assessment: Assessment) -> Reply:
    return Reply((say(case.language, phrase),))
