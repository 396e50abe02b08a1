"""Does an adapter of the sentence encoder find better what it did not learn?

    python -m benchmarks.embedding --data ../shared/data/medquad --liveqa ../shared/data/liveqa

Questions of MedQuAD on foci kept apart, each to find its answer among the answers of these foci; and the
pack's passages about things kept apart, each found in English by its Chinese. The rows of Chinese characters
under both encoders had been learnt from nearly all of these passages. With --liveqa also TREC LiveQA Medical
2017, from whose questions and judgements nothing was learnt, by the measures of benchmarks.liveqa.
"""

import argparse
import random
from pathlib import Path
from typing import Any

import numpy as np

from assistant.training.embedding import ranks_of
from assistant.training.pairs import Pair, bilingual_pairs, medquad_pairs, of_part
from benchmarks.liveqa import QUERIES, systems_over
from benchmarks.liveqa import measured as measured_on
from benchmarks.measure import RESULTS, interval, write
from knowledge.pack import load_pack
from retrieval.embedding import ADAPTED, Encoder


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


def on_liveqa(encoder: Encoder, collection: Path, liveqa: Path) -> dict[str, Any]:
    """The means of the benchmark's chief measures, by form of the query and system."""
    systems, _ = systems_over(collection, lambda done, total: None, encoder)
    chosen = {name: systems[name] for name in ("questions", "dense")}
    found = {}
    for query in QUERIES:
        result = measured_on(chosen, liveqa / "topics.jsonl", liveqa / "qrels.tsv", query)["systems"]
        found[query] = {
            name: {
                "avgScore": of["avgScore"]["mean"],
                "condensed avgScore": of["condensed"]["avgScore"]["mean"],
                "MRR@10": of["MRR@10"]["mean"],
            }
            for name, of in result.items()
        }
    return found


def main() -> None:
    """Measure both encoders on the same pairs and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of MedQuAD's answers.jsonl.gz")
    parser.add_argument("--adapter", type=Path, default=ADAPTED, help="the one that ships by default")
    parser.add_argument("--liveqa", type=Path, help="folder of topics.jsonl and qrels.tsv")
    parser.add_argument("--most", type=int, default=600, help="pairs of each kind")
    parser.add_argument("--out", type=Path, default=RESULTS / "embedding.json")
    options = parser.parse_args()
    kinds = [of_part(p, "test") for p in (medquad_pairs(options.data), bilingual_pairs(load_pack()))]
    asked, bilingual = (random.Random(0).sample(p, min(options.most, len(p))) for p in kinds)
    encoders = {"as shipped": Encoder.load(), "with the adapter": Encoder.load(options.adapter)}
    result = {
        "benchmark": "embedding",
        "pairs": {"question to answer": len(asked), "Chinese to English": len(bilingual)},
        **{name: measured(encoder, asked, bilingual) for name, encoder in encoders.items()},
    }
    if options.liveqa:
        result["TREC LiveQA Medical 2017"] = {
            name: on_liveqa(encoder, options.data, options.liveqa) for name, encoder in encoders.items()
        }
    write(result, options.out)


if __name__ == "__main__":
    main()
