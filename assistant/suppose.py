"""A case supposed otherwise: the differential, the urgency and the next question, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.inquiry import Inquiry
from assistant.questions import Question
from assistant.supposition import Supposition
from assistant.view import evidence_of
from knowledge.what_if import treated


@dataclass(frozen=True)
class Supposed:
    """What is thought of the case as it is and as it would be, and what would be asked next.

    left: for each disease supposed to be treated (bare id), finding (bare id) -> P(it is there afterwards),
    for what is there now.
    """

    before: Assessment
    after: Assessment
    question_before: Question | None
    question_after: Question | None
    left: Mapping[str, Mapping[str, float]]

    @property
    def urgency_changes(self) -> bool:
        """Whether another urgency would hold."""
        return self.before.triage.level != self.after.triage.level


def suppose(mind: Diagnostician, inquiry: Inquiry, case: Case, supposition: Supposition) -> Supposed:
    """Compare a case with what is supposed of it. Raises BadEvidence for what means nothing."""
    otherwise = supposition.case(case, mind.base.ancestors)
    before = mind.assess(case)
    after = mind.assess(otherwise, change=lambda evidence: supposition.evidence(mind.graph, evidence))
    evidence = evidence_of(case, mind.base)
    return Supposed(
        before,
        after,
        inquiry.next_question(case, before.differential),
        inquiry.next_question(otherwise, after.differential),
        {disease: treated(mind.graph, evidence, disease) for disease in supposition.treated},
    )
