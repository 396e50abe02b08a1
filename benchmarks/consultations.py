"""Real online consultations with three candidate diseases each, in Chinese and in English.

`python -m benchmarks.consultations --cases F.jsonl --out R.json`, in the form of dxbench (FreedomIntelligence,
Chain-of-Diagnosis). Symptoms are told as a list; chance is one in three.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from assistant.api import Assistant
from assistant.batch import Batch, CaseIn
from benchmarks.measure import RESULTS, data_folder, interval, write


def told(case: dict[str, Any], language: str) -> str:
    """The symptoms as a sentence; those that were denied with a negation."""
    symptoms = [*case["explicit_symptoms"], *case["implicit_symptoms"]]
    if language == "zh":
        return "，".join(name if state == "True" else f"没有{name}" for name, state in symptoms) + "。"
    return ", ".join(name if state == "True" else f"no {name}" for name, state in symptoms) + "."


def run(batch: Batch, assistant: Assistant, cases: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """Accuracy of the first of three candidates, and over cases whose candidates are all known."""
    hits, known = [], []
    for case in cases:
        answer = batch.diagnose(
            CaseIn(id=str(case["id"]), text=told(case, language), candidates=case["candidate_diseases"])
        )
        right = assistant.resolver.resolve(case["disease"])
        first = answer["differential"][0]
        hits.append(
            bool(right and first["disease"] == right.disease)
            or (not right and first["name"] == case["disease"])
        )
        known.append(all(assistant.resolver.resolve(name) for name in case["candidate_diseases"]))
    both = [h for h, k in zip(hits, known, strict=True) if k]
    return {
        "n": len(cases),
        "accuracy": round(sum(hits) / max(len(hits), 1), 4),
        "accuracy_interval": interval(hits),
        "candidates_all_known": sum(known),
        "accuracy_where_known": round(sum(both) / max(len(both), 1), 4),
    }


def main() -> None:
    """Run on one file, or on both development files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=RESULTS / "consultations.json")
    parser.add_argument("--graph-only", action="store_true")
    options = parser.parse_args()
    folder = data_folder() / "dxbench"
    paths = (
        [options.cases]
        if options.cases
        else [folder / "dxbench_dev_zh.jsonl", folder / "dxbench_dev_en.jsonl"]
    )
    assistant = Assistant.graph_only() if options.graph_only else Assistant.load()
    batch = Batch(lambda: assistant, lambda: assistant)
    result: dict[str, Any] = {"benchmark": "consultations", "graph_only": options.graph_only}
    for path in paths:
        cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        language = "en" if cases and cases[0]["disease"].isascii() else "zh"
        result[language] = run(batch, assistant, cases, language)
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
