"""How urgent: red-flag rules first, then the diseases that must not wait.

The rules look at the case alone and can only raise urgency (knowledge/core/red_flags). The
probabilities of dangerous diseases are weighed after them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.case import Case
from assistant.differential import Hypothesis
from assistant.view import judge_of
from knowledge.base import KnowledgeBase
from knowledge.concepts import RedFlag, Urgency

LEVELS: tuple[Urgency, ...] = ("self_care", "routine", "urgent", "emergency")

ACTS_AT: dict[Urgency, float] = {"emergency": 0.25, "urgent": 0.25}
"""From which probability a disease of this urgency sets the level."""


@dataclass(frozen=True)
class Triage:
    """level, the red flags that hold, and the disease that set it (bare id) if none did."""

    level: Urgency
    flags: tuple[RedFlag, ...] = ()
    disease: str | None = None


def red_flags(case: Case, base: KnowledgeBase) -> tuple[RedFlag, ...]:
    """The rules that hold for a case, the most urgent first."""
    judge = judge_of(case, base)
    held = [flag for flag in base.red_flags if judge.holds(flag.when) is True]
    return tuple(sorted(held, key=lambda flag: -LEVELS.index(flag.level)))


def triage(case: Case, base: KnowledgeBase, hypotheses: Sequence[Hypothesis], abstained: bool) -> Triage:
    """The urgency of a case; `routine` when nothing speaks for another."""
    flags = red_flags(case, base)
    level, disease = _from_diseases(base, hypotheses, abstained)
    if flags and LEVELS.index(flags[0].level) >= LEVELS.index(level):
        return Triage(flags[0].level, flags)
    return Triage(level, flags, disease)


def _from_diseases(
    base: KnowledgeBase, hypotheses: Sequence[Hypothesis], abstained: bool
) -> tuple[Urgency, str | None]:
    known = [h for h in hypotheses if h.disease is not None]
    for level, enough in ACTS_AT.items():
        for h in known:
            if h.probability >= enough and base.diseases[h.disease or ""].urgency == level:
                return level, h.disease
    if not known or abstained:
        return "routine", None
    leader = known[0].disease or ""
    urgency = base.diseases[leader].urgency
    return ("urgent" if urgency == "emergency" else urgency), leader
