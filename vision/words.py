"""The sentences that this package says, in English and Chinese, from words.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("words.yaml")


@cache
def _words() -> dict[str, dict[str, dict[str, str]]]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words


def worded(section: str, key: str, language: str) -> str:
    """A sentence, with its gaps still in braces. English where a language is not there."""
    sentence = _words()[section][key]
    return sentence.get(language, sentence["en"])
