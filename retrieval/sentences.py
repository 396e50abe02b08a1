"""Where sentences begin and end, in English and Chinese."""

import re

_END = re.compile(
    r"(?:[.!?]+[\"')\]”’]*(?=\s+[\"'(\[“‘]?[A-Z0-9•])|[。！？；…]+[”’」』）]*|\n\s*\n|\n(?=\s*(?:[-•*–◦]|\d+[.)])\s))"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|Fig|No|Dr|Mr|Mrs|Ms|Prof|St|approx|ca|vol|pp|Inc|spp?)|\b[A-Z])\.$"
)


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, blank edges left out; together they hold all of the text's words."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _ABBREVIATION.search(
            text[max(start, match.end() - 8) : match.end()]
        ):
            continue
        found.append((start, match.end()))
        start = match.end()
    found.append((start, len(text)))
    return [trimmed for span in found if (trimmed := _trim(text, *span))]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    part = text[start:end]
    left, right = len(part) - len(part.lstrip()), len(part.rstrip())
    return (start + left, start + right) if right > left else None
