"""MedQuAD's questions as passages, with the other names of what they are about.

Ben Abacha & Demner-Fushman 2019, "A question-entailment approach to question answering".
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from retrieval.passages import TextPassage


def questions(folder: Path) -> list[TextPassage]:
    """Every question under its focus, its kind as topic; ids are folder/doc/pid. folder: of
    questions.jsonl.gz."""
    return [
        TextPassage(
            id=f"{r['folder']}/{r['doc']}/{r['pid']}",
            text=r["question"],
            language="en",
            title=r["focus"] or "",
            topic=r["qtype"],
            source="medquad",
        )
        for r in _records(folder / "questions.jsonl.gz")
    ]


def synonyms(folder: Path) -> Mapping[str, Sequence[str]]:
    """Focus -> other names, as the collection's answers list them. folder: of answers.jsonl.gz."""
    found: dict[str, dict[str, None]] = {}
    for record in _records(folder / "answers.jsonl.gz"):
        names = dict.fromkeys(name.strip() for name in record["synonyms"] or () if name.strip())
        found.setdefault(record["focus"] or "", {}).update(names)
    return {focus: tuple(names) for focus, names in found.items()}


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)
