"""A file -> documents: metadata, and sections with their pages. What cannot be read is refused."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.errors import AetiaError

MAX_FILE_BYTES = 256 * 1024 * 1024
"""A larger file is refused: it would not fit beside the index in the memory of a small machine."""

SUFFIXES = frozenset(
    {".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".txt", ".text", ".docx", ".xml", ".nxml"}
    | {".jsonl", ".ndjson", ".gz"}
)
"""Files taken from a folder; a file named itself is read whatever its suffix, by its content."""

_ARCHIVED = "it is a ZIP archive without a Word document in it; unpack it and give the files within"


class DocumentRefused(AetiaError):
    """A file that is not read. `path`: which; `reason`: why and what to do, a clause without full stop."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}.")


class Unreadable(Exception):
    """Raised by readers, which do not know the file's name."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one heading and, where there are pages, on one page.

    path: headings from the outermost in. page: from 1.
    """

    path: tuple[str, ...]
    page: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file (a JSONL file holds many).

    id: unique by content. date: as the document states it, ISO where known. sha256: of the file.
    """

    title: str
    sections: tuple[Section, ...]
    id: str = ""
    publisher: str | None = None
    url: str | None = None
    date: str | None = None
    licence: str | None = None
    sha256: str = ""


Reader = Callable[[bytes], Iterator[Document]]


def read(path: Path) -> Iterator[Document]:
    """The documents in a file, whose kind is told by its content.

    Raises DocumentRefused, possibly after some documents of a JSONL file were given.
    """
    try:
        content = _content(path)
        digest = hashlib.sha256(content).hexdigest()
        found = 0
        for number, document in enumerate(_reader(content, path)(content), 1):
            sections = tuple(section for section in document.sections if section.text.strip())
            if not sections:
                continue
            found += 1
            yield replace(
                document,
                title=document.title.strip() or path.name.split(".")[0],
                sections=sections,
                id=f"{digest[:12]}/{number}",
                sha256=digest,
            )
        if not found:
            raise Unreadable("it holds no text")
    except Unreadable as fault:
        raise DocumentRefused(path, str(fault)) from fault
    except OSError as fault:
        raise DocumentRefused(path, f"it cannot be opened ({fault.strerror or fault})") from fault


def files_under(path: Path) -> list[Path]:
    """The file itself, or the readable kinds of files in a folder and its folders; hidden ones are left."""
    if not path.is_dir():
        return [path]
    found = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    return sorted(f for f in found if not any(part.startswith(".") for part in f.relative_to(path).parts))


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise Unreadable(
            f"it has {size / 2**20:.0f} MB, at most {MAX_FILE_BYTES // 2**20} MB are read; split it"
        )
    return path.read_bytes()


def _reader(content: bytes, path: Path) -> Reader:
    """The reader for a content; the suffix decides only between kinds of plain text."""
    from retrieval.readers import docx, html, jsonl, markdown, pdf, plain, xml

    head = content[:1024].lstrip()
    if b"%PDF-" in content[:1024]:
        return pdf.read
    if content.startswith(b"PK\x03\x04"):
        if not docx.is_docx(content):
            raise Unreadable(_ARCHIVED)
        return docx.read
    if content.startswith(b"\x1f\x8b"):
        return jsonl.read_gzip
    start = plain.decode(content[:65536], complete=len(content) <= 65536).lstrip()[:2048].lower()
    if start.startswith(("<!doctype html", "<html")) or ("<html" in start and start.startswith("<")):
        return html.read
    if start.startswith("<?xml") or (head.startswith(b"<") and path.suffix.lower() in {".xml", ".nxml"}):
        return xml.read
    if start.startswith("{") and jsonl.looks_like(content):
        return jsonl.read
    return _by_suffix(path.suffix.lower(), html.read, markdown.read, plain.read)


def _by_suffix(suffix: str, as_html: Reader, as_markdown: Reader, as_text: Reader) -> Reader:
    if suffix in {".pdf", ".docx", ".gz", ".xml", ".nxml", ".jsonl", ".ndjson"}:
        raise Unreadable(f"its content is not what its name says ({suffix}); rename it or export it again")
    if suffix in {".html", ".htm", ".xhtml"}:
        return as_html
    return as_markdown if suffix in {".md", ".markdown"} else as_text
