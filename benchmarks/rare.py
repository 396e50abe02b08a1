"""Real case reports of rare diseases, as phenotype terms: how often is the diagnosis first, and near it?

    aetia knowledge import hpo --annotations F --edges F --labels F --out DIR
    python -m benchmarks.rare --cases dev.jsonl --pack DIR --out R.json

A case counts as ranked among the diseases of the catalogue that its diagnosis comes from (OMIM): other
catalogues list many of the same diseases again. `among_all` ranks it among all. Equal scores share the
mean of their ranks. What a report excludes was looked for because of what its authors suspected, and
enters so (Evidence.sought); `--excluded absent` takes it for absent, as in a conversation. The pack's
`inference` was chosen on the even lines of the development file (the first is line 0); `--half odd`
measures on those that nothing was chosen on.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.measure import RESULTS, data_folder, interval, write
from knowledge.errors import AetiaError
from knowledge.evidence import Evidence
from knowledge.graph import CausalGraph
from knowledge.noisy_or import Floats
from knowledge.pack import load_pack

_TOP = (1, 3, 10)
_AGE = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


@dataclass(frozen=True)
class RareCase:
    """A case of the file. disease: catalogue and number. age: years."""

    id: str
    disease: str
    evidence: Evidence
    unknown: tuple[str, ...]


def read_cases(path: Path, findings: dict[str, str], excluded: str = "sought") -> list[RareCase]:
    """findings: HPO term -> finding of the pack. excluded: `sought` or `absent`, what excluded terms are.

    Raises AetiaError that names the line.
    """
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            raw = json.loads(line)
            cases.append(_case(raw, findings, excluded))
        except (KeyError, TypeError, ValueError) as fault:
            raise AetiaError(f"{path}:{number}: no case: {fault!r}") from None
    return cases


def _case(raw: dict[str, Any], findings: dict[str, str], excluded: str) -> RareCase:
    terms = [*raw["observed"], *raw.get("excluded", [])]
    sex = str(raw.get("sex", "")).lower()
    missing = frozenset(findings[t] for t in raw.get("excluded", []) if t in findings)
    evidence = Evidence(
        present={findings[t] for t in raw["observed"] if t in findings},
        absent=missing if excluded == "absent" else frozenset(),
        sought=missing if excluded == "sought" else frozenset(),
        age=_years(raw.get("age")),
        sex="male" if sex == "male" else "female" if sex == "female" else None,
    )
    return RareCase(raw["id"], raw["disease"], evidence, tuple(t for t in terms if t not in findings))


def _years(age: str | None) -> float | None:
    if not age or not (parts := _AGE.match(age)):
        return None
    years, months, weeks, days = (float(part or 0) for part in parts.groups())
    return years + months / 12 + weeks / 52.2 + days / 365.25


def rank(score: Floats, row: int, among: Sequence[int]) -> float:
    """The place of a row, from 1; rows with the same score share the mean of their places."""
    others = score[list(among)]
    return float(1 + (others > score[row]).sum() + ((others == score[row]).sum() - 1) / 2)


def shares(ranks: Sequence[float], diseases: Sequence[str]) -> dict[str, Any]:
    """Top 1, 3, 10 over cases (micro) and over diseases (macro), each with its 95 % interval."""
    result: dict[str, Any] = {}
    for top in _TOP:
        by_disease: dict[str, list[bool]] = defaultdict(list)
        hits = [place <= top for place in ranks]
        for disease, hit in zip(diseases, hits, strict=True):
            by_disease[disease].append(hit)
        means = [float(np.mean(group)) for group in by_disease.values()]
        result[f"top{top}"] = {
            "micro": round(float(np.mean(hits)), 4),
            "micro_interval": interval(hits),
            "macro": round(float(np.mean(means)), 4),
            "macro_interval": interval(means),
        }
    return result


def measure(cases: Sequence[RareCase], graph: CausalGraph) -> dict[str, Any]:
    """Rank the diagnosis of every case. A diagnosis that the pack lacks counts as last."""
    ids = {
        disease: graph.row.get(re.sub(r"\W", "_", disease.lower())) for disease in {c.disease for c in cases}
    }
    catalogue = defaultdict(list)
    for row, disease in enumerate(graph.diseases):
        catalogue[disease.partition("_")[0]].append(row)
    everywhere = range(len(graph.diseases))
    within, overall, bounded, contradictions = [], [], 0, {}
    for case in tqdm(cases, unit="case", disable=None):
        row, reading = ids[case.disease], graph.posterior(case.evidence)
        bounded += bool(reading.bounded)
        if reading.contradictions:
            contradictions[case.id] = reading.contradictions
        own = catalogue[case.disease.partition(":")[0].lower()]
        within.append(rank(reading.posterior, row, own) if row is not None else len(graph.diseases))
        overall.append(rank(reading.posterior, row, everywhere) if row is not None else len(graph.diseases))
    diseases = [case.disease for case in cases]
    return {
        "cases": len(cases),
        "diseases": len(ids),
        **shares(within, diseases),
        "mean_reciprocal_rank": round(float(np.mean(1 / np.array(within))), 4),
        "among_all": shares(overall, diseases),
        "candidates": {name: len(rows) for name, rows in catalogue.items()},
        "cases_with_bounded_findings": bounded,
        "diagnoses_not_in_the_pack": sorted(d for d, row in ids.items() if row is None),
        "terms_not_in_the_pack": sorted({term for case in cases for term in case.unknown}),
        "contradictions": contradictions,
    }


def main() -> None:
    """Measure one file of cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=Path, help="JSON lines; the development cases by default")
    parser.add_argument("--pack", type=Path, required=True, help="made by `aetia knowledge import hpo`")
    parser.add_argument("--out", type=Path, default=RESULTS / "rare.json")
    parser.add_argument("--half", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--excluded", choices=("sought", "absent"), default="sought")
    options = parser.parse_args()
    base = load_pack(options.pack)
    path = options.cases or data_folder() / "phenopackets" / "dev.jsonl"
    cases = read_cases(path, {f.hpo: f.id for f in base.findings.values() if f.hpo}, options.excluded)
    chosen = {"all": cases, "even": cases[::2], "odd": cases[1::2]}[options.half]
    result = {
        "benchmark": "rare",
        "pack": f"{base.name} {base.version}",
        "half": options.half,
        "excluded": options.excluded,
    }
    result |= measure(chosen, CausalGraph(base))
    write(result, options.out)
    print(json.dumps({k: v for k, v in result.items() if k.startswith(("top", "cases", "among"))}, indent=1))


if __name__ == "__main__":
    main()
