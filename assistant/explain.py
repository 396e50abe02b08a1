"""Concepts -> words: what is thought of a case, as statements that each carry a citation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from assistant.answer import AskedQuestion, Choice, Statement, StatementKind
from assistant.case import Case
from assistant.crisis import emergency_number
from assistant.diagnosis import Assessment
from assistant.differential import Hypothesis, Reason
from assistant.evidence import Backing, Citation, EvidenceShelf
from assistant.phrases import level_in_words, listed, percent, say
from assistant.question_cards import Card
from assistant.questions import Question
from assistant.triage import Triage
from assistant.triage_words import alarm_statements, disease_statements
from knowledge.base import KnowledgeBase
from knowledge.concepts import Claim, Language, Passage, RedFlag, Topic, Urgency
from knowledge.criteria import within
from knowledge.diseases import Disease
from knowledge.graph import CausalGraph

_DANGER_FROM = 0.02
_FLAGS = 3
"""Red flags that are told."""
_LIKELY = 0.5
"""Share of the causes that need emergency care from which the words begin with what to do."""
_ALSO = 2
_TELLING = 0.2
"""Log-odds from which a finding is worth a sentence."""
_DEFINING: tuple[Topic, ...] = ("definition", "diagnosis", "symptoms", "cause")


class Explainer:
    """Puts assessments into words; made once."""

    def __init__(self, graph: CausalGraph, shelf: EvidenceShelf, country: str) -> None:
        self._graph = graph
        self._base: KnowledgeBase = graph.base
        self._shelf = shelf
        self._country = country

    def name(self, ref: str, language: Language) -> str:
        """The shown name of a concept, as it stands within a sentence."""
        name = self._base.concept(ref).name(language)
        if language == "zh" or ref.startswith("disease:") or not name[1:2].islower():
            return name
        return name[0].lower() + name[1:]

    def first_look(self, case: Case, assessment: Assessment) -> Iterator[Statement]:
        """The answer to a case: urgency, what is likely and why, what must not be missed, what next."""
        yield from self.urgency(assessment.triage, case.language)
        leading = [h for h in assessment.differential.hypotheses if h.disease]
        if not leading:
            return
        shown = leading[: 1 + _ALSO]
        if not assessment.differential.abstained:
            yield from self._fits(leading[0], case.language, "leading", "most_likely")
            for h in shown[1:]:
                yield from self._fits(h, case.language, "also", "also_fits", only_with_findings=True)
        for h in leading[:12]:
            if h not in shown and h.probability >= _DANGER_FROM and self._is_dangerous(h):
                yield from self._fits(h, case.language, "must_not_miss", "must_not_miss")
        if not assessment.differential.abstained:
            disease = self._base.diseases[leading[0].disease or ""]
            yield from self.claims(disease, "workup", case, 1)
            yield from self.claims(disease, "come_back_if", case, 1)

    def urgency(self, triage: Triage, language: Language) -> Iterator[Statement]:
        """Why it is so urgent: the red flags that hold, each with what to do; else dangerous numbers, else
        the disease that set the level. The first says what to do where it is an emergency, and not merely one that
        cannot be left out of account."""
        reasons = list(self._reasons_for_urgency(triage, language))
        flagged = bool(triage.flags) and triage.flags[0].level == "emergency"
        if reasons and (flagged or triage.shares.get("emergency", 0.0) >= _LIKELY):
            text = say(language, "level_first", level=self.level("emergency", language), why=reasons[0].text)
            reasons[0] = replace(reasons[0], text=text)
        yield from reasons

    def _reasons_for_urgency(self, triage: Triage, language: Language) -> Iterator[Statement]:
        deciding = [f for f in triage.flags[:_FLAGS] if f.level == triage.level]
        yield from self._flagged(deciding, language)
        yield from alarm_statements(triage, self._shelf, language)
        yield from disease_statements(triage, self._base, self._shelf, language)
        yield from self._flagged([f for f in triage.flags[:_FLAGS] if f not in deciding], language)

    def _flagged(self, flags: Iterable[RedFlag], language: Language) -> Iterator[Statement]:
        for flag in flags:
            passage = self._base.passages[f"red_flag/{flag.id}"]
            text = say(
                language, "flag_then", flag=flag.in_language(language), do=flag.do.in_language(language)
            )
            says = (flag.in_language(language), flag.do.in_language(language))
            cited = (self._shelf.cite(passage, language),)
            yield Statement(text, cited, "red_flag", flag.id, says)

    def level(self, level: Urgency, language: Language) -> str:
        """An urgency, as it is said to a person of this country."""
        return level_in_words(language, level, emergency_number(language, self._country))

    def claims(
        self, disease: Disease, field: str, case: Case, limit: int | None = None
    ) -> Iterator[Statement]:
        """What the pack says in one field of a disease, for this person."""
        kinds: dict[str, StatementKind] = {
            "workup": "test",
            "treatment": "treatment",
            "outlook": "outlook",
            "self_care": "self_care",
            "come_back_if": "come_back",
            "follow_up": "follow_up",
            "severity": "severity",
        }
        written: Sequence[Claim] = getattr(disease, field)
        fitting = [i for i, claim in enumerate(written, 1) if is_for(claim, case)]
        for i in fitting[:limit]:
            passage = self._base.passages[f"{disease.id}/{field}/{i}"]
            yield self.quote(passage, case.language, kinds[field], disease.ref)

    def quote(
        self, passage: Passage, language: Language, kind: StatementKind, about: str | None = None
    ) -> Statement:
        """A passage in its own words."""
        return Statement(passage.in_language(language), (self._shelf.cite(passage, language),), kind, about)

    def reasons(self, hypothesis: Hypothesis, language: Language) -> Iterator[Statement]:
        """For and against, finding by finding, as far as passages carry them: a finding that is there
        speaks for a disease whose passage states it, one that is missing where a passage denies it."""
        disease = hypothesis.disease or ""
        name = self.name(f"disease:{disease}", language)
        for reason in hypothesis.reasons:
            if abs(reason.weight) < _TELLING:
                continue
            finding = reason.ref.partition(":")[2]
            denied = reason.present != (reason.weight > 0)
            for backing in self._shelf.backing(disease, [finding], language, denied):
                if reason.present or backing.stated not in self._base.ancestors[finding]:
                    yield self._reason(reason, backing, name, language)

    def _reason(self, reason: Reason, backing: Backing, disease: str, language: Language) -> Statement:
        words = self.in_words(backing, language)
        if not reason.present:
            words = say(language, "absent", finding=words)
        text = say(
            language,
            "why_for" if reason.weight > 0 else "why_against",
            finding=words[0].upper() + words[1:],
            disease=disease,
            weight=f"{reason.weight:+.1f}",
        )
        return Statement(text, (backing.citation,), "reason", reason.ref, (backing.says,))

    def in_words(self, backing: Backing, language: Language) -> str:
        """A finding's name; with what its passage speaks of, where that is wider."""
        words = self.name(f"finding:{backing.asked}", language)
        if backing.stated not in self._base.ancestors[backing.asked]:
            return words
        return say(language, "kind_of", finding=words, wider=self.name(f"finding:{backing.stated}", language))

    def defining(self, disease: str, language: Language, limit: int = 2) -> Iterator[Statement]:
        """What a disease is."""
        for passage in self._shelf.about(f"disease:{disease}", _DEFINING)[:limit]:
            yield self.quote(passage, language, "definition", f"disease:{disease}")

    def cite(self, passage: Passage, language: Language) -> Citation:
        """A citation of a whole passage."""
        return self._shelf.cite(passage, language)

    def question(self, question: Question, language: Language) -> AskedQuestion:
        """A question in words, with its reason, which is that of its best choice."""
        ref, reason = f"finding:{question.finding}", self.reason_for(question, language)
        if question.card is None:
            return AskedQuestion(
                ref, self._base.findings[question.finding].question.in_language(language), reason
            )
        choices = [
            Choice(f"finding:{f}", self._base.findings[f].name(language)) for f in question.card.choices
        ]
        reason = say(language, "card_reason", finding=choices[0].name, reason=reason)
        return AskedQuestion(ref, self._card(question.card, language), reason, tuple(choices))

    def _card(self, card: Card, language: Language) -> str:
        """What the choices of a card are put under."""
        if card.group:
            return card.group.in_language(language)
        if card.subject:
            return say(language, "card_about", subject=self.name(f"finding:{card.subject}", language))
        return say(language, "card")

    def reason_for(self, question: Question, language: Language) -> str:
        """Why a question is asked: how often the finding is seen in the two diseases it tells apart."""
        return say(
            language,
            "question_reason_danger" if question.dangerous else "question_reason",
            likelier=self.name(f"disease:{question.likelier}", language),
            less_likely=self.name(f"disease:{question.less_likely}", language),
            high=percent(self._graph.chance(question.likelier, question.finding)),
            low=percent(self._graph.chance(question.less_likely, question.finding)),
        )

    def _is_dangerous(self, hypothesis: Hypothesis) -> bool:
        return self._base.diseases[hypothesis.disease or ""].urgency == "emergency"

    def _fits(
        self,
        hypothesis: Hypothesis,
        language: Language,
        kind: StatementKind,
        phrase: str,
        only_with_findings: bool = False,
    ) -> Iterator[Statement]:
        disease = hypothesis.disease or ""
        slots = {
            "disease": self.name(f"disease:{disease}", language),
            "percent": percent(hypothesis.probability),
        }
        seen = [r.ref.partition(":")[2] for r in hypothesis.speaks_for if r.present]
        backed = list(islice(self._shelf.backing(disease, seen, language), 4))
        if backed:
            words = [self.in_words(backing, language) for backing in backed]
            key = phrase if phrase.endswith("_fits") else f"{phrase}_fits"
            text = say(language, key, findings=listed(language, words), **slots)
            cited = each_passage_once(backing.citation for backing in backed)
            yield Statement(text, cited, kind, f"disease:{disease}", tuple(b.says for b in backed))
        elif not only_with_findings and (passages := self._shelf.about(f"disease:{disease}", _DEFINING)[:1]):
            citation = self._shelf.cite(passages[0], language)
            text = f"{say(language, phrase, **slots)} {citation.text}"
            yield Statement(text, (citation,), kind, f"disease:{disease}", (citation.text,))


def each_passage_once(citations: Iterable[Citation]) -> tuple[Citation, ...]:
    """Citations of different passages."""
    return tuple({c.passage: c for c in citations}.values())


def is_for(claim: Claim, case: Case) -> bool:
    """Whether a claim is meant for this person, as far as is known."""
    person = getattr(claim, "for_", None)
    if person is None:
        return True
    if person.age and case.about_age is not None and not within(case.about_age, person.age):
        return False
    if person.sex and case.sex and person.sex != case.sex:
        return False
    pregnant = case.state("risk:pregnancy") == "present"
    return not (person.pregnancy is not None and person.pregnancy != pregnant)
