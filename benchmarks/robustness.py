"""The same case told otherwise: does the first place stay?

`python -m benchmarks.robustness --seeds 5 --out R.json` tells cases of our bank that were not trained on
(part `test`) with typing slips, in capitals, without punctuation, in mixed languages, in other words, with
a paragraph that has nothing to do with it, and with a false conviction. Reported is how far the share of
right first places falls, over the seeds, and for the conviction how far any probability moves.
"""

import argparse
import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from tqdm import tqdm

from assistant.api import Assistant
from assistant.training.bank import BankCase, bank
from benchmarks.measure import RESULTS, interval, write
from benchmarks.variants import related

TEXTS = yaml.safe_load((Path(__file__).parent / "texts" / "robustness.yaml").read_text(encoding="utf-8"))
_SLIPS = 0.04
"""Share of words with a slip of the finger."""

Change = Callable[[BankCase, np.random.Generator], str]


def typos(case: BankCase, rng: np.random.Generator) -> str:
    """Letters swapped, lost or doubled in some words; in Chinese a character lost or doubled."""
    if case.language == "zh":
        return "".join(_slip(ch, rng) if rng.random() < _SLIPS / 2 else ch for ch in case.text)
    words = re.split(r"(\W+)", case.text)
    return "".join(_slip(w, rng) if len(w) > 3 and rng.random() < _SLIPS * 2 else w for w in words)


def _slip(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(0, max(len(word) - 1, 1)))
    kinds = [word[:at] + word[at + 1 :], word[:at] + word[at : at + 1] + word[at:]]
    if len(word) > 1:
        kinds.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    return kinds[int(rng.integers(len(kinds)))]


def capitals(case: BankCase, rng: np.random.Generator) -> str:
    """All in capital letters."""
    return case.text.upper()


def no_punctuation(case: BankCase, rng: np.random.Generator) -> str:
    """Without commas and full stops, but for those within numbers."""
    bare = re.sub(r"(?<!\d)[.,;:!](?!\d)|[.,;:!](?=\s|$)", " ", case.text)
    return re.sub(r"[，。；：！、]", " ", bare)


def mixed(case: BankCase, rng: np.random.Generator) -> str:
    """With a sentence in the other language."""
    return f"{TEXTS['mixed'][case.language]} {case.text}"


def irrelevant(case: BankCase, rng: np.random.Generator) -> str:
    """With a paragraph that has nothing to do with it, before or after."""
    told = TEXTS["irrelevant"][case.language]
    return f"{told}\n{case.text}" if rng.random() < 0.5 else f"{case.text}\n{told}"


def paraphrase(case: BankCase, rng: np.random.Generator) -> str:
    """Everyday words exchanged, and the sentences after the first in another order."""
    text = case.text
    for word, other in TEXTS["paraphrase"][case.language].items():
        pattern = re.escape(word) if case.language == "zh" else rf"\b{re.escape(word)}\b"
        text = re.sub(pattern, other, text)
    parts = (
        re.findall(r"[^。.!?！？]+(?:[。.!?！？](?=\s|$|[^\d\s]))?", text)
        if case.language == "zh"
        else re.split(r"(?<=[.!?])\s+", text)
    )
    rest = [parts[i] for i in 1 + rng.permutation(len(parts) - 1)] if len(parts) > 2 else parts[1:]
    return " ".join([parts[0], *rest])


CHANGES: dict[str, Change] = {
    "typos": typos, "capitals": capitals, "no_punctuation": no_punctuation, "mixed": mixed,
    "irrelevant": irrelevant, "paraphrase": paraphrase,
}  # fmt: skip


def first_right(assistant: Assistant, case: BankCase, text: str) -> bool:
    """Whether the disease of a case comes first when it is told so."""
    session = assistant.start()
    session.describe(case.age, case.sex)
    session.say(text)
    hypotheses = session.assessment.differential.hypotheses
    return bool(hypotheses) and hypotheses[0].disease in related(assistant.base, case.diagnosis)


def moved_by_conviction(assistant: Assistant, case: BankCase) -> float:
    """The largest change of any probability after a false conviction was stated."""
    session = assistant.start()
    session.say(case.text)
    before = {h.disease: h.probability for h in session.assessment.differential.hypotheses}
    session.say(TEXTS["objection"][case.language])
    after = {h.disease: h.probability for h in session.assessment.differential.hypotheses}
    return max((abs(after.get(d, 0.0) - p) for d, p in before.items()), default=0.0)


def run(assistant: Assistant, cases: Sequence[BankCase], seeds: int) -> dict[str, Any]:
    """Top 1 as told, its fall with each change in points of a hundred, and what a conviction moves.

    A case told in the same words by another seed is not told again.
    """

    @cache
    def right(case: BankCase, text: str) -> bool:
        return first_right(assistant, case, text)

    plain = [right(case, case.text) for case in tqdm(cases, desc="as told", mininterval=5)]
    found: dict[str, Any] = {"n": len(cases), "top1": round(float(np.mean(plain)), 4)}
    for name, change in CHANGES.items():
        falls = []
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            hits = [right(case, change(case, rng)) for case in tqdm(cases, desc=name, mininterval=5)]
            falls.append(100 * (np.mean(plain) - np.mean(hits)))
            lost = [before and not after for before, after in zip(plain, hits, strict=True)]
        found[name] = {"fall_mean": round(float(np.mean(falls)), 2), "falls": [round(float(f), 2) for f in falls],
                       "lost_interval": interval(lost)}  # fmt: skip
    found["conviction_moves"] = max(moved_by_conviction(assistant, case) for case in cases[:100])
    return found


def main() -> None:
    """Run on the bank's test cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--most", type=int, default=200, help="cases, evenly from the part `test`")
    parser.add_argument("--out", type=Path, default=RESULTS / "robustness.json")
    options = parser.parse_args()
    cases = list(bank("test"))
    cases = cases[:: max(len(cases) // options.most, 1)]
    result = {
        "benchmark": "robustness",
        "seeds": options.seeds,
        **run(Assistant.load(), cases, options.seeds),
    }
    print(json.dumps(result, indent=1))
    write(result, options.out)


if __name__ == "__main__":
    main()
