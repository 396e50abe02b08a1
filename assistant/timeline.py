"""When things happen, as passages say it: "within 2 weeks", "6～12周" (rules/prognosis.yaml)."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.patterns import compiled
from knowledge.concepts import Language


@dataclass(frozen=True)
class Moment:
    """A time that a text names, in days, and where it stands in the text. last: its far end."""

    first: float
    last: float
    start: int
    end: int


def moments(text: str, language: Language) -> tuple[Moment, ...]:
    """The times that a text names, in its order; ages and how often something is done are none."""
    rules = time_rules(language)
    return tuple(
        _moment(match, rules)
        for pattern in rules["time"]
        for match in compiled(pattern).finditer(text)
        if _is_time(match, text, rules)
    )


@cache
def time_rules(language: Language) -> Any:
    """The rules of a language."""
    return yaml.safe_load((files("assistant") / "rules" / "prognosis.yaml").read_text(encoding="utf-8"))[
        language
    ]


def _is_time(match: re.Match[str], text: str, rules: Any) -> bool:
    """Whether the words around it leave it a stretch of time; a bare unit must be a plural."""
    barred = rules["not_a_time"]
    if compiled(barred["before"]).search(text[: match.start()]):
        return False
    if compiled(barred["after"]).search(text[match.end() :]):
        return False
    return bool(match["low"]) or match.group().endswith("s")


def _moment(match: re.Match[str], rules: Any) -> Moment:
    unit = rules["units"][match["unit"].lower()]
    low = _number(match["low"], rules) if match["low"] else float(rules["bare"])
    high = _number(match["high"], rules) if match["high"] else low
    return Moment(low * unit, max(low, high) * unit, match.start(), match.end())


def _number(words: str, rules: Any) -> float:
    known = rules["numbers"].get(words.lower())
    return float(known if known is not None else words)
