"""What was written of each disease as a witness: how far a case's own words are those of its cases and passages.

A disease is one document: its names and those of its frequent findings, what the pack states of it, and the
cases of the bank that teach. BM25 weighs rare words, so that a telling word counts that the text models blur and
no finding covers.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from assistant.case import Case
from assistant.events import State
from assistant.rendering import as_told
from assistant.training.bank import bank
from assistant.view import spoken
from knowledge.base import KnowledgeBase
from knowledge.diseases import Disease
from knowledge.noisy_or import Floats
from knowledge.pack import cache_folder
from retrieval.bm25 import Bm25
from retrieval.count_cache import kept_counts
from retrieval.words import Words

_FREQUENT = 0.3
"""P(finding | disease) from which the Human Phenotype Ontology calls a finding frequent."""


class RetrievalWitness:
    """BM25 of a case over the diseases, centred. Made once; the counts are kept on disk for the next start."""

    name = "retrieval"

    def __init__(self, base: KnowledgeBase, keep: Path | None = None) -> None:
        self._base = base
        self._words = Words()
        keep = keep or cache_folder() / "terms"
        self._index = Bm25(kept_counts(documents(base), _by_line(self._words.terms), keep))

    def opinion(self, case: Case) -> Floats | None:
        """(D,) BM25 by the square root of how many words were told, so that a long story and a few words
        weigh alike; the mean taken off. Words of what is denied are left out. None when nothing was told."""
        told = as_told(case, self._base)
        if not told:
            return None
        denied = self._read_in(case, "absent") - self._read_in(case, "present")
        words = frozenset(self._words.terms(told)) - denied
        scores = self._index.scores(words).astype(float) / np.sqrt(max(len(words), 1))
        return np.asarray(scores - scores.mean())

    def _read_in(self, case: Case, state: State) -> frozenset[str]:
        """The words in which what is of a state was read; of an answer to a question, those of the question."""
        texts = (
            o.text or f"{spoken([o], self._base)} {spoken([o], self._base, 'zh')}"
            for o in case.observations.values()
            if o.state == state
        )
        return frozenset(term for text in texts for term in self._words.terms(text))


def _by_line(terms: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """The same, with each line cut once: diseases share the names of findings."""
    once = cache(terms)
    return lambda text: [term for line in text.split("\n") for term in once(line)]


def documents(base: KnowledgeBase) -> Sequence[str]:
    """(D,) all that is written of each disease, in the order of the base."""
    written = {d.id: list(_names(d, base)) for d in base.diseases.values()}
    for key, text in _texts(base):
        if key in written:
            written[key].append(text)
    return ["\n".join(texts) for texts in written.values()]


def _names(disease: Disease, base: KnowledgeBase) -> Iterator[str]:
    frequent = (base.findings[e.id] for e in disease.findings if e.probability >= _FREQUENT)
    for concept in (disease, *frequent):
        yield from concept.names.en
        yield from concept.names.zh


def _texts(base: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Disease (bare id), and a passage or a case of it."""
    for key, passage in base.passages.items():
        yield key.partition("/")[0], f"{passage.in_language('en')}\n{passage.in_language('zh')}"
    for case in bank("train"):
        yield case.diagnosis, case.text
