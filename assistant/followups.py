"""Answers to questions about the case: why, why not, what else, which test, what now, what if."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from assistant.answer import Statement
from assistant.care_followups import CareFollowUps
from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer, each_passage_once
from assistant.inquiry import Inquiry
from assistant.intents import intent_of
from assistant.phrases import listed, percent, say
from assistant.suppose import suppose, supposing
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
        self._care = CareFollowUps(mind, explainer, shelf)
        self._methods: dict[str, Callable[[str, Case, Assessment], Reply]] = {
            "why": self._why,
            "why_not": self._why_not,
            "what_else": self._what_else,
            "next_test": self._next_test,
            "now": self._now,
            "treatment": self._treatment,
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

    def intent(self, text: str) -> str | None:
        """What a message asks for; a question that names a score asks for it."""
        asks = any(mark in text for mark in "?？") and self._mind.scorer.library.named_in(text)
        return "score" if asks else intent_of(text)

    def disease_in(self, text: str) -> str | None:
        """The disease (bare id) that a message names."""
        named = [
            (m.end - m.start, ref)
            for m in self._lexicon.mentions(text)
            for ref in m.refs
            if ref.startswith("disease:")
        ]
        return max(named)[1].partition(":")[2] if named else None

    def _meant(self, text: str, assessment: Assessment) -> str | None:
        """The disease named, else the leading one."""
        leading = next((h.disease for h in assessment.differential.hypotheses if h.disease), None)
        return self.disease_in(text) or leading

    def _why(self, text: str, case: Case, assessment: Assessment) -> Reply:
        disease = self._meant(text, assessment)
        found = self._mind.hypothesis(assessment, disease) if disease else None
        if disease is None or found is None:
            return Reply((say(case.language, "no_case"),))
        reasons = list(self._explain.reasons(found[1], case.language))
        statements = [*reasons, *self._explain.defining(disease, case.language, 1)]
        challenge = tuple(self._challenge(case, assessment)) if found[0] == 1 else ()
        standing = self._standing(disease, found[0], found[1].probability, case)
        return Reply((standing, *challenge), tuple(statements))

    def _challenge(self, case: Case, assessment: Assessment) -> Iterator[str]:
        """What speaks most against the leading disease, and what would if it were found."""
        challenge = self._inquiry.challenge(case, assessment.differential)
        if challenge is None:
            return
        language, name = case.language, self._explain.name
        if reason := challenge.reason:
            words = name(reason.ref, language)
            yield say(
                language,
                "challenge",
                disease=name(f"disease:{challenge.leader}", language),
                finding=words if reason.present else say(language, "absent", finding=words),
                weight=f"{reason.weight:+.1f}",
            )
        if doubt := challenge.doubt:
            words = name(f"finding:{doubt.finding}", language)
            yield say(
                language,
                "challenge_open",
                finding=words if doubt.present else say(language, "absent", finding=words),
                disease=name(f"disease:{challenge.leader}", language),
                rival=name(f"disease:{doubt.rival}", language),
            )

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

    def _now(self, text: str, case: Case, assessment: Assessment) -> Reply:
        flags = tuple(self._explain.urgency(assessment.triage, case.language))
        return self._from_fields(text, case, assessment, ("self_care", "come_back_if", "workup"), 2, flags)

    def _treatment(self, text: str, case: Case, assessment: Assessment) -> Reply:
        return self._from_fields(text, case, assessment, ("treatment",), 4)

    def _serious(self, text: str, case: Case, assessment: Assessment) -> Reply:
        told = self._care.serious(self._meant(text, assessment), case, assessment)
        outlook = self._from_fields(text, case, assessment, ("outlook",), 2)
        return Reply(told[0], (*told[1], *outlook.statements))

    def _score(self, text: str, case: Case, assessment: Assessment) -> Reply:
        told = self._care.score(text, case, assessment)
        return Reply(*told) if told else Reply((say(case.language, "no_score"),))

    def _more_urgent(self, text: str, case: Case, assessment: Assessment) -> Reply:
        return Reply(*self._care.more_urgent(case, assessment))

    def _outlook(self, text: str, case: Case, assessment: Assessment) -> Reply:
        return self._from_fields(text, case, assessment, ("outlook", "follow_up", "come_back_if"), 2)

    def _from_fields(
        self,
        text: str,
        case: Case,
        assessment: Assessment,
        fields: tuple[str, ...],
        limit: int,
        first: tuple[Statement, ...] = (),
    ) -> Reply:
        disease = self._meant(text, assessment)
        if disease is None:
            return Reply((say(case.language, "no_case"),), first)
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
        refs = [
            r for m in self._lexicon.mentions(text) for r in m.refs if r.startswith(("finding:", "risk:"))
        ]
        if not refs:
            return Reply((say(case.language, "what_if_unknown"),))
        supposed = suppose(self._mind, self._inquiry, case, supposing(case, refs))
        then = supposed.after
        changes = []
        for h in then.differential.hypotheses[:4]:
            before = self._mind.hypothesis(assessment, h.disease or "")
            changes.append(
                say(
                    case.language,
                    "what_if_change",
                    disease=self._explain.name(f"disease:{h.disease}", case.language),
                    before=percent(before[1].probability if before else 0),
                    after=percent(h.probability),
                )
            )
        words = listed(case.language, [self._explain.name(r, case.language) for r in refs])
        joined = say(case.language, "list_join").join(changes)
        notes = [say(case.language, "what_if", finding=words, list=joined)]
        if supposed.urgency_changes:
            level = self._explain.level(then.triage.level, case.language)
            notes.append(say(case.language, "what_if_urgency", level=level))
        if (ask := supposed.question_after) and ask.finding != getattr(
            supposed.question_before, "finding", 0
        ):
            finding = self._explain.name(f"finding:{ask.finding}", case.language)
            notes.append(say(case.language, "what_if_question", finding=finding))
        return Reply(tuple(notes))

    def _objection(self, text: str, case: Case, assessment: Assessment) -> Reply:
        return Reply((say(case.language, "objection"),))


def _weight(hypothesis: object, ref: str | None) -> float:
    return next((r.weight for r in getattr(hypothesis, "reasons", ()) if r.ref == ref), 0.0)
