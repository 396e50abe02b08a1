"""Text -> index terms: English stemmed, Chinese segmented, numbers kept whole."""

import logging
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from knowledge.concepts import Language
from knowledge.pack import cache_folder

_TOKEN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]+|[a-z0-9]+(?:[.'’-][a-z0-9]+)*")
_CJK = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_LATIN = re.compile(r"[A-Za-z]")
_CJK_WEIGHT = 3
"""A Chinese character says about as much as three Latin letters."""

_STOP_WORDS = Path(__file__).parent / "stop_words.txt"
"""Words too common to tell passages apart, one a line."""


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
        found: list[str] = []
        for token in _TOKEN.findall(text.lower()):
            if _CJK.match(token):
                found += [
                    word for word in self._segmenter.cut_for_search(token) if word not in self._stop_words
                ]
            elif token not in self._stop_words:
                found.append(self._stem(token))
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
