"""The literature as a witness: how close a case lies, in meaning, to what is written of each disease."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assistant.case import Case
from assistant.rendering import as_told
from knowledge.base import KnowledgeBase
from knowledge.noisy_or import Floats

Encode = Callable[[list[str]], NDArray[np.float32]]

_NEAREST = 2
"""Passages of a disease that count: its two nearest, so that long entries win nothing."""


class Literature:
    """Passages by meaning; the nearest of each disease give its log-odds.

    vectors: (n, dimension) unit vectors of the pack's passages about diseases. rows: (n,) the row of
    each passage's disease in the graph.
    """

    name = "literature"

    def __init__(
        self, base: KnowledgeBase, encode: Encode, vectors: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> None:
        self._base = base
        self._encode = encode
        self._vectors = vectors
        self._rows = rows
        self._diseases = len(base.diseases)

    def opinion(self, case: Case) -> Floats | None:
        """(D,) standard scores of nearness; 0 for a disease without passages."""
        words = as_told(case, self._base)
        if not words or not len(self._vectors):
            return None
        near = self._vectors @ self._encode([words])[0]
        order = np.argsort(-near, kind="stable")
        total, taken = np.zeros(self._diseases), np.zeros(self._diseases)
        for i in order:
            row = self._rows[i]
            if taken[row] < _NEAREST:
                total[row] += near[i]
                taken[row] += 1
        written = taken > 0
        mean = total[written] / taken[written]
        scores = np.zeros(self._diseases)
        scores[written] = (mean - mean.mean()) / max(float(mean.std()), 1e-6)
        return scores
