"""Many structured cases through `aetia diagnose --workers N`, the graph alone: cases a second, nothing lost.

    python -m benchmarks.scale --cases 100000 --workers 2 --engine local --out R.json

The cases are drawn from the pack: a disease, its findings by their strengths, two of its others denied,
age and sex.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from assistant.settings import Settings
from benchmarks.measure import RESULTS, write
from knowledge.pack import load_pack


def drawn(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Cases as lines of the input hold them."""
    base = load_pack(Settings.from_environment().pack)
    diseases = [d for d in base.diseases.values() if not d.traditional_pattern and d.findings]
    rng = np.random.default_rng(seed)
    for number in range(count):
        disease = diseases[rng.integers(len(diseases))]
        seen = [e.id for e in disease.findings if rng.random() < e.probability][:8] or [
            disease.findings[0].id
        ]
        denied = [e.id for e in disease.findings if e.id not in seen][:2]
        yield {
            "id": number,
            "age": int(rng.integers(1, 90)),
            "sex": str(rng.choice(["female", "male"])),
            "findings_present": [base.findings[f].name("en") for f in seen],
            "findings_absent": denied,
        }


def main() -> None:
    """Draw, answer, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", choices=["local", "ray"], default="local")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS / "scale.json")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        with source.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(case) + "\n" for case in drawn(options.cases, options.seed))
        command = [sys.executable, "-m", "assistant.cli", "diagnose", str(source), str(target)]
        began = time.perf_counter()
        subprocess.run([*command, "--workers", str(options.workers), "--engine", options.engine], check=True)
        seconds = time.perf_counter() - began
        ids = [json.loads(line)["id"] for line in target.read_text(encoding="utf-8").splitlines()]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "benchmark": "scale",
        "cases": options.cases,
        "workers": options.workers,
        "engine": options.engine,
        "every_line_once_and_in_order": ids == list(range(options.cases)),
        "seconds": round(seconds, 1),
        "cases_a_second": round(options.cases / seconds, 1),
        "processor_ms_a_case": round(1000 * (used.ru_utime + used.ru_stime) / options.cases, 2),
    }
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
