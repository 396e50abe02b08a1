"""What the first pages of a document say of its rights and its place on the web."""

import re
from collections.abc import Sequence

_RIGHTS = re.compile(
    r"©|\bcopyright\b|\ball rights reserved\b|\bcreative commons\b|\bcc[ -]by|\bopen government licence\b|版权",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s/]+\.\S+")
_PAGES, _LONGEST = 3, 200
"""Pages looked at; a longer line about rights is a paragraph and not an imprint."""


def licence(pages: Sequence[str]) -> str | None:
    """The first line about rights, without what stands in brackets after it."""
    for page in pages[:_PAGES]:
        for line in page.split("\n"):
            if _RIGHTS.search(line) and len(line) <= _LONGEST:
                return " ".join(line.partition("(http")[0].split())
    return None


def url(pages: Sequence[str]) -> str | None:
    """The web address that has a line of the first page to itself."""
    for line in pages[0].split("\n") if pages else ():
        if found := _ADDRESS.fullmatch(line.strip().rstrip(".")):
            return found.group() if found.group().startswith("http") else f"https://{found.group()}"
    return None
