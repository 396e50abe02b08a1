"""Hybrid search: FAISS by meaning and BM25 by words, their ranks fused.

Fusion is reciprocal rank fusion (Cormack, Clarke & Buettcher 2009): a passage scores the sum over
rankings of 1 / (60 + rank), so that neither scale of scores has to be trusted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.concepts import Language, Passage, Source
from knowledge.errors import AetiaError
from knowledge.pack import cache_folder
from retrieval.bm25 import Bm25
from retrieval.corpus import Corpus, Expand
from retrieval.embedding import Encoder, Progress
from retrieval.passages import TextPassage, of_pack
from retrieval.stored import Chained, StoredPassages, where
from retrieval.vector_cache import VectorCache
from retrieval.words import Words, language_of

Mask = NDArray[np.bool_]
Filters = Mapping[str, Collection[str]]

_RRF = 60
_DEPTH = 50
"""Ranks read from each ranking, or five times the hits asked for when that is more."""
_FIELDS = ("language", "title", "publisher", "date", "licence", "document", "source", "topic", "about")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. score: fused, higher is better. ranks: from 1, by `dense` and `bm25` where in them."""

    passage: TextPassage
    score: float
    ranks: Mapping[str, int]


class Searcher:
    """Searches any number of corpora as one. expand: see Expand; also added to the words of a query.

    Raises AetiaError when a corpus has vectors of another encoder.
    """

    def __init__(
        self, corpora: Sequence[Corpus], encoder: Encoder, words: Words, expand: Expand | None = None
    ) -> None:
        if any(corpus.encoder_sha256 != encoder.sha256 for corpus in corpora):
            raise AetiaError("An index was built with another embedding model; `aetia index` builds it anew.")
        self._corpora = tuple(corpora)
        self._encoder = encoder
        self._words = words
        self._expand = expand
        self.passages: Sequence[TextPassage] = Chained([corpus.passages for corpus in corpora])
        self._starts = np.cumsum([0, *(len(corpus.passages) for corpus in corpora)])

    @classmethod
    def over(
        cls,
        passages: Iterable[Passage],
        sources: Mapping[str, Source],
        stores: Sequence[Corpus] = (),
        encoder: Encoder | None = None,
        expand: Expand | None = None,
        shipped: Sequence[Path] = (),
        progress: Progress | None = None,
    ) -> "Searcher":
        """Search a pack's passages, together with stores of documents (`index.open_store`).

        shipped: shards of vectors that come with the pack. progress: called while passages are
        encoded, which happens once; their vectors stay in the user's cache folder.
        """
        encoder, words = encoder or Encoder.for_search(), Words()
        own = [of_pack(passage, sources[passage.source]) for passage in passages]
        cache = VectorCache(cache_folder() / "vectors", encoder, shipped)
        pack = Corpus.of(own, cache, words, progress, keep_counts=cache_folder() / "terms")
        return cls([pack, *stores], encoder, words, expand)

    def search(
        self,
        query: str,
        k: int = 8,
        language: Language | None = None,
        filters: Filters | None = None,
        since: str | None = None,
    ) -> list[Hit]:
        """The k best passages for a query in either language, best first.

        language: only passages that can be shown in it. filters: field -> values of which one must
        match; fields are those of TextPassage. since: an ISO date or its beginning; older passages, and
        those without a date, are left out. Raises AetiaError for a field that cannot be filtered.
        """
        if k < 1 or not query.strip():
            return []
        allowed = self._allowed(language, filters or {}, since)
        depth = max(_DEPTH, 5 * k)
        expanded = self._expand(query) if self._expand else ""
        rankings = {
            "dense": self._by_meaning(query, expanded, depth, allowed),
            "bm25": self._by_words(f"{query} {expanded}", depth, allowed),
        }
        return [Hit(self.passages[row], score, ranks) for row, score, ranks in fused(rankings)[:k]]

    def _by_meaning(self, query: str, expanded: str, depth: int, allowed: Mask | None) -> list[int]:
        """Rows by cosine. By an encoder of English alone, a Chinese query is read through its concepts, or not
        at all without any; one that reads Chinese reads the query itself."""
        readable = language_of(query) == "en" or self._encoder.reads_chinese
        text = query if readable else expanded
        if not text.strip():
            return []
        vector = self._encoder.encode([text])[0]
        found: list[tuple[float, int]] = []
        for corpus, start in zip(self._corpora, self._starts.tolist(), strict=False):
            among = None if allowed is None else np.flatnonzero(allowed[corpus.rows + start])
            rows, cosines = corpus.nearest.nearest(vector, depth, among)
            at = corpus.rows[rows] + start
            found += zip((-cosines).tolist(), at.tolist(), strict=True)
        return [row for _, row in sorted(found)[:depth]]

    def _by_words(self, query: str, depth: int, allowed: Mask | None) -> list[int]:
        scores = self._bm25.scores(self._words.terms(query))
        if allowed is not None:
            scores[~allowed] = 0
        return best_rows(scores, depth)

    @cached_property
    def _bm25(self) -> Bm25:
        """One BM25 over all corpora, so that a word weighs the same everywhere."""
        return Bm25(*(corpus.counts for corpus in self._corpora))

    def _allowed(self, language: Language | None, filters: Filters, since: str | None) -> Mask | None:
        """(N,) which rows may be found, None when all may."""
        if unknown := sorted(set(filters) - set(_FIELDS)):
            raise AetiaError(f"Cannot filter by {', '.join(unknown)}; fields are {', '.join(_FIELDS)}.")
        if language is None and not filters and not since:
            return None
        parts = [_allowed_of(corpus.passages, language, filters, since or "") for corpus in self._corpora]
        return np.concatenate(parts) if parts else np.zeros(0, bool)


def _allowed_of(
    passages: Sequence[TextPassage], language: Language | None, filters: Filters, since: str
) -> Mask:
    allowed = np.ones(len(passages), bool)
    if language is not None:
        allowed &= where(passages, "language", language.__eq__) | _translated(passages, language)
    for field, wanted in filters.items():
        allowed &= where(passages, field, wanted.__contains__)
    if since:
        allowed &= where(passages, "date", lambda date: (date or "")[: len(since)] >= since)
    return allowed


def _translated(passages: Sequence[TextPassage], language: Language) -> Mask:
    """Which passages have a translation; stored ones have none."""
    if isinstance(passages, StoredPassages):
        return np.zeros(len(passages), bool)
    return np.fromiter((language in p.translations for p in passages), bool, len(passages))


def best_rows(scores: NDArray[np.float32], depth: int) -> list[int]:
    """Rows with the highest scores above zero, best first, equal ones in the order of rows."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > depth:
        least = np.partition(scores[rows], -depth)[-depth]
        rows = rows[scores[rows] >= least]
    best: list[int] = rows[np.lexsort((rows, -scores[rows]))][:depth].tolist()
    return best


def fused(rankings: Mapping[str, Sequence[int]]) -> list[tuple[int, float, dict[str, int]]]:
    """Rows with their fused score and their rank in each ranking, best first; equal ones by row."""
    ranks: dict[int, dict[str, int]] = {}
    for name, rows in rankings.items():
        for rank, row in enumerate(rows, 1):
            ranks.setdefault(row, {})[name] = rank
    scored = [(row, sum(1 / (_RRF + rank) for rank in by.values()), by) for row, by in ranks.items()]
    return sorted(scored, key=lambda item: (-item[1], item[0]))
