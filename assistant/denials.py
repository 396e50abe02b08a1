"""Words that deny a finding without a cue: "afebrile", "apyrexial", 体温正常, 食欲可.

They stand with the finding in the knowledge base (`denied`). They are read as whole words in English and
as they are in Chinese, the longest first.
"""

import re
from collections.abc import Iterator

from assistant.context import Context
from assistant.events import Observation
from knowledge.base import KnowledgeBase


class Denials:
    """The denying words of a knowledge base, ready for reading."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._refs = {
            word.lower(): finding.ref
            for finding in base.findings.values()
            for word in (*finding.denied.en, *finding.denied.zh)
        }
        ordered = sorted(self._refs, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole, ordered)) or "(?!)", re.IGNORECASE)

    def read(self, text: str, context: Context, said: int | None) -> Iterator[Observation]:
        """What a text denies with such words; not what is denied in turn, of others, or in the past."""
        for match in self._pattern.finditer(text):
            start, end = match.span()
            if context.senses(start, end) - {"uncertain"}:
                continue
            yield Observation(
                ref=self._refs[match.group().lower()],
                state="absent",
                manner="name",
                text=match.group(),
                said=said,
                start=start,
                end=end,
            )


def _whole(word: str) -> str:
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
