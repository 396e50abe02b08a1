"""Answers about the differential: why, why not, what else, which test next; `followups` calls them.

Each gives (notes, statements), as those of `care_followups` do.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.answer import Statement
from assistant.care_followups import Told
from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.differential import Hypothesis
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer, each_passage_once
from assistant.inquiry import Inquiry
from assistant.phrases import listed, percent, say
from assistant.reasoning_words import challenge_in_words, comparison_in_words
from assistant.view import implied
from knowledge.diseases import DiseaseGroup

_COMMON = 0.5
_SHOWN = 4
"""Diseases of a group that are named."""
_SAID = 0.01
"""Probability from which one of a group is named beside others."""
_FAR = 20
"""Place behind which a disease's place says nothing to anybody."""
_WORTH_TELLING_APART = 0.01
"""Probability from which a disease is worth a test that tells it from another."""


class ReasoningFollowUps:
    """One method a question."""

    def __init__(
        self, mind: Diagnostician, explainer: Explainer, inquiry: Inquiry, shelf: EvidenceShelf
    ) -> None:
        self._mind = mind
        self._base = mind.base
        self._explain = explainer
        self._inquiry = inquiry
        self._shelf = shelf

    def why(self, disease: str | None, case: Case, assessment: Assessment) -> Told:
        """What speaks for a disease, and where it leads, what speaks most against it."""
        found = self._mind.hypothesis(assessment, disease) if disease else None
        if disease is None or found is None:
            return (say(case.language, "no_case"),), ()
        reasons = list(self._explain.reasons(found[1], case.language))
        statements = [*reasons, *self._explain.defining(disease, case.language, 1)]
        challenge = self._inquiry.challenge(case, assessment.differential) if found[0] == 1 else None
        against = challenge_in_words(challenge, self._explain, case.language) if challenge else ()
        standing = self._standing(disease, found[0], found[1].probability, case)
        return (standing, *against), tuple(statements)

    def why_not(self, disease: str | None, case: Case, assessment: Assessment) -> Told:
        """What speaks for the leading disease instead, what against this one, and what is common in it that
        nobody reported."""
        if disease is None:
            return (say(case.language, "which_disease"),), ()
        found = self._mind.hypothesis(assessment, disease)
        if found is None:
            notes = (say(case.language, "no_case"),) if case.is_empty else ()
            return notes, tuple(self._explain.defining(disease, case.language, 1))
        rank, hypothesis = found
        against = [
            s for s in self._explain.reasons(hypothesis, case.language) if _weight(hypothesis, s.about) < 0
        ]
        missing = tuple(self._missing(disease, case))
        standing = self._standing(disease, rank, hypothesis.probability, case)
        leader = assessment.differential.hypotheses[0]
        compared: tuple[str, ...] = ()
        if rank > 1 and leader.disease:
            compared = comparison_in_words(hypothesis, leader, self._mind.graph, self._explain, case.language)
        return (standing, *compared), (*against, *missing)

    def what_else(self, case: Case, assessment: Assessment) -> Told:
        """The differential in a line, and what those after the first are."""
        if case.is_empty:
            return (say(case.language, "no_case"),), ()
        others = [h.disease for h in assessment.differential.hypotheses[1:4] if h.disease]
        statements = [s for d in others for s in self._explain.defining(d, case.language, 1)]
        line = self._in_a_line(assessment.differential.hypotheses[:8], case)
        return (say(case.language, "what_else", list=line),), tuple(statements)

    def next_test(self, case: Case, assessment: Assessment) -> Told:
        """The work-up of the leading diseases, and the finding that would tell them apart best."""
        if case.is_empty:
            return (say(case.language, "no_case"),), ()
        leading = [h.disease for h in assessment.differential.hypotheses[:2] if h.disease]
        statements = [
            s for d in leading for s in self._explain.claims(self._base.diseases[d], "workup", case, 2)
        ]
        best = self._inquiry.next_test(case, assessment.differential)
        notes: tuple[str, ...] = ()
        chance = {h.disease: h.probability for h in assessment.differential.hypotheses}
        if (
            best
            and min(chance.get(d, 0.0) for d in (best.likelier, best.less_likely)) >= _WORTH_TELLING_APART
        ):
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
        return notes, tuple(statements)

    def _missing(self, disease: str, case: Case) -> Iterator[Statement]:
        """Common findings of a disease that nobody reported, as far as a passage names them."""
        held, _ = implied(case, self._base)
        silent = [
            edge.id
            for edge in self._base.diseases[disease].findings
            if edge.probability >= _COMMON and edge.id not in held
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

    def standing(self, disease: str, case: Case, assessment: Assessment) -> list[str]:
        """The place and the probability of a disease, in words; nothing where it is not in the list."""
        found = self._mind.hypothesis(assessment, disease)
        return [self._standing(disease, found[0], found[1].probability, case)] if found else []

    def _standing(self, disease: str, rank: int, probability: float, case: Case) -> str:
        name = self._explain.name(f"disease:{disease}", case.language)
        key = "why_not" if rank <= _FAR else "why_not_far"
        return say(case.language, key, disease=name, percent=percent(probability), rank=rank)

    def of_group(self, group: DiseaseGroup, case: Case, assessment: Assessment) -> list[str]:
        """How much of the probability lies on the diseases of a group, and on which."""
        held = [
            h
            for h in assessment.differential.hypotheses
            if h.disease and group.holds(self._base.diseases[h.disease])
        ]
        if not held:
            return []
        slots = {
            "group": group.name(case.language),
            "percent": percent(sum(h.probability for h in held)),
            "diseases": self._in_a_line(
                [h for h in held[:_SHOWN] if h.probability >= _SAID] or held[:1], case
            ),
        }
        return [say(case.language, "of_group", **slots)]

    def _in_a_line(self, hypotheses: Sequence[Hypothesis], case: Case) -> str:
        unit = "%" if case.language == "zh" else " %"
        shown = [h for h in hypotheses if h.disease]
        return say(case.language, "list_join").join(
            f"{self._explain.name(f'disease:{h.disease}', case.language)} {percent(h.probability)}{unit}"
            for h in shown
        )


def _weight(hypothesis: Hypothesis, ref: str | None) -> float:
    return next((r.weight for r in hypothesis.reasons if r.ref == ref), 0.0)
