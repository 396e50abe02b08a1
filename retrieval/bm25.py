"""BM25 over plain arrays (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework").

The idf is Lucene's, log(1 + (N - n + 0.5) / (n + 0.5)), which is never negative. Counts are kept
apart from scores, so that collections can be joined and thinned without reading any text again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TermCounts:
    """How often each term stands in each of N documents.

    vocabulary: V terms, sorted. starts: (V + 1,), where each term's postings begin.
    documents, counts: (P,) the document and the count of each posting. lengths: (N,) in terms.
    """

    vocabulary: tuple[str, ...]
    starts: Ints
    documents: Ints
    counts: Ints
    lengths: Ints

    @classmethod
    def of(cls, documents: Iterable[Sequence[str]]) -> "TermCounts":
        """Count the terms of documents."""
        ids: dict[str, int] = {}
        rows: list[tuple[int, int, int]] = []
        lengths: list[int] = []
        for number, terms in enumerate(documents):
            lengths.append(len(terms))
            rows += [(ids.setdefault(t, len(ids)), number, n) for t, n in Counter(terms).items()]
        table = np.array(rows, np.int64).reshape(-1, 3)
        return _sorted(list(ids), table[:, 0], table[:, 1], table[:, 2], np.array(lengths, np.int64))

    def keep(self, rows: Ints) -> "TermCounts":
        """The same for some of the documents, in the order given."""
        place = np.full(len(self.lengths), -1, np.int64)
        place[rows] = np.arange(len(rows))
        moved = place[self.documents]
        kept = moved >= 0
        return _sorted(
            list(self.vocabulary), self._terms[kept], moved[kept], self.counts[kept], self.lengths[rows]
        )

    @staticmethod
    def joined(parts: Sequence["TermCounts"]) -> "TermCounts":
        """The documents of all parts, one after another."""
        ids: dict[str, int] = {}
        terms, documents, before = [], [], 0
        for part in parts:
            to_id = [ids.setdefault(term, len(ids)) for term in part.vocabulary]
            terms.append(np.array(to_id, np.int64)[part._terms])
            documents.append(part.documents + before)
            before += len(part.lengths)
        return _sorted(
            list(ids),
            _concatenated(terms),
            _concatenated(documents),
            _concatenated([part.counts for part in parts]),
            _concatenated([part.lengths for part in parts]),
        )

    @property
    def _terms(self) -> Ints:
        """The term of each posting."""
        return np.repeat(np.arange(len(self.vocabulary)), np.diff(self.starts))


def _concatenated(arrays: list[Ints]) -> Ints:
    return np.concatenate(arrays) if arrays else np.zeros(0, np.int64)


def _sorted(vocabulary: list[str], terms: Ints, documents: Ints, counts: Ints, lengths: Ints) -> TermCounts:
    """One order for one content: terms by name, postings by document; unused terms dropped."""
    used = np.unique(terms).tolist()
    names = sorted(used, key=vocabulary.__getitem__)
    rank = np.zeros(len(vocabulary), np.int64)
    rank[names] = np.arange(len(names))
    order = np.lexsort((documents, rank[terms]))
    starts = np.concatenate(([0], np.cumsum(np.bincount(rank[terms], minlength=len(names)))))
    kept = tuple(vocabulary[name] for name in names)
    return TermCounts(kept, starts.astype(np.int64), documents[order], counts[order], lengths)


@dataclass(frozen=True)
class Bm25:
    """Scores of documents for a query. k1: how soon repeats stop counting; b: how much length counts."""

    counts: TermCounts
    k1: float = 1.2
    b: float = 0.75

    def scores(self, terms: Iterable[str]) -> Floats:
        """(N,) scores, 0 where no term occurs. A term of the query counts once."""
        total = np.zeros(len(self.counts.lengths), np.float32)
        for number in sorted({self._ids[term] for term in terms if term in self._ids}):
            span = slice(self.counts.starts[number], self.counts.starts[number + 1])
            total[self.counts.documents[span]] += self._weights[span]
        return total

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {term: number for number, term in enumerate(self.counts.vocabulary)}

    @cached_property
    def _weights(self) -> Floats:
        """(P,) the score of every posting, worked out once."""
        total = len(self.counts.lengths)
        holding = np.diff(self.counts.starts)
        idf = np.log1p((total - holding + 0.5) / (holding + 0.5))
        mean = self.counts.lengths.mean() if total else 1.0
        norm = self.k1 * (1 - self.b + self.b * self.counts.lengths / max(mean, 1e-9))
        counts = self.counts.counts
        saturated = counts * (self.k1 + 1) / (counts + norm[self.counts.documents])
        return (np.repeat(idf, holding) * saturated).astype(np.float32)
