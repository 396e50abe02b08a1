"""Chinese names whose two parts stand apart in one clause: 乳房未及肿块 for 乳房肿块, 粘液大便 for 大便粘液, 腰背阵阵疼 for 腰背疼,
头不疼 for 头疼.

A Chinese name has no spaces, so every place where it can be cut into two telling parts is tried.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.normalise import chinese_form, chinese_key, is_chinese

_CLAUSE = re.compile(r"[^，。；;,.！？!?：:\n、（）()]+")
_NAME = re.compile(r"[\u3400-\u9fff]{3,7}")
"""Longer names hardly return in parts."""
_LEAST, _MOST = 2, 5
"""Characters of a part, but for the last one where it tells enough by itself."""
_TELLING = frozenset("疼痒肿麻酸胀红")
_NOT = "不"
"""What alone may part a name of two characters: 头不疼."""
_GAP = 6
"""Foreign characters allowed between the parts."""
_DENIES = re.compile("[没不无未]")


@dataclass(frozen=True)
class Parts:
    """What was found at text[start:end]. refs: full ids. denies: the name itself holds a word that denies."""

    start: int
    end: int
    refs: tuple[str, ...]
    denies: bool


class NamesApart:
    """Names cut in two, ready to be looked for."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """names: (Chinese name, full id)."""
        self._others: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._short: dict[str, list[str]] = defaultdict(list)
        for name, ref in names:
            key = chinese_key(name)
            if len(key) == 2:
                self._short[key].append(ref)
            if not _NAME.fullmatch(key):
                continue
            for cut in range(_LEAST, len(key) - _LEAST + 1):
                self._others[key[:cut]][key[cut:]].append(ref)
                self._others[key[cut:]][key[:cut]].append(ref)
            if key[-1] in _TELLING:
                self._others[key[:-1]][key[-1]].append(ref)

    def find(self, text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Parts]:
        """The fullest names in parts in each clause, away from the stretches that are taken."""
        for clause in _CLAUSE.finditer(text):
            if is_chinese(clause.group()):
                yield from self._in_clause(clause.group(), clause.start(), taken)

    def _in_clause(self, clause: str, offset: int, taken: Sequence[tuple[int, int]]) -> Iterator[Parts]:
        form = chinese_form(clause)
        letters = "".join(ch for ch, _, _ in form)
        found: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
        for first, last, name, refs in self._pairs(letters):
            start, end = form[first][1] + offset, form[last][2] + offset
            if not any(a < end and start < b for a, b in taken):
                found[start, end] |= {ref: max(name, found[start, end].get(ref, ""), key=len) for ref in refs}
        longest = {span: max(map(len, names.values())) for span, names in found.items()}
        for (start, end), names in found.items():
            length = longest[start, end]
            if any(a < end and start < b and longest[a, b] > length for a, b in found):
                continue
            fullest = tuple(ref for ref, name in names.items() if len(name) == length)
            yield Parts(start, end, fullest, any(_DENIES.search(names[ref]) for ref in fullest))

    def _pairs(self, letters: str) -> Iterator[tuple[int, int, str, list[str]]]:
        """(place of the first character, of the last, the name, refs) of each name in two parts."""
        for at in range(len(letters)):
            if letters[at + 1 : at + 2] == _NOT and (
                refs := self._short.get(letters[at] + letters[at + 2 : at + 3])
            ):
                yield at, at + 2, letters[at] + letters[at + 2], refs
            for length in range(_LEAST, min(_MOST, len(letters) - at) + 1):
                part = letters[at : at + length]
                for other, refs in self._others.get(part, {}).items():
                    there = letters.find(other, at + length)
                    if there >= 0 and there - at - length <= _GAP:
                        yield at, there + len(other) - 1, part + other, refs
