"""FAISS against a full sort of all cosines."""

import numpy as np
import pytest

from retrieval.dense import VectorIndex, graph_of


def unit(n: int, seed: int) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(n, 32)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.parametrize("allowed", [None, np.array([3, 5, 400, 401])])
def test_exact_search_is_a_full_sort(allowed: np.ndarray | None) -> None:
    vectors, query = unit(500, 0), unit(1, 1)[0]
    cosines = vectors @ query
    rows = np.arange(500) if allowed is None else allowed
    expected = rows[np.argsort(-cosines[rows])][:10]
    found, scores = VectorIndex(vectors).nearest(query, 10, allowed)
    assert found.tolist() == expected.tolist()
    assert scores == pytest.approx(cosines[expected], abs=1e-6)


def test_nothing_to_search_gives_nothing() -> None:
    assert VectorIndex(np.zeros((0, 32), np.float32)).nearest(unit(1, 0)[0], 5)[0].tolist() == []
    assert VectorIndex(unit(3, 0)).nearest(unit(1, 0)[0], 5, np.array([], np.int64))[0].tolist() == []


def test_the_graph_finds_nearly_all_and_keeps_to_what_is_allowed() -> None:
    vectors = unit(2000, 0)
    graph = graph_of(vectors, exact_up_to=1000)
    assert graph is not None
    assert graph_of(vectors) is None
    exact, fast, allowed = VectorIndex(vectors), VectorIndex(vectors, graph), np.arange(0, 2000, 2)
    shared = 0
    for query in unit(50, 2):
        shared += len(set(exact.nearest(query, 10)[0]) & set(fast.nearest(query, 10)[0]))
        assert (fast.nearest(query, 10, allowed)[0] % 2 == 0).all()
    assert shared / 500 > 0.95
