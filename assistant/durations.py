"""How long something has been there: the stretches of time that a text names, and what each belongs to."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.events import Measurement, Observation
from assistant.numerals import NUMBER, value
from assistant.patterns import compiled
from assistant.person import age_spans
from knowledge.concepts import COURSE

_VAGUE = 1.45
"""Within this factor of what was told, a length of time rules nothing out."""
_ENDS = ".。!！?？;；\n"
_CLAUSE_ENDS = _ENDS + ",，"
_LONG = 90
"""Days from which a time next to a disease is that of the disease, and not of what it is told with."""
_SHORT = 60
"""Characters of a sentence that may tell no more than a time."""


def courses(days: float) -> Iterator[Measurement]:
    """A length of time as told, and how short and how long it may be, for "a week" is no exact measure."""
    for length in (days, days / _VAGUE, days * _VAGUE):
        yield Measurement(quantity=COURSE, value=length)


def with_durations(
    observations: Sequence[Observation], text: str, values: Iterable[tuple[int, int]] = ()
) -> list[Observation]:
    """Give each observation the stretch of time that stands nearest to it in its sentence; one that stands in a
    short sentence without any ("Two months now.") belongs to what was told last. Times of something else, such as a
    habit or a journey, belong to none. values: where other numbers stand, as the weeks of a pregnancy."""
    dated = list(observations)
    told = [t for t in durations_in(text) if not any(a <= t[0] < b for a, b in values)]
    times = [time for time in told if not _elsewhere(_around(time, text, _CLAUSE_ENDS))]
    of_diseases = {time for time in times if time[2] >= _LONG and _is_of_disease(time, observations)}
    if len(of_diseases) == len(times):
        of_diseases = set()
    alone = set(times)
    for i, o in enumerate(observations):
        near = [
            (_distance(time, o), time)
            for time in times
            if o.start is not None
            and _together(time, o, text)
            and not (o.ref.startswith("finding:") and time in of_diseases)
        ]
        if near:
            dated[i] = o.model_copy(update={"since_days": min(near)[1][2]})
            alone -= {time for _, time in near}
    for time in sorted(alone):
        if len(_around(time, text, _ENDS)) > _SHORT:
            continue
        before = [
            (o.end or 0, i) for i, o in enumerate(dated) if o.state == "present" and (o.end or 0) <= time[0]
        ]
        if before and dated[max(before)[1]].since_days is None:
            last = max(before)[1]
            dated[last] = dated[last].model_copy(update={"since_days": time[2]})
    return dated


def _is_of_disease(time: tuple[int, int, float], observations: Sequence[Observation]) -> bool:
    """Whether no finding stands as near to a time as a disease."""
    near = [(_distance(time, o), o.ref.startswith("finding:")) for o in observations if o.start is not None]
    return bool(near) and not any(finding for gap, finding in near if gap == min(near)[0])


def _distance(time: tuple[int, int, float], o: Observation) -> int:
    return max(time[0] - (o.end or 0), (o.start or 0) - time[1], 0)


def _together(time: tuple[int, int, float], o: Observation, text: str) -> bool:
    """Whether both stand in one sentence."""
    between = text[min(time[0], o.start or 0) : max(time[1], o.end or 0)]
    return not any(mark in between for mark in _ENDS)


def _around(time: tuple[int, int, float], text: str, ends: str) -> str:
    """The stretch between two marks in which a time stands."""
    start = max(text.rfind(mark, 0, time[0]) for mark in ends) + 1
    stops = [at for mark in ends if (at := text.find(mark, time[1])) >= 0]
    return text[start : min(stops, default=len(text))]


def _elsewhere(clause: str) -> bool:
    return any(compiled(pattern).search(clause) for pattern in _rules()["elsewhere"])


def durations_in(text: str) -> list[tuple[int, int, float]]:
    """(start, end, days) of each stretch of time named."""
    rules = _rules()
    named = [
        (match.start(), match.end(), _days(match.groupdict()))
        for pattern in rules["duration"]
        for match in compiled(pattern.replace("{number}", NUMBER)).finditer(text)
    ]
    named += [
        (match.start(), match.end(), float(days))
        for days, patterns in rules["began"].items()
        for pattern in patterns
        for match in compiled(pattern).finditer(text)
    ]
    taken = age_spans(text)
    found: list[tuple[int, int, float]] = []
    for start, end, days in named:
        if not any(a < end and start < b for a, b in taken):
            found.append((start, end, days))
            taken.append((start, end))
    return sorted(found)


def is_lately(text: str, at: int) -> bool:
    """Whether the word at a place says no more than that something is so now."""
    return any(
        match.start() <= at < match.end()
        for pattern in _rules()["lately"]
        for match in compiled(pattern).finditer(text)
    )


def _days(named: dict[str, str | None]) -> float:
    """Of a unit with its number; without one, a few where the unit stands in the plural."""
    rules = _rules()
    unit = str(named["unit"]).lower()
    number = (named.get("number") or ("few" if unit.endswith("s") else "a")).lower()
    amount = rules["vague"].get(number)
    return (value(number) if amount is None else float(amount)) * float(rules["days_per_unit"][unit])


@cache
def _rules() -> dict[str, Any]:
    text = (files("assistant") / "rules" / "durations.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
