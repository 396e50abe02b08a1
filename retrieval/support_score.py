"""How well support is told, on labelled pairs: precision and recall of `supported`, by language.

Rules were tuned on the facts with even numbers; those with odd numbers are the ones to report.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.concepts import Language
from retrieval.support import SupportChecker, Verdict


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A statement, a passage and what a reader says. fact: pairs of one fact stay in one half."""

    fact: int
    language: Language
    label: Verdict
    kind: str
    passage: str
    statement: str


@dataclass(frozen=True, slots=True)
class Score:
    """pairs: how many. precision, recall: of `supported`. accuracy: of the three verdicts."""

    pairs: int
    precision: float
    recall: float
    accuracy: float


def read_pairs(path: Path, half: str) -> list[LabelledPair]:
    """half: `tuning` (even facts), `report` (odd) or `all`."""
    parity = {"tuning": (0,), "report": (1,), "all": (0, 1)}[half]
    lines = path.read_text(encoding="utf-8").splitlines()
    return [pair for line in lines if (pair := LabelledPair(**json.loads(line))).fact % 2 in parity]


def score(pairs: Sequence[LabelledPair], checker: SupportChecker) -> Score:
    """Check every pair and count."""
    verdicts = [checker.check(pair.statement, [pair.passage], pair.language).verdict for pair in pairs]
    said = [verdict == "supported" for verdict in verdicts]
    meant = [pair.label == "supported" for pair in pairs]
    right = sum(a and b for a, b in zip(said, meant, strict=True))
    exact = sum(verdict == pair.label for verdict, pair in zip(verdicts, pairs, strict=True))
    return Score(len(pairs), _share(right, said), _share(right, meant), exact / max(len(pairs), 1))


def _share(right: int, of: Iterable[bool]) -> float:
    total = sum(of)
    return right / total if total else 0.0
