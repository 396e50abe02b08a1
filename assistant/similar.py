"""What the lexicon misses: clauses compared with the names of findings and their questions by meaning."""

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

Encode = Callable[[list[str]], NDArray[np.float32]]

THRESHOLD = 0.72
"""Cosine from which a clause is taken to state a finding."""
_FEWEST_WORDS = 3
_MOST_CLAUSES = 24
_CLAUSE = re.compile(r"[^.,;:!?\n]+")
_KINDS = frozenset({"symptom", "vital", "sign"})


def finding_texts(base: KnowledgeBase) -> list[tuple[str, str]]:
    """(bare finding id, text): the names and the question of what a person can tell."""
    return [
        (finding.id, text)
        for finding in base.findings.values()
        if finding.kind in _KINDS
        for text in (*finding.names.en[:4], finding.question.en)
    ]


class SimilarFindings:
    """Finds findings in clauses by embedding. English only: Chinese has no vectors of its own.

    findings, vectors: (n,) ids and (n, dimension) unit vectors of `finding_texts`.
    """

    def __init__(self, findings: Sequence[str], vectors: NDArray[np.float32], encode: Encode) -> None:
        self._findings = findings
        self._vectors = vectors
        self._encode = encode

    def __call__(
        self, text: str, language: Language, read: list[tuple[int, int]]
    ) -> Iterator[tuple[int, int, str, float]]:
        """(start, end, full id, cosine) of clauses in which nothing was read."""
        if language != "en":
            return
        clauses = [
            (m.start(), m.end())
            for m in _CLAUSE.finditer(text)
            if len(m.group().split()) >= _FEWEST_WORDS
            and not any(a < m.end() and m.start() < b for a, b in read)
        ][:_MOST_CLAUSES]
        if not clauses:
            return
        near = self._encode([text[a:b].strip() for a, b in clauses]) @ self._vectors.T
        for (start, end), scores in zip(clauses, near, strict=True):
            best = int(np.argmax(scores))
            if scores[best] >= THRESHOLD:
                yield start, end, f"finding:{self._findings[best]}", float(scores[best])
