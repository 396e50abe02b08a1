"""Real online consultations with three candidate diseases each, in Chinese and in English.

`python -m benchmarks.consultations --cases F.jsonl --out R.json`, in the form of dxbench (FreedomIntelligence,
Chain-of-Diagnosis). Symptoms are told as a list; chance is one in three.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.api import Assistant
from benchmarks.measure import RESULTS, data_folder, interval, write
from benchmarks.variants import VARIANTS, ranked


def told(case: dict[str, Any], language: str) -> str:
    """The department that was asked, and the symptoms as a sentence; those that were denied with a negation."""
    symptoms = [*case["explicit_symptoms"], *case["implicit_symptoms"]]
    if language == "zh":
        words = "，".join(name if state == "True" else f"没有{name}" for name, state in symptoms)
        return f"科室：{case['department']}。{words}。"
    words = ", ".join(name if state == "True" else f"no {name}" for name, state in symptoms)
    return f"Department: {case['department']}. {words}."


def run(assistant: Assistant, cases: Sequence[dict[str, Any]], language: str) -> dict[str, Any]:
    """By variant, the accuracy of the first of the candidates; a candidate not known can never come first."""
    hits: dict[str, list[bool]] = {variant: [] for variant in VARIANTS}
    known = 0
    for case in tqdm(cases, desc=f"consultations {language}", mininterval=5):
        session = assistant.start()
        session.say(told(case, language))
        resolved = {name: assistant.resolver.resolve(name) for name in case["candidate_diseases"]}
        candidates = [r.disease.partition(":")[2] for r in resolved.values() if r]
        known += len(candidates) == len(resolved)
        right = assistant.resolver.resolve(case["disease"])
        found = ranked(assistant, session.case, candidates)
        for variant, order in found.items():
            hits[variant].append(bool(right and order.diseases[:1] == (right.disease.partition(":")[2],)))
    return {
        "n": len(cases),
        "candidates_all_known": known,
        **{
            variant: {"accuracy": round(sum(h) / max(len(h), 1), 4), "interval": interval(h)}
            for variant, h in hits.items()
        },
    }


def main() -> None:
    """Run on one file, or on both development files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=RESULTS / "consultations.json")
    options = parser.parse_args()
    folder = data_folder() / "dxbench"
    both = [folder / "dxbench_dev_zh.jsonl", folder / "dxbench_dev_en.jsonl"]
    assistant = Assistant.load()
    result: dict[str, Any] = {"benchmark": "consultations"}
    for path in [options.cases] if options.cases else both:
        cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        language = "en" if cases and cases[0]["disease"].isascii() else "zh"
        result[language] = run(assistant, cases, language)
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
