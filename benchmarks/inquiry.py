"""Diagnosis by asking: accuracy, symptom recall and turns on records of consultations.

    python -m benchmarks.inquiry --train T.jsonl --test E.jsonl --max-questions 10 --seeds 5 --out R.json

The simulated patient is that of the literature (Wei et al. 2018; Chen et al. 2022): it tells the
explicit symptoms, and answers a question with what the record says: present, absent, unsure, or "not
mentioned". Without --test a fifth of the training file is held out, another with every seed.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from assistant.consultation_records import Heard, Known, Records
from assistant.learned_inquiry import LearnedInquiry
from benchmarks.measure import RESULTS, interval, write


@dataclass(frozen=True)
class Course:
    """What came of N consultations. hits: (1 + max_questions, N) whether the leading diagnosis was
    right after so many questions. turns: (N,) questions asked. found: (N,) symptoms brought out."""

    hits: np.ndarray
    turns: np.ndarray
    found: np.ndarray


def consult(inquiry: LearnedInquiry, patients: Records, most: int) -> Course:
    """Ask all patients side by side; a consultation that has stopped stays as it is."""
    known = patients.told.copy()
    turns = np.zeros(len(patients), dtype=int)
    hits = [_right(inquiry, known, patients)]
    for _ in range(most):
        asked = inquiry.next_questions(known)
        going = np.flatnonzero(asked >= 0)
        known[going, asked[going]] = patients.answers[going, asked[going]]
        turns[going] += 1
        hits.append(_right(inquiry, known, patients))
    new = (known != patients.told) & (known != Heard.NOT_MENTIONED)
    return Course(np.array(hits), turns, new.sum(axis=1))


def _right(inquiry: LearnedInquiry, known: Known, patients: Records) -> np.ndarray:
    return inquiry.belief(known).argmax(axis=1) == patients.diagnosis


def courses(train: Path, test: Path | None, most: int, seeds: int) -> Iterator[tuple[Course, Records]]:
    """One run for each seed."""
    known = Records.read(train)
    for seed in range(seeds):
        if test:
            learning, patients = known, Records.read(test, like=known)
        else:
            rows = train_test_split(
                np.arange(len(known)), test_size=0.2, stratify=known.diagnosis, random_state=seed
            )
            learning, patients = known.some(rows[0]), known.some(rows[1])
        yield consult(LearnedInquiry.fit(learning, seed), patients, most), patients


def summary(runs: list[tuple[Course, Records]]) -> dict[str, Any]:
    """Means over the seeds. The interval is over patients, each with its mean over the seeds where
    these saw the same ones."""
    rights = [course.hits[-1].astype(float) for course, _ in runs]
    same = all(patients is runs[0][1] or len(patients) == len(runs[0][1]) for _, patients in runs)
    recall = [course.found.sum() / max(patients.hidden.sum(), 1) for course, patients in runs]
    by_count = np.mean([course.hits.mean(axis=1) for course, _ in runs], axis=0)
    return {
        "accuracy": round(float(np.mean([r.mean() for r in rights])), 4),
        "accuracy_interval": interval(np.mean(rights, axis=0) if same else np.concatenate(rights)),
        "symptom_recall": round(float(np.mean(recall)), 4),
        "turns": round(float(np.mean([course.turns.mean() for course, _ in runs])), 2),
        "accuracy_by_questions": {str(n): round(float(a), 4) for n, a in enumerate(by_count)},
        "accuracy_by_seed": [round(float(r.mean()), 4) for r in rights],
    }


def main() -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--train", type=Path, required=True, help="JSONL of consultations to learn from")
    parser.add_argument("--test", type=Path, help="JSONL to measure on; a held-out fifth when left out")
    parser.add_argument("--max-questions", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS / "inquiry.json")
    options = parser.parse_args()
    began, worked = time.perf_counter(), time.process_time()
    runs = list(courses(options.train, options.test, options.max_questions, options.seeds))
    result = {
        "benchmark": "inquiry",
        "train": options.train.name,
        "test": options.test.name if options.test else "held-out fifth, another with every seed",
        "patients": len(runs[0][1]),
        "seeds": options.seeds,
        "max_questions": options.max_questions,
        **summary(runs),
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - worked, 1),
    }
    print(json.dumps(result, indent=1, ensure_ascii=False))
    write(result, options.out)


if __name__ == "__main__":
    main()
