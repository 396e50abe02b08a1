"""The exact engine: time, error and memory, beside Quickscore, pyAgrum and pgmpy on the same networks.

    python -m benchmarks.noisy_or rivals [--pack DIR]
    python -m benchmarks.noisy_or growth [--pack DIR]

Networks have the links of the built-in pack: each disease takes a row of its effective strengths, in
one of several blocks of findings where more are wanted than it has. Positives are drawn at random among
the findings with a link (`random`), or are those of most links (`commonest`). Times are the
median of runs in CPU time, so that a shared machine can be used, on one thread; they hold all posteriors
and, for our engine alone, every leave-one-out.
Errors are the largest against 60 digits. A rival runs in a process of its own, with a time limit; the
60 digits take what is left of the row's. Every row is written as soon as it is there.
"""

import argparse
import json
import os
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic, process_time
from typing import Any

import numpy as np
import psutil

from benchmarks.measure import RESULTS, write
from benchmarks.rivals import Posteriors, pgmpy, pyagrum, quickscore, with_sixty_digits, within
from knowledge.base import Inference, KnowledgeBase
from knowledge.evidence import Evidence
from knowledge.graph import CausalGraph
from knowledge.noisy_or import Floats, NoisyOr
from knowledge.pack import load_pack

SIZES = ((50, 200), (200, 600), (600, 1500), (1500, 3000), (4000, 4000))
RIVALS: dict[str, Posteriors] = {"quickscore": quickscore, "pyagrum": pyagrum, "pgmpy": pgmpy}
_DIGITS = 10
"""Positive findings up to which the truth in 60 digits is worked out."""


def like_the_pack(graph: CausalGraph, diseases: int, findings: int, seed: int) -> NoisyOr:
    """A network of a size, with rows of the pack over those of its findings that are no kind of another."""
    rng = np.random.default_rng(seed)
    widest = [f for f in graph.base.findings.values() if not f.parents]
    table = np.array([graph.column(f.id) for f in widest]).T
    blocks = -(-findings // table.shape[1])
    strength = np.zeros((diseases, blocks * table.shape[1]))
    for d in range(diseases):
        start = rng.integers(blocks) * table.shape[1]
        strength[d, start : start + table.shape[1]] = table[rng.integers(len(table))]
    chosen = np.sort(rng.choice(strength.shape[1], findings, replace=False))
    leak = np.resize([f.leak_probability for f in widest], strength.shape[1])
    return NoisyOr(10 ** rng.uniform(-5, -2, diseases), strength[:, chosen], leak[chosen])


def of_the_pack(base: KnowledgeBase, seed: int) -> NoisyOr:
    """All diseases of a pack, with 400 of the findings that they are annotated with drawn at random and
    the 20 of most annotations; read as a plain network."""
    graph = CausalGraph(base.model_copy(update={"inference": Inference()}))
    named = Counter(edge.id for disease in base.diseases.values() for edge in disease.findings)
    drawn = np.random.default_rng(seed).choice(sorted(named), min(400, len(named)), replace=False)
    chosen = list(dict.fromkeys([*map(str, drawn), *(f for f, _ in named.most_common(20))]))
    leak = np.array([base.findings[f].leak_probability for f in chosen])
    return NoisyOr(graph.prior(Evidence()), np.array([graph.column(f) for f in chosen]).T, leak)


def reading_ms(base: KnowledgeBase, count: int) -> float:
    """Median milliseconds of reading a case of `count` findings as the pack wants to be read."""
    graph = CausalGraph(base)
    named = sorted({edge.id for disease in base.diseases.values() for edge in disease.findings})
    rng, taken = np.random.default_rng(0), []
    for _ in range(20):
        evidence = Evidence(present={str(f) for f in rng.choice(named, count, replace=False)})
        graph.posterior(evidence)  # fills the columns, as in a conversation
        began = process_time()
        graph.posterior(evidence)
        taken.append(process_time() - began)
    return round(1000 * statistics.median(taken), 2)


def positives(net: NoisyOr, count: int, kind: str, seed: int) -> list[int]:
    """Columns of findings seen."""
    degree = np.count_nonzero(net.strength, axis=0)
    if kind == "commonest":
        return np.argsort(-degree, kind="stable")[:count].tolist()
    rng = np.random.default_rng(seed)
    chosen: list[int] = rng.choice(np.flatnonzero(degree), count, replace=False).tolist()
    return chosen


def ours(net: NoisyOr, positive: Sequence[int], least: float = 0.2) -> tuple[float, Floats]:
    """Median seconds over repeated runs, after one that loads the compiled code, and the posteriors."""
    answer = net.posterior(positive, []).probability
    taken: list[float] = []
    while sum(taken) < least and len(taken) < 50:
        began = process_time()
        net.posterior(positive, [])
        taken.append(process_time() - began)
    return statistics.median(taken), answer


def row(net: NoisyOr, positive: list[int], limit: float, row_limit: float) -> dict[str, Any]:
    """One line of the table. limit: seconds for a rival. row_limit: for all of them and the truth."""
    began = monotonic()
    links = net.strength[:, positive]
    seconds, answer = ours(net, positive)
    line: dict[str, Any] = {
        "linked": int(links.any(axis=1).sum()),
        "links": int(np.count_nonzero(links)),
        "ms": round(1000 * seconds, 3),
    }
    answers = {"error": answer}
    for name, method in RIVALS.items():
        found = within(limit, method, net, positive)
        if isinstance(found, str):
            line[name] = found
        else:
            line[name] = {"ms": round(1000 * found[0], 2), "ratio": round(found[0] / seconds, 1)}
            answers[name] = found[1]
    if len(positive) <= _DIGITS:
        line |= _errors(
            line,
            answers,
            within(max(row_limit - (monotonic() - began), 1.0), with_sixty_digits, net, positive),
        )
    return line


def _errors(
    line: dict[str, Any], answers: dict[str, Floats], truth: tuple[float, Floats] | str
) -> dict[str, Any]:
    """The parts of a line that hold an error, with it, or with why there is no truth."""
    if isinstance(truth, str):
        return {"error": truth}
    off = {name: float(np.nanmax(np.abs(found - truth[1]))) for name, found in answers.items()}
    return {"error": off.pop("error")} | {name: {**line[name], "error": e} for name, e in off.items()}


def growth(net: NoisyOr, counts: Sequence[int]) -> dict[str, Any]:
    """Milliseconds by number of positive findings, random (median of five draws) and commonest."""
    result: dict[str, Any] = {}
    for count in counts:
        draws = [ours(net, positives(net, count, "random", seed), 0.05)[0] for seed in range(5)]
        common = ours(net, positives(net, count, "commonest", 0), 0.05)[0]
        result[str(count)] = {
            "random_ms": round(1000 * statistics.median(draws), 3),
            "commonest_ms": round(1000 * common, 2),
        }
    return result


def networks(graph: CausalGraph, pack: Path | None) -> Iterator[tuple[str, NoisyOr]]:
    """The networks of every size, and an imported pack as one."""
    for diseases, findings in SIZES:
        yield f"{diseases} x {findings}", like_the_pack(graph, diseases, findings, seed=0)
    if pack:
        base = load_pack(pack)
        yield f"{base.name}: {len(base.diseases)} x {len(base.findings)}", of_the_pack(base, seed=0)


def beside_rivals(
    named: Iterable[tuple[str, NoisyOr]], limit: float, row_limit: float
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every network with 3, 6 and 10 positive findings, beside every rival."""
    for name, net in named:
        for count in (3, 6, 10):
            for kind in ("random", "commonest"):
                line = row(net, positives(net, count, kind, 0), limit, row_limit)
                yield f"{name}, {count} {kind}", line


def shown(rows: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """How often a rival answered, and the least and the median ratio of its time to ours."""
    ratios = [line[name]["ratio"] for line in rows.values() if isinstance(line[name], dict)]
    found: dict[str, Any] = {"rows": len(rows), "answered": len(ratios)}
    return found | ({"ratio_least": min(ratios), "ratio_median": statistics.median(ratios)} if ratios else {})


def by_size(graph: CausalGraph, pack: Path | None) -> dict[str, Any]:
    """How cost grows with positive findings and with diseases, and the memory that is held in the end."""
    sizes = {}
    for diseases, findings in SIZES:
        net = like_the_pack(graph, diseases, findings, seed=0)
        sizes[f"{diseases} x {findings}"] = growth(net, (4, 8, 10, 12, 14, 16, 18, 20))
    found: dict[str, Any] = {"resident_mb": _resident()}
    if pack:
        base = load_pack(pack)
        key = f"{base.name}: {len(base.diseases)} x {len(base.findings)}"
        sizes[key] = growth(of_the_pack(base, seed=0), (4, 8, 10, 12, 14, 16))
        found |= {"reading_of_10_ms": {key: reading_ms(base, 10)}, "resident_with_pack_mb": _resident()}
    return {"growth": sizes, **found}


def _resident() -> int:
    return round(psutil.Process(os.getpid()).memory_info().rss / 2**20)


def main() -> None:
    """Measure one part on this machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", choices=("rivals", "growth"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--pack", type=Path, help="an imported pack, such as the HPO's")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for a rival")
    parser.add_argument("--row-limit", type=float, default=45.0, help="seconds for a row")
    options = parser.parse_args()
    graph = CausalGraph(load_pack())
    result: dict[str, Any] = {"benchmark": f"noisy_or {options.part}"}
    out = options.out or RESULTS / f"noisy_or_{options.part}.json"
    if options.part == "rivals":
        rows: dict[str, dict[str, Any]] = {}
        for key, line in beside_rivals(networks(graph, options.pack), options.limit, options.row_limit):
            print(key, json.dumps(line), flush=True)
            rows[key] = line
            result |= {"summary": {name: shown(rows, name) for name in RIVALS}, "rivals": rows}
            write(result, out)
        return
    result |= by_size(graph, options.pack)
    print(json.dumps(result, indent=1))
    write(result, out)


if __name__ == "__main__":
    main()
