"""Answers to questions about the case: why, why not, what else, which test, what now, what if."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from assistant.advice_talk import AdviceTalk
from assistant.answer import Statement
from assistant.care_followups import CareFollowUps
from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer, each_passage_once
from assistant.inquiry import Inquiry
from assistant.intents import intent_of
from assistant.medicine_talk import MedicineTalk
from assistant.phrases import listed, percent, say
from assistant.prognosis import Foresight
from assistant.reasoning_words import challenge_in_words, supposed_in_words
from assistant.suppose import suppose
from assistant.supposition import supposition_in
from assistant.targets import targets_for
from assistant.treatment import leading
from knowledge.lexicon import Lexicon

_COMMON = 0.5


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
    ) -> None:
        self._mind = mind
        self._base = mind.base
        self._explain = explainer
        self._inquiry = inquiry
        self._shelf = shelf
        self._lexicon = lexicon
        self.foresight = Foresight(mind.base, shelf, lexicon)
        self._care = CareFollowUps(mind, explainer, shelf, self.foresight)
        self.medicines = MedicineTalk(mind.base, explainer)
        self._advice = AdviceTalk(mind.base, explainer, shelf, lexicon)
        self._targets = Lexicon(mind.base, ("target",))
        self._methods: dict[str, Callable[[str, Case, Assessment], Reply]] = {
            "why": self._why,
            "why_not": self._why_not,
            "what_else": self._what_else,
            "next_test": self._next_test,
            "now": self._now,
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
            "objection": self._objection,
        }

    def answer(self, intent: str, text: str, case: Case, assessment: Assessment) -> Reply | None:
        """The reply to a follow-up; None for an intent that is no follow-up."""
        method = self._methods.get(intent)
        return method(text, case, assessment) if method else None

    def intent(self, text: str, case: Case) -> str | None:
        """What a message asks for; a question about a medicine, or that names a score, asks for it."""
        if self.medicines.question_in(text, case):
            return "medicine"
        asks = any(mark in text for mark in "?？") and self._mind.scorer.library.named_in(text)
        return "score" if asks else intent_of(text)

    def disease_in(self, text: str) -> str | None:
        """The disease (bare id) that a message names."""
        named = [
            (m.end - m.start, ref)
            for m in self._lexicon.mentions(text)
            if m.manner == "name"
            for ref in m.refs
            if ref.startswith("disease:")
        ]
        return max(named)[1].partition(":")[2] if named else None

    def _meant(self, text: str, case: Case, assessment: Assessment) -> str | None:
        """The disease named, else the leading one of a case."""
        return next(iter(self._all_meant(text, case, assessment)), None)

    def _all_meant(self, text: str, case: Case, assessment: Assessment) -> list[str]:
        """The disease named, else the leading ones; none for a person who told no complaint."""
        if named := self.disease_in(text):
            return [named]
        return [] if case.is_empty else leading(assessment.differential)

    def _why(self, text: str, case: Case, assessment: Assessment) -> Reply:
        disease = self._meant(text, case, assessment)
        found = self._mind.hypothesis(assessment, disease) if disease else None
        if disease is None or found is None:
            return Reply((say(case.language, "no_case"),))
        reasons = list(self._explain.reasons(found[1], case.language))
        statements = [*reasons, *self._explain.defining(disease, case.language, 1)]
        challenge = self._inquiry.challenge(case, assessment.differential) if found[0] == 1 else None
        against = challenge_in_words(challenge, self._explain, case.language) if challenge else ()
        standing = self._standing(disease, found[0], found[1].probability, case)
        return Reply((standing, *against), tuple(statements))

    def _why_not(self, text: str, case: Case, assessment: Assessment) -> Reply:
        disease = self.disease_in(text)
        if disease is None:
            return Reply((say(case.language, "which_disease"),))
        found = self._mind.hypothesis(assessment, disease)
        if found is None:
            notes = (say(case.language, "no_case"),) if case.is_empty else ()
            return Reply(notes, tuple(self._explain.defining(disease, case.language, 1)))
        rank, hypothesis = found
        against = [
            s for s in self._explain.reasons(hypothesis, case.language) if _weight(hypothesis, s.about) < 0
        ]
        missing = tuple(self._missing(disease, case))
        standing = self._standing(disease, rank, hypothesis.probability, case)
        return Reply((standing,), (*against, *missing))

    def _missing(self, disease: str, case: Case) -> Iterator[Statement]:
        """Common findings of a disease that nobody reported, as far as a passage names them."""
        silent = [
            edge.id
            for edge in self._base.diseases[disease].findings
            if edge.probability >= _COMMON and case.state(f"finding:{edge.id}") != "present"
        ]
        wanted = self._shelf.backing(disease, silent, case.language)
        backed = list(islice((b for b in wanted if b.stated == b.asked), 4))
        if backed:
            words = [self._explain.in_words(b, case.language) for b in backed]
            name = self._explain.name(f"disease:{disease}", case.language)
            yield Statement(
                say(case.language, "why_not_missing", disease=name, findings=listed(case.language, words)),
                each_passage_once(b.citation for b in backed),
                "reason",
                f"disease:{disease}",
                tuple(b.says for b in backed),
            )

    def _standing(self, disease: str, rank: int, probability: float, case: Case) -> str:
        name = self._explain.name(f"disease:{disease}", case.language)
        return say(case.language, "why_not", disease=name, percent=percent(probability), rank=rank)

    def _what_else(self, text: str, case: Case, assessment: Assessment) -> Reply:
        if case.is_empty:
            return Reply((say(case.language, "no_case"),))
        others = [h.disease for h in assessment.differential.hypotheses[1:4] if h.disease]
        statements = [s for d in others for s in self._explain.defining(d, case.language, 1)]
        return Reply(
            (say(case.language, "what_else", list=self._in_a_line(assessment, case, 8)),), tuple(statements)
        )

    def _in_a_line(self, assessment: Assessment, case: Case, count: int) -> str:
        unit = "%" if case.language == "zh" else " %"
        shown = [h for h in assessment.differential.hypotheses[:count] if h.disease]
        return say(case.language, "list_join").join(
            f"{self._explain.name(f'disease:{h.disease}', case.language)} {percent(h.probability)}{unit}"
            for h in shown
        )

    def _next_test(self, text: str, case: Case, assessment: Assessment) -> Reply:
        if case.is_empty:
            return Reply((say(case.language, "no_case"),))
        leading = [h.disease for h in assessment.differential.hypotheses[:2] if h.disease]
        statements = [
            s for d in leading for s in self._explain.claims(self._base.diseases[d], "workup", case, 2)
        ]
        best = self._inquiry.next_test(case, assessment.differential)
        notes: tuple[str, ...] = ()
        if best:
            name = self._explain.name
            notes = (
                say(
                    case.language,
                    "next_test",
                    finding=name(f"finding:{best.finding}", case.language),
                    likelier=name(f"disease:{best.likelier}", case.language),
                    less_likely=name(f"disease:{best.less_likely}", case.language),
                ),
            )
        return Reply(notes, tuple(statements))

    def _target(self, text: str, case: Case, assessment: Assessment) -> Reply:
        """What the values that a message names should be, for this person."""
        patient = self.medicines.patient(self.medicines.told_in(text, case), case)
        named = {r for m in self._targets.mentions(text) for r in m.refs}
        quoted = [
            self._explain.quote(self._base.passages[f"target/{t.id}"], case.language, "self_care", t.ref)
            for t in targets_for(patient, self._base)
            if t.ref in named or f"target:{t.instead_of}" in named
        ]
        return Reply(() if quoted else (say(case.language, "no_source"),), tuple(quoted))

    def _stay_well(self, text: str, case: Case, assessment: Assessment) -> Reply:
        patient = self.medicines.patient(self.medicines.told_in(text, case), case)
        return Reply(*self._advice.answer(text, patient, case.language))

    def _now(self, text: str, case: Case, assessment: Assessment) -> Reply:
        flags = tuple(self._explain.urgency(assessment.triage, case.language))
        return self._from_fields(text, case, assessment, ("self_care", "come_back_if", "workup"), 2, flags)

    def _treatment(self, text: str, case: Case, assessment: Assessment) -> Reply:
        """Options for the disease named, else for the leading ones, ordered for this person."""
        diseases = self._all_meant(text, case, assessment)
        if not diseases:
            return Reply((say(case.language, "which_illness"),))
        talk = self.medicines
        plan = talk.therapist.plan(diseases, case, talk.patient(talk.told_in(text, case), case))
        statements = tuple(talk.teller.options(plan, case.language))
        if not statements:
            return Reply((say(case.language, "no_source"),))
        verdicts = {v.drug: v for o in plan.options for v in o.verdicts}
        return Reply(tuple(talk.teller.notes(list(verdicts.values()), case.language)), statements)

    def _medicine(self, text: str, case: Case, assessment: Assessment) -> Reply:
        question = self.medicines.question_in(text, case)
        if question is None:
            return Reply((say(case.language, "about_drug_first"),))
        return Reply(*self.medicines.answer(question, case))

    def _serious(self, text: str, case: Case, assessment: Assessment) -> Reply:
        told = self._care.serious(self._meant(text, case, assessment), case, assessment)
        outlook = self._from_fields(text, case, assessment, ("outlook",), 2)
        return Reply(told[0], (*told[1], *outlook.statements))

    def _score(self, text: str, case: Case, assessment: Assessment) -> Reply:
        told = self._care.score(text, case, assessment)
        return Reply(*told) if told else Reply((say(case.language, "no_score"),))

    def _more_urgent(self, text: str, case: Case, assessment: Assessment) -> Reply:
        return Reply(*self._care.more_urgent(case, assessment))

    def _outlook(self, text: str, case: Case, assessment: Assessment) -> Reply:
        disease = self._meant(text, case, assessment)
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
        disease = self._meant(text, case, assessment)
        if disease is None:
            return Reply((say(case.language, "which_illness"),), first)
        entry = self._base.diseases[disease]
        statements = [s for f in fields for s in self._explain.claims(entry, f, case, limit)]
        notes = () if statements or first else (say(case.language, "no_source"),)
        return Reply(notes, (*first, *statements))

    def _explain_word(self, text: str, case: Case, assessment: Assessment) -> Reply:
        language = case.language
        if self._mind.scorer.library.named_in(text):
            return self._score(text, case, assessment)
        if disease := self.disease_in(text):
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

    def _objection(self, text: str, case: Case, assessment: Assessment) -> Reply:
        return Reply((say(case.language, "objection"),))


def _weight(hypothesis: object, ref: str | None) -> float:
    return next((r.weight for r in getattr(hypothesis, "reasons", ()) if r.ref == ref), 0.0)
