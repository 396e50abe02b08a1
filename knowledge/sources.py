"""Claims held against the documents that they cite (`aetia knowledge validate --against DATA`).

Checked are: the document is there, with that URL; the page or section exists; every number of a
claim stands in the document; and no claim shares twelve words in a row with it, since facts carry
over from sources and sentences do not.
"""

import gzip
import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from knowledge.base import KnowledgeBase
from knowledge.concepts import Passage, Source
from knowledge.errors import AetiaError
from knowledge.faults import Fault

WORDS_IN_A_ROW = 12

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_WORD = re.compile(r"[a-z0-9]+")
_SPELLED = {
    "one": "1", "once": "1", "two": "2", "twice": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "half": "0.5",
}  # fmt: skip


class SourceDocument:
    """One document of the data: its parts by page number or section, and its address."""

    def __init__(self, parts: dict[str, str], url: str | None) -> None:
        self.parts = parts
        self.url = url

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every number in the text, digits or spelled, thousands marks left out."""
        text = " ".join(self.parts.values())
        plain = {n.replace(",", "") for n in _NUMBER.findall(text)} | set(_NUMBER.findall(text))
        return frozenset(plain | {_SPELLED[w] for w in _WORD.findall(text.lower()) if w in _SPELLED})

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """Every run of twelve words."""
        return frozenset(_runs(" ".join(self.parts.values())))


class SourceShelf:
    """The documents in a data folder, read when first asked for."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise AetiaError(
                f"{folder} is no folder; give the one that holds guidelines/, medquad/, openstax/"
            )
        self._folder = folder
        self._files: dict[str, dict[str, SourceDocument]] = {}

    def find(self, source: Source) -> SourceDocument | None:
        """The document that a source names in `data`, or None when it is not there."""
        file, _, key = (source.data or "").partition("#")
        if file not in self._files:
            path = self._folder / file
            self._files[file] = dict(_read(path)) if path.exists() else {}
        return self._files[file].get(key)


def against_sources(base: KnowledgeBase, folder: Path) -> list[Fault]:
    """Every claim of a pack that its checked source does not carry."""
    shelf = SourceShelf(folder)
    faults: list[Fault] = []
    for source in base.sources.values():
        if source.checked and (document := shelf.find(source)) is None:
            faults.append(Fault("sources", 0, source.id, f"`{source.data}` is not in the data"))
        elif source.checked and document and document.url and source.url != document.url:
            faults.append(Fault("sources", 0, source.id, f"the data gives the URL {document.url}"))
    for passage in base.passages.values():
        source = base.sources[passage.source]
        if source.checked and (document := shelf.find(source)):
            faults.extend(Fault("passages", 0, passage.id, said) for said in held_against(passage, document))
    return faults


def held_against(passage: Passage, document: SourceDocument) -> Iterator[str]:
    """What a passage says that its document does not carry, or in too many of its words."""
    place = passage.section if passage.page is None else str(passage.page)
    if place is not None and place not in document.parts:
        yield f"{passage.source} has no page or section `{place}`"
    for text in (passage.en, passage.zh):
        for number in _NUMBER.findall(text):
            if number not in document.numbers and number.rstrip("0").rstrip(".") not in document.numbers:
                yield f"the number {number} does not stand in {passage.source}"
    if not document.runs.isdisjoint(_runs(passage.en)):
        yield f"shares {WORDS_IN_A_ROW} words in a row with {passage.source}"


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    for i in range(len(words) - WORDS_IN_A_ROW + 1):
        yield tuple(words[i : i + WORDS_IN_A_ROW])


def _read(path: Path) -> Iterator[tuple[str, SourceDocument]]:
    """Documents by the key that `data` names them with."""
    gathered: dict[str, SourceDocument] = {}
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            key, parts, url = _parts(json.loads(line))
            if key in gathered:
                known = gathered[key].parts
                for name, text in parts.items():
                    known[name] = f"{known[name]}\n{text}" if name in known else text
            else:
                gathered[key] = SourceDocument(parts, url)
    yield from gathered.items()


def _parts(record: dict[str, Any]) -> tuple[str, dict[str, str], str | None]:
    """Key, parts and address of a guideline, an NIH answer or a textbook module."""
    if "pages" in record:
        return record["id"], {str(i): p for i, p in enumerate(record["pages"], 1)}, record["url"] or None
    if "qtype" in record:
        return f"{record['folder']}/{record['doc']}", {record["qtype"]: record["answer"]}, record["url"]
    sections = {
        (s["heading"] or "intro") + (f" #{i}" if i else ""): "\n".join(s["paragraphs"])
        for i, s in enumerate(record["sections"])
    }
    return record["id"], sections, record["url"]
