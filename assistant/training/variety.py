"""The same case told a little otherwise each time, so that the text model learns cases and not texts.

A sentence is left out or only the first are kept, a list of things denied or a digression is added, letters are swapped,
punctuation is lost. What a text no longer surely says is left out of the loss.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
import yaml

from assistant.context import sentences
from assistant.training.examples import Example
from knowledge.base import KnowledgeBase
from knowledge.normalise import is_chinese

_DENIALS, _DROPPED, _FIRST, _DIGRESSES, _SLIPS, _BARE = 0.35, 0.3, 0.2, 0.15, 0.15, 0.08
"""Chances that a text gets a list of denials, loses a sentence, keeps only its first, digresses, has slips of the finger,
lacks punctuation."""
_MOST_FIRST = 3
_MOST_DENIED, _MOST_DIGRESSIONS = 14, 4
_SLIP_SHARE = 0.04
_COMMON = 0.01
"""Leak from which a finding is common enough to be asked of anybody."""
_PUNCTUATION = re.compile(r"(?<!\d)[.,;:!?](?!\d)|[.,;:!?](?=\s|$)|[，。；：！？、]")


class Variety:
    """Changes examples; a generator in the same state changes them alike."""

    def __init__(self, base: KnowledgeBase, rng: np.random.Generator) -> None:
        self._base = base
        self._rng = rng
        findings = list(base.findings.values())
        self._askable = [
            row
            for row, f in enumerate(findings)
            if f.kind in ("symptom", "vital") and f.leak_probability >= _COMMON and not f.volunteered
        ]
        self._findings = findings

    def __call__(self, example: Example) -> Example:
        """The example, perhaps changed."""
        if self._rng.random() < _FIRST:
            example = self._with_the_first(example)
        elif self._rng.random() < _DROPPED:
            example = self._without_a_sentence(example)
        if self._rng.random() < _DENIALS:
            example = self._with_denials(example)
        if self._rng.random() < _DIGRESSES:
            example = replace(example, text=self._with_digressions(example.text))
        if self._rng.random() < _SLIPS:
            example = replace(example, text=self._with_slips(example.text))
        if self._rng.random() < _BARE:
            example = replace(example, text=_PUNCTUATION.sub(" ", example.text))
        return example

    def _without_a_sentence(self, example: Example) -> Example:
        told = _sentences(example.text)
        if len(told) < 4:
            return example
        del told[int(self._rng.integers(1, len(told)))]
        return _shortened(example, told)

    def _with_the_first(self, example: Example) -> Example:
        """The person and the first of what is told: as much as one says before being asked."""
        told = _sentences(example.text)
        count = 1 + int(self._rng.integers(1, _MOST_FIRST + 1))
        return _shortened(example, told[:count]) if len(told) > count else example

    def _with_denials(self, example: Example) -> Example:
        spoken = {*example.present, *example.absent, *example.unsaid}
        told_of = {self._findings[row].id for row in spoken}
        near = {kin for f in told_of for kin in (*self._base.ancestors[f], *self._base.descendants[f])}
        free = [row for row in self._askable if self._findings[row].id not in told_of | near]
        leaks = np.array([self._findings[row].leak_probability for row in free])
        count = int(self._rng.integers(2, _MOST_DENIED + 1))
        rows = self._rng.choice(free, count, replace=False, p=leaks / leaks.sum())
        chinese = is_chinese(example.text)
        names = [self._findings[row].name("zh" if chinese else "en") for row in rows]
        if chinese:
            told = f"无{'、'.join(names)}。" if self._rng.random() < 0.5 else f"没有{'，没有'.join(names)}。"
        elif self._rng.random() < 0.5:
            told = f" No {', No '.join(names)}."
        else:
            told = f" Denies {', '.join(name.lower() for name in names)}."
        return replace(example, text=example.text + told, absent=(*example.absent, *map(int, rows)))

    def _with_digressions(self, text: str) -> str:
        chinese = is_chinese(text)
        known = _digressions()["zh" if chinese else "en"]
        count = int(self._rng.integers(1, _MOST_DIGRESSIONS + 1))
        told = ("" if chinese else " ").join(self._rng.permutation(known)[:count].tolist())
        return f"{told} {text}" if self._rng.random() < 0.5 else f"{text} {told}"

    def _with_slips(self, text: str) -> str:
        letters = list(text)
        for at in range(1, len(letters) - 1):
            if letters[at].isalpha() and self._rng.random() < _SLIP_SHARE / 2:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
        return "".join(letters)


def _sentences(text: str) -> list[str]:
    """The sentences of a text, with the spaces before them."""
    ends = [end for _, end in sentences(text)]
    return [text[start:end] for start, end in pairwise([0, *ends])]


def _shortened(example: Example, sentences: Sequence[str]) -> Example:
    """An example of which only these sentences are left; what they still say is not known."""
    unsure = frozenset((*example.present, *example.absent))
    return replace(example, text="".join(sentences), present=(), absent=(), unsaid=example.unsaid | unsure)


@cache
def _digressions() -> dict[str, list[str]]:
    text = (files("assistant") / "training" / "variety.yaml").read_text(encoding="utf-8")
    known: dict[str, list[str]] = yaml.safe_load(text)["digressions"]
    return known
