"""Numbers as people write them: in figures, in English words, in Chinese numerals."""

import re

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH = {word: i for i, word in enumerate(_ONES, 1)} | {word: 10 * i for i, word in enumerate(_TENS, 2)}
_CHINESE = {character: i for i, character in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2}
CHINESE = "".join(_CHINESE) + "百十"
"""The characters of Chinese numerals."""
_ANY_TENS, _ANY_ONES = "|".join(_TENS), "|".join(sorted(_ONES, key=len, reverse=True))

NUMBER = (
    rf"\d{{1,3}}(?:\.\d+)?(?:\s?½|\s1/2)?|\b(?:(?:{_ANY_TENS})(?:[\s-](?:{_ANY_ONES}))?|{_ANY_ONES})(?![a-z])"
    rf"|[{CHINESE}]{{1,7}}"
)
"""A pattern of the numbers that `value` knows."""


def value(number: str) -> float:
    """What a number matched by `NUMBER` is worth; of two numerals side by side (七八) the middle.

    Raises ValueError for other words.
    """
    words = number.strip().lower()
    if figures := re.fullmatch(r"(\d+(?:\.\d+)?)\s?(½|1/2)?", words):
        return float(figures[1]) + (0.5 if figures[2] else 0.0)
    if set(words) <= set(CHINESE):
        return _chinese(words)
    try:
        return float(sum(_ENGLISH[word] for word in re.split(r"[\s-]+", words)))
    except KeyError as unknown:
        raise ValueError(f"no number: {number}") from unknown


def _chinese(words: str) -> float:
    total = 0.0
    for unit, worth in (("百", 100), ("十", 10)):
        before, found, after = words.partition(unit)
        if found:
            total, words = total + worth * (_middle(before) if before else 1), after
    return total + _middle(words)


def _middle(digits: str) -> float:
    values = [_CHINESE[digit] for digit in digits.lstrip("零")]
    return sum(values) / len(values) if values else 0.0
