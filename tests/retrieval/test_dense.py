"""FAISS against a full sort of all cosines."""

from pathlib import Path

import numpy as np
import pytest

from retrieval import dense
from retrieval.dense import Lists, VectorIndex, exact_nearest, lists_of, moved, recall


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


def test_lists_find_nearly_all_and_keep_to_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = unit(2000, 0)
    lists = lists_of(vectors, exact_up_to=1000)
    assert lists is not None and 1 < lists.probes <= lists.index.nlist
    assert lists_of(vectors) is None
    exact, fast, allowed = VectorIndex(vectors), VectorIndex(vectors, lists), np.arange(0, 2000, 2)
    queries = unit(50, 2)
    found = [fast.nearest(query, 10)[0] for query in queries]
    assert recall(found, [exact.nearest(query, 10)[0] for query in queries]) > 0.9
    few = [fast.nearest(query, 10, allowed)[0] for query in queries]
    assert [rows.tolist() for rows in few] == [exact.nearest(q, 10, allowed)[0].tolist() for q in queries]
    monkeypatch.setattr(dense, "EXACT_AMONG", 10)
    many = [fast.nearest(query, 10, allowed)[0] for query in queries]
    assert all((rows % 2 == 0).all() for rows in many)
    assert recall(many, few) > 0.9
    assert [exact.nearest(q, 10, allowed)[0].tolist() for q in queries] == [rows.tolist() for rows in few]


def test_lists_are_mapped_from_their_file_and_give_the_same(tmp_path: Path) -> None:
    vectors = unit(2000, 0).astype(np.float16)
    lists = lists_of(vectors, exact_up_to=1000)
    assert lists is not None
    lists.save(tmp_path / "lists.faiss")
    mapped = Lists.open(tmp_path / "lists.faiss", lists.probes)
    for query in unit(20, 2):
        found, cosines = VectorIndex(vectors, lists).nearest(query, 10)
        again, same = VectorIndex(vectors, mapped).nearest(query, 10)
        assert again.tolist() == found.tolist()
        assert same == pytest.approx(cosines)
        assert cosines == pytest.approx(vectors[found].astype(np.float32) @ query)


def test_exact_nearest_is_a_full_sort_over_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, queries = unit(500, 0), unit(5, 1)
    monkeypatch.setattr(dense, "_PART", 64)
    expected = [np.argsort(-(vectors @ query), kind="stable")[:10].tolist() for query in queries]
    assert [rows.tolist() for rows in exact_nearest(vectors, queries, 10)] == expected
    assert (moved(vectors, 0.7, np.random.default_rng(9)) * vectors).sum(axis=1).mean() == pytest.approx(
        0.7, abs=0.02
    )
