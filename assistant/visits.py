"""Visits of one person, compared: symptoms, values and scores, and whether it is better, stable or worse.

What was not told again is not known, so a symptom is gone only when the person says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from assistant.averages import Averaged, Summary, worth
from assistant.case import Case
from assistant.diagnosis import Diagnostician
from assistant.drug_safety import Patient
from assistant.reading_names import reading_rules
from assistant.reading_times import Moment
from assistant.readings import HomeReading
from assistant.targets import targets_for
from assistant.trend import off_target, trend_of
from assistant.triage import LEVELS
from knowledge.base import KnowledgeBase
from knowledge.scoring import Result, Score

Kind = Literal["gone", "new", "worse", "better", "same"]
Overall = Literal["improving", "stable", "worsening", "mixed", "too_few"]
_GRADES = ("mild", "moderate", "severe")


@dataclass(frozen=True)
class Visit:
    """What was known of the person on a day. number: the place among the visits of that day."""

    day: date
    case: Case
    number: int = 0


@dataclass(frozen=True)
class Change:
    """A finding (full id) at the last visit, held against the visit before."""

    ref: str
    kind: Kind


@dataclass(frozen=True)
class ScoreChange:
    """A score at the first and at the last visit where it was known. kind: by the urgency of its bands."""

    score: Score
    before: Result
    now: Result
    kind: Kind


@dataclass(frozen=True)
class Compared:
    """visits: the earliest first. values: each quantity measured at two visits or more. disease: the leading
    one at the last visit (bare id)."""

    visits: tuple[Visit, ...]
    changes: tuple[Change, ...] = ()
    values: tuple[Summary, ...] = ()
    scores: tuple[ScoreChange, ...] = ()
    disease: str | None = None

    @property
    def overall(self) -> Overall:
        """All signs together: mixed where some point up and some down."""
        if len(self.visits) < 2:
            return "too_few"
        kinds: set[Kind] = {c.kind for c in self.changes} | {s.kind for s in self.scores}
        directions = {v.trend.direction for v in self.values}
        better = bool(kinds & {"gone", "better"}) or "improving" in directions
        worse = bool(kinds & {"new", "worse"}) or "worsening" in directions
        if better and worse:
            return "mixed"
        return "improving" if better else "worsening" if worse else "stable"


def compared(visits: Sequence[Visit], mind: Diagnostician) -> Compared:
    """Visits of one person, in any order."""
    ordered = tuple(sorted(visits, key=lambda v: (v.day, v.number)))
    if len(ordered) < 2:
        return Compared(ordered)
    differential = mind.assess(ordered[-1].case).differential
    leading = next((h.disease for h in differential.hypotheses if h.disease), None)
    disease = None if differential.abstained or ordered[-1].case.is_empty else leading
    return Compared(
        ordered,
        tuple(_changes(ordered[-2].case, ordered[-1].case)),
        tuple(_values(ordered, mind.base)),
        tuple(_scores(ordered, disease, mind)) if disease else (),
        disease,
    )


def _changes(before: Case, now: Case) -> Iterator[Change]:
    for ref, observation in now.observations.items():
        if not ref.startswith("finding:") or observation.manner == "measured":
            continue
        earlier = before.observations.get(ref)
        was = earlier.state if earlier else None
        if observation.state == "absent" and was == "present":
            yield Change(ref, "gone")
        elif observation.state == "present" and was != "present":
            yield Change(ref, "new")
        elif observation.state == "present" and earlier:
            yield Change(ref, _by_grade(earlier.grade, observation.grade))


def _by_grade(before: str | None, now: str | None) -> Kind:
    if before is None or now is None or before == now:
        return "same"
    return "worse" if _GRADES.index(now) > _GRADES.index(before) else "better"


def _values(visits: Sequence[Visit], base: KnowledgeBase) -> Iterator[Summary]:
    """Each quantity that was measured at two visits or more; the target is that of the last visit."""
    patient = Patient.of(visits[-1].case, base)
    targets = {rule.quantity: t for t in targets_for(patient, base) for rule in t.limits}
    for quantity in visits[-1].case.measurements:
        readings = [
            HomeReading(quantity, v.case.measurements[quantity].value, Moment(v.day))
            for v in visits
            if quantity in v.case.measurements
        ]
        if len(readings) < 2:
            continue
        target = targets.get(quantity)
        limits = [r for r in target.limits if r.quantity == quantity] if target else []
        better: Any = reading_rules()["better"].get(quantity, "open")
        # Two visits on one day are still two points in time.
        points = [(r.moment.days + n / 100, r.value) for n, r in enumerate(readings)]
        trend = trend_of(points, worth(quantity, readings), better, limits, fewest=2)
        now = Averaged(readings[-1].value, 1, 1)
        yield Summary(
            quantity, tuple(readings), now, None, None, target, off_target(now.value, limits), trend
        )


def _scores(visits: Sequence[Visit], disease: str, mind: Diagnostician) -> Iterator[ScoreChange]:
    """Scores that serve the leading disease, settled at two visits or more."""
    for score in mind.scorer.library.about(disease):
        results = [mind.scorer.of_case(score, v.case) for v in visits]
        settled = [r for r in results if r.complete and r.applies is not False and r.bands]
        if len(settled) > 1:
            yield ScoreChange(score, settled[0], settled[-1], _by_level(settled[0], settled[-1]))


def _by_level(before: Result, now: Result) -> Kind:
    levels = [result.bands[0].level for result in (before, now)]
    if None in levels or levels[0] == levels[1]:
        return "same"
    first, last = (LEVELS.index(level) for level in levels if level)
    return "worse" if last > first else "better"
