"""HTML: sections by headings, without what is around the article."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from retrieval.documents import Document, Section
from retrieval.readers.plain import decode

_AROUND = (
    "script",
    "style",
    "noscript",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "template",
    "svg",
    "iframe",
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "li",
        "ul",
        "ol",
        "table",
        "tr",
        "td",
        "th",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "figure",
        "figcaption",
        "br",
        "hr",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DATES = ("citation_publication_date", "article:published_time", "dc.date", "date", "last-modified")
_PUBLISHERS = ("citation_publisher", "og:site_name", "dc.publisher", "publisher", "author")
_DECLARED = re.compile(rb"<meta[^>]+charset=[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)


def read(content: bytes) -> Iterator[Document]:
    """One document, from `main` or `article` where there is one."""
    soup = BeautifulSoup(_decoded(content), "lxml")
    facts = _metadata(soup)
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    first = soup.find("h1")
    for tag in soup(_AROUND):
        tag.decompose()
    body = soup.find("main") or soup.find("article") or soup.body or soup
    yield Document(
        title=facts.get("citation_title") or title or (first.get_text(" ", strip=True) if first else ""),
        sections=tuple(_Sections().of(body)) if isinstance(body, Tag) else (),
        publisher=_first(facts, _PUBLISHERS),
        url=_address(soup) or facts.get("og:url"),
        date=_first(facts, _DATES),
        licence=_licence(soup) or facts.get("dc.rights"),
    )


class _Sections:
    """Walks a page in reading order and cuts it at headings."""

    def __init__(self) -> None:
        self._path: list[tuple[int, str]] = []
        self._text: list[str] = []
        self._done: list[Section] = []

    def of(self, body: Tag) -> list[Section]:
        self._walk(body)
        self._close()
        return self._done

    def _walk(self, tag: Tag) -> None:
        stack: list[NavigableString | Tag | str] = [*reversed(list(tag.children))]  # type: ignore[list-item]
        while stack:
            node = stack.pop()
            if isinstance(node, Tag) and node.name in _HEADINGS:
                self._heading(_HEADINGS[node.name], node.get_text(" ", strip=True))
            elif isinstance(node, Tag):
                edge = ["\n"] if node.name in _BLOCKS else []
                self._text += edge
                stack += [*edge, *reversed(list(node.children))]  # type: ignore[list-item]
            elif type(node) in (NavigableString, str):  # not comments, CDATA or doctypes
                self._text.append(str(node) if node == "\n" else re.sub(r"\s+", " ", node))

    def _heading(self, level: int, name: str) -> None:
        self._close()
        self._path = [step for step in self._path if step[0] < level] + [(level, name)]

    def _close(self) -> None:
        lines = (line.strip() for line in "".join(self._text).split("\n"))
        self._done.append(Section(tuple(n for _, n in self._path if n), None, "\n".join(filter(None, lines))))
        self._text = []


def _decoded(content: bytes) -> str:
    declared = _DECLARED.search(content[:2048])
    if declared:
        try:
            return content.decode(declared.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass  # a page that misstates its encoding is read as any other text
    return decode(content)


def _metadata(soup: BeautifulSoup) -> dict[str, str]:
    named = (
        (m.get("name") or m.get("property") or m.get("http-equiv"), m.get("content")) for m in soup("meta")
    )
    return {str(name).lower(): str(value) for name, value in named if name and value}


def _first(facts: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((facts[name] for name in names if name in facts), None)


def _address(soup: BeautifulSoup) -> str | None:
    link = soup.find("link", rel="canonical")
    return str(link["href"]) if isinstance(link, Tag) and link.get("href") else None


def _licence(soup: BeautifulSoup) -> str | None:
    link = soup.find(["a", "link"], rel="license")
    if not isinstance(link, Tag):
        return None
    return link.get_text(" ", strip=True) or str(link.get("href") or "") or None
