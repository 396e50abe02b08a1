"""Questions that no pattern knows, about the illness that is likely: "can I eat seafood?".

The pack's passages about it are compared with the question by meaning; the nearest are quoted, where any lies near
enough.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from assistant.answer import Statement
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from knowledge.concepts import Language
from retrieval.embedding import Encoder

_NEAR = 0.36
"""Cosine from which a passage answers a question; chosen on twenty-five of our own, in both languages."""
_MOST = 2


class FreeQuestions:
    """Answers them; the encoder is read at the first."""

    def __init__(self, explainer: Explainer, shelf: EvidenceShelf) -> None:
        self._explain = explainer
        self._shelf = shelf

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder.load()

    def answer(self, question: str, disease: str, language: Language) -> Iterator[Statement]:
        """The passages about a disease (bare id) that lie nearest, the nearest first; none when none is near."""
        passages = self._shelf.about(ref := f"disease:{disease}")
        if not passages:
            return
        asked, *told = self._encoder.encode([question, *(p.in_language(language) for p in passages)])
        near = np.array(told) @ asked
        for i in np.argsort(-near, kind="stable")[:_MOST]:
            if near[i] >= _NEAR:
                yield self._explain.quote(passages[i], language, "explanation", ref)
