"""Sentences and clauses cut from our cases, so that the reader learns what each of them says by itself.

In whole cases findings keep company, and a reader of those alone takes the company for granted: it reads
vomiting where only loose stools are told. The labels of a cutting are those of its case whose place, by the network's
own attention, lies within it (multiple-instance learning: Ilse et al., ICML 2018); what lies partly within it
is left out of the loss. Cuttings of several cases are joined into one text.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from assistant.context import sentences
from assistant.training.examples import Example
from assistant.training.learning import Learner
from knowledge.noisy_or import Floats
from knowledge.normalise import is_chinese

_WITHIN, _OUTSIDE = 0.7, 0.15
"""Share of a finding's attention from which a cutting speaks of it, and up to which it does not."""
_SEEN = 0.2
"""Probability with which the network must read a finding before it is believed about its place."""
_CLAUSE = re.compile(r"[^,;，；、]+[,;，；]?")
_CLAUSES = 0.4
"""Chance that of a sentence without denials one clause is cut."""
_MOST_JOINED = 3


def cuttings(
    learner: Learner, cases: Sequence[Example], count: int, rng: np.random.Generator
) -> Iterator[Example]:
    """Texts joined from one to three cuttings of one language; `count` cases are cut.

    learner: says where in a case a finding is told, as it knows by now.
    """
    chosen = [cases[i] for i in rng.permutation(len(cases))[:count]]
    pools: dict[bool, list[Example]] = {True: [], False: []}
    for case, (probability, shares, offsets) in zip(
        chosen, learner.places([case.text for case in chosen]), strict=True
    ):
        pools[is_chinese(case.text)].append(_cut(case, probability, shares, offsets, rng))
    for pool in pools.values():
        while pool:
            few = [pool.pop() for _ in range(min(len(pool), int(rng.integers(1, _MOST_JOINED + 1))))]
            yield _joined(few)


def _cut(
    case: Example,
    probability: Floats,
    shares: Floats,
    offsets: Sequence[tuple[int, int]],
    rng: np.random.Generator,
) -> Example:
    stretches = list(sentences(case.text))[1:] or [
        (0, len(case.text))
    ]  # the first says how old and of which sex
    start, end = stretches[int(rng.integers(len(stretches)))]
    middles = np.array([(a + b) / 2 if b > a else -1.0 for a, b in offsets])

    def within(row: int, start: int, end: int) -> float:
        return float(shares[row, (middles >= start) & (middles < end)].sum())

    if rng.random() < _CLAUSES and all(within(row, start, end) <= _OUTSIDE for row in case.absent):
        clauses = [m.span() for m in _CLAUSE.finditer(case.text, start, end)]
        start, end = clauses[int(rng.integers(len(clauses)))] if clauses else (start, end)
    placed = {row: within(row, start, end) for row in (*case.present, *case.absent)}
    believed = {row for row in placed if probability[row] >= _SEEN}
    told = {row for row in believed if placed[row] >= _WITHIN}
    unsure = {row for row in placed if row not in believed or _OUTSIDE < placed[row] < _WITHIN}
    return Example(
        case.text[start:end].strip(),
        {},
        tuple(row for row in case.present if row in told),
        tuple(row for row in case.absent if row in told),
        frozenset(case.unsaid | unsure),
    )


def _joined(few: Sequence[Example]) -> Example:
    """One text of several; what one states and another is unsure of is stated."""
    text = ("" if is_chinese(few[0].text) else " ").join(one.text for one in few)
    denied = {row for one in few for row in one.absent}
    stated = {row for one in few for row in one.present}
    both = denied & stated
    unsaid = frozenset().union(*(one.unsaid for one in few)) - ((denied | stated) - both)
    return Example(
        text,
        {},
        tuple(sorted(stated - both)),
        tuple(sorted(denied - both)),
        frozenset(unsaid | both),
    )
