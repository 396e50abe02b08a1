"""Real vignettes that nobody here wrote: is the diagnosis in the first 1, 3, 5?

`python -m benchmarks.vignettes --cases F.jsonl --out R.json` takes any file in the form of
avey_dev.jsonl (Hammoud et al. 2024; MedAsk's copy). A name is right when `resolve` gives the same
disease (strict), or a subtype or parent of it (lenient); a diagnosis that the pack does not know counts
as wrong. Reported are the full text and a dialogue (benchmarks/patient.py), all witnesses together and
each alone. Of the development file, cases with an even number may be looked at; the odd ones give the
number.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.api import Assistant, Session
from benchmarks.measure import RESULTS, calibration_error, chance_of_calibration, data_folder, interval, write
from benchmarks.patient import Patient
from benchmarks.variants import VARIANTS, Ranked, rank_of, ranked, related, shares

MOST_QUESTIONS = 12


def told(case: dict[str, Any]) -> str:
    """A vignette as one text."""
    parts = [
        f"{case['demographics']}.",
        f"{case['chief_complaints']}.",
        case["presentation"],
        f"{case['absent_findings']}." if case.get("absent_findings") else "",
    ]
    for key, title in (
        ("physical_history", "Past history"),
        ("family_history", "Family history"),
        ("social_history", "Social history"),
    ):
        if (said := case.get(key)) and said.strip().lower() != "none":
            parts.append(f"{title}: {said}.")
    return " ".join(part for part in parts if part)


def run(
    assistant: Assistant, cases: Sequence[dict[str, Any]], dialogue: bool, few_words: bool = False
) -> list[dict[str, Any]]:
    """For each case: what was expected, and by variant the ranks and the first answers."""
    rows = []
    for case in tqdm(cases, desc="vignettes in dialogue" if dialogue else "vignettes", mininterval=5):
        began = time.perf_counter()
        session = assistant.start()
        asked, items = (
            _in_dialogue(assistant, session, case, few_words) if dialogue else _at_once(session, case)
        )
        found = ranked(assistant, session.case)
        resolved = assistant.resolver.resolve(case["correct_diagnosis"])
        right = resolved.disease.partition(":")[2] if resolved else ""
        rows.append(
            {
                "id": case["id"],
                "expected": case["correct_diagnosis"],
                "known": resolved is not None,
                "questions": asked,
                "items": items,
                "seconds": time.perf_counter() - began,
                "understood": {o.bare: o.state for o in session.case.observations.values()},
                "variants": {name: _judged(assistant, variant, right) for name, variant in found.items()},
            }
        )
    return rows


def _at_once(session: Session, case: dict[str, Any]) -> tuple[int, int]:
    session.say(told(case))
    return 0, 0


def _in_dialogue(
    assistant: Assistant, session: Session, case: dict[str, Any], few_words: bool
) -> tuple[int, int]:
    """Demographics and complaint, then the assistant's questions, answered from the vignette alone.

    Returns the questions put to the person, and the things asked about in them: a question with choices
    is one question, and each choice is one thing.
    """
    patient = Patient(assistant, case, told(case), few_words)
    answer = session.say(patient.opening)
    asked = items = 0
    while answer.question and asked < MOST_QUESTIONS:
        asked += 1
        items += max(len(answer.question.choices), 1)
        answer = patient.reply(session, answer.question)
    return asked, items


def _judged(assistant: Assistant, variant: Ranked, right: str) -> dict[str, Any]:
    known = right in assistant.base.diseases
    return {
        "first": variant.diseases[:5],
        "confidence": variant.confidence,
        "strict": rank_of(variant.diseases, frozenset({right})) if known else None,
        "lenient": rank_of(variant.diseases, related(assistant.base, right)) if known else None,
    }


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """By variant: shares in the first 1, 3, 5, strict and lenient, with intervals; calibration of the first."""
    found: dict[str, Any] = {
        "n": len(rows),
        "known": sum(row["known"] for row in rows),
        "questions_mean": round(sum(row["questions"] for row in rows) / max(len(rows), 1), 2),
        "asked_about_mean": round(sum(row["items"] for row in rows) / max(len(rows), 1), 2),
        "seconds_median": round(sorted(row["seconds"] for row in rows)[len(rows) // 2], 3),
    }
    for variant in VARIANTS:
        judged = [row["variants"][variant] for row in rows]
        found[variant] = {}
        for manner in ("strict", "lenient"):
            ranks = [j[manner] for j in judged]
            found[variant][manner] = shares(ranks) | {
                f"top{k}_interval": interval([rank is not None and rank <= k for rank in ranks])
                for k in (1, 3, 5)
            }
        hits = [j["strict"] == 1 for j in judged]
        sure = [j["confidence"] for j in judged]
        found[variant]["ece"] = calibration_error(sure, hits)
        found[variant]["ece_by_chance"] = chance_of_calibration(sure)
    return found


def main() -> None:
    """Run on a file of vignettes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, help="JSONL of vignettes; the development file by default")
    parser.add_argument("--out", type=Path, default=RESULTS / "vignettes.json")
    parser.add_argument(
        "--half", choices=["odd", "even", "all"], default="all", help="by the place in the file"
    )
    parser.add_argument("--no-dialogue", action="store_true", help="only the full text")
    parser.add_argument("--few-words", action="store_true", help="a patient who tells only what is asked for")
    parser.add_argument("--show", action="store_true", help="print each case that was missed")
    options = parser.parse_args()
    path = options.cases or data_folder() / "vignettes" / "avey_dev.jsonl"
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if options.half != "all":
        cases = cases[1::2] if options.half == "odd" else cases[::2]
    assistant = Assistant.load()
    result: dict[str, Any] = {"benchmark": "vignettes", "half": options.half, "few_words": options.few_words}
    manners = ("full_text",) if options.no_dialogue else ("full_text", "dialogue")
    for manner in manners:
        rows = run(assistant, cases, manner == "dialogue", options.few_words)
        result[manner] = summary(rows)
        for row in rows if options.show else ():
            _show(row)
    print(json.dumps(result, indent=1))
    write(result, options.out)


def _show(row: dict[str, Any]) -> None:
    judged = row["variants"]
    if judged["fused"]["strict"] != 1:
        print(row["id"], row["expected"], {name: j["strict"] for name, j in judged.items()})
        print("   ", judged["fused"]["first"])
        print("   ", row["understood"])


if __name__ == "__main__":
    main()
