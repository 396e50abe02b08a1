"""Nearest vectors by cosine, with FAISS: exact up to 200,000, a navigable small-world graph beyond.

HNSW: Malkov & Yashunin 2018, "Efficient and robust approximate nearest neighbor search".
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

EXACT_UP_TO = 200_000
"""Vectors; an exact search of so many takes about 35 ms on one core."""
_LINKS, _BUILD_EFFORT, _SEARCH_EFFORT = 32, 100, 128


@dataclass(frozen=True)
class VectorIndex:
    """Unit vectors, (n, d) float32, and the graph over them when there are many.

    graph: as `graph_of` gave it; FAISS trusts what it reads, so its hash must have been checked.
    """

    vectors: Floats
    graph: Bytes | None = None

    def nearest(self, query: Floats, k: int, allowed: Ints | None = None) -> tuple[Ints, Floats]:
        """Rows and cosines of at most k vectors nearest to a (d,) unit vector, best first.

        allowed: rows that may be found, all when None. Equal cosines come in the order of rows.
        """
        k = min(k, len(self.vectors) if allowed is None else len(allowed))
        if k == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        with _one_thread():
            cosines, rows = self._index.search(query[None], k, params=self._parameters(allowed))
        found = rows[0] >= 0
        rows, cosines = rows[0][found], cosines[0][found]
        order = np.lexsort((rows, -cosines))
        return rows[order], cosines[order]

    @cached_property
    def _index(self) -> Any:
        import faiss

        if self.graph is not None:
            return faiss.deserialize_index(self.graph)
        index = faiss.IndexFlatIP(self.vectors.shape[1])
        index.add(np.ascontiguousarray(self.vectors))
        return index

    def _parameters(self, allowed: Ints | None) -> Any:
        faiss: Any = importlib.import_module("faiss")
        chosen = faiss.IDSelectorBatch(allowed) if allowed is not None else None
        if self.graph is not None:
            return faiss.SearchParametersHNSW(sel=chosen, efSearch=_SEARCH_EFFORT)
        return faiss.SearchParameters(sel=chosen) if chosen is not None else None


@contextmanager
def _one_thread() -> Iterator[None]:
    """A single query on one thread: on a busy machine, two wait for each other longer than they work."""
    faiss: Any = importlib.import_module("faiss")
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def graph_of(vectors: Floats, exact_up_to: int = EXACT_UP_TO) -> Bytes | None:
    """The graph over many vectors as bytes, None for as few as are searched exactly."""
    if len(vectors) <= exact_up_to:
        return None
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _BUILD_EFFORT
    index.add(np.ascontiguousarray(vectors))
    serialized: Bytes = faiss.serialize_index(index)
    return serialized
