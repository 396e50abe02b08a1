"""Stretches of words: clauses, and the narrowest place in them that holds the words of a name."""

import re
from collections.abc import Iterable, Iterator, Sequence

from knowledge.normalise import ENGLISH, Token

_ARTICLE = re.compile(r"\b(?:an?|my|his|her|their|this) $", re.IGNORECASE)
_NEXT_WORD = re.compile(r" (\w+)")
_GAP = 3
"""Foreign words allowed among the words of a name."""


def clauses(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The words between one clause end and the next."""
    clause: list[Token] = []
    for token in tokens:
        if token.ends_clause:
            yield clause
            clause = []
        else:
            clause.append(token)
    yield clause


def begins_a_denial(before: Token, token: Token, text: str) -> bool:
    """Whether a word that denies what comes next follows a comma: "no headache, no cough"."""
    return token.stem in ENGLISH.joins_nothing and "," in text[before.end : token.start]


def is_parted(one: frozenset[int], rest: frozenset[int], joined: Iterable[int]) -> bool:
    """Whether a word that joins stands between all of the words at `one` and all of those at `rest`."""
    first, second = sorted((one, rest), key=min)
    return any(max(first) < at < min(second) for at in joined)


def is_noun(token: Token, text: str) -> bool:
    """Whether a word stands as a noun: behind an article, and before no other noun."""
    after = _NEXT_WORD.match(text, token.end)
    return _ARTICLE.search(text, 0, token.start) is not None and (
        after is None or after[1].lower() in ENGLISH.behind_nouns
    )


def narrowest(tokens: Sequence[Token], bag: frozenset[str]) -> list[Token] | None:
    """The shortest stretch that holds every stem of the bag and few others."""
    best: list[Token] | None = None
    last: dict[str, int] = {}
    for i, token in enumerate(tokens):
        if token.stem in bag:
            last[token.stem] = i
            if len(last) == len(bag) and (best is None or i - min(last.values()) + 1 < len(best)):
                best = list(tokens[min(last.values()) : i + 1])
    return best if best and len(best) <= len(bag) + _GAP else None
