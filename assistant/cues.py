"""The cues of rules/context.yaml, compiled: what denies, doubts, dates or lends what stands beside it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

import yaml

from knowledge.concepts import Language

Sense = Literal[
    "negation",
    "uncertain",
    "family",
    "past",
    "asking",
    "allergy",
    "likened",
    "tested",
    "occasion",
    "elsewhere",
]
SENSES: tuple[Sense, ...] = get_args(Sense)


@dataclass(frozen=True)
class Rules:
    """The cues of one language by sense, and sets of words that govern otherwise than most."""

    before: dict[Sense, re.Pattern[str]]
    after: dict[Sense, re.Pattern[str]]
    masked: dict[Sense, re.Pattern[str]]
    ends: dict[Sense, re.Pattern[str]]
    patient_is: re.Pattern[str]
    narrow: frozenset[str]
    outright: frozenset[str]
    heads: frozenset[str]
    within: frozenset[str]
    lists: frozenset[str]
    lists_end: re.Pattern[str]
    bare: frozenset[str]
    bare_end: re.Pattern[str]
    joins: re.Pattern[str]
    not_ever: re.Pattern[str]
    next_only: frozenset[str]
    opening: frozenset[str]
    clause_only: frozenset[str]


def says_well(clause: str, language: Language) -> bool:
    """Whether a clause says that something is as it should be: "my urine is a normal colour"."""
    return _says("well", clause, language)


def says_request(clause: str, language: Language) -> bool:
    """Whether a clause asks something of us and tells nothing: "please diagnose"."""
    return _says("request", clause, language)


def says_negative(clause: str, language: Language) -> bool:
    """Whether a clause tells that a test was negative: 尿蛋白阴性."""
    return _says("negative", clause, language)


def _says(kind: str, clause: str, language: Language) -> bool:
    cues, masked = _clause_cues(kind, language)
    return cues.search(masked.sub(" ", clause.lower())) is not None


@cache
def _clause_cues(kind: str, language: Language) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Cues that hold for a whole clause, and words that look like one."""
    text = (files("assistant") / "rules" / "context.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)[language][kind]
    return _any_of(raw["cues"], language), _any_of(raw.get("not_really", ()), language)


@cache
def rules_of(language: Language) -> Rules:
    """The cues of a language."""
    raw = yaml.safe_load((files("assistant") / "rules" / "context.yaml").read_text(encoding="utf-8"))[
        language
    ]

    def table(*keys: str) -> dict[Sense, re.Pattern[str]]:
        return {
            sense: _any_of([cue for key in keys for cue in raw.get(sense, {}).get(key, ())], language)
            for sense in SENSES
        }

    general = _any_of(raw["ends"], language)
    ends: dict[Sense, re.Pattern[str]] = {
        sense: _any_of(own, language) if (own := raw.get(sense, {}).get("ends")) else general
        for sense in SENSES
    }
    return Rules(
        table("before", "before_next"),
        table("after", "after_next"),
        table("not_really"),
        ends,
        _any_of(raw["family"]["patient_is"], language),
        frozenset(raw["negation"].get("narrow", ())),
        frozenset(raw["negation"]["outright"]),
        frozenset(raw["negation"]["heads"]),
        frozenset(raw["negation"]["within"]),
        frozenset(raw["negation"]["lists"]),
        _any_of(raw["negation"]["lists_end"], language),
        frozenset(raw["negation"].get("bare", ())),
        _any_of(raw["negation"].get("bare_end", ()), language),
        re.compile(raw["negation"].get("joins", "(?!)")),
        re.compile(raw["negation"].get("not_ever", "(?!)")),
        frozenset([*raw["negation"].get("before_next", ()), *raw["negation"].get("after_next", ())]),
        frozenset(raw["past"].get("opening", ())),
        frozenset(raw["past"].get("clause_only", ())),
    )


def _any_of(cues: Iterable[Any], language: Language) -> re.Pattern[str]:
    ordered = sorted(map(str, cues), key=len, reverse=True)
    if not ordered:
        return re.compile(r"(?!)")
    if language == "zh":
        return re.compile("|".join(map(re.escape, ordered)))
    starts = {cue: "" if cue[0] in ",:" else r"(?<!\w)" for cue in ordered}
    return re.compile("|".join(rf"{starts[cue]}{re.escape(cue)}(?!\w)" for cue in ordered))
