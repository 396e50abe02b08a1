"""The words of cues.yaml as rules: which negations, directions, populations and numbers a text holds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from knowledge.concepts import Language

CUES = Path(__file__).parent / "cues.yaml"

Words = Mapping[Language, tuple[str, ...]]
Side = Literal["one", "other"]
Span = tuple[int, int]

_FLIP_GAP = 12
"""Characters between a negation and the word of advice or frequency that it turns round."""


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Opposite(_Rule):
    """Two sides that cannot both be said of one thing.

    flips: a negated side is the other one. other_wins: a text with words of both takes the other side.
    """

    name: str
    flips: bool
    other_wins: bool = False
    one: dict[Language, tuple[str, ...]]
    other: dict[Language, tuple[str, ...]]


class Population(_Rule):
    """A group of people; `under`: wider groups that it belongs to."""

    name: str
    under: tuple[str, ...] = ()
    en: tuple[str, ...]
    zh: tuple[str, ...]


class CueLists(_Rule):
    """cues.yaml as it is written."""

    negation: dict[Language, tuple[str, ...]]
    not_negation: dict[Language, tuple[str, ...]]
    opposites: tuple[Opposite, ...]
    populations: tuple[Population, ...]
    units: tuple[dict[str, float], ...]
    numbers: dict[Language, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit at text[start:end]: lowest and highest value in the unit's first form.

    kind: which line of units; -1 without a unit.
    """

    low: float
    high: float
    kind: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Direction:
    """A pair of opposites, ready to be looked for."""

    name: str
    flips: bool
    other_wins: bool
    one: re.Pattern[str]
    other: re.Pattern[str]

    def side(self, text: str, negations: Sequence[Span]) -> tuple[Side | None, list[Span]]:
        """The side that a text takes, None for neither or both; and the negations that turned a word."""
        taken: set[Side] = set()
        used: list[Span] = []
        sides: tuple[tuple[Side, Side, re.Pattern[str]], ...]
        sides = ("one", "other", self.one), ("other", "one", self.other)
        for name, turned, pattern in sides:
            for match in pattern.finditer(text):
                before = [n for n in negations if self.flips and 0 <= match.start() - n[1] <= _FLIP_GAP]
                used += before
                taken.add(turned if before else name)
        if len(taken) == 2:
            return ("other" if self.other_wins else None), used
        return next(iter(taken), None), used


class Cues:
    """Finds cues in text. Spans are (start, end)."""

    def __init__(self, path: Path = CUES) -> None:
        lists = CueLists.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        self._negation = _pattern(lists.negation)
        self._not_negation = _pattern(lists.not_negation)
        self.opposites = tuple(
            Direction(pair.name, pair.flips, pair.other_wins, _pattern(pair.one), _pattern(pair.other))
            for pair in lists.opposites
        )
        self._populations = tuple((p, _pattern({"en": p.en, "zh": p.zh})) for p in lists.populations)
        self._units = {n: (kind, f) for kind, line in enumerate(lists.units) for n, f in line.items()}
        self._numbers = {n: v for by_word in lists.numbers.values() for n, v in by_word.items()}
        self._quantity = _quantity_pattern(self._units, self._numbers)

    def negations(self, text: str) -> list[tuple[int, int]]:
        """Where something is denied."""
        spared = [match.span() for match in self._not_negation.finditer(text)]
        found = (match.span() for match in self._negation.finditer(text))
        return [span for span in found if not any(s <= span[0] and span[1] <= e for s, e in spared)]

    def populations(self, text: str) -> dict[str, tuple[str, ...]]:
        """Groups of people named in a text, each with the wider groups it belongs to."""
        return {rule.name: rule.under for rule, pattern in self._populations if pattern.search(text)}

    def quantities(self, text: str) -> list[Quantity]:
        """Numbers with units, and bare numbers written in digits; a range is one quantity."""
        return [q for match in self._quantity.finditer(text) if (q := self._read(match)) is not None]

    def _read(self, match: re.Match[str]) -> Quantity | None:
        kind, factor = self._units.get((match["unit"] or "").lower(), (-1, 1.0))
        values = [self._value(match[name]) * factor for name in ("low", "high") if match[name]]
        if kind < 0 and not match["low"][0].isdigit():
            return None
        return Quantity(min(values), max(values), kind, *match.span())

    def _value(self, written: str) -> float:
        return self._numbers.get(written.lower(), 0.0) if not written[0].isdigit() else _number(written)


def _number(digits: str) -> float:
    return float(digits.replace(",", ""))


def _pattern(words: Mapping[Language, Sequence[str]]) -> re.Pattern[str]:
    english = "|".join(re.escape(w).replace(r"\*", r"\w*") for w in _longest_first(words["en"]))
    chinese = "|".join(re.escape(w) for w in _longest_first(words["zh"]))
    return re.compile(rf"\b(?:{english})(?!\w)|(?:{chinese})", re.IGNORECASE)


def _quantity_pattern(units: Iterable[str], numbers: Iterable[str]) -> re.Pattern[str]:
    unit = "|".join(
        re.escape(u) + (r"(?![a-z])" if u[-1].isascii() and u[-1].isalpha() else "")
        for u in _longest_first(units)
    )
    latin = "|".join(rf"\b{w}\b" for w in numbers if w.isascii())
    chinese = "|".join(w for w in _longest_first(numbers) if not w.isascii())
    number = rf"(?:(?<![\w.])\d[\d,]*(?:\.\d+)?|(?<=[\u4e00-\u9fff])\d[\d,]*(?:\.\d+)?|{latin}|{chinese})"
    return re.compile(
        rf"(?P<low>{number})(?:\s*(?:-|–|—|~|～|to|至|到|and)\s*(?P<high>{number}))?\s*-?\s*(?P<unit>{unit})?",
        re.IGNORECASE,
    )


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))
