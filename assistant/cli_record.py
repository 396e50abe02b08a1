"""`aetia ask --record`: shows what was understood of a record, and uses it when the person agrees."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import typer

from assistant.api import Session
from assistant.person import language_of
from assistant.records import RecordReader, RecordReading
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language


def take_in(session: Session, path: Path, agreed: bool) -> None:
    """Read a record into a session. Raises AetiaError for what is no record, typer.Abort when refused."""
    base = session.assistant.base
    reader = RecordReader(base, session.assistant.dialogue.intake)
    reading = reader.read_file(path, date.today())
    language = language_of("\n".join(reading.notes))
    for line in understood(reading, base, language):
        typer.echo(line, err=True)
    if not agreed:
        typer.confirm("Use this?", abort=True, err=True)
    session.events.extend(reader.events(reading, language))


def understood(reading: RecordReading, base: KnowledgeBase, language: Language) -> Iterator[str]:
    """What was read, what was not, and what is to be asked about, a line each."""
    yield f"age: {'?' if reading.age is None else reading.age}, sex: {reading.sex or '?'}"
    for observation in reading.observations.values():
        yield f"{observation.state}: {base.concept(observation.ref).name(language)} ({observation.text})"
    for m in reading.measurements.values():
        quantity = base.quantities[m.quantity]
        yield f"measured: {quantity.name(language)} {m.value:g} {quantity.unit}"
    for ref in dict.fromkeys(reading.allergies):
        yield f"allergy: {base.concept(ref).name(language)}"
    lists = {
        "over, not used": reading.past,
        "please check": reading.doubtful,
        "NOT UNDERSTOOD": reading.unknown,
        "not valid FHIR": reading.refused,
        "not read": reading.passed_over,
    }
    for label, items in lists.items():
        yield from (f"{label}: {item}" for item in dict.fromkeys(items))
    if reading.images:
        yield f"not read: {len(reading.images)} pictures; give them with --image"
