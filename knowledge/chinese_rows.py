"""Chinese names whose characters stand in a row."""

import re
from collections.abc import Iterator, Mapping, Sequence

from knowledge.normalise import COMPOUNDS

_SIGN = re.compile("[a-z]{2}|[0-9]{2}")
_DENIAL = re.compile("没有|没|无")


def longest_in_turn(
    form: Sequence[tuple[str, int, int]], strings: Mapping[str, tuple[str, ...]], longest: int
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(start, end, refs) of names in a row of (character, start, end), the longest at each place."""
    letters = "".join(ch for ch, _, _ in form)
    at = 0
    while at < len(letters):
        for length in range(min(longest, len(letters) - at), 0, -1):
            refs = strings.get(letters[at : at + length])
            if (
                refs
                and letters[max(at - 1, 0) : at + 1] not in COMPOUNDS
                and not _within_a_sign(letters, at, at + length)
                and not _goes_on(letters, at, length, strings, longest)
            ):
                yield form[at][1], form[at + length - 1][2], refs
                at += length - 1
                break
        at += 1


def _within_a_sign(letters: str, start: int, end: int) -> bool:
    """Whether a name begins or ends within a number or Latin word: 维生素B1 of 维生素B12."""
    return any(0 < at < len(letters) and _SIGN.fullmatch(letters[at - 1 : at + 1]) for at in (start, end))


def _goes_on(
    letters: str, at: int, length: int, strings: Mapping[str, tuple[str, ...]], longest: int
) -> bool:
    """Whether a name worded as a denial is only the beginning of what is denied: 无尿 of 无尿痛."""
    denial = _DENIAL.match(letters, at)
    return denial is not None and any(
        letters[denial.end() : end] in strings
        for end in range(at + length + 1, min(denial.end() + longest, len(letters)) + 1)
    )
