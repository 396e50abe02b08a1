"""Pairs of texts that should lie near each other: MedQuAD's questions with their answers, and what the pack
says in both languages.

Ben Abacha & Demner-Fushman 2019, "A question-entailment approach to question answering" (CC BY 4.0).
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knowledge.base import KnowledgeBase
from knowledge.errors import AetiaError

Part = Literal["train", "fit", "test"]
_OF_TWENTY: dict[int, Part] = {0: "fit", 1: "test", 2: "test"}
_SPACES = re.compile(r"\s+")
_LONGEST = 900
"""Characters of an answer that are kept: more than the tokens that are read."""


@dataclass(frozen=True)
class Pair:
    """anchor: what is asked with. positive: what should be found. group: what both are about; pairs of one
    group are never in different parts."""

    anchor: str
    positive: str
    group: str

    @property
    def part(self) -> Part:
        """One group in twenty decides when to stop, two measure, the others are learnt from."""
        digest = hashlib.sha256(self.group.encode()).digest()
        return _OF_TWENTY.get(int.from_bytes(digest[:4], "big") % 20, "train")


def medquad_pairs(folder: Path) -> list[Pair]:
    """Questions and the beginnings of their answers, by focus. folder: of answers.jsonl.gz.

    Raises AetiaError where it is not there or not in MedQuAD's form.
    """
    path = folder / "answers.jsonl.gz"
    try:
        return list(dict.fromkeys(_asked(path)))
    except (OSError, ValueError, KeyError) as fault:
        raise AetiaError(
            f"{path} cannot be read ({fault}); --data is a folder with MedQuAD's answers.jsonl.gz, a JSON "
            "object a line with focus, question and answer."
        ) from fault


def bilingual_pairs(base: KnowledgeBase) -> list[Pair]:
    """A pack's passages, Chinese and English, by what they are about."""
    return [Pair(p.zh, p.en, (p.about or (p.id,))[0]) for p in base.passages.values()]


def of_part(pairs: Sequence[Pair], part: Part) -> list[Pair]:
    """The pairs of a part, in their order."""
    return [pair for pair in pairs if pair.part == part]


def _asked(path: Path) -> Iterator[Pair]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            record = json.loads(line)
            answer = _SPACES.sub(" ", record["answer"] or "").strip()
            if answer:
                yield Pair(record["question"].strip(), answer[:_LONGEST], (record["focus"] or "").lower())
