"""JSON Lines, also gzipped: one document a line, its fields known by their usual names."""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any

from retrieval.documents import Document, Section, Unreadable

MAX_UNPACKED_BYTES = 2 * 1024**3
"""What a gzipped file may unpack to; it is read line by line."""
_MAX_LINE_BYTES = 64 * 1024**2

_TITLE = ("title", "focus", "name", "headline")
_TEXT = ("text", "answer", "body", "content", "abstract", "contents")
_HEADING = ("heading", "question", "section", "qtype")
_PUBLISHER = ("publisher", "source", "book", "journal", "author")
_DATE = ("date", "published", "year")
_LICENCE = ("licence", "license")


def read(content: bytes) -> Iterator[Document]:
    """One document for each line with text. Raises Unreadable with the line that is no JSON object."""
    yield from _documents(io.BytesIO(content))


def read_gzip(content: bytes) -> Iterator[Document]:
    """The same, unpacked on the way; what unpacks to too much is refused."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            yield from _documents(stream)
    except (OSError, EOFError, zlib.error) as fault:
        raise Unreadable(f"its gzip packing is damaged ({fault})") from fault


def looks_like(content: bytes) -> bool:
    """Whether the first line, which begins with a brace, is meant as JSON."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[1:64].lstrip()[:1] in (b'"', b"}")


def _documents(stream: io.BytesIO | gzip.GzipFile) -> Iterator[Document]:
    seen = 0
    number = 0
    while line := stream.readline(_MAX_LINE_BYTES + 1):
        number += 1
        seen += len(line)
        if len(line) > _MAX_LINE_BYTES or seen > MAX_UNPACKED_BYTES:
            raise Unreadable(f"it unpacks to more than is read ({seen / 2**20:.0f} MB by line {number})")
        if line.strip():
            yield _document(_record(line, number))


def _record(line: bytes, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except (UnicodeDecodeError, ValueError) as fault:
        raise Unreadable(f"line {number} is not JSON ({fault})") from fault
    except RecursionError as fault:
        raise Unreadable(f"line {number} is nested too deep") from fault
    if not isinstance(record, dict):
        raise Unreadable(f"line {number} is a {type(record).__name__}, expected an object with fields")
    return record


def _document(record: dict[str, Any]) -> Document:
    return Document(
        title=_first(record, _TITLE) or "",
        sections=tuple(_sections(record)),
        publisher=_first(record, _PUBLISHER),
        url=_first(record, ("url", "link")),
        date=_first(record, _DATE),
        licence=_first(record, _LICENCE),
    )


def _sections(record: dict[str, Any]) -> Iterator[Section]:
    """From `sections` (heading, paragraphs or text), `pages` (a text each), and a text field."""
    heading = _first(record, _HEADING)
    if text := _first(record, _TEXT):
        yield Section((heading,) if heading else (), None, text)
    for part in _list(record, "sections"):
        if isinstance(part, dict):
            path = tuple(
                filter(None, (p.strip() for p in (_first(part, ("heading", "title")) or "").split(" > ")))
            )
            paragraphs = [str(p) for p in _list(part, "paragraphs")] or [_first(part, _TEXT) or ""]
            yield Section(path, None, "\n\n".join(paragraphs))
    for page, text in enumerate(_list(record, "pages"), 1):
        yield Section((), page, str(text))


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    return value if isinstance(value, list) else []


def _first(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    found = (record.get(name) for name in names)
    return next((str(value) for value in found if isinstance(value, str | int) and value != ""), None)
