"""What columns of a log are called and what units mean (rules/readings.yaml)."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from knowledge.base import KnowledgeBase
from knowledge.concepts import Quantity

COLUMNS = ("date", "time", "quantity", "value", "unit", "blood_pressure")
"""What a column may be about beside a quantity."""


def names_of(base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Lower-case name -> quantity (bare id), `blood_pressure`, or a column such as `date`."""
    for quantity in base.quantities.values():
        for name in (quantity.id, *quantity.names.en, *quantity.names.zh):
            yield name.lower(), quantity.id
    for key, names in reading_rules()["names"].items():
        if key in base.quantities or key in COLUMNS:
            yield from ((name.lower(), key) for name in names)


def spelled(entry: Quantity, unit: str) -> str | None:
    """A unit as the pack spells it; None when it is none of the quantity's."""
    known = {u.replace(" ", "").casefold(): u for u in (*entry.units, entry.unit)}
    return known.get(unit.replace(" ", "").casefold())


def choices(entry: Quantity) -> tuple[str, ...]:
    """The units of a quantity of different size, the first spelling of each."""
    by_size: dict[float, str] = {1.0: entry.unit}
    for unit, factor in entry.units.items():
        by_size.setdefault(round(factor, 6), unit)
    return tuple(by_size.values())


def names_unit(entry: Quantity, words: str) -> bool:
    """Whether words end with one of its units."""
    plain = words.replace(" ", "").casefold()
    return any(plain.endswith(u.replace(" ", "").casefold()) for u in (*entry.units, entry.unit))


def within_reason(entry: Quantity, value: float) -> bool:
    """Whether a value can be."""
    return entry.plausible[0] <= value <= entry.plausible[1]


@cache
def reading_rules() -> Any:
    """The rules for readings (rules/readings.yaml)."""
    return yaml.safe_load((files("assistant") / "rules" / "readings.yaml").read_text(encoding="utf-8"))
