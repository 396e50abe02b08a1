"""The second reader: findings that the text model reads, beside what the lexicon recognises.

It adds what is told in words that nobody wrote down, and it doubts a name that the lexicon found where
the sentence speaks of something else. How sure it must be for each is fitted on cases set apart
(`aetia train reading`) and kept in assistant/weights/reading.json.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files

from assistant.context import sentences
from assistant.text_model import ReadFinding, TextModel
from knowledge.base import KnowledgeBase

_STRETCH = 700
"""Characters read at once, in whole sentences: what the model takes in without cutting."""


@dataclass(frozen=True)
class Trust:
    """Probabilities of the second reader.

    adds: from which it states a finding by itself. doubts: manner of the lexicon's mention ("name",
    "scattered") -> below which the mention is dropped. denies, denies_at_cue: from which a finding that it
    adds is denied, without and with a cue of negation in its clause. believes_cue: from which it believes a
    cue that governs a name. refines: from which it states a kind of what the lexicon named.
    """

    adds: float
    doubts: Mapping[str, float]
    denies: float = 0.7
    denies_at_cue: float = 0.2
    believes_cue: float = 0.03
    refines: float = 0.95

    def is_denied(self, denied: float, at_cue: bool) -> bool:
        """Whether a finding that it adds, read as denied with a probability, is taken as denied."""
        return denied >= (self.denies_at_cue if at_cue else self.denies)

    def is_name_denied(self, denied: float, at_cue: bool) -> bool:
        """The same of a name that the lexicon found."""
        return denied >= (self.believes_cue if at_cue else self.denies)

    @classmethod
    def load(cls) -> "Trust":
        """The committed ones."""
        text = (files("assistant") / "weights" / "reading.json").read_text(encoding="utf-8")
        raw = json.loads(text)
        return cls(**raw["trust"])


class SecondReader:
    """Reads one knowledge base's findings in a text."""

    def __init__(self, model: TextModel, base: KnowledgeBase, trust: Trust | None = None) -> None:
        self.trust = trust or Trust.load()
        self.model = model
        self.base = base
        self._known = frozenset(model.findings) & base.findings.keys()

    def knows(self, finding: str) -> bool:
        """Whether it was taught a finding (bare id), so that its silence means something."""
        return finding in self._known

    def read(self, text: str) -> dict[str, ReadFinding]:
        """Bare finding id -> the surest reading of it, whatever its probability beyond the least that counts."""
        least = min(self.trust.adds, *self.trust.doubts.values())
        found: dict[str, ReadFinding] = {}
        for start, end in _stretches(text):
            for one in self.model.read(text[start:end], least):
                known = found.get(one.finding)
                if one.finding in self._known and (known is None or one.probability > known.probability):
                    found[one.finding] = replace(
                        one, start=one.start + start, end=one.end + start, at=one.at + start
                    )
        return found

    def added(self, read: Mapping[str, ReadFinding], named: Collection[str] = ()) -> list[ReadFinding]:
        """What it states by itself; a wider finding is left out where a kind of it is stated.

        named: bare ids that the lexicon found.
        """
        sure = {f: one for f, one in read.items() if one.probability >= self._least(f, named)}
        implied = {above for f in sure for above in self.base.ancestors[f]}
        return [one for f, one in sure.items() if f not in implied]

    def _least(self, finding: str, named: Collection[str]) -> float:
        narrower = any(above in named for above in self.base.ancestors[finding])
        return max(self.trust.adds, self.trust.refines) if narrower else self.trust.adds


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where whole sentences stand that can be read at once."""
    start = end = 0
    for _, stop in sentences(text):
        if stop - start > _STRETCH and end > start:
            yield start, end
            start = end
        end = stop
    if text[start:].strip():
        yield start, len(text)
