"""Passages and texts of an index as they lie on disk: read one by one, where they are asked for.

A million passages then cost what is looked at, not what there is.
"""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from retrieval.passages import TextPassage

Bytes = NDArray[np.uint8]
Ints = NDArray[Any]
Test = Callable[[Any], bool]
"""Whether a value of a field is wanted; of a field with several values, whether one of them is."""

COLUMNS = ("language", "title", "publisher", "date", "licence", "document")
"""Fields by which stored passages can be told apart without being read."""
_KEPT = ("id", *COLUMNS, "url", "page", "start", "end")


class StoredTexts(Mapping[str, str]):
    """Texts of documents. content: all, in UTF-8. spans: document id -> first and last byte."""

    def __init__(self, content: Bytes, spans: Mapping[str, tuple[int, int]]) -> None:
        self._content, self._spans = content, spans

    def __getitem__(self, document: str) -> str:
        start, end = self._spans[document]
        return self._content[start:end].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)


class _Passages(Sequence[TextPassage]):
    """Passages that are made when they are asked for, by `_at`."""

    @overload
    def __getitem__(self, row: int) -> TextPassage: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[TextPassage]: ...
    def __getitem__(self, row: int | slice) -> TextPassage | Sequence[TextPassage]:
        if isinstance(row, slice):
            return [self._at(at) for at in range(*row.indices(len(self)))]
        return self._at(range(len(self))[row])

    @abstractmethod
    def _at(self, at: int) -> TextPassage:
        """The passage of a row, from 0 to below the length."""


class StoredPassages(_Passages):
    """Passages as lines of JSON beside the bytes of their texts.

    lines, texts: bytes. starts: (n + 1,) where each line begins. codes: (fields, n), for each of COLUMNS
    the number of its value in `values`.
    """

    def __init__(
        self, lines: Bytes, starts: Ints, texts: Bytes, codes: Ints, values: Mapping[str, Sequence[Any]]
    ) -> None:
        self._lines, self._starts, self._texts = lines, starts, texts
        self._codes, self._values = codes, values

    def __len__(self) -> int:
        return len(self._starts) - 1

    def _at(self, at: int) -> TextPassage:
        record = json.loads(self._lines[self._starts[at] : self._starts[at + 1]].tobytes())
        first, last = record.pop("bytes")
        text = self._texts[first:last].tobytes().decode()
        return TextPassage(**{**record, "text": text, "section": tuple(record["section"])})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return id(self)

    def where(self, field: str, test: Test) -> NDArray[np.bool_]:
        """(n,) whether a field passes a test; one that no stored passage has is empty in all."""
        if field not in COLUMNS:
            return np.full(len(self), _passes(getattr(self[0], field), test) if len(self) else False)
        wanted = np.array([test(value) for value in self._values[field]], bool)
        return wanted[self._codes[COLUMNS.index(field)]] if len(wanted) else np.zeros(len(self), bool)


def where(passages: Sequence[TextPassage], field: str, test: Test) -> NDArray[np.bool_]:
    """(n,) whether a field of each passage passes a test."""
    if isinstance(passages, StoredPassages):
        return passages.where(field, test)
    return np.fromiter((_passes(getattr(p, field), test) for p in passages), bool, len(passages))


def _passes(value: Any, test: Test) -> bool:
    return any(map(test, value)) if isinstance(value, tuple) else test(value)


class Chained(_Passages):
    """The passages of several corpora, one after another."""

    def __init__(self, parts: Sequence[Sequence[TextPassage]]) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *map(len, parts)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def _at(self, at: int) -> TextPassage:
        part = int(np.searchsorted(self._starts, at, side="right")) - 1
        return self._parts[part][at - int(self._starts[part])]


def coded(passages: Sequence[TextPassage]) -> tuple[Ints, dict[str, list[Any]]]:
    """Codes (fields, n) and values of the columns, values in the order of their first passage."""
    numbers: dict[str, dict[Any, int]] = {field: {} for field in COLUMNS}
    codes = np.zeros((len(COLUMNS), len(passages)), np.int32)
    for at, passage in enumerate(passages):
        for row, field in enumerate(COLUMNS):
            known = numbers[field]
            codes[row, at] = known.setdefault(getattr(passage, field), len(known))
    return codes, {field: list(known) for field, known in numbers.items()}


def line(passage: TextPassage, first: int, last: int) -> bytes:
    """A passage as it is stored, with the bytes of its text."""
    record = {name: getattr(passage, name) for name in _KEPT}
    record |= {"section": list(passage.section), "bytes": [first, last]}
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"
