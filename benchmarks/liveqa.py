"""Question retrieval on TREC LiveQA Medical 2017 over MedQuAD's questions.

    python -m benchmarks.liveqa --collection ../shared/data/medquad \
        --topics ../shared/data/liveqa/topics.jsonl --qrels ../shared/data/liveqa/qrels.tsv \
        --query summary --out benchmarks/results/liveqa_summary.json

Abacha, Agichtein, Pinter & Demner-Fushman 2017 (the task); Ben Abacha & Demner-Fushman 2019, "A
question-entailment approach to question answering" (the collection and its judgements). An answer that
nobody judged counts as wrong; the condensed values leave unjudged answers out (Sakai 2007).
"""

import argparse
import csv
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.asked.medquad import questions, synonyms
from benchmarks.asked.search import QuestionSearcher
from knowledge.pack import cache_folder
from retrieval.bm25 import Bm25
from retrieval.corpus import Corpus
from retrieval.embedding import Encoder, Progress
from retrieval.search import Searcher, best_rows
from retrieval.vector_cache import VectorCache
from retrieval.words import Words

Qrels = Mapping[str, Mapping[str, int]]
"""Topic -> answer -> grade from 1 (wrong) to 4 (right and complete)."""

QUERIES: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    "subject_message": lambda topic: (topic["subject"] or "", topic["message"] or ""),
    "paraphrase": lambda topic: ("", str(topic["paraphrase"])),
    "summary": lambda topic: ("", str(topic["summary"])),
}
"""A topic -> subject and message."""
Find = Callable[[str, str], list[str]]
"""Subject and message -> answers, best first."""
_DEPTH = 100
_CUT = 10
_RELEVANT = 3
_RESAMPLES = 2000


def main() -> None:
    """Index the collection (kept in the cache folder), run the topics, write the numbers."""
    options = _options()
    started = time.perf_counter()
    fresh = [0]
    systems, indexed = systems_over(options.collection, lambda *at: _tell(fresh, *at))
    seconds = time.perf_counter() - started
    result = {
        "benchmark": "TREC LiveQA Medical 2017 over MedQuAD",
        **measured(systems, options.topics, options.qrels, options.query),
        "questions_indexed": indexed,
        "texts_encoded_in_this_run": fresh[0],
        "seconds_to_index": round(seconds, 1),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))


def measured(systems: Mapping[str, Find], topics: Path, qrels: Path, query: str) -> dict[str, Any]:
    """All measures of all systems on one form of the queries."""
    told = [json.loads(line) for line in topics.read_text(encoding="utf-8").splitlines()]
    queries = {str(topic["qid"]): QUERIES[query](topic) for topic in told}
    judged = read_qrels(qrels)
    return {
        "query": query,
        "topics": len(told),
        "systems": {
            name: evaluate({qid: _answers(find(*asked)) for qid, asked in queries.items()}, judged)
            for name, find in systems.items()
        },
    }


def read_qrels(path: Path) -> Qrels:
    """The higher grade where an answer was judged twice."""
    grades: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            answer = f"{row['folder']}/{row['doc']}/{row['pid']}"
            grades.setdefault(row["qid"], {})[answer] = int(row["grade_max"])
    return grades


def evaluate(runs: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, Any]:
    """All measures over topics, as they are and condensed, with 95 % bootstrap intervals."""
    condensed = {qid: [a for a in run if a in qrels.get(qid, {})] for qid, run in runs.items()}
    judged = [a in qrels.get(qid, {}) for qid, run in runs.items() for a in run[:_CUT]]
    return {
        **_measures(runs, qrels),
        "share_judged_at_1": _mean([run[0] in qrels.get(q, {}) for q, run in runs.items() if run]),
        "share_judged_at_10": _mean(judged),
        "condensed": _measures(condensed, qrels),
    }


def _measures(runs: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, Any]:
    graded = {qid: [qrels.get(qid, {}).get(answer, 0) for answer in run] for qid, run in runs.items()}
    first = [grades[0] if grades else 0 for grades in graded.values()]
    per_topic: dict[str, list[float]] = {
        "avgScore": [max(grade - 1, 0) for grade in first],
        "MRR@10": [reciprocal_rank(grades) for grades in graded.values()],
        "MAP@10": [average_precision(grades, qrels.get(qid, {})) for qid, grades in graded.items()],
        **{f"succ@{least}+": [grade >= least for grade in first] for least in (2, 3, 4)},
    }
    answered = [grade for grade, grades in zip(first, graded.values(), strict=True) if grades]
    precision = {f"prec@{n}+": _mean([grade >= n for grade in answered]) for n in (2, 3, 4)}
    return {name: _interval(values) for name, values in per_topic.items()} | precision


def reciprocal_rank(grades: Sequence[int]) -> float:
    """One over the rank of the first answer of grade 3 or 4 among ten, or 0."""
    return next((1 / rank for rank, grade in enumerate(grades[:_CUT], 1) if grade >= _RELEVANT), 0.0)


def average_precision(grades: Sequence[int], judged: Mapping[str, int]) -> float:
    """Precision at each answer of grade 3 or 4 among ten, over all such answers judged (trec_eval's)."""
    relevant = sum(grade >= _RELEVANT for grade in judged.values())
    hits = [rank for rank, grade in enumerate(grades[:_CUT], 1) if grade >= _RELEVANT]
    return sum(found / rank for found, rank in enumerate(hits, 1)) / relevant if relevant else 0.0


def systems_over(
    collection: Path, progress: Progress, encoder: Encoder | None = None
) -> tuple[dict[str, Find], int]:
    """The search of questions, the fused search of passages and each of its halves alone; and how many
    questions are indexed. The halves see the question's text and nothing else."""
    encoder, words = encoder or Encoder.for_search(), Words()
    cache = VectorCache(cache_folder() / "vectors", encoder)
    corpus = Corpus.of(questions(collection), cache, words, progress)
    asked = QuestionSearcher(corpus.passages, cache, encoder, words, synonyms(collection))
    searcher, bm25 = Searcher([corpus], encoder, words), Bm25(corpus.counts)

    def by_question(subject: str, message: str) -> list[str]:
        return [passage.id for passage in asked.search(message, _DEPTH, subject)]

    def fused(subject: str, message: str) -> list[str]:
        return [hit.passage.id for hit in searcher.search(f"{subject} {message}".strip(), _DEPTH)]

    def by_meaning(subject: str, message: str) -> list[str]:
        rows, _ = corpus.nearest.nearest(encoder.encode([f"{subject} {message}".strip()])[0], _DEPTH)
        return [corpus.passages[corpus.rows[row]].id for row in rows]

    def by_words(subject: str, message: str) -> list[str]:
        scores = bm25.scores(words.terms(f"{subject} {message}"))
        return [corpus.passages[row].id for row in best_rows(scores, _DEPTH)]

    named: dict[str, Find] = {"questions": by_question, "fused": fused, "dense": by_meaning, "bm25": by_words}
    return named, len(corpus.passages)


def _answers(found: Sequence[str]) -> list[str]:
    """One answer may stand under several questions; its best rank counts."""
    return list(dict.fromkeys(found))


def _interval(values: Sequence[float]) -> dict[str, float]:
    """Mean and 95 % percentile bootstrap over topics, seed 0."""
    sample = np.array(values, float)
    draws = np.random.default_rng(0).choice(sample, (_RESAMPLES, len(sample))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "mean": round(float(sample.mean()), 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
    }


def _mean(values: Sequence[float]) -> float:
    return round(statistics.fmean(values), 3) if values else 0.0


def _tell(fresh: list[int], done: int, total: int) -> None:
    fresh[0] = done
    print(f"encoded {done} of {total}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--collection", type=Path, required=True, help="folder with questions.jsonl.gz")
    parser.add_argument("--topics", type=Path, required=True)
    parser.add_argument("--qrels", type=Path, required=True)
    parser.add_argument("--query", choices=sorted(QUERIES), default="summary")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
