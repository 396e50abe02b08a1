"""Averages as guidelines ask for them (rules/readings.yaml), variability, and a person's targets.

Blood pressure at home: the first day is left out and all that remains is averaged. What is judged as a share
of the person's best, such as peak flow, is turned into it. Of anything else the latest days count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from statistics import mean, stdev
from typing import Any

from assistant.drug_safety import Patient
from assistant.reading_names import reading_rules
from assistant.readings import HomeReading, ReadingLog
from assistant.targets import targets_for
from assistant.trend import Trend, off_target, trend_of
from knowledge.base import KnowledgeBase
from knowledge.concepts import Rule, Target


@dataclass(frozen=True)
class Averaged:
    """An average, of how many values on how many days. left_out: values of the first day. rule: the passage
    that prescribes it, or None for a plain mean. lacking: `days` or parts of the day that the rule wants."""

    value: float
    count: int
    days: int
    left_out: int = 0
    rule: str | None = None
    lacking: tuple[str, ...] = ()
    latest: bool = False


@dataclass(frozen=True)
class Summary:
    """One quantity of a log: spread is the standard deviation (None for a single value), swing the mean of
    (highest - lowest) / mean within a day, off how far the average lies outside the target."""

    quantity: str
    readings: tuple[HomeReading, ...]
    average: Averaged
    spread: float | None
    swing: float | None
    target: Target | None
    off: float
    trend: Trend

    @property
    def limits(self) -> tuple[Rule, ...]:
        """The target's bounds of this quantity."""
        return tuple(r for r in self.target.limits if r.quantity == self.quantity) if self.target else ()

    @property
    def met(self) -> bool:
        """Whether the average lies within them; true without a target."""
        return all(rule.holds(self.average.value) for rule in self.limits)


def summaries(log: ReadingLog, patient: Patient, base: KnowledgeBase) -> tuple[Summary, ...]:
    """Every quantity of a log, with the target that holds for the person."""
    targets = _home_targets(patient, base)
    found = [_summary(quantity, log.of(quantity), targets) for quantity in log.quantities]
    for quantity, share in reading_rules()["share_of_best"].items():
        readings = log.of(quantity)
        if readings and share not in log.quantities:
            found.append(_summary(share, _as_share(readings, share), targets))
    return tuple(found)


def averaged(quantity: str, readings: Sequence[HomeReading]) -> Averaged:
    """The average of one quantity's readings, which must not be empty."""
    rule = next((r for r in reading_rules()["averages"] if quantity in r["quantities"]), None)
    if rule is None:
        return _latest(quantity, readings)
    days = _days(readings)
    counted = days[1:] if rule["drop_first_day"] and len(days) > 1 else days
    latest = len(counted) > rule["best_days"]
    counted = counted[-rule["best_days"] :]
    kept = [r for r in readings if r.moment.day in counted]
    parts = {r.moment.part for r in kept}
    lacking = ["days"] if len(days) < rule["least_days"] else []
    lacking += [part for part in rule["parts"] if part not in parts]
    return Averaged(
        mean(r.value for r in kept),
        len(kept),
        len(counted),
        0 if latest else len(readings) - len(kept),
        rule["passage"],
        tuple(lacking),
        latest,
    )


def swing_of(readings: Sequence[HomeReading]) -> float | None:
    """The mean over days of (highest - lowest) / mean; None without a day that has two values. Of peak flow
    this is the amplitude percent mean by which asthma is diagnosed."""
    by_day = [[r.value for r in readings if r.moment.day == day] for day in _days(readings)]
    swings = [(max(v) - min(v)) / mean(v) for v in by_day if len(v) > 1 and mean(v) > 0]
    return mean(swings) if swings else None


def worth(quantity: str, readings: Iterable[HomeReading]) -> float:
    """The smallest change of a quantity that is worth a word."""
    rules = reading_rules()
    known = rules["matters"].get(quantity)
    return float(
        known if known is not None else rules["matters_share"] * abs(mean(r.value for r in readings))
    )


def _summary(quantity: str, readings: Sequence[HomeReading], targets: dict[str, Target]) -> Summary:
    average = averaged(quantity, readings)
    target = targets.get(quantity)
    limits = [rule for rule in target.limits if rule.quantity == quantity] if target else []
    better: Any = reading_rules()["better"].get(quantity, "open")
    points = [(r.moment.days, r.value) for r in readings]
    return Summary(
        quantity,
        tuple(readings),
        average,
        stdev(r.value for r in readings) if len(readings) > 1 else None,
        swing_of(readings) if quantity in reading_rules()["swings"] else None,
        target,
        off_target(average.value, limits),
        trend_of(points, worth(quantity, readings), better, limits),
    )


def _latest(quantity: str, readings: Sequence[HomeReading]) -> Averaged:
    windows = reading_rules()["window_days"]
    width = windows.get(quantity, windows["default"])
    last = readings[-1].moment.day
    kept = [r for r in readings if (last - r.moment.day).days < width]
    return Averaged(mean(r.value for r in kept), len(kept), len(_days(kept)))


def _home_targets(patient: Patient, base: KnowledgeBase) -> dict[str, Target]:
    """Quantity -> the target for it. What is measured at home is held against the home target; where two
    hold, as with diabetes, the stricter one counts."""
    held = {t.id: t for t in targets_for(patient, base)}
    at_home = reading_rules()["home_targets"]
    replaced = {
        clinic for clinic, home in at_home.items() if any(home in (t.id, t.instead_of) for t in held.values())
    }
    chosen: dict[str, Target] = {}
    for target in held.values():
        for rule in target.limits if target.id not in replaced else ():
            rival = chosen.get(rule.quantity)
            if rival is None or _highest(target, rule.quantity) < _highest(rival, rule.quantity):
                chosen[rule.quantity] = target
    return chosen


def _highest(target: Target, quantity: str) -> float:
    """The highest value that a target allows."""
    bounds = [
        b for r in target.limits if r.quantity == quantity for b in (r.below, r.at_most) if b is not None
    ]
    return min(bounds, default=inf)


def _as_share(readings: Sequence[HomeReading], share: str) -> list[HomeReading]:
    best = max(r.value for r in readings)
    return [HomeReading(share, 100 * r.value / best, r.moment) for r in readings]


def _days(readings: Sequence[HomeReading]) -> list[date]:
    return sorted({r.moment.day for r in readings})
