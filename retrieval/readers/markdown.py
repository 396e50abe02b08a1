"""Markdown: sections by headings, metadata from YAML front matter, light markup taken off."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from retrieval.documents import Document, Section
from retrieval.readers.plain import decode

_FRONT = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")


def read(content: bytes) -> Iterator[Document]:
    """One document; the title is the front matter's or the first heading of level 1."""
    text = decode(content)
    front = _FRONT.match(text)
    facts = _front_matter(front.group(1)) if front else {}
    sections = tuple(_sections(text[front.end() :] if front else text))
    top = next((section.path[0] for section in sections if section.path), "")
    yield Document(
        title=str(facts.get("title") or top),
        sections=sections,
        publisher=_text(facts, "publisher", "author"),
        url=_text(facts, "url", "source"),
        date=_text(facts, "date", "published"),
        licence=_text(facts, "licence", "license"),
    )


def _sections(text: str) -> Iterator[Section]:
    path: list[str] = []
    levels: list[int] = []
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= bool(_FENCE.match(line))
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        yield Section(tuple(path), None, _unmarked("\n".join(lines)))
        lines = []
        level = len(heading.group(1))
        while levels and levels[-1] >= level:
            levels.pop()
            path.pop()
        levels.append(level)
        path.append(_unmarked(heading.group(2)))
    yield Section(tuple(path), None, _unmarked("\n".join(lines)))


def _unmarked(text: str) -> str:
    for pattern, kept in ((_IMAGE, r"\1"), (_LINK, r"\1"), (_EMPHASIS, r"\2")):
        text = pattern.sub(kept, text)
    return text


def _front_matter(text: str) -> dict[str, Any]:
    """Front matter that is not a mapping is no metadata, and no reason to refuse the document."""
    try:
        facts = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return {str(k).lower(): v for k, v in facts.items()} if isinstance(facts, dict) else {}


def _text(facts: dict[str, Any], *keys: str) -> str | None:
    return next((str(facts[key]) for key in keys if facts.get(key)), None)
