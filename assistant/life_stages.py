"""About how old somebody is of whom no age is told: a baby, a schoolchild, an old man."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.patterns import compiled
from assistant.person import tells_of_self
from knowledge.criteria import ends

_GROWN = 12.0
"""Years from which somebody may tell of themself."""


def life_stage_in(text: str, relative: str | None = None) -> str | None:
    """The band of ages (years, as in the incidences) that the patient's stage of life stands for; None when the text
    names none. Who tells of themself, of being with child or of nursing is not the child.

    relative: the word for the kin of whom the whole text is told (see `told_of`).
    """
    rules = _rules()
    grown = tells_of_self(text) or compiled(rules["grown"]).search(text)
    for ages, relatives, said in _stages():
        if not (grown and ends(ages)[0] < _GROWN) and (relative in relatives or said.search(text)):
            return ages
    return None


def about_age(age: float | None, life_stage: str | None) -> float | None:
    """Years, for what must have an age, such as a norm of the pulse: the age, else the middle of the stage of life."""
    if age is not None or life_stage is None:
        return age
    low, end = ends(life_stage)
    return (low + (end or low + 20)) / 2


@cache
def _stages() -> tuple[tuple[str, frozenset[str], re.Pattern[str]], ...]:
    """(ages, words for kin, what says that somebody is of these ages), in the order of the rules."""
    rules, found = _rules(), []
    for stage in rules["stages"]:
        words = "|".join(sorted(map(re.escape, stage["words"]), key=len, reverse=True))
        begins = [f"{p.replace('{words}', words)}(?!{rules['not_followed_by']})" for p in rules["begins"]]
        said = "|".join(f"(?:{p})" for p in (*begins, *stage.get("anywhere", ())))
        found.append((stage["ages"], frozenset(stage.get("relatives", ())), compiled(said)))
    return tuple(found)


@cache
def _rules() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (files("assistant") / "rules" / "life_stages.yaml").read_text(encoding="utf-8")
    )
    return loaded
