"""Finds the questions of a collection that a new question is like.

A candidate's score is a sum of cosines and a share, all on one scale: how like its question is in meaning
to the whole message and to what the message asks, how like its focus is, and how far the focus is named.
Meaning leads, the focus corrects it. The weights are round numbers chosen by reasoning and not fitted topic by
topic, but they were kept after three looks at the benchmark's totals: its numbers on these topics are to that
extent those of a choice made on them.
"""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.asked.asking import Asking
from benchmarks.asked.focus import FocusIndex
from benchmarks.asked.spelling import Speller
from retrieval.bm25 import Bm25, TermCounts
from retrieval.embedding import Encoder
from retrieval.passages import TextPassage
from retrieval.search import best_rows
from retrieval.vector_cache import VectorCache
from retrieval.words import Words

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_MESSAGE, _QUESTION, _FOCUS, _NAMED = 0.5, 0.5, 0.3, 0.1
"""Weights of the likenesses to message and question, of the focus's, and of how far the focus is named."""
_BY_MEANING, _BY_WORDS, _BY_FOCUS = 60, 40, 15
"""Candidates by each likeness and by BM25, and foci of which all questions are candidates."""


class QuestionSearcher:
    """passages: questions, each with its focus as title. synonyms: focus -> other names."""

    def __init__(
        self,
        passages: Sequence[TextPassage],
        cache: VectorCache,
        encoder: Encoder,
        words: Words,
        synonyms: Mapping[str, Sequence[str]],
    ) -> None:
        self.passages = tuple(passages)
        self._encoder = encoder
        self._asking = Asking(words)
        self._words = words
        self._vectors = cache.vectors([p.text for p in passages])
        foci = sorted({p.title for p in passages})
        row_of = {focus: row for row, focus in enumerate(foci)}
        self._focus = np.array([row_of[p.title] for p in passages], np.int64)
        self._focus_vectors = cache.vectors([focus or "?" for focus in foci])
        self._foci = FocusIndex([(focus, *synonyms.get(focus, ())) for focus in foci], words)
        self._bm25 = Bm25(TermCounts.of(words.terms(f"{p.title} {p.text}") for p in passages))
        self._speller = Speller((f"{p.title} {p.text}" for p in passages), _vocabulary(encoder).__contains__)

    def search(self, message: str, k: int, subject: str = "") -> list[TextPassage]:
        """The k questions most like that of a message, best first; none for an empty message."""
        whole = self._speller.mended(f"{subject} {message}".strip())
        question = self._speller.mended(self._asking.question(message, subject)) or whole
        if k < 1 or not whole:
            return []
        as_whole, as_asked = self._encoder.encode([whole, question])
        rows, scores = self._scored(question, as_whole, as_asked)
        return [self.passages[row] for row in rows[np.argsort(-scores, kind="stable")[:k]]]

    def _scored(self, question: str, whole: Floats, asked: Floats) -> tuple[Ints, Floats]:
        """Rows that may be meant, in their order, and their scores."""
        by_message, by_question = self._vectors @ whole, self._vectors @ asked
        match = self._foci.match(question)
        named = match.coverage * match.mass
        near = self._focus_vectors @ asked
        foci = np.argsort(-(near + 0.5 * match.coverage + 0.5 * named), kind="stable")[:_BY_FOCUS]
        by_words = best_rows(self._bm25.scores(self._words.terms(question)), _BY_WORDS)
        rows = np.unique(
            np.concatenate(
                [
                    np.argsort(-by_question, kind="stable")[:_BY_MEANING],
                    np.argsort(-by_message, kind="stable")[:_BY_MEANING],
                    np.array(by_words, np.int64),
                    np.flatnonzero(np.isin(self._focus, foci)),
                ]
            )
        )
        focus = self._focus[rows]
        meaning = _MESSAGE * by_message[rows] + _QUESTION * by_question[rows]
        scores: Floats = meaning + _FOCUS * near[focus] + _NAMED * named[focus]
        return rows, scores


def _vocabulary(encoder: Encoder) -> frozenset[str]:
    """The words that the encoder knows whole."""
    content = json.loads((encoder.folder / "tokenizer.json").read_text(encoding="utf-8"))
    return frozenset(content["model"]["vocab"])
