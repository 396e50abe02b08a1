"""Does an adapter of the sentence encoder find better what it did not learn?

    aetia train embedding --data ../shared/data/medquad --out ADAPTER
    python -m benchmarks.embedding --data ../shared/data/medquad --adapter ADAPTER

Questions of MedQuAD on foci kept apart, each to find its answer among the answers of these foci; and the
pack's passages about things kept apart, each found in English by its Chinese. The rows of Chinese characters
under both encoders had been learnt from nearly all of these passages.
"""

import argparse
import random
from pathlib import Path
from typing import Any

import numpy as np

from assistant.training.embedding import ranks_of
from assistant.training.pairs import Pair, bilingual_pairs, medquad_pairs, of_part
from benchmarks.measure import RESULTS, interval, write
from knowledge.pack import load_pack
from retrieval.embedding import Encoder


def measured(encoder: Encoder, asked: list[Pair], bilingual: list[Pair]) -> dict[str, Any]:
    """MRR@10 of answers, and the share of passages found first and among five."""
    answers, passages = ranks_of(encoder.encode, asked), ranks_of(encoder.encode, bilingual)
    first = passages <= 1
    return {
        "question to answer": {
            "MRR@10": round(float(np.where(answers <= 10, 1 / answers, 0.0).mean()), 4),
            "first": round(float((answers <= 1).mean()), 4),
            "95% interval of first": interval((answers <= 1).tolist()),
        },
        "Chinese to English": {
            "first": round(float(first.mean()), 4),
            "among five": round(float((passages <= 5).mean()), 4),
            "95% interval of first": interval(first.tolist()),
        },
    }


def main() -> None:
    """Measure both encoders on the same pairs and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of MedQuAD's answers.jsonl.gz")
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--most", type=int, default=600, help="pairs of each kind")
    parser.add_argument("--out", type=Path, default=RESULTS / "embedding.json")
    options = parser.parse_args()
    kinds = [of_part(p, "test") for p in (medquad_pairs(options.data), bilingual_pairs(load_pack()))]
    asked, bilingual = (random.Random(0).sample(p, min(options.most, len(p))) for p in kinds)
    result = {
        "benchmark": "embedding",
        "pairs": {"question to answer": len(asked), "Chinese to English": len(bilingual)},
        "as shipped": measured(Encoder.load(), asked, bilingual),
        "with the adapter": measured(Encoder.load(options.adapter), asked, bilingual),
    }
    write(result, options.out)


if __name__ == "__main__":
    main()
