"""A score applied to what is known. What is not known is never guessed: it is named, and the result is
the range that it leaves open.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from knowledge.concepts import Criterion, Sex
from knowledge.criteria import Judge, Truth
from knowledge.scoring.formula import Value, compute, names_of
from knowledge.scoring.schema import Band, Item, Option, Score

_UNBOUNDED = (-math.inf, math.inf)


@dataclass(frozen=True)
class Facts:
    """What is known. value: a quantity (and `age`) -> number or None. answers: item id -> points given
    for it by a person, which count before what the case says."""

    judge: Judge
    value: Callable[[str], float | None]
    sex: Sex | None
    answers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """An item's points, from low to high; `chosen` once they are certain. missing: names of quantities,
    `age`, `sex` or the item's own id that would settle it."""

    item: Item
    low: float
    high: float
    chosen: Option | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A score's value, from low to high, and how it came about. applies: whether it is meant for this
    person (None when age or sex is not known)."""

    score: Score
    low: float
    high: float
    lines: tuple[Line, ...]
    applies: Truth

    @property
    def complete(self) -> bool:
        """Whether nothing is missing that could change the value."""
        return self.low == self.high

    @property
    def missing(self) -> tuple[str, ...]:
        """What would settle it: names of quantities, `age`, `sex`, ids of items."""
        return tuple(dict.fromkeys(name for line in self.lines for name in line.missing))

    @property
    def known(self) -> bool:
        """Whether anything of it is known."""
        return any(not line.missing for line in self.lines)

    @property
    def bands(self) -> tuple[Band, ...]:
        """The bands that it may lie in; one when it is settled well enough."""
        first, last = self._band(self.low), self._band(self.high)
        return self.score.bands[first : last + 1]

    @property
    def single(self) -> Band | None:
        """What one item by itself means, when one surely has the points that count so."""
        band = self.score.single
        return band if band and any(line.low >= band.at_least for line in self.lines) else None

    def _band(self, value: float) -> int:
        return max((i for i, b in enumerate(self.score.bands) if b.at_least <= value), default=0)


def evaluate(score: Score, facts: Facts) -> Result:
    """A score by what is known. Raises AetiaError when its formula cannot be computed."""
    lines = tuple(_line(item, facts) for item in score.lines)
    together = max if score.combine == "highest" else math.fsum
    low = round(together([line.low for line in lines]), score.digits)
    high = round(together([line.high for line in lines]), score.digits)
    return Result(score, low, high, lines, _applies(score, facts))


def _applies(score: Score, facts: Facts) -> Truth:
    if score.unless is not None and facts.judge.holds(score.unless) is True:
        return False
    return facts.judge.holds(Criterion(age=score.age, sex=score.sex))


def _line(item: Item, facts: Facts) -> Line:
    if item.id in facts.answers:
        points = facts.answers[item.id]
        return Line(item, points, points, next((o for o in item.choices if o.points == points), None))
    if item.answers is not None:
        return Line(item, *item.answers, missing=(item.id,))
    return _computed(item, facts) if item.formula else _chosen(item, facts)


def _chosen(item: Item, facts: Facts) -> Line:
    """The options in their order, until one surely holds."""
    if not any(option.when for option in item.choices):
        points = [option.points for option in item.choices]
        return Line(item, min(points), max(points), missing=(item.id,))
    possible: list[Option] = []
    rest: Truth = True if sum(option.when is None for option in item.choices) == 1 else None
    for option in item.choices:
        truth = facts.judge.holds(option.when) if option.when else rest
        if truth is not False:
            possible.append(option)
        if truth is True:
            break
    points = [option.points for option in possible] or [0.0]
    if min(points) == max(points):
        return Line(item, points[0], points[0], possible[0] if possible else None)
    return Line(item, min(points), max(points), missing=_wanted(item, facts))


def _wanted(item: Item, facts: Facts) -> tuple[str, ...]:
    """What would settle an item: the numbers that its conditions compare, or its own answer."""
    criteria = [option.when for option in item.choices if option.when]
    named = [name for criterion in criteria for name in quantities_in(criterion)]
    items = [i for c in criteria for i in (*c.all, *c.any, *c.none, *c.of)]
    only_numbers = all(" " in i for i in items)
    unknown = [name for name in dict.fromkeys(named) if facts.value(name) is None]
    if any(c.sex for c in criteria) and facts.sex is None:
        unknown.append("sex")
    return tuple(unknown) if only_numbers and unknown else (item.id,)


def quantities_in(criterion: Criterion) -> list[str]:
    """Quantities, and `age`, that a criterion compares."""
    items = (*criterion.all, *criterion.any, *criterion.none, *criterion.of)
    named = [i.split()[0] for i in items if " " in i]
    return ["age", *named] if criterion.age else named


def _computed(item: Item, facts: Facts) -> Line:
    """A formula's number; over both sexes where the sex is not known."""
    formula = item.formula or ""
    needed = [n for part in (*item.let.values(), formula) for n in names_of(part) if n not in item.let]
    numbers = {name: facts.value(name) for name in dict.fromkeys(needed) if name != "female"}
    missing = tuple(name for name, number in numbers.items() if number is None)
    sexes = [facts.sex == "female"] if facts.sex else [True, False]
    if missing or "female" not in needed:
        sexes = sexes[:1]
    if missing:
        unsexed = ("sex",) if "female" in needed and facts.sex is None else ()
        return Line(item, *_UNBOUNDED, missing=(*missing, *unsexed))
    known: dict[str, Value] = {name: number for name, number in numbers.items() if number is not None}
    found = [compute(formula, item.let, known | {"female": female}) for female in sexes]
    unsettled = () if min(found) == max(found) else ("sex",)
    return Line(item, min(found), max(found), missing=unsettled)
