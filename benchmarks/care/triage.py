"""Is a case sent where it should be? `python -m benchmarks.care.triage [--part test] [--cases F.jsonl]`.

Our own 150 vignettes (benchmarks/cases/triage.jsonl), each in English and Chinese with the level that is
right for it. Those of part `dev` were developed on, those of part `test` give the number. As in Semigran (BMJ 2015) three classes count: emergency, a doctor (urgent or routine),
self-care. "Less": an emergency that was told to wait.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.api import Assistant
from benchmarks.measure import RESULTS, interval, write

CASES = Path(__file__).parent.parent / "cases" / "triage.jsonl"
CLASS = {"emergency": "emergency", "urgent": "doctor", "routine": "doctor", "self_care": "self_care"}
LEVELS = ("emergency", "urgent", "routine", "self_care")


def run(assistant: Assistant, cases: Sequence[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """For each case: its id, the level that is right and the one that was told, and why."""
    rows = []
    for case in tqdm(cases, desc=f"triage {language}", mininterval=5):
        answer = assistant.start().say(case[language])
        triage = answer.triage
        rows.append(
            {
                "id": case["id"],
                "right": case["level"],
                "told": triage.level,
                "why": [flag.id for flag in triage.flags] or [triage.disease],
            }
        )
    return rows


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Shares right in three classes, by class, and emergencies told less."""
    hits = [CLASS[row["right"]] == CLASS[row["told"]] for row in rows]
    by_class = {
        name: round(sum(h for h, row in zip(hits, rows, strict=True) if CLASS[row["right"]] == name) / n, 4)
        for name in ("emergency", "doctor", "self_care")
        if (n := sum(CLASS[row["right"]] == name for row in rows))
    }
    emergencies = [row for row in rows if row["right"] == "emergency"]
    return {
        "n": len(rows),
        "accuracy": round(sum(hits) / len(rows), 4),
        "accuracy_interval": interval(hits),
        "by_class": by_class,
        "emergencies_told_less": [row["id"] for row in emergencies if row["told"] != "emergency"],
        "told_more_than_needed": sum(LEVELS.index(r["told"]) < LEVELS.index(r["right"]) for r in rows),
        "told_less_than_needed": sum(LEVELS.index(r["told"]) > LEVELS.index(r["right"]) for r in rows),
    }


def main() -> None:
    """Measure one part in both languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=CASES, help="JSONL: id, level, en and/or zh[, part]")
    parser.add_argument("--part", choices=["dev", "test", "all"], default="test")
    parser.add_argument("--out", type=Path, default=RESULTS / "care_triage.json")
    parser.add_argument("--show", action="store_true", help="print each case that was missed")
    options = parser.parse_args()
    lines = options.cases.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    cases = [c for c in cases if options.part == "all" or c.get("part", options.part) == options.part]
    assistant = Assistant.load()
    result: dict[str, Any] = {"benchmark": "care_triage", "part": options.part}
    for language in ("en", "zh"):
        if all(language in case for case in cases):
            rows = run(assistant, cases, language)
            result[language] = summary(rows)
            for row in rows if options.show else ():
                if CLASS[row["right"]] != CLASS[row["told"]]:
                    print(language, row)
    print(json.dumps(result, indent=1, ensure_ascii=False))
    write(result, options.out)


if __name__ == "__main__":
    main()
