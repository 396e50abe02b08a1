"""P(finding | disease alone) for every disease: links, is-a of findings and complications worked in."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.links import Links, Rows
from knowledge.noisy_or import Floats

_NARROWEST, _WIDEST = 0.15, 0.6
"""Of a wider finding that a disease shows, the share that may be of a kind which its row does not name."""
_TOO_WIDE = 0.2
"""A finding that is so common otherwise makes no kinship between its kinds."""


class Strengths:
    """Columns of effective strength, kept sparse: most diseases show few of the findings."""

    def __init__(self, base: KnowledgeBase, links: Links) -> None:
        self._base, self._links = base, links
        self._row = {disease: i for i, disease in enumerate(base.diseases)}
        kept = 1024 if base.inference.kinship else 4096  # kinship fills the columns
        self._sparse = lru_cache(maxsize=kept)(self._worked_out)

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
        """(D,) from the disease's own row: the link itself, else those to its kinds, else by what it is
        a kind of, in proportion to how common both are."""
        column = self._links.column(finding)
        kinship = self._base.inference.kinship
        wider = (
            self._by_kinship(finding, kinship) if kinship else self._links.strongest(self._shares(finding))
        )
        return np.where(column >= 0, column, wider)

    def _shares(self, finding: str) -> Iterator[tuple[str, float]]:
        """What it is a kind of, and the share of that which it may be."""
        here = self._base.findings[finding].leak_probability
        for above in self._base.ancestors[finding]:
            share = here / self._base.findings[above].leak_probability
            yield above, float(np.clip(share, _NARROWEST, _WIDEST))

    def _by_kinship(self, finding: str, kinship: float) -> Floats:
        """(D,) through the closest kind that the disease shows in any form."""
        closest = np.zeros(len(self._row))
        for above in self._base.ancestors[finding]:
            if (leak := self._base.findings[above].leak_probability) <= _TOO_WIDE:
                closest = np.maximum(closest, self._links.column(above) / leak)
        return np.minimum(kinship * self._base.findings[finding].leak_probability * closest, _WIDEST)

    @cached_property
    def _causes_of(self) -> dict[str, list[tuple[str, float]]]:
        """Disease -> what causes it, with the chance."""
        causes: dict[str, list[tuple[str, float]]] = {}
        for disease in self._base.diseases.values():
            for edge in disease.causes:
                causes.setdefault(edge.disease, []).append((disease.id, edge.strength))
        return causes
