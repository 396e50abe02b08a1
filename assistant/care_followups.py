"""Answers about urgency, severity, scores and the outlook; `followups` calls them.

Each gives (notes, statements): Aetia's own words, and what states medicine with its citation.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from assistant.answer import Statement
from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.escalation import escalation_statements
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from assistant.phrases import say
from assistant.prognosis import Foresight
from assistant.prognosis_words import PrognosisTeller
from assistant.score_words import missing_in_words, score_statement
from assistant.severity import graded
from assistant.severity_words import severity_statements
from assistant.timeline import moments
from knowledge.concepts import Language
from knowledge.scoring import Result

Told = tuple[tuple[str, ...], tuple[Statement, ...]]
_SCORES_SHOWN = 3
_COMPLAINTS_SHOWN = 3


class CareFollowUps:
    """One method a question."""

    def __init__(
        self, mind: Diagnostician, explainer: Explainer, shelf: EvidenceShelf, foresight: Foresight
    ) -> None:
        self._mind = mind
        self._explain = explainer
        self._shelf = shelf
        self._foresight = foresight
        self._prognosis = PrognosisTeller(explainer, shelf)

    def serious(self, disease: str | None, case: Case, assessment: Assessment) -> Told:
        """How urgent it is and why, and how severe the disease is by its criteria and scores."""
        statements = list(self._explain.urgency(assessment.triage, case.language))
        if disease is None:
            return ((say(case.language, "which_illness"),), tuple(statements))
        statements += severity_statements(disease, case, self._mind.base, self._shelf)
        shown = {alarm.result.score.id for alarm in assessment.triage.alarms}
        relevant = self._mind.scorer.relevant([disease], case)
        results = [r for r in relevant if r.score.id not in shown][:_SCORES_SHOWN]
        statements += self._scored(results, case)
        notes = tuple(self._missing(results, case))
        return notes or (() if statements else (say(case.language, "no_source"),)), tuple(statements)

    def score(self, text: str, case: Case, assessment: Assessment) -> Told | None:
        """The scores that a message names, else those of the leading disease; None when there is none."""
        scorer = self._mind.scorer
        named = [scorer.of_case(score, case) for score in scorer.library.named_in(text)[:_SCORES_SHOWN]]
        leading = [h.disease for h in assessment.differential.hypotheses[:1] if h.disease]
        results = named or scorer.relevant(leading, case)[:_SCORES_SHOWN]
        if not results:
            return None
        outside = tuple(
            say(case.language, "score_not_for", score=r.score.name(case.language))
            for r in results
            if r.applies is False
        )
        results = [r for r in results if r.applies is not False]
        return (*outside, *self._missing(results, case)), tuple(self._scored(results, case))

    def outlook(self, disease: str, case: Case) -> Told:
        """How it will go: course and time, what counts in this person, what severity and scores say of it,
        complications, and the next check. Disease: a bare id."""
        prognosis = self._foresight.of(disease, case)
        told = list(self._prognosis.statements(prognosis, case))
        grades = graded(prognosis.disease, case, self._mind.base)
        if any(grade.met for grade in grades):
            told += islice(severity_statements(disease, case, self._mind.base, self._shelf), 1)
        settled = [r for r in self._mind.scorer.relevant([disease], case) if len(r.bands) == 1]
        told += self._scored(settled[:_SCORES_SHOWN], case)
        return tuple(self._prognosis.notes(prognosis, case.language)), tuple(told)

    def outlook_of(self, complaints: Iterable[str], language: Language) -> Iterator[Statement]:
        """How long a complaint (full id of a finding) lasts, where passages about the course name it."""
        told = {
            passage.id: self._explain.quote(passage, language, "outlook", complaint)
            for complaint in complaints
            for passage, _ in self._shelf.mentioning(complaint, language)
            if passage.topic == "outlook" and moments(passage.in_language(language), language)
        }
        yield from islice(told.values(), _COMPLAINTS_SHOWN)

    def more_urgent(self, case: Case, assessment: Assessment) -> Told:
        """Which findings would raise the level."""
        if case.is_empty:
            return ((say(case.language, "no_case"),), ())
        told = escalation_statements(case, assessment, self._mind, self._explain, self._shelf)
        statements = (*self._explain.urgency(assessment.triage, case.language), *told)
        notes = () if statements else (say(case.language, "escalation_none"),)
        return notes, statements

    def _scored(self, results: Sequence[Result], case: Case) -> Iterator[Statement]:
        """A statement for each score; one of which nothing is known is only asked about."""
        for result in results:
            if result.known:
                yield score_statement(result, self._shelf, case.language)

    def _missing(self, results: Sequence[Result], case: Case) -> Iterator[str]:
        for result in results:
            if words := missing_in_words(result, self._mind.base, case.language):
                yield words
