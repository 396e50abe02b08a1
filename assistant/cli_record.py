"""`aetia ask --record`: shows what was understood of a record, and uses it when the person agrees."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import typer

from assistant.api import Session
from assistant.panels import words
from assistant.person import language_of
from assistant.record_pictures import LookedAt, look_at
from assistant.record_words import sections
from assistant.records import RecordReader, RecordReading
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language


def take_in(session: Session, path: Path, agreed: bool) -> None:
    """Read a record into a session. Raises AetiaError for what is no record, typer.Abort when refused."""
    base = session.assistant.base
    reader = RecordReader(base, session.assistant.dialogue.intake)
    reading = reader.read_file(path, date.today())
    language = language_of("\n".join(reading.notes))
    looked = look_at(reading.images, session.assistant.pictures, reading.age, language)
    for line in understood(reading, base, language, looked):
        typer.echo(line, err=True)
    if not agreed:
        typer.confirm("Use this?", abort=True, err=True)
    session.events.extend(reader.events(reading, language, looked.events))


def understood(
    reading: RecordReading, base: KnowledgeBase, language: Language, looked: LookedAt
) -> Iterator[str]:
    """What was read, what was not, and what is to be asked about, a line each."""
    yield f"age: {'?' if reading.age is None else reading.age}, sex: {reading.sex or '?'}"
    for key, items in sections(reading, base, language, looked):
        yield from (f"{words(language)[key]}: {item}" for item in items)
    if looked.looks:
        yield words(language)["picture_research"]
