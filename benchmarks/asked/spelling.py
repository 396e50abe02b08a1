"""Misspelt words of a query -> the words of a collection.

Only a word that neither the collection nor the encoder's vocabulary has is mended, to the nearest word of
the collection with the same first letter (Damerau–Levenshtein distance, at most one edit for seven letters
and two for more).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

_WORD = re.compile(r"[A-Za-z]{4,}")
_LEAST, _LONG = 7, 8
"""Letters from which a word is mended, and from which by two edits."""


class Speller:
    """words: of the collection. is_word: whether a word of lower case is known elsewhere."""

    def __init__(self, words: Iterable[str], is_word: Callable[[str], bool]) -> None:
        self._known = frozenset(word.lower() for text in words for word in _WORD.findall(text))
        self._is_word = is_word
        by_letter: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            by_letter[word[0]].append(word)
        self._by_letter = dict(by_letter)

    def mended(self, text: str) -> str:
        """The text with its misspelt words replaced, all else as it was."""
        return _WORD.sub(lambda found: self._mended(found.group()), text)

    def _mended(self, word: str) -> str:
        from rapidfuzz import process
        from rapidfuzz.distance import DamerauLevenshtein

        low = word.lower()
        if len(low) < _LEAST or low in self._known or self._is_word(low):
            return word
        near = process.extractOne(
            low,
            self._by_letter.get(low[0], ()),
            scorer=DamerauLevenshtein.distance,
            score_cutoff=2 if len(low) >= _LONG else 1,
        )
        return near[0] if near else word
