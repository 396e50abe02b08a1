"""Thoughts of suicide, overdose, violence: heard before anything else, answered with care."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.events import Reading
from assistant.patterns import compiled
from knowledge.concepts import Language

DEFAULT_COUNTRY = "INTERNATIONAL"


@dataclass(frozen=True)
class Crisis:
    """What was heard, the red flag that the answer cites, and the words to answer with."""

    kind: str
    flag: str
    text: str


def hear(text: str, reading: Reading, language: Language, country: str) -> Crisis | None:
    """The crisis that a message tells of, or None. country: ISO 3166 code, or INTERNATIONAL."""
    present = {o.bare for o in reading.observations if o.state in ("present", "unknown")}
    denied = {o.bare for o in reading.observations if o.state == "absent"}
    for rule in _rules("crisis.yaml"):
        named = present & set(rule["findings"])
        worded = any(compiled(p).search(text) for p in rule["patterns"])
        if named or (worded and not denied & set(rule["findings"])):
            return Crisis(rule["kind"], rule["flag"], _filled(rule, language, country))
    return None


def numbers(country: str) -> dict[str, Any]:
    """Emergency and crisis lines of a country; international advice for one that is not listed."""
    lines: dict[str, dict[str, Any]] = _rules("emergency_numbers.yaml")
    return lines.get(country.upper(), lines[DEFAULT_COUNTRY])


def emergency_number(language: Language, country: str) -> str:
    """The number to call, in words of the language."""
    number = str(numbers(country)["emergency"])
    return "当地急救电话" if language == "zh" and not number.isdigit() else number


def _filled(rule: dict[str, Any], language: Language, country: str) -> str:
    lines = numbers(country)
    police = str(lines["police"])
    slots = {
        "emergency": emergency_number(language, country),
        "police": police if language == "en" or police.isdigit() else "当地报警电话",
        "crisis": lines.get("crisis", {}).get(language, ""),
        "support": lines.get("support", {}).get(language, ""),
        "poison": lines.get("poison", "") if language == "en" else "",
    }
    text: str = rule[language]
    return " ".join(text.format(**slots).split())


@cache
def _rules(name: str) -> Any:
    return yaml.safe_load((files("assistant") / "rules" / name).read_text(encoding="utf-8"))
