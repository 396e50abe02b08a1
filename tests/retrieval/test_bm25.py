"""BM25 against its formula written out, and against bm25s."""

import math

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.bm25 import Bm25, TermCounts

documents = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=12), min_size=1, max_size=8)


def slow_score(docs: list[list[str]], query: list[str], k1: float = 1.2, b: float = 0.75) -> list[float]:
    mean = sum(map(len, docs)) / len(docs)
    total = []
    for doc in docs:
        score = 0.0
        for term in set(query):
            n = sum(term in other for other in docs)
            tf = doc.count(term)
            if tf:
                idf = math.log(1 + (len(docs) - n + 0.5) / (n + 0.5))
                score += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len(doc) / mean))
        total.append(score)
    return total


@given(documents, st.lists(st.sampled_from("abcdefgh"), max_size=5))
def test_scores_are_those_of_the_formula(docs: list[list[str]], query: list[str]) -> None:
    assert Bm25(TermCounts.of(docs)).scores(query) == pytest.approx(slow_score(docs, query), abs=1e-5)


def test_scores_are_those_of_bm25s() -> None:
    rng = np.random.default_rng(0)
    docs = [[f"t{n}" for n in rng.zipf(1.5, 30) if n < 200] for _ in range(100)]
    rival = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    rival.index(docs, show_progress=False)
    for query in (["t1", "t7"], ["t3", "t50", "t2"]):
        expected = rival.get_scores(query) * (1.2 + 1)  # lucene's leaves out this constant
        assert Bm25(TermCounts.of(docs)).scores(query) == pytest.approx(expected, rel=1e-4)


@given(documents, documents)
def test_joined_counts_are_those_of_all_documents(one: list[list[str]], other: list[list[str]]) -> None:
    same(TermCounts.joined([TermCounts.of(one), TermCounts.of(other)]), TermCounts.of(one + other))


@given(documents, st.data())
def test_kept_counts_are_those_of_the_kept_documents(docs: list[list[str]], data: st.DataObject) -> None:
    rows = sorted(data.draw(st.sets(st.integers(0, len(docs) - 1))))
    same(TermCounts.of(docs).keep(np.array(rows, np.int64)), TermCounts.of([docs[row] for row in rows]))


def same(one: TermCounts, other: TermCounts) -> None:
    assert one.vocabulary == other.vocabulary
    for name in ("starts", "documents", "counts", "lengths"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
