"""How fast search is, and how much the fast ways lose.

    python -m benchmarks.search_speed --out benchmarks/results/search_speed.json

Vectors: random directions around random centres (seed 0), d = 384, against an exact sort. Words: BM25 here
beside bm25s on the same terms. Whole search: a bilingual pack made of the labelled pairs' passages, each
numbered apart, with the real encoder; times of a first start, a later start, and queries.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.concepts import Passage, Source
from retrieval.bm25 import Bm25, TermCounts
from retrieval.dense import VectorIndex, lists_of
from retrieval.search import Searcher

PAIRS = Path(__file__).parents[1] / "tests" / "retrieval" / "support_pairs.jsonl"
_DIMENSION = 384
_QUERIES = 200


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vectors", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--passages", type=int, nargs="+", default=[400, 4_000])
    options = parser.parse_args()
    result = {
        "benchmark": "search speed",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "vectors": [measure_vectors(n) for n in options.vectors],
        "words": measure_words(10_000),
        "search": [measure_search(n) for n in options.passages],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def measure_vectors(n: int) -> dict[str, Any]:
    """Exact search and search through lists at n vectors."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(max(n // 50, 1), _DIMENSION))
    vectors = _unit(centres[rng.integers(len(centres), size=n)] + 0.7 * rng.normal(size=(n, _DIMENSION)))
    queries = _unit(
        centres[rng.integers(len(centres), size=_QUERIES)] + 0.7 * rng.normal(size=(_QUERIES, _DIMENSION))
    )
    started = time.perf_counter()
    lists = lists_of(vectors, exact_up_to=0)
    built = time.perf_counter() - started
    truth = [set(np.argsort(-(vectors @ query))[:10].tolist()) for query in queries]
    rows: dict[str, Any] = {"vectors": n, "lists_build_seconds": round(built, 1)}
    for name, index in (("flat", VectorIndex(vectors)), ("lists", VectorIndex(vectors, lists))):
        found = [set(index.nearest(query, 10)[0].tolist()) for query in queries]
        shared = sum(len(a & b) for a, b in zip(found, truth, strict=True))
        rows[name] = {
            "recall@10": round(shared / (10 * _QUERIES), 4),
            **_latency([lambda q=q, index=index: index.nearest(q, 10) for q in queries]),  # type: ignore[misc]
        }
    return rows


def measure_words(n: int) -> dict[str, Any]:
    """BM25 here and bm25s over n documents of about 60 terms; scores must agree."""
    import bm25s

    rng = np.random.default_rng(0)
    documents = [[f"t{term}" for term in rng.zipf(1.3, 60) if term < 50_000] for _ in range(n)]
    queries = [[f"t{term}" for term in rng.zipf(1.3, 8) if term < 50_000] for _ in range(_QUERIES)]
    counts = TermCounts.of(documents)
    own = Bm25(counts)
    rival = bm25s.BM25(method="lucene", k1=own.k1, b=own.b)
    rival.index(documents, show_progress=False)
    once = [sorted(set(query) & set(counts.vocabulary)) for query in queries]
    own.scores(once[0])
    apart = max(float(np.abs(own.scores(q) - rival.get_scores(q) * (own.k1 + 1)).max()) for q in once if q)
    return {
        "documents": n,
        "largest_difference": round(apart, 6),
        "own": _latency([lambda q=q: own.scores(q) for q in once if q]),  # type: ignore[misc]
        "bm25s": _latency([lambda q=q: rival.get_scores(q) for q in once if q]),  # type: ignore[misc]
    }


def measure_search(n: int) -> dict[str, Any]:
    """First start, later start and queries over a pack of n bilingual passages."""
    passages = pack_of(n)
    sources = {"book": Source(id="book", title="Book", publisher="House")}
    started = time.perf_counter()
    Searcher.over(passages, sources)
    first = time.perf_counter() - started
    started = time.perf_counter()
    searcher = Searcher.over(passages, sources)
    later = time.perf_counter() - started
    english = [passage.en.split(".")[0] for passage in passages[:100]]
    chinese = [passage.zh[:12] for passage in passages[:100]]
    searcher.search(english[0])
    searcher.search(chinese[0])
    return {
        "passages": n,
        "first_start_seconds": round(first, 2),
        "later_start_seconds": round(later, 2),
        "english": _latency([lambda q=q: searcher.search(q) for q in english]),  # type: ignore[misc]
        "chinese_words_only": _latency([lambda q=q: searcher.search(q) for q in chinese]),  # type: ignore[misc]
    }


def pack_of(n: int) -> list[Passage]:
    """n passages in both languages, no two the same."""
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    by_fact: dict[int, dict[str, str]] = {}
    for pair in pairs:
        by_fact.setdefault(pair["fact"], {})[pair["language"]] = pair["passage"]
    facts = list(by_fact.values())
    return [
        Passage(
            id=f"p/{i}", topic="definition", source="book",
            en=f"{facts[i % len(facts)]['en']} Case {i}.", zh=f"{facts[i % len(facts)]['zh']}第{i}例。",
        )
        for i in range(n)
    ]  # fmt: skip


def _latency(calls: list[Callable[[], Any]]) -> dict[str, float]:
    """Milliseconds: median and 95th percentile."""
    taken = []
    for call in calls:
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return {"p50_ms": round(float(np.median(taken)), 3), "p95_ms": round(float(np.percentile(taken, 95)), 3)}


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


if __name__ == "__main__":
    main()
