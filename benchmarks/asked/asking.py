"""A person's message -> its question: the sentences that ask, under their subject, without courtesy."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from retrieval.words import Words

_CUES = Path(__file__).with_name("asking.yaml")
_SHORT = 9
"""Words up to which a courteous sentence is nothing else."""
_SENTENCE = re.compile(r"(?<=[?!;。？！；])\s*|(?<=\.)\s+|\n+")
"""People write on without capitals, so that any full stop before a blank ends a sentence."""
_WORD = re.compile(r"[A-Za-z0-9']+|[\u4e00-\u9fff]")


class Asking:
    """Finds what a message asks, by the cues of asking.yaml."""

    def __init__(self, words: Words) -> None:
        cues: dict[str, Any] = yaml.safe_load(_CUES.read_text(encoding="utf-8"))
        self._words = words
        self._asks = _any_of(cues["asks"])
        self._courtesy = _any_of(cues["courtesy"])
        self._empty = frozenset(words.terms(cues["empty_subject"]))

    def question(self, message: str, subject: str = "") -> str:
        """The asking sentences in their order, after the subject if that says anything.

        A message in which nothing asks is given back without its courtesies; one of these alone, whole.
        """
        sentences = [s for part in _SENTENCE.split(message) if (s := part.strip())]
        telling = [sentence for sentence in sentences if not self._is_courtesy(sentence)]
        asking = [sentence for sentence in telling if self._asks.search(sentence)]
        body = " ".join(asking or telling or sentences)
        if not set(self._words.terms(subject)) - self._empty:
            return body
        return f"{subject.strip().rstrip('.')}. {body}" if body else subject.strip()

    def _is_courtesy(self, sentence: str) -> bool:
        short = len(_WORD.findall(sentence)) < _SHORT and not re.search("[?？]", sentence)
        return short and self._courtesy.search(sentence) is not None


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
