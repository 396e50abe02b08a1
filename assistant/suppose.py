"""A case supposed otherwise: the differential, the urgency and the next question, before and after."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.events import Observation, State
from assistant.inquiry import Inquiry, Question


@dataclass(frozen=True)
class Supposed:
    """What is thought of the case as it is and as it would be, and what would be asked next."""

    before: Assessment
    after: Assessment
    question_before: Question | None
    question_after: Question | None

    @property
    def urgency_changes(self) -> bool:
        """Whether another urgency would hold."""
        return self.before.triage.level != self.after.triage.level


def supposing(
    case: Case, refs: Iterable[str] = (), state: State = "present", without: Iterable[str] = ()
) -> Case:
    """The case with findings or risk factors (full ids) in a state, and diseases (bare ids) ruled out."""
    supposed = {ref: Observation(ref=ref, state=state, manner="asked") for ref in refs}
    return case.model_copy(
        update={
            "observations": case.observations | supposed,
            "excluded": case.excluded | frozenset(without),
        }
    )


def suppose(mind: Diagnostician, inquiry: Inquiry, case: Case, otherwise: Case) -> Supposed:
    """Compare two cases."""
    before, after = mind.assess(case), mind.assess(otherwise)
    return Supposed(
        before,
        after,
        inquiry.next_question(case, before.differential),
        inquiry.next_question(otherwise, after.differential),
    )
