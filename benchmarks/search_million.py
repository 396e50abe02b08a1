"""Search over 1,000,000 passages on one machine: latency, recall, build time and resident memory.

    python -m benchmarks.search_million --data ../shared/data

So much real text does not lie here. Real are the passages of MedQuAD's answers and of OpenStax's nursing books,
as `aetia index` splits them; the rest is filled up with passages in which sentences of these are put together
anew (a sentence is cut into terms once, which makes the counting quicker than that of so much new text). So that encoding does not take hours, the vectors are not those of the texts: they are the shipped
vectors of the pack's passages and those of some of the real ones, each moved many times in a random direction
to a cosine of 0.75 to 0.95. The numbers therefore tell what search costs, not how good its hits are.

Queries are questions of MedQuAD, read by the real encoder. Memory is the high-water mark of a fresh process
that only opens and searches, mapped pages that it touched included.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from tqdm import tqdm

from assistant.library import SHIPPED
from benchmarks.asked.medquad import questions
from benchmarks.measure import RESULTS, write
from retrieval.bm25 import Bm25, TermCounts
from retrieval.corpus import Corpus, text_to_count
from retrieval.dense import exact_nearest, lists_of, moved, recall
from retrieval.documents import Document, read
from retrieval.embedding import Encoder
from retrieval.passages import MAX_CHARACTERS, TextPassage, split, stored_text
from retrieval.search import Searcher, best_rows
from retrieval.sentences import spans
from retrieval.store import Store, load, save
from retrieval.words import Words

_QUERIES, _WARM = 200, 20
_ENCODED = 300
"""Real passages whose vectors are made here."""
_PARAGRAPHS = 40
_PUBLISHERS = ("National Institutes", "A university", "A society")


def real_documents(data: Path) -> list[Document]:
    """MedQuAD's answers and OpenStax's modules."""
    files = (data / "medquad" / "answers.jsonl.gz", data / "openstax" / "nursing_modules.jsonl.gz")
    return [document for path in files for document in read(path)]


class Gathered:
    """Passages with the texts of their documents and their terms; the first `reals` are real."""

    def __init__(self, data: Path, count: int) -> None:
        self.passages: list[TextPassage] = []
        self.texts: dict[str, str] = {}
        self.terms: list[list[str]] = []
        self._random, self._words = Random(0), Words()
        real = real_documents(data)
        for document in tqdm(real, desc="real documents", mininterval=10):
            few = list(islice(split(document), count - len(self.passages)))
            self.passages += few
            self.texts[document.id] = stored_text(document)
            self.terms += [self._words.terms(text_to_count(passage)) for passage in few]
        self.reals = len(self.passages)
        texts = [text for text in self.texts.values() if len(text) > 400]
        sentences = [[text[a:b] for a, b in spans(text)] for text in texts]
        self._sentences = [
            [(one, self._words.terms(one)) for one in of if len(one) < 400] for of in sentences
        ]
        self._sentences = [of for of in self._sentences if of]
        with tqdm(total=count, initial=self.reals, desc="made passages", mininterval=10) as bar:
            while len(self.passages) < count:
                bar.update(self._make(min(_PARAGRAPHS, count - len(self.passages))))

    def _make(self, count: int) -> int:
        """A document of so many paragraphs, each a passage; a sentence is cut into terms but once."""
        name = f"made-{len(self.texts)}"
        at, parts = 0, []
        for _ in range(count):
            chosen = self._chosen()
            text = " ".join(sentence for sentence, _ in chosen)
            parts.append(text)
            self.passages.append(
                TextPassage(
                    f"{name}#{at}-{at + len(text)}", text, "en", name, _PUBLISHERS[len(self.texts) % 3],
                    date=str(1990 + len(self.texts) % 30), start=at, end=at + len(text), document=name,
                )
            )  # fmt: skip
            self.terms.append([name, *(term for _, terms in chosen for term in terms)])
            at += len(text) + 2
        self.texts[name] = "\n\n".join(parts)
        return count

    def _chosen(self) -> list[tuple[str, list[str]]]:
        """A run of sentences of one document and two of another, as long as a passage may be."""
        one, other = self._random.choice(self._sentences), self._random.choice(self._sentences)
        start = self._random.randrange(len(one))
        chosen = [*one[start : start + 5], *self._random.sample(other, min(2, len(other)))]
        while sum(len(sentence) + 1 for sentence, _ in chosen) > MAX_CHARACTERS["en"]:
            chosen.pop()
        return chosen


def vectors_for(passages: Sequence[TextPassage], reals: int, encoder: Encoder) -> Any:
    """(n, d) float16: real vectors moved at random, see above."""
    rng = np.random.default_rng(0)
    chosen = rng.choice(reals, min(_ENCODED, reals), replace=False)
    fresh = encoder.encode([passages[row].text for row in chosen])
    known = np.concatenate([np.load(SHIPPED, allow_pickle=False).astype(np.float32), fresh])
    vectors = np.empty((len(passages), known.shape[1]), np.float16)
    for start in range(0, len(passages), 10_000):
        few = known[rng.integers(len(known), size=min(10_000, len(passages) - start))]
        vectors[start : start + len(few)] = moved(few, rng.uniform(0.75, 0.95), rng)
    return vectors


def built(data: Path, folder: Path, count: int, encoder: Encoder) -> dict[str, Any]:
    """Build an index of `count` passages in a folder, and say how long each part took."""
    seconds: dict[str, float] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        made = act()
        seconds[name] = round(time.perf_counter() - started, 1)
        print(name, seconds[name], flush=True)
        return made

    gathered = timed("gather passages", lambda: Gathered(data, count))
    passages, reals = gathered.passages, gathered.reals
    counts = timed("count terms", lambda: TermCounts.of(gathered.terms))
    vectors = timed("make vectors", lambda: vectors_for(passages, reals, encoder))
    lists = timed("learn and fill lists", lambda: lists_of(vectors))
    corpus = Corpus(passages, vectors, np.arange(len(passages)), counts, encoder.sha256, lists)
    timed("write", lambda: save(folder, Store(corpus, {}, gathered.texts)))
    return {
        "passages": len(passages),
        "of them real text": reals,
        "postings": len(counts.documents),
        "terms": len(counts.vocabulary),
        "lists": lists.index.nlist if lists else 0,
        "lists read": lists.probes if lists else 0,
        "seconds to build": seconds,
        "gigabytes on disk": round(sum(p.stat().st_size for p in folder.rglob("*")) / 1e9, 2),
        "gigabytes at most while building": peak(),
    }


def asked(data: Path) -> list[str]:
    """Questions of MedQuAD; the first warm up."""
    return Random(0).sample([passage.text for passage in questions(data / "medquad")], _QUERIES + _WARM)


def found_share(folder: Path, queries: Any) -> float:
    """Recall@10 of the search by meaning against all cosines."""
    index = load(folder).corpus.nearest
    truth = exact_nearest(index.vectors, queries, 10)
    return round(recall([index.nearest(query, 10)[0] for query in queries], truth), 4)


def searched(folder: Path, data: Path) -> dict[str, Any]:
    """What a process that only opens and searches needs."""
    started = time.perf_counter()
    corpus = load(folder).corpus
    opened = time.perf_counter() - started
    after_opening = peak()
    encoder, words, asking = Encoder.load(), Words(), asked(data)
    searcher, bm25 = Searcher([corpus], encoder, words), Bm25(corpus.counts)
    for query in asking[:_WARM]:
        searcher.search(query)
    queries = asking[_WARM:]
    vectors = encoder.encode(queries)
    some = {"publisher": {_PUBLISHERS[0]}}
    rare = {"title": {"made-20000"}}
    return {
        "seconds to check and open": round(opened, 1),
        "gigabytes resident after opening": after_opening,
        "milliseconds": {
            "search by meaning": latency(vectors, lambda vector: corpus.nearest.nearest(vector, 50)),
            "search by words": latency(queries, lambda q: best_rows(bm25.scores(words.terms(q)), 50)),
            "whole": latency(queries, searcher.search),
            "whole, a third of all let through": latency(queries, lambda q: searcher.search(q, filters=some)),
            "whole, one document let through": latency(queries, lambda q: searcher.search(q, filters=rare)),
        },
        "gigabytes resident at most": peak(),
    }


def latency(queries: Any, act: Callable[[Any], Any]) -> dict[str, float]:
    """Milliseconds by the clock, and of the processor, which other work on the machine lengthens less."""
    taken, worked = [], []
    for query in queries:
        started, before = time.perf_counter(), time.process_time()
        act(query)
        taken.append(1000 * (time.perf_counter() - started))
        worked.append(1000 * (time.process_time() - before))
    return {
        "median": round(float(np.median(taken)), 1),
        "p95": round(float(np.percentile(taken, 95)), 1),
        "processor's median": round(float(np.median(worked)), 1),
        "processor's p95": round(float(np.percentile(worked, 95)), 1),
    }


def peak() -> float:
    """Gigabytes: the most that this process has had resident (VmHWM; Linux)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]
    return round(int(kilobytes) / 1e6, 2)


def main() -> None:
    """Build, measure in a process of its own, and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=RESULTS / "search_million.json")
    parser.add_argument("--index", type=Path, help="where the index is built and left")
    parser.add_argument("--searched", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.searched:
        print(json.dumps(searched(options.searched, options.data)))
        return
    load_before = round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory() as name:
        folder, encoder = options.index or Path(name) / "index", Encoder.load()
        result = {"benchmark": "search over many passages", "load before": load_before}
        result |= built(options.data, folder, options.passages, encoder)
        again = [sys.executable, "-m", "benchmarks.search_million", "--data", str(options.data)]
        done = subprocess.run([*again, "--searched", str(folder)], check=True, stdout=subprocess.PIPE)
        result |= json.loads(done.stdout.splitlines()[-1])
        result["recall@10 against exact"] = found_share(folder, encoder.encode(asked(options.data)[_WARM:]))
    write(result, options.out)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
