"""BM25 over plain arrays (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework").

The idf is Lucene's, log(1 + (N - n + 0.5) / (n + 0.5)), which is never negative. Counts are kept
apart from scores, so that collections can be joined and thinned without reading any text again.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[Any]
"""Whole numbers of any width; a file may hold them narrow and be mapped."""
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
        terms, numbers, times, lengths = array("i"), array("i"), array("i"), array("i")
        for number, words in enumerate(documents):
            lengths.append(len(words))
            counted = Counter(words)
            terms.extend([ids.setdefault(term, len(ids)) for term in counted])
            numbers.extend([number] * len(counted))
            times.extend(counted.values())
        columns = [np.array(column, np.int32) for column in (terms, numbers, times, lengths)]
        return _sorted(list(ids), *columns)

    def keep(self, rows: Ints) -> "TermCounts":
        """The same for some of the documents, in the order given."""
        place = np.full(len(self.lengths), -1, np.int32)
        place[rows] = np.arange(len(rows))
        moved = place[self.documents]
        kept = moved >= 0
        return _sorted(
            list(self.vocabulary), self._terms[kept], moved[kept], self.counts[kept], self.lengths[rows]
        )

    def span(self, term: str) -> slice:
        """Where the postings of a term stand; empty for one that no document has."""
        number = self._ids.get(term)
        if number is None:
            return slice(0, 0)
        return slice(int(self.starts[number]), int(self.starts[number + 1]))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {term: number for number, term in enumerate(self.vocabulary)}

    @staticmethod
    def joined(parts: Sequence["TermCounts"]) -> "TermCounts":
        """The documents of all parts, one after another."""
        ids: dict[str, int] = {}
        terms, documents, before = [], [], 0
        for part in parts:
            to_id = [ids.setdefault(term, len(ids)) for term in part.vocabulary]
            terms.append(np.array(to_id, np.int32)[part._terms])
            documents.append(part.documents + np.int32(before))
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
        return np.repeat(np.arange(len(self.vocabulary), dtype=np.int32), np.diff(self.starts))


def _concatenated(arrays: list[Ints]) -> Ints:
    return np.concatenate(arrays) if arrays else np.zeros(0, np.int32)


def _sorted(vocabulary: list[str], terms: Ints, documents: Ints, counts: Ints, lengths: Ints) -> TermCounts:
    """One order for one content: terms by name, postings by document; unused terms dropped."""
    used = np.flatnonzero(np.bincount(terms, minlength=len(vocabulary))).tolist()
    names = sorted(used, key=vocabulary.__getitem__)
    rank = np.zeros(len(vocabulary), np.int32)
    rank[names] = np.arange(len(names))
    order = np.lexsort((documents, rank[terms]))
    starts = np.concatenate(([0], np.cumsum(np.bincount(rank[terms], minlength=len(names)))))
    kept = tuple(vocabulary[name] for name in names)
    return TermCounts(kept, starts.astype(np.int64), documents[order], counts[order], lengths)


class Bm25:
    """Scores of the documents of parts, one after another, as of one collection.

    A word weighs the same in all parts. k1: how soon repeats stop counting; b: how much length counts.
    """

    def __init__(self, *parts: TermCounts, k1: float = 1.2, b: float = 0.75) -> None:
        self.k1, self.b = k1, b
        self._parts = parts
        self._starts = np.cumsum([0, *(len(part.lengths) for part in parts)])
        total = int(self._starts[-1])
        mean = sum(int(part.lengths.sum()) for part in parts) / total if total else 1.0
        self._norms = [
            (k1 * (1 - b + b * part.lengths / max(mean, 1e-9))).astype(np.float32) for part in parts
        ]

    def scores(self, terms: Iterable[str]) -> Floats:
        """(N,) scores, 0 where no term occurs. A term of the query counts once."""
        total = np.zeros(self._starts[-1], np.float32)
        for term in sorted(set(terms)):
            spans = [part.span(term) for part in self._parts]
            holding = sum(span.stop - span.start for span in spans)
            weight = np.float32(np.log1p((len(total) - holding + 0.5) / (holding + 0.5)) * (self.k1 + 1))
            for part, span, norm, start in zip(self._parts, spans, self._norms, self._starts, strict=False):
                documents = part.documents[span]
                counts = part.counts[span].astype(np.float32)
                total[start : start + len(norm)][documents] += weight * counts / (counts + norm[documents])
        return total
