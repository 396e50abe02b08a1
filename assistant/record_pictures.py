"""The pictures inside a record, read through the same door as pictures that are dropped into the conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.events import Shown
from assistant.pictures import Look, PictureReader
from assistant.record_attachments import Attached
from knowledge.concepts import Language
from knowledge.errors import AetiaError


@dataclass(frozen=True)
class LookedAt:
    """looks: the pictures that were read, with their names. refused: why others were not, a sentence each."""

    looks: tuple[tuple[str, Look], ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def events(self) -> tuple[Shown, ...]:
        """What they add to a conversation."""
        return tuple(look.event for _, look in self.looks)


def look_at(
    pictures: Sequence[Attached],
    reader: PictureReader,
    age: float | None,
    language: Language,
    number: int = 0,
) -> LookedAt:
    """Read what can be read.

    age: in years, as the record tells it. number: how many pictures the conversation has already.
    """
    looks: list[tuple[str, Look]] = []
    refused = []
    with TemporaryDirectory() as folder:
        path = Path(folder, "picture")  # without a suffix: the content says what it is
        for picture in pictures:
            path.write_bytes(picture.content)
            try:
                looks.append((picture.name, reader.look(path, number + len(looks), age)))
            except AetiaError as fault:
                refused.append(f"{picture.name}: {fault.text(language)}")
    return LookedAt(tuple(looks), tuple(refused))
