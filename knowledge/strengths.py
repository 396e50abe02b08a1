"""P(finding | disease alone) for every disease: links, is-a of findings and complications worked in."""

from collections.abc import Iterable
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.base import KnowledgeBase
from knowledge.noisy_or import Floats

Rows = NDArray[np.int64]
_NARROWEST, _WIDEST = 0.15, 0.6
"""Of a wider finding that a disease shows, the share that may be of a kind which its row does not name."""


class Strengths:
    """Columns of effective strength, kept sparse: most diseases show few of the findings."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._row = {disease: i for i, disease in enumerate(base.diseases)}
        self._sparse = lru_cache(maxsize=16_384)(self._worked_out)

    def column(self, finding: str, cut: frozenset[str] = frozenset()) -> Floats:
        """(D,) P(finding | disease alone). cut: diseases that no other disease brings about, because
        what they are was decided from outside. Raises KeyError."""
        rows, values = self._sparse(finding, cut)
        column = np.zeros(len(self._row))
        column[rows] = values
        return column

    def of(self, disease: str, finding: str) -> float:
        """One entry of the column."""
        rows, values = self._sparse(finding, frozenset())
        at = int(np.searchsorted(rows, row := self._row[disease]))
        return float(values[at]) if at < len(rows) and rows[at] == row else 0.0

    def onset(self, effect: str) -> Floats:
        """(D,) P(this disease | another one alone), by what causes it."""
        column = np.zeros(len(self._row))
        for cause, chance in self._causes_of.get(effect, ()):
            column[self._row[cause]] = chance
        return column

    def _worked_out(self, finding: str, cut: frozenset[str]) -> tuple[Rows, Floats]:
        own = self._own(finding)
        silence = 1 - own
        for effect, causes in self._causes_of.items():
            if effect not in cut and (strength := own[self._row[effect]]) > 0:
                for cause, chance in causes:
                    silence[self._row[cause]] *= 1 - chance * strength
        column = 1 - silence
        rows = np.flatnonzero(column)
        return rows, column[rows]

    def _own(self, finding: str) -> Floats:
        """(D,) from the disease's own row: the link itself, else those to its kinds, else to what it is
        a kind of, in proportion to how common both are."""
        here = self._base.findings[finding].leak_probability
        wider = self._highest(
            (f, float(np.clip(here / self._base.findings[f].leak_probability, _NARROWEST, _WIDEST)))
            for f in self._base.ancestors[finding]
        )
        kinds = self._highest((f, 1.0) for f in self._base.descendants[finding])
        direct = self._highest([(finding, 1.0)])
        column = np.where(direct >= 0, direct, np.where(kinds >= 0, kinds, wider))
        return np.asarray(np.maximum(column, 0.0))

    def _highest(self, shares: Iterable[tuple[str, float]]) -> Floats:
        """(D,) the strongest of a disease's links to some findings, each times a share; -1 for none."""
        best = np.full(len(self._row), -1.0)
        for finding, share in shares:
            if finding in self._links:
                rows, values = self._links[finding]
                best[rows] = np.maximum(best[rows], values * share)
        return best

    @cached_property
    def _links(self) -> dict[str, tuple[Rows, Floats]]:
        """Finding -> the rows that name it, and with what strength."""
        found: dict[str, tuple[list[int], list[float]]] = {}
        for row, disease in enumerate(self._base.diseases.values()):
            for edge in disease.findings:
                rows, values = found.setdefault(edge.id, ([], []))
                rows.append(row)
                values.append(edge.probability)
        return {f: (np.array(rows), np.array(values)) for f, (rows, values) in found.items()}

    @cached_property
    def _causes_of(self) -> dict[str, list[tuple[str, float]]]:
        """Disease -> what causes it, with the chance."""
        causes: dict[str, list[tuple[str, float]]] = {}
        for disease in self._base.diseases.values():
            for edge in disease.causes:
                causes.setdefault(edge.disease, []).append((disease.id, edge.strength))
        return causes
