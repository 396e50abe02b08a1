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

CLAUSE = re.compile(
    r"[,;:，；：。]|\.(?!\d)|\b(?:but|although|whereas|while|however|and|which|because|unless|until|if|when|who)\b"
    r"|但是?|而且?|然而|并且?|若|如果|(?<![小同及暂])时(?![间常])",
    re.IGNORECASE,
)
"""Where a clause ends, and with it the reach of a negation."""
_FLIP_GAP, _FLIP_GAP_CHINESE = 12, 2
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
    negation_of_noun: dict[Language, tuple[str, ...]]
    negation_after: dict[Language, tuple[str, ...]]
    after_verb: dict[Language, tuple[str, ...]]
    after_noun: dict[Language, tuple[str, ...]]
    not_negation: dict[Language, tuple[str, ...]]
    opposites: tuple[Opposite, ...]
    populations: tuple[Population, ...]
    units: tuple[dict[str, float], ...]
    numbers: dict[Language, dict[str, float]]
    light: dict[Language, tuple[str, ...]]


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

    def sides(
        self, text: str, negations: Sequence[Span], idle: Sequence[Span]
    ) -> tuple[list[tuple[Side, int, int]], list[Span]]:
        """The sides that a text takes, each with the place of its word; and the negations that turned one.

        idle: words not to be read.
        """
        taken: list[tuple[Side, int, int]] = []
        used: list[Span] = []
        pairs: tuple[tuple[Side, Side, re.Pattern[str]], ...]
        pairs = ("one", "other", self.one), ("other", "one", self.other)
        for name, turned, pattern in pairs:
            for match in pattern.finditer(text):
                if within(match.span(), idle):
                    continue
                before = [n for n in negations if self.flips and _turns(text, n, match.start())]
                used += before
                taken.append((turned if before else name, *match.span()))
        if self.other_wins and {side for side, _, _ in taken} == {"one", "other"}:
            taken = [found for found in taken if found[0] == "other"]
        return taken, used


class Cues:
    """Finds cues in text. Spans are (start, end)."""

    def __init__(self, path: Path = CUES) -> None:
        lists = CueLists.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        self._negation = _pattern(_together(lists.negation, lists.negation_of_noun, lists.negation_after))
        self._of_noun, self._after = _pattern(lists.negation_of_noun), _pattern(lists.negation_after)
        self._noun_ends, self._verb_ends = _pattern(lists.after_noun), _pattern(lists.after_verb)
        self._idle = _pattern(lists.not_negation)
        self.opposites = tuple(
            Direction(pair.name, pair.flips, pair.other_wins, _pattern(pair.one), _pattern(pair.other))
            for pair in lists.opposites
        )
        self._populations = tuple((p, _pattern({"en": p.en, "zh": p.zh})) for p in lists.populations)
        self._units = {n: (kind, f) for kind, line in enumerate(lists.units) for n, f in line.items()}
        self._numbers = {n: v for by_word in lists.numbers.values() for n, v in by_word.items()}
        self._quantity = _quantity_pattern(self._units, self._numbers)
        self.light = (*lists.light["en"], *lists.light["zh"])

    def negations(self, text: str) -> list[tuple[int, int]]:
        """Where something is denied."""
        found = (match.span() for match in self._negation.finditer(text))
        return [span for span in found if not within(span, self.idle(text))]

    def idle(self, text: str) -> list[Span]:
        """Words that hold a cue and say nothing by it."""
        return [match.span() for match in self._idle.finditer(text)]

    def turning(self, text: str, negations: Sequence[Span]) -> list[Span]:
        """Negations that can turn a word of advice or frequency round: those of no noun."""
        return [(start, end) for start, end in negations if not self._of_noun.fullmatch(text, start, end)]

    def denied(self, text: str, negation: Span) -> Span:
        """The stretch that a negation can deny: its clause after it, the noun after it, or what is before."""
        start, end = negation
        begin = max((m.end() for m in CLAUSE.finditer(text, 0, start)), default=0)
        if self._after.fullmatch(text, start, end):
            return (begin, start)
        stop = next((m.start() for m in CLAUSE.finditer(text, end)), len(text))
        passed = (m.start() for m in self._verb_ends.finditer(text, end, stop))
        stop = next((at for at in passed if text[end:at].strip()), stop)
        if self._of_noun.fullmatch(text, start, end):
            stop = next((m.start() for m in self._noun_ends.finditer(text, end, stop)), stop)
        return (end, stop) if text[end:stop].strip() else (begin, start)

    def spans(self, text: str) -> list[Span]:
        """Where any cue or number stands."""
        found = [*self.negations(text), *((q.start, q.end) for q in self.quantities(text))]
        found += (m.span() for _, pattern in self._populations for m in pattern.finditer(text))
        for pair in self.opposites:
            found += (m.span() for pattern in (pair.one, pair.other) for m in pattern.finditer(text))
        return found

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


def within(span: Span, others: Iterable[Span]) -> bool:
    """Whether a span lies within one of others."""
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _turns(text: str, negation: Span, at: int) -> bool:
    gap = _FLIP_GAP if text[slice(*negation)].isascii() else _FLIP_GAP_CHINESE
    near = 0 <= at - negation[1] <= gap
    return near and not CLAUSE.search(text, negation[1], at)


def _together(*lists: Mapping[Language, Sequence[str]]) -> Words:
    return {language: tuple(w for words in lists for w in words[language]) for language in lists[0]}


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
