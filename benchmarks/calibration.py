"""Are the probabilities right? And what is gained by staying silent when unsure?

`python -m benchmarks.calibration --out R.json`: on the cases of our bank that nothing was trained or fitted
on (part `test`), the expected calibration error of the first place, in all, by language and by department;
and the trade-off of abstention: of the cases answered above each confidence, how many are right.

A probability is that of one disease, so `ece` holds it against whether that very disease is right (strict).
Where a subtype or what it is a subtype of counts as right too (lenient), their probabilities are added.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from assistant.api import Assistant
from assistant.training.bank import BankCase, bank
from benchmarks.measure import RESULTS, calibration_error, chance_of_calibration, interval, write
from benchmarks.variants import VARIANTS, ranked, related

_FEWEST = 20
"""Cases of a department from which its calibration is told."""


def judged(assistant: Assistant, cases: Sequence[BankCase]) -> list[dict[str, Any]]:
    """For each case: language, department, and by variant and manner the confidence and the place of what is right."""
    rows = []
    for case in tqdm(cases, desc="cases", mininterval=5):
        session = assistant.start()
        session.describe(case.age, case.sex)
        session.say(case.text)
        right = related(assistant.base, case.diagnosis)
        found = ranked(assistant, session.case)
        rows.append(
            {
                "language": case.language,
                "department": assistant.base.diseases[case.diagnosis].department,
                "variants": {
                    name: {
                        "strict": (order.confidence, _within(order.diseases, frozenset({case.diagnosis}))),
                        "lenient": (order.confidence_of_kin, _within(order.diseases, right)),
                    }
                    for name, order in found.items()
                },
            }
        )
    return rows


def _within(diseases: Sequence[str], right: frozenset[str]) -> int:
    return next((i for i, disease in enumerate(diseases, 1) if disease in right), len(diseases) + 1)


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of some cases: by variant the share right in the first 1, 3, 5 and the calibration error."""
    found: dict[str, Any] = {"n": len(rows)}
    for variant in VARIANTS:
        found[variant] = {}
        for manner in ("strict", "lenient"):
            told = [row["variants"][variant][manner] for row in rows]
            hits = [place == 1 for _, place in told]
            found[variant][manner] = {
                **{f"top{k}": round(float(np.mean([place <= k for _, place in told])), 4) for k in (1, 3, 5)},
                "top1_interval": interval(hits),
                "ece": calibration_error([sure for sure, _ in told], hits),
                "ece_by_chance": chance_of_calibration([sure for sure, _ in told]),
            }
    return found


def abstention(rows: Sequence[dict[str, Any]]) -> list[dict[str, float]]:
    """Confidence asked for -> share of cases answered, and of those the share right."""
    told = [row["variants"]["fused"]["strict"] for row in rows]
    curve = []
    for least in np.arange(0.0, 1.0, 0.1):
        answered = [place == 1 for sure, place in told if sure >= least]
        curve.append(
            {
                "confidence_at_least": round(float(least), 1),
                "answered": round(len(answered) / len(told), 4),
                "right": round(float(np.mean(answered)), 4) if answered else 0.0,
            }
        )
    return curve


def main() -> None:
    """Run on the bank's test cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "calibration.json")
    options = parser.parse_args()
    rows = judged(Assistant.load(), list(bank("test")))
    groups: dict[str, dict[str, list[dict[str, Any]]]] = {
        "language": defaultdict(list),
        "department": defaultdict(list),
    }
    for row in rows:
        for key, members in groups.items():
            members[row[key]].append(row)
    result = {
        "benchmark": "calibration",
        "all": summary(rows),
        "by_language": {name: summary(members) for name, members in groups["language"].items()},
        "by_department": {
            name: summary(members)["fused"] | {"n": len(members)}
            for name, members in sorted(groups["department"].items())
            if len(members) >= _FEWEST
        },
        "abstention": abstention(rows),
    }
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
