"""Values of the laboratory told without their numbers: "haemoglobin and platelets normal", 血沉快, 肝功能正常.

What is normal rules out every finding that the value would show; what is high or low shows the mildest of them.
The values' names are those of the pack's quantities and tests, the words for their level data (rules/levels.yaml).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from assistant.context import Context
from assistant.events import Observation, State
from assistant.found import Found
from assistant.measures import whole
from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding, Language, Names

Level = Literal["normal", "high", "low"]
_WORDED: dict[str, tuple[Level, State]] = {
    "normal": ("normal", "absent"),
    "not_high": ("high", "absent"),
    "not_low": ("low", "absent"),
    "high": ("high", "present"),
    "low": ("low", "present"),
}
"""What each list of words says of the findings at a level."""
_SHORTEST = 2
"""Letters of a name that is taken for a value's; "T" and "P" are much else."""


class Levels:
    """The values of a knowledge base and what their levels say, ready for reading."""

    def __init__(self, base: KnowledgeBase) -> None:
        measured: dict[str, list[Finding]] = defaultdict(list)
        for finding in base.findings.values():
            for quantity in {rule.quantity for rule in finding.measured}:
                measured[quantity].append(finding)
        self._says: dict[Language, dict[str, dict[Level, Sequence[str]]]] = {"en": {}, "zh": {}}
        for test in base.tests.values():
            shown = [f for f in base.findings.values() if f.test == test.id and f.measured]
            self._add(test.names, {"normal": [f.ref for f in shown]})
        for quantity, shown in measured.items():
            says: dict[Level, Sequence[str]] = {
                "normal": [f.ref for f in shown],
                "high": _mildest(shown, quantity, 1),
                "low": _mildest(shown, quantity, -1),
            }
            self._add(base.quantities[quantity].names, says)
        self._patterns = {language: _patterns(language, names) for language, names in self._says.items()}

    def _add(self, names: Names, says: dict[Level, Sequence[str]]) -> None:
        for language in self._says:
            for name in names.in_language(language):
                if len(name) >= _SHORTEST:
                    self._says[language][name.lower()] = says

    def read(self, text: str, context: Context, said: int | None) -> Iterator[Observation]:
        """What a text says of levels; not of others, in the past, or where it is denied or doubted."""
        for language, (values, one) in self._patterns.items():
            for match in values.finditer(text):
                level, state = _WORDED[next((worded for worded in _WORDED if match[worded]), "normal")]
                start, end = match.span()
                if context.senses(start, end) - ({"negation"} if state == "absent" else set()):
                    continue
                for name in one.finditer(match["values"] or match["after"]):
                    for ref in self._says[language][name.group().lower()].get(level, ()):
                        yield Observation(
                            ref=ref,
                            state=state,
                            manner="level",
                            text=match.group(),
                            said=said,
                            start=start,
                            end=end,
                        )


def is_level(one: Found, levels: Sequence[Observation]) -> bool:
    """Whether a mention shares words with a level told of the same: "low, platelets normal" names no low platelets; a
    name in a row that holds the level and more says what it says: "hCG doubling normally"."""
    start, end = one.mention.start, one.mention.end
    return any(
        level.ref == one.ref
        and (level.start or 0) < end
        and start < (level.end or 0)
        and not (one.mention.manner == "name" and start <= (level.start or 0) and (level.end or 0) < end)
        for level in levels
    )


def _mildest(findings: Sequence[Finding], quantity: str, side: Literal[1, -1]) -> list[str]:
    """The finding that a value too high (1) or too low (-1) shows first, without a bound on the other side."""
    limits: dict[str, float] = {}
    for finding in findings:
        for rule in finding.measured:
            over = rule.above if rule.at_least is None else rule.at_least
            under = rule.below if rule.at_most is None else rule.at_most
            limit, other = (over, under) if side == 1 else (under, over)
            if rule.quantity == quantity and limit is not None and other is None:
                limits[finding.ref] = min(limits.get(finding.ref, side * limit), side * limit)
    return [min(limits, key=lambda ref: limits[ref])] if limits else []


def _patterns(language: Language, names: dict[str, Any]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of values with their level, and of a single value."""
    rules = _rules()[language]
    one = _any_of(list(names))
    gap = r"\s*"
    listed = rf"{one}(?:{gap}(?:{_any_of(rules['joins'])}){gap}{one})*"
    about = rf"(?:{gap}(?:{_any_of(rules['about'])}))*{gap}"
    levels = "|".join(rf"(?P<{worded}>{_any_of(rules[worded])})" for worded in _WORDED)
    told = rf"(?P<values>{listed}){about}(?:{levels})"
    told += rf"|(?:{_any_of(rules['before'])})\s+(?P<after>{listed})"
    return re.compile(told, re.IGNORECASE), re.compile(one, re.IGNORECASE)


def _any_of(words: Sequence[str]) -> str:
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + ("|".join(map(whole, ordered)) or "(?!)") + ")"


@cache
def _rules() -> Any:
    return yaml.safe_load((files("assistant") / "rules" / "levels.yaml").read_text(encoding="utf-8"))
