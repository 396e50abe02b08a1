"""Aetia's own words, by language (rules/phrases.yaml)."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from knowledge.concepts import Language, Urgency


def say(language: Language, key: str, **slots: object) -> str:
    """The phrase of a key, its slots filled."""
    return str(_phrases()[language][key]).format(**slots)


def level_in_words(language: Language, level: Urgency, number: str) -> str:
    """What an urgency means to the person. number: the emergency number to call."""
    return str(_phrases()[language]["level"][level]).format(number=number)


def listed(language: Language, items: Sequence[str]) -> str:
    """Items as a phrase: "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    head = say(language, "list_join").join(items[:-1])
    return head + say(language, "last_join") + items[-1]


def percent(probability: float) -> str:
    """A probability for people: whole numbers, "<1" and ">99" at the ends."""
    if probability < 0.01:
        return "<1"
    return ">99" if probability > 0.99 else str(round(100 * probability))


@cache
def _phrases() -> Any:
    return yaml.safe_load((files("assistant") / "rules" / "phrases.yaml").read_text(encoding="utf-8"))
