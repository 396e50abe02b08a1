"""Does every score give what its published table gives? `python -m benchmarks.care.scores`.

benchmarks/cases/scores.jsonl holds at least three examples a score, worked by hand from the table, the
first usually at the lowest end, one at the highest. Each is also computed with one value left out: the
range must then hold the right value.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from assistant.scores import Scorer
from benchmarks.measure import RESULTS, write
from knowledge.pack import load_pack

CASES = Path(__file__).parent.parent / "cases" / "scores.jsonl"


def examples() -> list[dict[str, Any]]:
    """The worked examples: score, given (key -> value), value."""
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines() if line.strip()]


def run(scorer: Scorer) -> dict[str, Any]:
    """How many examples come out right, whole and with one value left out."""
    wrong, outside, left_out = [], [], 0
    worked = examples()
    for example in worked:
        name, given, value = example["score"], example["given"], example["value"]
        result = scorer.of_values(name, given)
        if not (result.low == result.high == value):
            wrong.append({**example, "low": result.low, "high": result.high})
        for key in given:
            partial = scorer.of_values(name, {k: v for k, v in given.items() if k != key})
            left_out += 1
            if not partial.low <= value <= partial.high:
                outside.append({**example, "without": key})
    scores = {example["score"] for example in worked}
    unchecked = [s.id for s in scorer.library.scores.values() if s.id not in scores]
    return {
        "scores": len(scorer.library.scores),
        "examples": len(worked),
        "right": len(worked) - len(wrong),
        "wrong": wrong,
        "with_one_left_out": left_out,
        "range_holds_the_value": left_out - len(outside),
        "outside": outside,
        "scores_without_example": unchecked,
    }


def main() -> None:
    """Compute all examples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "care_scores.json")
    options = parser.parse_args()
    result = {"benchmark": "care_scores", **run(Scorer(load_pack()))}
    print(json.dumps(result, indent=1, ensure_ascii=False))
    write(result, options.out)


if __name__ == "__main__":
    main()
