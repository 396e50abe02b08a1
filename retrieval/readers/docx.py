"""Word documents: sections by heading styles, tables as lines, sizes checked before anything is unpacked."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from retrieval.documents import Document, Section, Unreadable

MAX_UNPACKED_BYTES = 256 * 1024**2
_MAX_RATIO = 200
"""Word's own files pack to about a tenth; a part packed this hard is a bomb."""
_MAX_PARTS = 10_000
_RATIO_FROM = 1024**2
"""Smaller parts may be packed as hard as they like."""


def is_docx(content: bytes) -> bool:
    """Whether a ZIP archive holds a Word document."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "word/document.xml" in archive.namelist()
    except zipfile.BadZipFile as fault:
        raise Unreadable(f"it is a damaged archive ({fault})") from fault


def read(content: bytes) -> Iterator[Document]:
    """One document. Raises Unreadable for damaged files and for those that unpack to too much."""
    _check_sizes(content)
    try:
        import docx
    except ImportError as fault:
        raise Unreadable("Word files need one more package: `pip install python-docx`") from fault
    try:
        word = docx.Document(io.BytesIO(content))
        sections = tuple(_sections(word))
        facts = word.core_properties
        stamp = facts.modified or facts.created
    except Exception as fault:  # a parser of damaged files can fail in any way
        raise Unreadable(f"it is a damaged Word file ({fault}); open it and save it again") from fault
    yield Document(
        title=facts.title or "",
        sections=sections,
        publisher=facts.author or None,
        date=stamp.date().isoformat() if stamp else None,
    )


def _check_sizes(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:  # opened once before, by is_docx
        parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    bomb = any(part.file_size > max(_RATIO_FROM, _MAX_RATIO * max(part.compress_size, 1)) for part in parts)
    if bomb or unpacked > MAX_UNPACKED_BYTES or len(parts) > _MAX_PARTS:
        raise Unreadable(
            f"its {len(content) / 2**20:.1f} MB unpack to {unpacked / 2**20:.0f} MB in {len(parts)} parts, "
            "which no ordinary Word file does"
        )


def _sections(word: Any) -> Iterator[Section]:
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    for block in word.iter_inner_content():
        level = _heading_level(block)
        if level is None:
            lines.append(block.text if hasattr(block, "text") else _table(block))
            continue
        yield Section(tuple(name for _, name in path), None, "\n".join(lines))
        lines = []
        path = [step for step in path if step[0] < level] + [(level, block.text.strip())]
    yield Section(tuple(name for _, name in path), None, "\n".join(lines))


def _heading_level(block: Any) -> int | None:
    """1 to 9 for Heading 1 to 9, 0 for Title, None for other paragraphs and for tables."""
    style = getattr(getattr(block, "style", None), "name", "") or ""
    if not hasattr(block, "text") or not block.text.strip():
        return None
    if style == "Title":
        return 0
    number = style.removeprefix("Heading ")
    return int(number) if style.startswith("Heading ") and number.isdigit() else None


def _table(table: Any) -> str:
    return "\n".join(" | ".join(cell.text.strip() for cell in row.cells) for row in table.rows)
