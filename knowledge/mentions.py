"""Where a text names something, and which of the names found there count."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Manner = Literal["name", "scattered"]


@dataclass(frozen=True)
class Mention:
    """Concepts named at text[start:end].

    refs: full ids, findings first. manner: the words of the name in a row, or scattered. denies: the name
    holds a word that denies ("don't want to eat"), which is no denial of what it names.
    """

    start: int
    end: int
    refs: tuple[str, ...]
    manner: Manner
    denies: bool = False


def keep_the_fullest(found: list[tuple[frozenset[int], Mention]]) -> Iterator[Mention]:
    """Leave out a mention whose words all serve a fuller one, and a scattered one that shares any."""
    kept: list[frozenset[int]] = []
    ordered = sorted(found, key=lambda f: (-len(f[0]), f[1].manner != "name", f[1].end - f[1].start))
    for places, mention in ordered:
        apart = mention.manner == "scattered"
        if not any(places <= fuller or (apart and places & fuller) for fuller in kept):
            kept.append(places)
            yield mention
