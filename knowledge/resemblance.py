"""What a case says of a disease beside the noisy-OR network: what it resembles, and what it leaves out.

Both move each disease's odds before the network is asked, in packs whose `inference` wants it.
"""

from collections.abc import Set
from functools import cached_property

import numpy as np

from knowledge.base import KnowledgeBase
from knowledge.links import Links
from knowledge.noisy_or import Floats


class Resemblance:
    """Compares cases with the rows of the diseases."""

    def __init__(self, base: KnowledgeBase, links: Links) -> None:
        self._base, self._links = base, links
        self._breadth = base.inference.breadth
        self._similarity = base.inference.similarity
        self._sought = base.inference.sought

    def log_odds(self, present: Set[str], absent: Set[str], sought: Set[str]) -> Floats | float:
        """(D,) to add to each disease's prior log-odds, the highest 0; 0 for a plain network.

        absent: those that were sought among them.
        """
        if not self._breadth and not self._similarity and not self._sought:
            return 0.0
        moved = self._similarity * self.shared(present) + self._sought * self.shared(sought)
        moved -= self._breadth * len(present) * np.log1p(self._left_out(present, absent))
        return np.asarray(moved - moved.max())

    def shared(self, present: Set[str]) -> Floats:
        """(D,) nats of information that the findings share with each disease's own: for each finding
        that of the rarest thing which it is and which the disease shows in any form (Resnik P. Using
        information content to evaluate semantic similarity in a taxonomy. IJCAI 1995)."""
        total = np.zeros(self._links.diseases)
        for finding in present:
            best = np.zeros(self._links.diseases)
            for above in (finding, *self._base.ancestors[finding]):
                shown = self._links.column(above) > 0
                best[shown] = np.maximum(best[shown], np.log(len(shown) / max(shown.sum(), 1)))
            total += best
        return total

    def _left_out(self, present: Set[str], absent: Set[str]) -> Floats:
        """(D,) expected number of findings that the disease shows and the case says nothing of."""
        settled = frozenset(present).union(*(self._base.ancestors[f] for f in present))
        settled = settled.union(absent, *(self._base.descendants[f] for f in absent))
        left = self._shown.copy()
        for finding in settled:
            rows, values = self._links.written.of(finding)
            left[rows] -= values
        return np.maximum(left, 0.0)

    @cached_property
    def _shown(self) -> Floats:
        """(D,) expected number of findings that the disease shows, by its own row."""
        written = self._links.written
        return np.bincount(written.rows, written.values, self._links.diseases).astype(float)
