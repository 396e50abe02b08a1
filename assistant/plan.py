"""A plan for four weeks: goals from the targets that are missed, one new habit at a time. It can be saved and
held against new readings at the next visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from assistant.advice import Advice
from assistant.averages import Summary, worth
from assistant.trend import off_target
from knowledge.concepts import Entry, Rule
from knowledge.errors import AetiaError

WEEKS = 4
_AT_ONCE = 2
"""New habits a week at most."""
_ONLY_ONCE = ("vaccination", "screening")
Progress = Literal["reached", "nearer", "same", "further", "no_readings"]


class Goal(Entry):
    """A quantity whose average misses its target. average: when the plan was made."""

    quantity: str
    target: str
    limits: tuple[Rule, ...]
    average: float


class Week(Entry):
    """habits: passages to take up this week; those of earlier weeks are kept. appointments: passages about
    vaccination and screening to ask for."""

    habits: tuple[str, ...] = ()
    appointments: tuple[str, ...] = ()


class Plan(Entry):
    """What was agreed. version: of this form."""

    version: Literal[1] = 1
    made: date
    goals: tuple[Goal, ...]
    weeks: tuple[Week, ...]

    def write(self, path: Path) -> None:
        """Save it as JSON. Raises AetiaError."""
        try:
            path.write_text(self.model_dump_json(indent=2, exclude_defaults=True) + "\n", encoding="utf-8")
        except OSError as fault:
            raise AetiaError(f"the plan cannot be written to {path}: {fault.strerror}") from fault

    @classmethod
    def read(cls, text: str) -> "Plan":
        """A saved plan. Raises AetiaError for what is none."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as fault:
            first = fault.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            raise AetiaError(
                f"this is no plan that Aetia saved ({place}: {first['msg']}); give the file of --save-plan"
            ) from fault


@dataclass(frozen=True)
class Review:
    """A goal after some weeks. now: the average since, None without readings."""

    goal: Goal
    progress: Progress
    now: float | None


def made_plan(summaries: Sequence[Summary], advice: Sequence[Advice], today: date) -> Plan:
    """A plan from readings and advice: habits in the order of the advice, at most two new ones a week;
    appointments in the last week."""
    goals = tuple(
        Goal(
            quantity=s.quantity,
            target=s.target.id,
            limits=s.limits,
            average=round(s.average.value, 2),
        )
        for s in summaries
        if s.target and not s.met
    )
    habits = [a.passage for a in advice if a.habit][: WEEKS * _AT_ONCE]
    size = min(_AT_ONCE, -(-len(habits) // WEEKS)) or 1
    asked = tuple(a.passage for a in advice if a.topic in _ONLY_ONCE)
    weeks = tuple(
        Week(habits=tuple(habits[n * size : (n + 1) * size]), appointments=asked if n == WEEKS - 1 else ())
        for n in range(WEEKS)
    )
    return Plan(made=today, goals=goals, weeks=weeks)


def reviewed(plan: Plan, summaries: Sequence[Summary]) -> tuple[Review, ...]:
    """Each goal of a plan held against new readings."""
    found = {s.quantity: s for s in summaries}
    return tuple(_review(goal, found.get(goal.quantity)) for goal in plan.goals)


def _review(goal: Goal, summary: Summary | None) -> Review:
    if summary is None:
        return Review(goal, "no_readings", None)
    now = summary.average.value
    if all(rule.holds(now) for rule in goal.limits):
        return Review(goal, "reached", now)
    before, left = off_target(goal.average, goal.limits), off_target(now, goal.limits)
    if abs(before - left) < worth(goal.quantity, summary.readings):
        return Review(goal, "same", now)
    return Review(goal, "nearer" if left < before else "further", now)
