"""What a question is about: how far each thing's name stands in it.

Names are weighed by their words' idf, so that "syndrome" says little and "Noonan" much.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.words import Words

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class FocusMatch:
    """For each thing: `coverage`, the share of its best name's weight that the question holds (0–1), and
    `mass`, that weight as a share of the most that any thing has (0–1)."""

    coverage: Floats
    mass: Floats


class FocusIndex:
    """names: one list of names for each thing."""

    def __init__(self, names: Sequence[Sequence[str]], words: Words) -> None:
        self._words = words
        entries = [(thing, frozenset(words.terms(name))) for thing, all_ in enumerate(names) for name in all_]
        self._things = np.array([thing for thing, _ in entries], np.int64)
        self._count = len(names)
        holders: dict[str, set[int]] = {}
        self._entries: dict[str, list[int]] = {}
        for row, (thing, terms) in enumerate(entries):
            for term in terms:
                holders.setdefault(term, set()).add(thing)
                self._entries.setdefault(term, []).append(row)
        self._idf = {
            term: float(np.log1p((self._count - len(held) + 0.5) / (len(held) + 0.5)))
            for term, held in holders.items()
        }
        self._weights = np.array([sum(self._idf[t] for t in sorted(terms)) for _, terms in entries])

    def match(self, question: str) -> FocusMatch:
        """(things,) coverage and mass."""
        held = np.zeros(len(self._things))
        for term in sorted(set(self._words.terms(question)) & self._entries.keys()):
            held[self._entries[term]] += self._idf[term]
        share = held / np.maximum(self._weights, 1e-9)
        order = np.argsort(held * share, kind="stable")  # the best name of a thing is written last
        coverage, mass = np.zeros(self._count, np.float32), np.zeros(self._count, np.float32)
        coverage[self._things[order]] = share[order]
        mass[self._things[order]] = held[order]
        return FocusMatch(coverage, mass / max(float(mass.max(initial=0.0)), 1e-9))
