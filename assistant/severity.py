"""How severe: the grading criteria of a disease (knowledge/core, `severity`) applied to a case.

Each grade is met, not met, or open; so is each of its criteria, since what nobody told is not known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.case import Case
from assistant.view import judge_of
from knowledge.base import KnowledgeBase
from knowledge.concepts import Criterion
from knowledge.criteria import Judge, Truth
from knowledge.diseases import Disease, Grade

GRADES = ("mild", "moderate", "severe", "critical")


@dataclass(frozen=True)
class Mark:
    """One criterion: an id, or a comparison such as `respiratory_rate >= 25`.

    wanted: False where the grade asks for its absence. met: whether it is as the grade wants it.
    """

    item: str
    wanted: bool
    met: Truth


@dataclass(frozen=True)
class Graded:
    """A grade of a disease applied to a case. number: the claim's place in `severity`, from 1."""

    number: int
    grade: Grade
    met: Truth
    marks: tuple[Mark, ...]

    def items(self, met: Truth) -> list[Mark]:
        """The criteria that are met (True), not met (False) or not known (None)."""
        return [mark for mark in self.marks if mark.met is met]


def graded(disease: Disease, case: Case, base: KnowledgeBase) -> tuple[Graded, ...]:
    """Every grade of a disease that has criteria, the mildest first."""
    judge = judge_of(case, base)
    found = [
        Graded(number, grade, judge.holds(grade.when), tuple(_marks(grade.when, judge)))
        for number, grade in enumerate(disease.severity, 1)
        if grade.when is not None
    ]
    return tuple(sorted(found, key=lambda g: GRADES.index(g.grade.grade)))


def told(grades: Sequence[Graded]) -> tuple[Graded, ...]:
    """What is worth telling of them, the gravest first: the gravest that is met, and graver ones that are
    open; all that are not ruled out where none is met."""
    met = max((i for i, g in enumerate(grades) if g.met), default=-1)
    return tuple(g for i, g in reversed(list(enumerate(grades))) if i >= max(met, 0) and g.met is not False)


def _marks(criterion: Criterion, judge: Judge) -> Iterator[Mark]:
    for item in (*criterion.all, *criterion.any, *criterion.of):
        yield Mark(item, True, judge.item(item))
    for item in criterion.none:
        truth = judge.item(item)
        yield Mark(item, False, None if truth is None else not truth)
