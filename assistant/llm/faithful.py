"""May a sentence of the language model be shown? Numbers first, then what it names, then what it says of it."""

import re
from collections.abc import Sequence
from typing import Literal

from knowledge.concepts import Language
from knowledge.lexicon import Lexicon
from retrieval.cues import Cues, Quantity
from retrieval.support import SupportChecker
from retrieval.words import Words, language_of

Fault = Literal["language", "number", "concept", "negation", "support", "lost"]
_SAME = 0.001
_KNOWN = 0.5
"""Share of a clause's words that its sources must have."""
_CLAUSE = re.compile(
    r"[,;:.!?，；：。！？、]|\b(?:and|but|or|so|because|then)\b|并且?|但是?|而且?|所以", re.IGNORECASE
)
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z]{2,}")


class Faithful:
    """Holds sentences against texts; made once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._cues = Cues()
        self._words = Words()
        self._support = SupportChecker(self._words, lexicon.mentions, self._cues)

    def fault(self, sentence: str, sources: Sequence[str], language: Language) -> Fault | None:
        """Why a sentence may not be said on the word of these sources; None when it may.

        Every number and every concept of it must stand in them, and one of them must say what it says.
        """
        said = " \n ".join(sources)
        if self._foreign(sentence, said, language):
            return "language"
        if not self._within(sentence, said):
            return "number"
        if not self._names(sentence) <= self._names(said):
            return "concept"
        support = self._support.check(sentence, sources, language)
        if support.verdict == "supported":
            return None if self._nothing_added(sentence, said) else "support"
        if support.reason == "number":
            return "number"
        return "negation" if support.reason == "negation" else "support"

    def loss(self, text: str, original: str) -> Fault | None:
        """What a rewording lost: a number, a concept, or the only denial in it."""
        if not self._within(original, text):
            return "number"
        if bool(self._cues.negations(original)) != bool(self._cues.negations(text)):
            return "negation"
        return None if self._names(original) <= self._names(text) else "lost"

    def _foreign(self, sentence: str, said: str, language: Language) -> bool:
        """Whether it is in another language, or mixes words of another in that no source has."""
        if language_of(sentence) != language:
            return True
        strange = _CHINESE.findall(sentence) if language == "en" else _LATIN.findall(sentence)
        return any(word.lower() not in said.lower() for word in strange)

    def _nothing_added(self, sentence: str, said: str) -> bool:
        """Whether no clause is made of words that the sources lack: one such could ride on a long true one."""
        known = set(self._words.terms(said))
        for clause in _CLAUSE.split(sentence):
            terms = set(self._words.terms(clause))
            if terms and len(terms & known) < _KNOWN * len(terms):
                return False
        return True

    def _within(self, text: str, other: str) -> bool:
        """Whether every number of a text stands in another."""
        known = self._cues.quantities(other)
        return all(any(_same(q, k) for k in known) for q in self._cues.quantities(text))

    def _names(self, text: str) -> frozenset[str]:
        return frozenset(ref for mention in self._lexicon.mentions(text) for ref in mention.refs)


def _same(one: Quantity, other: Quantity) -> bool:
    pairs = ((one.low, other.low), (one.high, other.high))
    return one.kind == other.kind and all(abs(a - b) <= _SAME * max(abs(a), abs(b)) for a, b in pairs)
