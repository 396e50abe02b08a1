"""What was understood of a record, before it is used: lists for the page and lines for the terminal."""

from collections.abc import Iterator

from assistant.phrases import say
from assistant.record_pictures import LookedAt
from assistant.records import RecordReading
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

Section = tuple[str, tuple[str, ...]]
"""A label's key (templates/labels.yaml) and what stands under it."""


def sections(
    reading: RecordReading, base: KnowledgeBase, language: Language, looked: LookedAt
) -> Iterator[Section]:
    """What was read, what was not, and what is to be asked about; empty ones are left out. looked: its pictures."""
    found: list[Section] = [
        ("records_understood", tuple(_observed(reading, base, language))),
        ("records_values", tuple(_measured(reading, base, language))),
        (
            "records_allergies",
            tuple(base.concept(ref).name(language) for ref in dict.fromkeys(reading.allergies)),
        ),
        (
            "records_pictures",
            tuple(f"{name}: {look.described.in_language(language)}" for name, look in looked.looks),
        ),
        ("records_pictures_refused", looked.refused),
        ("records_elsewhere", tuple(dict.fromkeys(reading.elsewhere))),
        ("records_doubtful", tuple(dict.fromkeys(reading.doubtful))),
        ("records_unknown", tuple(dict.fromkeys(reading.unknown))),
        ("records_past", tuple(dict.fromkeys(reading.past))),
        ("records_refused", tuple(dict.fromkeys(reading.refused))),
        ("records_passed_over", tuple(dict.fromkeys(reading.passed_over))),
    ]
    yield from (section for section in found if section[1])


def _observed(reading: RecordReading, base: KnowledgeBase, language: Language) -> Iterator[str]:
    for observation in reading.observations.values():
        name = base.concept(observation.ref).name(language)
        shown = name if observation.state == "present" else say(language, "absent", finding=name)
        told = f" ({observation.text})" if observation.text and observation.text != name else ""
        yield f"{shown}{told}"


def _measured(reading: RecordReading, base: KnowledgeBase, language: Language) -> Iterator[str]:
    for measurement in reading.measurements.values():
        quantity = base.quantities[measurement.quantity]
        yield f"{quantity.name(language)} {measurement.value:g} {quantity.unit}"
