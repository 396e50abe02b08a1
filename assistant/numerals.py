"""Numbers as people write them: in figures, in English words, in Chinese numerals."""

import re

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH = {word: i for i, word in enumerate(_ONES, 1)} | {word: 10 * i for i, word in enumerate(_TENS, 2)}
_CHINESE = {character: i for i, character in enumerate("零一二三四五六七八九")} | {"两": 2, "俩": 2, "〇": 0}
_UNITS = {"万": 10000, "千": 1000, "百": 100, "十": 10}
_SPOKEN = re.compile(
    "(?![百千万]|十分)(?P<whole>[零〇一二两三四五六七八九十百千万]+)(?P<tenths>点[零〇一二三四五六七八九]+)?"
)
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


def in_figures(text: str) -> tuple[str, list[int]]:
    """A text with its Chinese numerals in figures, and for each of its characters where it stood, and the end: 血压一百六
    is 血压160. What may be no number stays: a digit alone, or two side by side (七八, seven or eight)."""
    figures, places, at = "", list[int](), 0
    for match in _SPOKEN.finditer(text):
        whole, tenths = match["whole"], match["tenths"] or ""
        if not tenths and len(whole) < 3 and not set(whole) & set(_UNITS):
            continue
        number = f"{_spoken(whole):.10g}" + (tenths and "." + "".join(str(_CHINESE[d]) for d in tenths[1:]))
        figures += text[at : match.start()] + number
        places += [*range(at, match.start()), *[match.start()] * len(number)]
        at = match.end()
    return figures + text[at:], [*places, *range(at, len(text) + 1)]


def _spoken(words: str) -> float:
    """A numeral with units, or its digits one by one."""
    return _chinese(words) if set(words) & set(_UNITS) else float("".join(str(_CHINESE[d]) for d in words))


def _chinese(words: str) -> float:
    """A last digit right behind a unit counts the next lower one: 一百六 is 160, 一百零六 is 106."""
    total, below = 0.0, 1
    for unit, worth in _UNITS.items():
        before, found, after = words.rpartition(unit) if unit == "万" else words.partition(unit)
        if found:
            total, words = total + worth * (_chinese(before) if before else 1), after
            below = worth // 10
    return total + _middle(words) * (below if len(words) == 1 else 1)


def _middle(digits: str) -> float:
    values = [_CHINESE[digit] for digit in digits.lstrip("零〇")]
    return sum(values) / len(values) if values else 0.0
