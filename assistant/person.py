"""Age, sex, language, and of whom: what a text says of the person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.events import Grade
from assistant.numerals import CHINESE, NUMBER, value
from assistant.patterns import compiled
from knowledge.concepts import Language, Sex

_CJK = re.compile(r"[\u3400-\u9fff]")
_OLDEST = 120
_INFANT = 3.0
_ONLY_AN_AGE = re.compile(r"\W*(1[3-9]|[2-9]\d)\W*")
"""No choice among a few, and no year of a small child."""


def language_of(text: str, default: Language = "en") -> Language:
    """Chinese when a tenth of the letters are Chinese characters; the default without letters."""
    chinese, latin = len(_CJK.findall(text)), len(re.findall(r"[A-Za-z]", text))
    if not chinese and not latin:
        return default
    return "zh" if chinese * 10 > latin else "en"


def age_in(text: str, alone: bool = False) -> float | None:
    """The patient's age in years, when the text says one that a person can have. alone: whether a number that is the
    whole text is one, where no age is known."""
    if alone and (number := _ONLY_AN_AGE.fullmatch(text)):
        return float(number[1])
    return next((round(age, 2) for _, _, age in _ages(text) if 0 <= age <= _OLDEST), None)


def age_spans(text: str) -> list[tuple[int, int]]:
    """Where ages of a person are told: such a stretch of time is no course of an illness."""
    return [(start, start + len(words)) for start, words, _ in _ages(text)]


def impossible_age_in(text: str) -> str | None:
    """The words of an age that nobody has reached, where the text tells no other."""
    if age_in(text) is not None:
        return None
    return next((words.strip() for _, words, age in _ages(text) if age > _OLDEST), None)


def _ages(text: str) -> Iterator[tuple[int, str, float]]:
    """Where each age stands, its words, and the age in years: what one says of oneself first, then by place. Who writes
    of their own trouble is no infant."""
    rules = _rules()
    grown = compiled(rules["own_body"]).search(text)
    for pattern in rules["past"]:
        text = compiled(_written(pattern)).sub(lambda m: " " * len(m[0]), text)
    for group in ("own", "age"):
        found = [
            (match.start(), match[0].rstrip(), _years(match.groupdict()))
            for pattern in rules[group]
            for match in compiled(_written(pattern), re.MULTILINE).finditer(text)
        ]
        yield from (age for age in sorted(found) if not (grown and age[2] < _INFANT))
    for more, patterns in rules["decade"].items():
        for pattern in patterns:
            for match in compiled(_written(pattern)).finditer(text):
                decade = match["decade"].lower()
                yield match.start(), match[0].rstrip(), more + (rules["decades"].get(decade) or value(decade))


def _years(named: dict[str, str]) -> float:
    unit = (named.get("unit") or "years").lower()
    number = value(named["number"]) + (0.5 if "半" in unit else 0.0)
    return number * float(_rules()["years_per_unit"].get(unit, 1))


def tells_of_self(text: str) -> bool:
    """Whether the person tells of their own body: "I have", 我最近."""
    return any(compiled(pattern).search(text) for pattern in _rules()["not_told_of"])


def _written(pattern: str) -> str:
    """A pattern with every way to write a number, a decade or whom one speaks of in the place of its name."""
    rules = _rules()
    decades = "|".join(rules["decades"])
    names = {
        "{number}": NUMBER,
        "{about}": f"[\\d{CHINESE}几多]{{1,6}}",
        "{decade}": rf"(?:{decades}|[2-9]0(?='?s\b))",
        "{person}": rules["person"],
    }
    for name, written in names.items():
        pattern = pattern.replace(name, written)
    return pattern


def sex_in(text: str) -> Sex | None:
    """The patient's sex, by the earliest plain word for it, else by pronoun; of who tells of themself, by neither kin
    nor pronoun, for those are others."""
    rules, of_self = _rules(), tells_of_self(text)
    sexes: tuple[Sex, Sex] = ("female", "male")
    found = [
        (match.start(), sex)
        for sex in sexes
        for pattern in (*rules[sex], *(() if of_self else rules[f"{sex}_kin"]))
        if (match := compiled(pattern).search(text))
    ]
    if found:
        return min(found)[1]
    if of_self:
        return None
    female, male = (len(re.findall(rules[f"{sex}_pronoun"], text, re.IGNORECASE)) for sex in sexes)
    return None if female == male else "female" if female > male else "male"


@dataclass(frozen=True)
class Relative:
    """One of whom a message is told. word: as it says, in small letters. sex: None where the word names none. age:
    years, where it stands with the word."""

    word: str
    sex: Sex | None
    age: float | None


def told_of(text: str, beginning: bool) -> Relative | None:
    """The relative whom a text is told of as the patient: "my mum, 67, ...".

    beginning: whether the text begins a conversation; later a relative without an age is taken for kin.
    """
    rules = _rules()
    if tells_of_self(text):
        return None
    sexes: dict[str, Sex | None] = dict.fromkeys(rules["others"])
    sexes |= {word: sex for sex, words in rules["relatives"].items() for word in words}
    who = "|".join(sorted(map(re.escape, sexes), key=len, reverse=True))
    for pattern in (*rules["told_of"], *(rules["begins"] if beginning else ())):
        if match := compiled(_written(pattern).replace("{who}", who)).search(text):
            word, number = match["who"].lower(), match.groupdict().get("number")
            age = value(number) if number else None
            if any(at < match.start() for at, _, _ in _ages(text)):
                return None
            return Relative(word, sexes[word], age if age is None or age <= _OLDEST else None)
    return None


def department_spans(text: str) -> list[tuple[int, int]]:
    """Where the text says in which department the person is seen; the name tells nothing of the illness: 感染科."""
    found = (compiled(pattern).search(text) for pattern in _rules()["department"])
    return [match.span("name") for match in found if match]


def grade_near(text: str, start: int, end: int) -> Grade | None:
    """The degree said of the mention at [start, end), in the same stretch between commas."""
    left = max(text.rfind(mark, 0, start) for mark in ",，。.;；、") + 1
    right = min((at for mark in ",，。.;；、" if (at := text.find(mark, end)) >= 0), default=len(text))
    around = text[left:right].lower()
    grades: tuple[Grade, ...] = ("severe", "moderate", "mild")
    for grade in grades:
        if any(re.search(_whole(word), around) for word in _rules()["grade"][grade]):
            return grade
    return None


def _whole(word: str) -> str:
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)


@cache
def _rules() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (files("assistant") / "rules" / "person.yaml").read_text(encoding="utf-8")
    )
    return loaded
