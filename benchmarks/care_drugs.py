"""Drug questions with answers known from the sources: does Aetia call the right thing by the right name?

`python -m benchmarks.care_drugs --out R.json`. The questions (texts/drug_questions.tsv) were written from
the tables of interactions and contraindications of the sources, not from the pack: the answer expected
(contraindicated, interacts, care, or silent where the source says nothing), the drug, the module, the
words. Precision: of what is called so, how much the source calls so. Recall: of what the source calls
so, and of that part of it for which the pack holds any entry of the drug (or the two drugs) of that kind.
"""

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.api import Assistant
from assistant.case import Case
from assistant.drug_safety import Standing
from assistant.medicine_talk import MedicineTalk
from assistant.person import language_of
from benchmarks.measure import RESULTS, interval, write
from knowledge.base import KnowledgeBase

QUESTIONS = Path(__file__).parent / "texts" / "drug_questions.tsv"
_LABELS: dict[Standing, str] = {
    "contraindicated": "contraindicated",
    "interacting": "interacts",
    "adjust": "care",
    "open": "silent",
}


@dataclass(frozen=True)
class Judged:
    """A question, what is expected, what was answered, and whether the pack covers it."""

    expected: str
    answered: str
    drug: str
    text: str
    covered: bool


def main() -> None:
    """Answer every question and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "care_drugs.json")
    options = parser.parse_args()
    judged = run(Assistant.graph_only(), QUESTIONS)
    result = {"benchmark": "care_drugs", **measures(judged)}
    print(json.dumps(result, indent=1, ensure_ascii=False))
    write(result, options.out)


def run(assistant: Assistant, questions: Path) -> list[Judged]:
    """Every question of a file, answered."""
    talk = assistant.dialogue.followups.medicines
    with questions.open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines, delimiter="\t"))
    return [_judged(talk, assistant, *row) for row in rows]


def measures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Precision and recall by answer, with intervals, and every miss."""
    result: dict[str, Any] = {"n": len(judged)}
    for label in ("contraindicated", "interacts", "care"):
        called = [j.expected == label for j in judged if j.answered == label]
        meant = [j for j in judged if j.expected == label]
        covered = [j.answered == label for j in meant if j.covered]
        found = [j.answered == label for j in meant]
        result[label] = {
            "precision": _share(called), "precision_95": interval(called), "called": len(called),
            "recall_of_covered": _share(covered), "recall_95": interval(covered), "covered": len(covered),
            "recall_of_all": _share(found), "n": len(found),
        }  # fmt: skip
    silent = [j.answered == "silent" for j in judged if j.expected == "silent"]
    flagged = [j.answered != "silent" for j in judged if j.expected != "silent"]
    result["silent_kept_silent"] = {"share": _share(silent), "n": len(silent)}
    result["flagged_at_any_level"] = {"share": _share(flagged), "n": len(flagged)}
    result["misses"] = [
        f"{j.text} expected {j.expected}, answered {j.answered}{'' if j.covered else ' (not covered)'}"
        for j in judged
        if j.answered != j.expected
    ]
    return result


def _judged(
    talk: MedicineTalk, assistant: Assistant, expected: str, drug: str, source: str, text: str
) -> Judged:
    """One question, asked of a new conversation in its own language."""
    case = Case(language=language_of(text))
    reading = assistant.dialogue.intake.read(text)
    case = case.model_copy(
        update={"age": reading.age, "measurements": {m.quantity: m for m in reading.measurements}}
    )
    question = talk.questions.question_in(text, case)
    if question is None:
        return Judged(expected, "not understood", drug, text, _covered(assistant.base, expected, {drug}))
    verdicts = {v.drug: v for v in talk.verdicts(question, talk.patient(question, case))}
    answered = _LABELS[verdicts[drug].standing] if drug in verdicts else "not understood"
    drugs = {drug, *question.drugs, *question.taken} & assistant.base.drugs.keys()
    return Judged(expected, answered, drug, text, _covered(assistant.base, expected, drugs))


def _covered(base: KnowledgeBase, expected: str, drugs: set[str]) -> bool:
    """Whether the pack holds any entry of the kind asked about."""
    entries = [base.drugs[drug] for drug in drugs]
    if expected == "interacts" or len(drugs) > 1:
        return any(entry.interactions for entry in entries)
    return any(entry.contraindications for entry in entries)


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


if __name__ == "__main__":
    main()
