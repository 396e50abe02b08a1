"""Nearest vectors by cosine, with FAISS: exact up to 200,000, inverted lists of 8-bit codes beyond.

Jégou, Douze & Schmid 2011, "Product quantization for nearest neighbor search" (inverted files). What the
lists give is ranked anew by the vectors themselves, so that their 8 bits cost little.
"""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
"""float32, or float16 as a file holds them."""
Ints = NDArray[np.int64]

EXACT_UP_TO = 200_000
"""Vectors; an exact search of so many takes about 35 ms on one core."""
EXACT_AMONG = 20_000
"""Rows allowed up to which they are searched exactly, whatever the index."""
_TAKEN = 4
"""Candidates of the lists for each vector asked for."""
RECALL = 0.98
"""Of the ten nearest, when it is chosen how many lists are read."""
_SAMPLE, _NEAR = 200, 0.3
"""Queries for that choice, and their cosine to the vector that they are made from. So far away are questions
that no passage quite answers, for which most lists must be read."""
_PART = 65_536
"""Vectors worked on at a time."""
_TRAINED_ON = 40
"""Vectors for each list from which the centres are learnt."""


@dataclass(frozen=True)
class Lists:
    """A FAISS index of inverted lists, and how many of the lists a search reads."""

    index: Any
    probes: int

    def save(self, path: Path) -> None:
        """Write the index."""
        faiss: Any = importlib.import_module("faiss")
        faiss.write_index(self.index, str(path))

    @classmethod
    def open(cls, path: Path, probes: int) -> "Lists":
        """Map the lists of a file, which are then read as they are needed; where FAISS cannot map, read them.
        FAISS trusts what it reads, so the file's hash must have been checked."""
        faiss: Any = importlib.import_module("faiss")
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP if os.name == "posix" else 0), probes)


@dataclass(frozen=True)
class VectorIndex:
    """Unit vectors, (n, d), and the lists over them when there are many."""

    vectors: Floats
    lists: Lists | None = None

    def nearest(self, query: Floats, k: int, allowed: Ints | None = None) -> tuple[Ints, NDArray[np.float32]]:
        """Rows and cosines of at most k vectors nearest to a (d,) unit vector, best first.

        allowed: rows that may be found, in ascending order, all when None. Equal cosines come in the order
        of rows.
        """
        k = min(k, len(self.vectors) if allowed is None else len(allowed))
        if k == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if allowed is not None and len(allowed) <= EXACT_AMONG:
            return self._ranked(query, allowed, k)
        with _one_thread():
            taken = k if self.lists is None else _TAKEN * k
            index = self._flat if self.lists is None else self.lists.index
            cosines, found = index.search(query[None], taken, params=self._parameters(allowed))
        rows = found[0][found[0] >= 0]
        if self.lists is not None:
            return self._ranked(query, np.sort(rows), k)
        return _best(rows, cosines[0][: len(rows)], k)

    def _ranked(self, query: Floats, rows: Ints, k: int) -> tuple[Ints, NDArray[np.float32]]:
        """The best of some rows by their own vectors."""
        return _best(rows, self.vectors[rows].astype(np.float32) @ query, k)

    @cached_property
    def _flat(self) -> Any:
        faiss: Any = importlib.import_module("faiss")
        index = faiss.IndexFlatIP(self.vectors.shape[1])
        index.add(np.ascontiguousarray(self.vectors, np.float32))
        return index

    def _parameters(self, allowed: Ints | None) -> Any:
        faiss: Any = importlib.import_module("faiss")
        chosen = None
        if allowed is not None:
            mask = np.zeros(len(self.vectors), bool)
            mask[allowed] = True
            chosen = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        if self.lists is not None:
            return faiss.SearchParametersIVF(sel=chosen, nprobe=self.lists.probes)
        return faiss.SearchParameters(sel=chosen) if chosen is not None else None


def _best(rows: Ints, cosines: NDArray[np.float32], k: int) -> tuple[Ints, NDArray[np.float32]]:
    order = np.lexsort((rows, -cosines))[:k]
    return rows[order], cosines[order]


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


def lists_of(vectors: Floats, exact_up_to: int = EXACT_UP_TO, seed: int = 0) -> Lists | None:
    """The lists over many vectors, None for as few as are searched exactly.

    So many lists are read as find RECALL of the ten nearest, measured against all cosines.
    """
    if len(vectors) <= exact_up_to:
        return None
    faiss: Any = importlib.import_module("faiss")
    count, rng = max(int(2 * len(vectors) ** 0.5), 1), np.random.default_rng(seed)
    width = vectors.shape[1]
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(width), width, count, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter, index.cp.seed = 8, seed + 1
    sample = rng.choice(len(vectors), min(_TRAINED_ON * count, len(vectors)), replace=False)
    index.train(np.ascontiguousarray(vectors[np.sort(sample)], np.float32))
    for start in range(0, len(vectors), _PART):
        index.add(np.ascontiguousarray(vectors[start : start + _PART], np.float32))
    return Lists(index, _fewest_probes(vectors, index, rng))


def _fewest_probes(vectors: Floats, index: Any, rng: np.random.Generator) -> int:
    """By doubling: the first number of lists whose recall is enough, at most all."""
    chosen = vectors[np.sort(rng.choice(len(vectors), min(_SAMPLE, len(vectors)), replace=False))]
    queries = moved(chosen.astype(np.float32), _NEAR, rng)
    truth = exact_nearest(vectors, queries, 10)
    probes = 1
    while probes < index.nlist:
        searched = VectorIndex(vectors, Lists(index, probes))
        found = [searched.nearest(query, 10)[0] for query in queries]
        if recall(found, truth) >= RECALL:
            break
        probes *= 2
    return min(probes, int(index.nlist))


def moved(vectors: NDArray[np.float32], cosine: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """(n, d) unit vectors at about a cosine to those given, in random directions."""
    noise = rng.normal(size=vectors.shape).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    mixed = cosine * vectors + (1 - cosine**2) ** 0.5 * noise
    unit: NDArray[np.float32] = (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)
    return unit


def exact_nearest(vectors: Floats, queries: NDArray[np.float32], k: int) -> list[Ints]:
    """The k nearest rows of each query by all cosines, part by part."""
    best: list[tuple[Ints, NDArray[np.float32]]] = [(np.zeros(0, np.int64), np.zeros(0, np.float32))] * len(
        queries
    )
    for start in range(0, len(vectors), _PART):
        cosines = queries @ vectors[start : start + _PART].astype(np.float32).T
        few = min(k, cosines.shape[1])
        for number, row in enumerate(cosines):
            top = np.argpartition(-row, few - 1)[:few]
            rows = np.concatenate([best[number][0], top + start])
            best[number] = _best(rows, np.concatenate([best[number][1], row[top]]), k)
    return [rows for rows, _ in best]


def recall(found: list[Ints], truth: list[Ints]) -> float:
    """The share of what is true that was found."""
    shared = sum(len(np.intersect1d(one, other)) for one, other in zip(found, truth, strict=True))
    return shared / max(sum(map(len, truth)), 1)
