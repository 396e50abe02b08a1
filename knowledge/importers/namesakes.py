"""The same disease under two numbers: entries of two catalogues that bear each other's name."""

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

ALIKE = 0.75
_COMMON_WORD = 1500
_NUMBER = re.compile(r"^(\d+[a-z]?|[ivx]+[a-z]?|[a-z])$")


def namesakes(names: Mapping[str, str]) -> dict[str, str]:
    """Entry -> the one entry of another catalogue whose name is likest, where that is mutual.

    names: `CATALOGUE:number` -> name. Names are compared as bags of words, rare words weighing more
    (cosine of TF-IDF, at least ALIKE); the numbers of types do not count. Where several entries of a
    catalogue are alike (the types of a syndrome), none of them is the one.
    """
    entries = list(names)
    vectors = _vectors([_words(name) for name in names.values()])
    catalogue = np.array([entry.partition(":")[0] for entry in entries])
    best: dict[int, int] = {}
    for here in np.unique(catalogue):
        rows, others = np.flatnonzero(catalogue == here), np.flatnonzero(catalogue != here)
        if len(others):
            alike = (vectors[rows] @ vectors[others].T).tocsr()
            for i, row in enumerate(rows):
                start, end = alike.indptr[i], alike.indptr[i + 1]
                likest = _only(alike.data[start:end], others[alike.indices[start:end]])
                if likest is not None:
                    best[int(row)] = likest
    return {entries[a]: entries[b] for a, b in best.items() if best.get(b) == a}


def _only(likeness: np.ndarray, rows: np.ndarray) -> int | None:
    """The likest row, when it is like enough and the only one so like."""
    if not len(rows) or (top := likeness.max()) < ALIKE or (likeness > top - 1e-9).sum() > 1:
        return None
    return int(rows[likeness.argmax()])


def _vectors(bags: list[list[str]]) -> sparse.csr_matrix:
    """(entries, words) of unit length; words that very many names share are left out."""
    count = Counter(word for bag in bags for word in set(bag))
    place = {word: i for i, word in enumerate(w for w, n in count.items() if n <= _COMMON_WORD)}
    pairs = [(row, word) for row, bag in enumerate(bags) for word in sorted(set(bag)) if word in place]
    weights = np.array([np.log(len(bags) / count[word]) for _, word in pairs])
    index = (np.array([row for row, _ in pairs], int), np.array([place[word] for _, word in pairs], int))
    matrix = sparse.csr_matrix((weights, index), shape=(len(bags), len(place)))
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-12)) @ matrix)


def _words(name: str) -> list[str]:
    plain = re.sub(r"[^\w]+", " ", name.lower().replace("'s", " "))
    words = [word.removesuffix("s") if len(word) > 4 else word for word in plain.split()]
    return [word for word in words if not _NUMBER.match(word)]
