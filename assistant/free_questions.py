"""Questions that no pattern knows, about the illness that is likely: "can I eat seafood?".

What a question's words are after, the passages that speak of it answer (rules/asked_words.yaml). Others are compared
with the passages by meaning; the nearest are quoted, where any lies near enough.
"""

from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from assistant.answer import Statement
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from assistant.patterns import compiled
from knowledge.concepts import Language, Passage
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
        """The passages about a disease (bare id) that answer, the nearest first; none when none does."""
        if speaking := self._speaking(question, disease, language):
            yield from self._nearest(question, speaking, -1.0, disease, language)
        else:
            yield from self._nearest(
                question, self._shelf.about(f"disease:{disease}"), _NEAR, disease, language
            )

    def in_words(self, question: str, diseases: Sequence[str], language: Language) -> Iterator[Statement]:
        """Of the passages about diseases (bare ids), those that have the words that the question is after."""
        for disease in diseases:
            speaking = self._speaking(question, disease, language)
            yield from self._nearest(question, speaking, -1.0, disease, language)

    def _speaking(self, question: str, disease: str, language: Language) -> list[Passage]:
        passages = self._shelf.about(f"disease:{disease}")
        return [p for p in passages if _speaks_of(question, p.in_language(language))]

    def _nearest(
        self, question: str, passages: Sequence[Passage], least: float, disease: str, language: Language
    ) -> Iterator[Statement]:
        if not passages:
            return
        asked, *told = self._encoder.encode([question, *(p.in_language(language) for p in passages)])
        near = np.array(told) @ asked
        for i in np.argsort(-near, kind="stable")[:_MOST]:
            if near[i] >= least:
                yield self._explain.quote(passages[i], language, "explanation", f"disease:{disease}")


def _speaks_of(question: str, passage: str) -> bool:
    """Whether a passage has the words that a question is after."""
    return any(_holds(rule["asks"], question) and _holds(rule["words"], passage) for rule in _rules())


def _holds(patterns: Sequence[str], text: str) -> bool:
    return any(compiled(pattern).search(text) for pattern in patterns)


@cache
def _rules() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load(
        (files("assistant") / "rules" / "asked_words.yaml").read_text(encoding="utf-8")
    )
    return loaded
