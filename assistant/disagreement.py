"""Where sources say the contrary of each other: both are shown, the newer and better checked first."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from assistant.answer import Statement
from assistant.evidence import Citation, EvidenceShelf
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language
from retrieval.support import Support

Check = Callable[[str, str, Language], Support]


class Disagreement:
    """Finds what contradicts a quotation among the passages of other sources on the same topic."""

    def __init__(self, base: KnowledgeBase, shelf: EvidenceShelf, check: Check) -> None:
        self._base = base
        self._shelf = shelf
        self._check = check

    def told(self, statement: Statement, language: Language) -> Statement:
        """The statement with what is against it; where that is newer or stronger, it takes the first place.

        A statement in words of our own stays as it is: only what a source says is set against a source.
        """
        cited = statement.citations[0]
        if statement.text != cited.text:
            return statement
        against = sorted(self._opposed(cited, language), key=_weight, reverse=True)
        if not against:
            return statement
        first, *rest = sorted([cited, *against], key=_weight, reverse=True)
        return replace(statement, text=first.text, citations=(first,), against=tuple(rest))

    def _opposed(self, cited: Citation, language: Language) -> Iterator[Citation]:
        passage = self._base.passages[cited.passage]
        for ref in passage.about:
            for other in self._shelf.about(ref, (passage.topic,)):
                text = other.in_language(language)
                if other.source == passage.source or _of_one_class(passage.id, other.id):
                    continue
                found = self._check(cited.text, text, language)
                if found.verdict == "contradicted":
                    yield self._shelf.cite(other, language, (found.start, found.end))


def _of_one_class(passage: str, other: str) -> bool:
    """Whether two claims are of one class of medicines: each speaks of another partner, so that a caution for
    one must not stand in the place of a bar for the other."""
    return passage.startswith("class/") and passage.rpartition("/")[0] == other.rpartition("/")[0]


def _weight(citation: Citation) -> tuple[int, bool]:
    """Newer first, then what was checked against its text."""
    return (citation.year or 0, citation.checked)
