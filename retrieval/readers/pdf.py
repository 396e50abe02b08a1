"""PDF: text by page, sections by the document's outline, running heads and feet taken off."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from retrieval.documents import Document, Section, Unreadable
from retrieval.readers import imprint

MAX_PAGES = 5_000
_MIN_CHARACTERS_A_PAGE = 10
"""Fewer on average: the pages are pictures of text."""
_RUNNING = 0.5
"""A first or last line on this share of the pages is not the page's own."""
_EDGE_LINES = 5
_LOCKED = "it is locked with a password or a cipher that is not read; save a copy without one"
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
_BARE_NUMBER = re.compile(r"[\d.]+")


def read(content: bytes) -> Iterator[Document]:
    """One document. Raises Unreadable when it is damaged, locked, too long, or has no text."""
    import logging

    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(_LOCKED)
        if len(reader.pages) > MAX_PAGES:
            raise Unreadable(f"it has {len(reader.pages)} pages, at most {MAX_PAGES} are read; split it")
        whole = [page.extract_text() or "" for page in reader.pages]
        pages = _without_running_lines(whole)
        outline = _outline(reader)
        facts: dict[str, Any] = dict(reader.metadata or {})
    except DependencyError as fault:
        raise Unreadable(_LOCKED) from fault
    except Unreadable:
        raise
    except Exception as fault:  # a parser of damaged files can fail in any way
        raise Unreadable(f"it is a damaged PDF ({fault}); open it and save it again") from fault
    if sum(len(page.strip()) for page in pages) < _MIN_CHARACTERS_A_PAGE * max(len(pages), 1):
        raise Unreadable(
            f"its {len(pages)} pages hold pictures and no text; run text recognition (OCR) on it"
        )
    title = " ".join(str(facts.get("/Title") or "").split())
    date = _DATE.match(str(facts.get("/CreationDate", "")))
    yield Document(
        title=title,
        sections=tuple(_sections(pages, [heading for heading in outline if heading[2] != title])),
        publisher=str(facts["/Author"]) if facts.get("/Author") else None,
        url=imprint.url(whole),
        date="-".join(filter(None, date.groups())) if date else None,
        licence=imprint.licence(whole),
    )


Heading = tuple[int, int, str]
"""Page from 0, depth from 0, title."""


def _outline(reader: Any) -> list[Heading]:
    """The bookmarks in order. Those that are only a number (1.1.2) name paragraphs, not sections.

    Bookmarks are often broken in documents that read well; those read so far are then used.
    """
    found: list[Heading] = []

    def walk(items: Sequence[Any], depth: int) -> None:
        for item in items:
            if isinstance(item, list):
                walk(item, depth + 1)
            elif (page := reader.get_destination_page_number(item)) is not None and page >= 0:
                title = " ".join(str(item.title).split())
                if title and not _BARE_NUMBER.fullmatch(title):
                    found.append((page, depth, title))

    with suppress(Exception):
        walk(reader.outline, 0)
    return found


def _sections(pages: Sequence[str], outline: Sequence[Heading]) -> Iterator[Section]:
    """Each page cut where the headings of the outline stand on it."""
    path: list[tuple[int, str]] = []
    for number, text in enumerate(pages):
        start = 0
        for _, depth, title in (heading for heading in outline if heading[0] == number):
            place = _find(text, title, start)
            if place is not None:
                yield _section(path, number, text[start : place[0]])
                start = place[1]
            path = [step for step in path if step[0] < depth] + [(depth, title)]
        yield _section(path, number, text[start:])


def _section(path: Sequence[tuple[int, str]], page: int, text: str) -> Section:
    return Section(tuple(title for _, title in path), page + 1, text)


def _find(text: str, title: str, start: int) -> tuple[int, int] | None:
    """Where a heading stands at the start of a line, however its words are broken into lines."""
    words = r"\s+".join(re.escape(word) for word in title.split())
    match = re.compile(rf"^[ \t]*{words}[ \t]*$", re.MULTILINE).search(text, start)
    return match.span() if match else None


def _without_running_lines(pages: list[str]) -> list[str]:
    """Lines at the edges that come back on most pages, page numbers aside, are left out."""
    split = [page.split("\n") for page in pages]
    seen: Counter[str] = Counter()
    for lines in split:
        seen.update({_shape(line) for line in (*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]) if line.strip()})
    least = max(3.0, _RUNNING * len(pages))
    return [
        "\n".join(_own_lines(lines, {shape for shape, n in seen.items() if n >= least})) for lines in split
    ]


def _own_lines(lines: list[str], running: set[str]) -> list[str]:
    last = len(lines) - _EDGE_LINES
    return [
        line for place, line in enumerate(lines) if _EDGE_LINES <= place < last or _shape(line) not in running
    ]


def _shape(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split()))
