"""Text -> index terms: English stemmed, Chinese segmented, numbers kept whole."""

import logging
import re
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from knowledge.concepts import Language
from knowledge.pack import cache_folder

_TOKEN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]+|[a-z0-9]+(?:[.'’-][a-z0-9]+)*")
_CJK = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_LATIN = re.compile(r"[A-Za-z]")
_CJK_WEIGHT = 3
"""A Chinese character says about as much as three Latin letters."""

_STOP_WORDS = Path(__file__).parent / "stop_words.txt"
"""Words too common to tell passages apart, one a line."""


class PlacedWord(NamedTuple):
    """A term that stands for text[start:end]."""

    start: int
    end: int
    term: str


def language_of(text: str) -> Language:
    """The language that carries most of a text."""
    return "zh" if len(_CJK.findall(text)) * _CJK_WEIGHT > len(_LATIN.findall(text)) else "en"


class Words:
    """Splits text into terms. Holds the stemmer, its memory and, once Chinese comes, jieba's dictionary."""

    def __init__(self) -> None:
        import snowballstemmer

        self._stemmer = snowballstemmer.stemmer("english")
        self._stop_words = frozenset(_STOP_WORDS.read_text(encoding="utf-8").split())
        self._stems: dict[str, str] = {}

    def terms(self, text: str) -> list[str]:
        """Terms in reading order, repeats kept, stop words left out.

        English words are stemmed (Porter2); Chinese is cut in search mode, so that a long word also
        yields the words within it.
        """
        return [word.term for word in self.placed(text)]

    def placed(self, text: str) -> list[PlacedWord]:
        """The same terms, each with its place in the text."""
        found: list[PlacedWord] = []
        for match in _TOKEN.finditer(text.lower()):
            token, at = match.group(), match.start()
            if _CJK.match(token):
                cut = self._segmenter.tokenize(token, mode="search")
                found += [
                    PlacedWord(at + start, at + end, word)
                    for word, start, end in cut
                    if word not in self._stop_words
                ]
            elif token not in self._stop_words:
                found.append(PlacedWord(at, match.end(), self._stem(token)))
        return found

    def _stem(self, word: str) -> str:
        if word not in self._stems:
            self._stems[word] = self._stemmer.stemWord(word.replace("’", "'"))
        return self._stems[word]

    @cached_property
    def _segmenter(self) -> Any:
        """A segmenter whose compiled dictionary lies in our own cache and not in a folder shared by all."""
        import jieba

        jieba.setLogLevel(logging.ERROR)
        segmenter = jieba.Tokenizer()
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        segmenter.tmp_dir = str(folder)
        return segmenter
