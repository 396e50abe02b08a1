"""When a reading was taken: its day, and the hour or the part of the day if they are given."""

import re
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_DAY = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?(?:T|\s|$|(?=\D))"
)
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>[01]?\d|2[0-3])[:：](?P<minute>[0-5]\d)(?::\d{2}(?:\.\d+)?)?\s*(?P<half>[ap]\.?m\.?)?",
    re.I,
)


@dataclass(frozen=True)
class Moment:
    """A day, with the clock or the part of the day (`morning`, `afternoon`, `evening`) where known."""

    day: date
    clock: time | None = None
    part: str | None = None

    @property
    def order(self) -> tuple[date, int]:
        """What sorts moments: the minute of the day; of a part, its beginning."""
        if self.clock:
            return self.day, self.clock.hour * 60 + self.clock.minute
        return self.day, 60 * part_rules()[self.part]["from"] if self.part else 0

    @property
    def days(self) -> float:
        """Days on one scale for all moments, hours as parts of a day."""
        return self.day.toordinal() + self.order[1] / 1440


def moment_of(day: str, when: str = "") -> Moment | None:
    """The moment that a cell for the day and one for the time give; None without a day that exists."""
    found, rest = day_in(day)
    if found is None:
        return None
    words = f"{rest} {when}".lower()
    match = _CLOCK.search(words)
    if match:
        hour = int(match["hour"])
        if match["half"]:
            hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
        clock = time(hour, int(match["minute"]))
        return Moment(found, clock, _part_at(clock.hour))
    return Moment(found, None, _part_named(words))


def day_in(words: str) -> tuple[date | None, str]:
    """The first day that words name, written year first, and the words without it."""
    match = _DAY.search(f"{words} ")
    if match is None:
        return None, words
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None, words
    return day, f"{words[: match.start()]} {words[match.end() :]}".strip()


def _part_at(hour: int) -> str:
    begun = [part for part, rule in part_rules().items() if hour >= rule["from"]]
    return begun[-1] if begun else "evening"


def _part_named(words: str) -> str | None:
    """The part of the day that words name; longer words first, so that "afternoon" is not "noon"."""
    named = [(word, part) for part, rule in part_rules().items() for word in rule["words"]]
    for word, part in sorted(named, key=lambda pair: -len(pair[0])):
        left = r"(?<![a-z])" if word[0].isascii() else ""
        right = r"(?![a-z])" if word[-1].isascii() else ""
        if re.search(left + re.escape(word) + right, words):
            return str(part)
    return None


@cache
def part_rules() -> Any:
    """Parts of the day (rules/readings.yaml)."""
    rules = yaml.safe_load((files("assistant") / "rules" / "readings.yaml").read_text(encoding="utf-8"))
    return rules["parts"]
