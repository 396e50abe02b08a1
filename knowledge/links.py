"""Which diseases show a finding, by the rows of the diseases alone: sparse columns over the is-a tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.base import KnowledgeBase
from knowledge.noisy_or import Floats

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """Finding -> the rows that show it, rising, and how strongly."""

    place: Mapping[str, int]
    start: Rows
    rows: Rows
    values: Floats

    def of(self, finding: str) -> tuple[Rows, Floats]:
        """(n,) rows and (n,) values. Raises KeyError."""
        here = slice(self.start[at := self.place[finding]], self.start[at + 1])
        return self.rows[here], self.values[here]


class Links:
    """The links of a knowledge base: as written, and those to kinds of a finding."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.diseases = len(base.diseases)
        self._place = {finding: i for i, finding in enumerate(base.findings)}
        written = [
            (row, self._place[edge.id], edge.probability)
            for row, disease in enumerate(base.diseases.values())
            for edge in disease.findings
        ]
        row, finding = (np.array([link[i] for link in written], np.int64) for i in (0, 1))
        value = np.array([strength for _, _, strength in written], float)
        self.written = self._columns(finding, row, value)
        above = [np.array([self._place[a] for a in base.ancestors[f]], np.int64) for f in base.findings]
        many = np.array([len(a) for a in above], np.int64)[finding]
        over = np.concatenate([above[f] for f in finding]) if len(finding) else finding
        self.kinds = self._columns(over, np.repeat(row, many), np.repeat(value, many))

    def column(self, finding: str) -> Floats:
        """(D,) the link to the finding itself, else the strongest to a kind of it, else -1.

        Raises KeyError.
        """
        column = np.full(self.diseases, -1.0)
        for columns in (self.kinds, self.written):
            rows, values = columns.of(finding)
            column[rows] = values
        return column

    def strongest(self, shares: Iterable[tuple[str, float]]) -> Floats:
        """(D,) the strongest written link to some findings, each times a share; 0 for none."""
        best = np.zeros(self.diseases)
        for finding, share in shares:
            rows, values = self.written.of(finding)
            best[rows] = np.maximum(best[rows], values * share)
        return best

    def _columns(self, finding: Rows, row: Rows, value: Floats) -> Columns:
        """Sorted by finding and row; of several values for one pair the highest."""
        key = finding * self.diseases + row
        order = np.lexsort((value, key))
        key = key[order]
        last = np.append(key[1:] != key[:-1], True) if len(key) else np.empty(0, bool)
        key, value = key[last], value[order][last]
        start = np.searchsorted(key, np.arange(len(self._place) + 1) * self.diseases)
        return Columns(self._place, start, key % max(self.diseases, 1), value)
