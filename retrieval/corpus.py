"""Passages made ready for search: their vectors and their term counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.bm25 import TermCounts
from retrieval.count_cache import kept_counts
from retrieval.dense import Floats, Lists, VectorIndex, lists_of
from retrieval.embedding import Progress
from retrieval.passages import TextPassage
from retrieval.vector_cache import VectorCache
from retrieval.words import Words

Ints = NDArray[np.int64]
Expand = Callable[[str], str]
"""A text -> the English names of the concepts in it, for an encoder that reads English only."""


@dataclass(frozen=True)
class Corpus:
    """N passages, vectors of the M that can be read by the encoder, term counts of all.

    rows: (M,) the passage of each vector. encoder_sha256: whose vectors they are.
    lists: over the vectors, when they are many.
    """

    passages: Sequence[TextPassage]
    vectors: Floats
    rows: Ints
    counts: TermCounts
    encoder_sha256: str
    lists: Lists | None = None

    @classmethod
    def of(
        cls,
        passages: Sequence[TextPassage],
        cache: VectorCache,
        words: Words,
        progress: Progress | None = None,
        expand: Expand | None = None,
        keep_counts: Path | None = None,
    ) -> "Corpus":
        """Encode and count passages. A Chinese passage gets a vector where the encoder reads Chinese, or where
        `expand` finds English in it.

        keep_counts: folder in which term counts are kept for the next time.
        """
        as_written = cache.reads_chinese
        readable = [
            (row, text)
            for row, p in enumerate(passages)
            if (text := text_to_encode(p, None if as_written else expand, as_written))
        ]
        texts = [text_to_count(passage) for passage in passages]
        return cls(
            passages=tuple(passages),
            vectors=cache.vectors([text for _, text in readable], progress),
            rows=np.array([row for row, _ in readable], np.int64),
            counts=kept_counts(texts, words.terms, keep_counts)
            if keep_counts
            else TermCounts.of(words.terms(text) for text in texts),
            encoder_sha256=cache.encoder_sha256,
        )

    def keep(self, chosen: Ints) -> "Corpus":
        """The same with some of the passages, in their order; without lists."""
        place = np.full(len(self.passages), -1, np.int64)
        place[chosen] = np.arange(len(chosen))
        moved = place[self.rows]
        return Corpus(
            passages=tuple(self.passages[row] for row in chosen.tolist()),
            vectors=self.vectors[moved >= 0],
            rows=moved[moved >= 0],
            counts=self.counts.keep(chosen),
            encoder_sha256=self.encoder_sha256,
        )

    @staticmethod
    def joined(parts: Sequence["Corpus"]) -> "Corpus":
        """All passages of all parts, at least one, of one encoder; without lists."""
        before = np.cumsum([0, *(len(part.passages) for part in parts)])
        return Corpus(
            passages=tuple(passage for part in parts for passage in part.passages),
            vectors=np.concatenate([part.vectors for part in parts]),
            rows=np.concatenate([part.rows + at for part, at in zip(parts, before, strict=False)]),
            counts=TermCounts.joined([part.counts for part in parts]),
            encoder_sha256=parts[0].encoder_sha256,
        )

    def with_lists(self) -> "Corpus":
        """The same with lists, where there are enough vectors for them."""
        return replace(self, lists=lists_of(self.vectors))

    @cached_property
    def nearest(self) -> VectorIndex:
        """The vectors, ready to be searched."""
        return VectorIndex(self.vectors, self.lists)


def text_to_encode(passage: TextPassage, expand: Expand | None = None, reads_chinese: bool = False) -> str:
    """What stands for a passage in meaning: its text, for a document after title and headings.

    Empty for a Chinese passage where the encoder does not read Chinese and there is no `expand`.
    """
    heading = [] if passage.source else [passage.title, *passage.section]
    named = "".join(f"{part.strip(' .')}. " for part in heading if part.strip())
    text = named + passage.in_language("en")
    if passage.language == "en" or reads_chinese:
        return text
    return expand(text) if expand else ""


def text_to_count(passage: TextPassage) -> str:
    """What stands for a passage in words: its text in all languages, and its headings."""
    heading = [] if passage.source else [passage.title]
    return "\n".join((*heading, *passage.section, passage.text, *passage.translations.values()))
