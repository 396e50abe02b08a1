"""The one place where statements leave: each is held against the passages that it cites when it is shown.

What fails is put in the words of its passage, or dropped and counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, Statement
from knowledge.concepts import Language
from knowledge.lexicon import Lexicon
from retrieval.support import Support, SupportChecker
from retrieval.words import Words

_REMEMBERED = 50_000
_COMPOSED = frozenset({"leading", "also", "must_not_miss", "reason", "complication"})
"""Kinds whose text is more than its passage says (a probability, a weight), and so cannot become a quotation."""


@dataclass(frozen=True, slots=True)
class _Named:
    """Concepts named at text[start:end]."""

    start: int
    end: int
    refs: tuple[str, ...]


class SupportGate:
    """Lets statements out that their passages support. checker: with the concepts of the pack. Verdicts are
    remembered.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self.checker = SupportChecker(Words(), self._named)
        self._verdicts: dict[tuple[str, str], Support] = {}

    def let_out(self, answer: Answer) -> Answer:
        """The answer with what is supported; `dropped` counts the rest."""
        kept = tuple(self.supported(answer.statements, answer.language))
        return replace(answer, statements=kept, dropped=len(answer.statements) - len(kept))

    def supported(self, statements: Iterable[Statement], language: Language) -> Iterable[Statement]:
        """Each statement that passes, some of them rephrased."""
        for statement in statements:
            if self.passes(statement, language):
                yield statement
            elif statement.kind not in _COMPOSED:
                yield replace(statement, text=statement.citations[0].text, says=())

    def passes(self, statement: Statement, language: Language) -> bool:
        """Whether a cited passage supports each thing that the statement says."""
        return all(
            any(self.check(said, c.text, language).verdict == "supported" for c in statement.citations)
            for said in statement.says or (statement.text,)
        )

    def check(self, said: str, passage: str, language: Language) -> Support:
        """What one passage says to one thing said."""
        key = (said, passage)
        if key not in self._verdicts:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            self._verdicts[key] = self.checker.check(said, [passage], language)
        return self._verdicts[key]

    def _named(self, text: str) -> Sequence[_Named]:
        """Concepts named in a row; a habit or exposure only where the words mean nothing else."""
        found = (m for m in self._lexicon.mentions(text) if m.manner == "name")
        return [
            _Named(m.start, m.end, tuple(r for r in m.refs if not r.startswith("risk:")) or m.refs)
            for m in found
        ]
