"""Better, stable or worse over time: the Theil-Sen line through values, judged against a target.

Theil (1950), Sen (1968): the slope is the median of the slopes of all pairs, so single odd values do not
move it. A trend counts when the change along the line is large enough to matter and, with enough values,
when Kendall's tau says that it is no chance (p < 0.05).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Literal

from knowledge.concepts import Rule

Direction = Literal["improving", "stable", "worsening", "rising", "falling", "too_few"]
Better = Literal["higher", "lower", "open"]
Point = tuple[float, float]
"""Time in days, value."""

FEWEST = 3
_TESTED_FROM = 5
_CHANCE = 0.05


@dataclass(frozen=True)
class Trend:
    """The line at the first and at the last time, and what it means. a_week: change in seven days."""

    direction: Direction
    first: float
    last: float
    a_week: float


def trend_of(
    points: Sequence[Point],
    matters: float,
    better: Better = "open",
    limits: Sequence[Rule] = (),
    fewest: int = FEWEST,
) -> Trend:
    """The trend of values. matters: the smallest change worth a word. limits: the target's bounds, which
    decide before `better` does; within them a change is neither better nor worse. fewest: times needed, at
    least 2.
    """
    points = sorted(points)
    if len({x for x, _ in points}) < fewest:
        values = [y for _, y in points]
        return Trend("too_few", values[0] if values else 0.0, values[-1] if values else 0.0, 0.0)
    slope = median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if a[0] != b[0])
    at_zero = median(y - slope * x for x, y in points)
    first, last = at_zero + slope * points[0][0], at_zero + slope * points[-1][0]
    moved = abs(last - first) >= matters and _is_no_chance(points)
    return Trend(_meaning(first, last, better, limits) if moved else "stable", first, last, 7 * slope)


def off_target(value: float, limits: Sequence[Rule]) -> float:
    """How far a value lies outside all bounds together; 0 within them."""
    return max((_beyond(value, rule) for rule in limits), default=0.0)


def _beyond(value: float, rule: Rule) -> float:
    above = [value - bound for bound in (rule.at_most, rule.below) if bound is not None]
    under = [bound - value for bound in (rule.at_least, rule.above) if bound is not None]
    return max(0.0, *above, *under)


def _meaning(first: float, last: float, better: Better, limits: Sequence[Rule]) -> Direction:
    if limits:
        before, now = off_target(first, limits), off_target(last, limits)
        if before == now == 0:
            return "stable"
        return "improving" if now < before else "worsening"
    if better == "open":
        return "rising" if last > first else "falling"
    return "improving" if (last > first) == (better == "higher") else "worsening"


def _is_no_chance(points: Sequence[Point]) -> bool:
    """Kendall's test; too few values to test are believed."""
    if len(points) < _TESTED_FROM:
        return True
    from scipy.stats import kendalltau  # type: ignore[import-untyped]

    chance = kendalltau([x for x, _ in points], [y for _, y in points]).pvalue
    return bool(chance < _CHANCE)
