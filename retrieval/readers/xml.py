"""XML: journal articles (JATS), and any other by its elements. No entity is fetched or expanded."""

from collections.abc import Iterator
from typing import Any

from retrieval.documents import Document, Section, Unreadable

_NAMES = frozenset({"title", "heading", "head", "question", "label", "name"})
"""Elements that name the element around them."""
_FACTS = {
    "publisher": ("journal-title", "publisher-name", "publisher", "source"),
    "url": ("url", "link", "self-uri"),
    "date": ("pub-date", "date", "published"),
    "licence": ("license-p", "license", "licence", "rights"),
}
_WRAPPERS = frozenset({"front", "article-meta", "body", "abstract"})
"""Elements without a name that hold others with one."""
_LEFT_OUT = frozenset(
    [
        "back",
        "ref-list",
        "xref",
        "journal-meta",
        "article-id",
        "article-categories",
        "title-group",
        "article-title",
        "contrib-group",
        "aff",
        "author-notes",
        "pub-date",
        "volume",
        "issue",
        "fpage",
        "lpage",
        "elocation-id",
        "history",
        "permissions",
        "license",
        "self-uri",
        "kwd-group",
        "counts",
        "funding-group",
        "publisher",
        "date",
        "url",
        "rights",
    ]
)
"""References, and what is told as metadata."""


def read(content: bytes) -> Iterator[Document]:
    """One document; every element with a title of its own is a section. Raises Unreadable."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise Unreadable(f"it is not well-formed XML (line {fault.lineno}: {fault.msg})") from fault
    if root.getroottree().docinfo.internalDTD is not None and b"<!ENTITY" in content:
        raise Unreadable("it declares entities, which are not expanded; export it without them")
    facts = {field: _first(root, names) for field, names in _FACTS.items()}
    title = _first(root, ("article-title", "title", "focus", "name")) or ""
    yield Document(
        title=title,
        sections=tuple(_sections(root, ())),
        publisher=facts["publisher"],
        url=facts["url"],
        date=facts["date"],
        licence=facts["licence"],
    )


def _sections(element: Any, path: tuple[str, ...]) -> Iterator[Section]:
    """The element's own text as one section, then those of the elements within that have a name."""
    own: list[str] = [element.text or ""]
    inner: list[Section] = []
    for child in element:
        if isinstance(child.tag, str) and _local(child) not in _LEFT_OUT | _NAMES:
            if _local(child) in _WRAPPERS or any(_name(part) for part in child.iter()):
                name = _name(child)
                inner += _sections(child, (*path, name) if name else path)
            else:
                own.append(_text(child) if (child.tail or "").strip() else f"{_text(child)}\n")
        own.append(child.tail or "")
    yield Section(path, None, "\n".join(filter(None, (line.strip() for line in "".join(own).split("\n")))))
    yield from inner


def _name(element: Any) -> str:
    return next((_text(c) for c in element if isinstance(c.tag, str) and _local(c) in _NAMES), "")


def _first(root: Any, names: tuple[str, ...]) -> str | None:
    """The text of the first element with the first of the names that has any."""
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    found = (_date(e) or _text(e) for name in names for e in elements if _local(e) == name)
    return next(filter(None, found), None)


def _date(element: Any) -> str:
    """Year, month and day where they are elements of their own, as ISO."""
    parts = {_local(part): _text(part) for part in element if isinstance(part.tag, str)}
    return "-".join(parts[unit].zfill(2) for unit in ("year", "month", "day") if parts.get(unit))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
