"""Numbers that are asked about: a unit that had to be assumed, an age that nobody has."""

import re
from collections.abc import Iterator

from assistant.events import Measurement, Reading
from assistant.person import impossible_age_in
from assistant.phrases import listed, say
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Quantity


def unit_remarks(text: str, reading: Reading, base: KnowledgeBase, language: Language) -> Iterator[str]:
    """One remark for each number without a unit that could as well be in another common unit."""
    for measurement in reading.measurements:
        quantity = base.quantities[measurement.quantity]
        if others := _other_units(text, measurement, quantity):
            yield say(
                language, "unit_assumed", what=_words(text, measurement), unit=quantity.unit,
                others=listed(language, others),
            )  # fmt: skip


def age_remarks(text: str, reading: Reading, language: Language) -> Iterator[str]:
    """A remark where the text tells an age beyond any that a person has reached."""
    if reading.age is None and (words := impossible_age_in(text)):
        yield say(language, "impossible_age", what=words)


def _other_units(text: str, measurement: Measurement, quantity: Quantity) -> list[str]:
    """Units in which the bare number would be plausible too, one a scale."""
    number = re.search(r"(\d+(?:\.\d+)?)\s*$", _words(text, measurement))
    if not quantity.ask_unit or number is None or float(number[1]) != measurement.value:
        return []
    low, high = quantity.plausible
    scales: dict[float, str] = {}
    for unit, factor in quantity.units.items():
        if factor != 1 and low <= measurement.value * factor <= high:
            scales.setdefault(factor, unit)
    return list(scales.values())


def _words(text: str, measurement: Measurement) -> str:
    return text[measurement.start : measurement.end] if measurement.start is not None else ""
