"""`python -m benchmarks`: run every benchmark and write RESULTS.md from the results."""

import json
import subprocess
import sys
from typing import Any

from benchmarks.measure import RESULTS, ROOT

RUNS = (
    ["benchmarks.speed"],
    ["benchmarks.vignettes", "--half", "odd"],
    ["benchmarks.vignettes", "--half", "odd", "--graph-only", "--out", str(RESULTS / "vignettes_graph.json")],
    ["benchmarks.consultations"],
)
NOTES = {
    "vignettes": "The odd half of the development vignettes gives the number; the even half was looked at for "
    "errors. Strict: the same disease; lenient: a subtype or parent of it. A diagnosis that the pack does "
    "not know counts as wrong.",
    "vignettes_graph": "The same, the causal graph alone.",
    "consultations": "Three candidates a case; chance is one in three. A candidate that the pack does not know "
    "is ranked last.",
    "speed": "One torch thread, the machine shared with others; milliseconds unless said otherwise.",
}


def main() -> None:
    """Run all, then write the table; a benchmark that fails is named and the others are run."""
    failed = [run[0] for run in RUNS if subprocess.run([sys.executable, "-m", *run], check=False).returncode]
    tables = [
        _table(path.stem, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(RESULTS.glob("*.json"))
    ]
    head = "# Results\n\nMade by `make bench` from `benchmarks/results/*.json`. Numbers are as measured.\n"
    (ROOT / "RESULTS.md").write_text("\n".join([head, *tables]), encoding="utf-8")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _table(name: str, result: dict[str, Any]) -> str:
    rows = [
        f"| {key} | {_cell(value)} |" for key, value in result.items() if key not in ("benchmark", "made")
    ]
    made = result.get("made", {})
    note = f"\n{NOTES[name]}\n" if name in NOTES else ""
    command = f"\n`{made['command']}`\n" if "command" in made else ""
    return "\n".join([f"## {name}", note, "| measure | value |", "| --- | --- |", *rows, command])


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{k} {_cell(v)}" for k, v in value.items())
    if isinstance(value, list):
        return " – ".join(map(str, value)) if len(value) == 2 else ", ".join(map(str, value[:12]))
    return str(value)


if __name__ == "__main__":
    main()
