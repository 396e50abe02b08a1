"""Real vignettes that nobody here wrote: is the diagnosis in the first 1, 3, 5?

`python -m benchmarks.vignettes --cases F.jsonl --out R.json` takes any file in the form of
avey_dev.jsonl (Hammoud et al. 2024; MedAsk's copy). A name is right when `resolve` gives the same
disease (strict), or a subtype or parent of it (lenient); a diagnosis that the pack does not know counts as
wrong. Of the development file, cases with an even number may be looked at; the odd ones give the number.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from assistant.api import Assistant
from assistant.batch import Batch, CaseIn
from benchmarks.measure import RESULTS, calibration_error, data_folder, interval, write
from knowledge.base import KnowledgeBase


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


def related(base: KnowledgeBase, disease: str) -> set[str]:
    """A disease, its parents and its subtypes (full ids)."""
    bare = disease.partition(":")[2]
    found = {bare}
    above = base.diseases[bare].subtype_of
    while above and above not in found:
        found.add(above)
        above = base.diseases[above].subtype_of
    found |= {d.id for d in base.diseases.values() if d.subtype_of == bare}
    return {f"disease:{d}" for d in found}


def run(batch: Batch, assistant: Assistant, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each case: what was expected, the ranked answer, and the rank of the right one."""
    rows = []
    for case in cases:
        began = time.perf_counter()
        answer = batch.diagnose(CaseIn(id=str(case["id"]), text=told(case)))
        resolved = assistant.resolver.resolve(case["correct_diagnosis"])
        listed = [h["disease"] for h in answer["differential"]]
        near = related(assistant.base, resolved.disease) if resolved else set()
        rows.append(
            {
                "id": case["id"],
                "expected": case["correct_diagnosis"],
                "known": resolved is not None,
                "first": listed[:5],
                "confidence": answer["differential"][0]["probability"] if listed else 0.0,
                "strict": _rank(listed, {resolved.disease} if resolved else set()),
                "lenient": _rank(listed, near),
                "findings": [(f["finding"], f["state"]) for f in answer["findings"]],
                "seconds": time.perf_counter() - began,
            }
        )
    return rows


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares in the first 1, 3, 5, strict and lenient, with intervals, and the calibration of the first."""
    found: dict[str, Any] = {"n": len(rows), "known": sum(r["known"] for r in rows)}
    for manner in ("strict", "lenient"):
        for k in (1, 3, 5):
            hits = [r[manner] is not None and r[manner] <= k for r in rows]
            found[f"{manner}_top{k}"] = round(sum(hits) / max(len(hits), 1), 4)
            found[f"{manner}_top{k}_interval"] = interval(hits)
    first = [r["strict"] == 1 for r in rows]
    found["ece"] = calibration_error([r["confidence"] for r in rows], first)
    found["seconds_median"] = round(sorted(r["seconds"] for r in rows)[len(rows) // 2], 3) if rows else None
    return found


def _rank(listed: list[str], right: set[str]) -> int | None:
    return next((i for i, disease in enumerate(listed, 1) if disease in right), None)


def main() -> None:
    """Run on a file of vignettes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--cases", type=Path, default=None, help="JSONL of vignettes; the development file by default"
    )
    parser.add_argument("--out", type=Path, default=RESULTS / "vignettes.json")
    parser.add_argument(
        "--half", choices=["odd", "even", "all"], default="all", help="by the number in the id"
    )
    parser.add_argument("--graph-only", action="store_true", help="without the language witnesses")
    parser.add_argument("--show", action="store_true", help="print each case that was missed")
    options = parser.parse_args()
    path = options.cases or data_folder() / "vignettes" / "avey_dev.jsonl"
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if options.half != "all":
        odd = options.half == "odd"
        cases = [c for i, c in enumerate(cases) if (i % 2 == 1) == odd]
    assistant = Assistant.graph_only() if options.graph_only else Assistant.load()
    rows = run(Batch(lambda: assistant, lambda: assistant), assistant, cases)
    for row in rows if options.show else ():
        if row["strict"] != 1:
            print(row["id"], row["expected"], row["strict"], row["first"][:4], row["findings"], sep="\n   ")
    result = {
        "benchmark": "vignettes",
        "half": options.half,
        "graph_only": options.graph_only,
        **summary(rows),
    }
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
