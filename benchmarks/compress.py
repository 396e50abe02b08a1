"""What smaller forms of a text model and the reader cost and save: time, size, accuracy, on one core.

`python -m benchmarks.compress`: the float32 networks in torch, the same without a share of their feed-forward
neurons, and both in ONNX Runtime, float32 and int8. Time is the processor's (one thread), so that a shared machine
does not blur it: naming the disease and reading the findings of one text. Accuracy is on the part `test` of our case bank, which nothing was trained on.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from assistant.onnx_network import OnnxNetwork, export
from assistant.pruning import pruned
from assistant.rendering import person
from assistant.text_model import BUILTIN, READER, TextModel
from assistant.training.bank import BankCase, bank
from benchmarks.measure import RESULTS, interval, write
from retrieval.embedding import Encoder
from torch_pair import torch

_LEAST = 0.5
"""Probability from which a finding counts as read, for the agreement with float32."""


@dataclass(frozen=True)
class Pair:
    """Two networks of one form, or the models on them: what names the disease, and what reads the findings."""

    text: Any
    reader: Any

    def changed(self, change: Callable[[Any], Any]) -> "Pair":
        """Both changed alike."""
        return Pair(change(self.text), change(self.reader))


def measured(models: Pair, cases: Sequence[BankCase], times: int) -> dict[str, Any]:
    """Accuracy on all cases; processor milliseconds a text on the first `times`."""
    texts = [f"{person(c.age, c.sex, c.language)} {c.text}".strip() for c in cases]
    taken, tops, read = [], [], []
    for at, text in enumerate(texts):
        began = time.process_time()
        logits = models.text.log_probabilities([text])[0]
        found = models.reader.read(text, _LEAST)
        if 2 <= at < times + 2:
            taken.append(1000 * (time.process_time() - began))
        tops.append(np.argsort(-logits, kind="stable")[:3])
        read.append(frozenset(f.finding for f in found))
    names = models.text.diseases
    right = [names[top[0]] == c.diagnosis for top, c in zip(tops, cases, strict=True)]
    near = [c.diagnosis in {names[i] for i in top} for top, c in zip(tops, cases, strict=True)]
    low, high = np.quantile(taken, [0.1, 0.9])
    return {
        "cpu_ms": {"median": round(statistics.median(taken), 2), "p10": round(low, 2), "p90": round(high, 2)},
        "top1": round(float(np.mean(right)), 4),
        "top1_interval": interval(right),
        "top3": round(float(np.mean(near)), 4),
        "first": [int(top[0]) for top in tops],
        "read": read,
    }


def compared(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The table, with the share of texts that each form judges as float32 does."""
    base = next(iter(found.values()))
    table = {}
    for name, row in found.items():
        first, read = row.pop("first"), row.pop("read")
        if row is base:
            base_first, base_read = first, read
        shared = sum(len(a & b) for a, b in zip(read, base_read, strict=True))
        either = sum(len(a | b) for a, b in zip(read, base_read, strict=True))
        row["same_first_disease"] = round(float(np.mean(np.equal(first, base_first))), 4)
        row["same_findings"] = round(shared / max(either, 1), 4)
        table[name] = row
    return table


def main() -> None:
    """Measure every form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "compress.json")
    parser.add_argument("--cases", type=int, default=400, help="every so many of the part `test`")
    parser.add_argument("--prune", type=float, nargs="*", default=[0.1, 0.25, 0.5])
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder = Encoder.load()
    models = Pair(BUILTIN, READER).changed(lambda folder: TextModel.load(encoder, folder))
    whole = models.changed(lambda model: model.network)
    test = list(bank("test"))
    cases = test[:: max(1, len(test) // options.cases)]
    networks = {"float32": whole}
    for share in options.prune:
        networks[f"pruned_{share:g}"] = whole.changed(partial(pruned, share=share))
    found: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as folder:
        for name, pair in networks.items():
            each = (p for network in (pair.text, pair.reader) for p in network.parameters())
            size = sum(p.numel() * p.element_size() for p in each) / 2**20
            found[f"torch_{name}"] = {"mb": round(size, 1)} | _form(models, pair, cases)
        for name in ("float32", *([f"pruned_{options.prune[0]:g}"] if options.prune else [])):
            for int8 in (False, True):
                paths = [Path(folder) / f"{name}{int8}{part}.onnx" for part in ("text", "reader")]
                export(networks[name].text, paths[0], int8)
                export(networks[name].reader, paths[1], int8)
                size = sum(path.stat().st_size for path in paths) / 2**20
                label = f"onnx_{name}" + ("_int8" if int8 else "")
                found[label] = {"mb": round(size, 1)} | _form(models, Pair(*map(OnnxNetwork, paths)), cases)
    result = {
        "benchmark": "compress",
        "n": len(cases),
        "forms": compared(found),
        "onnxruntime": version("onnxruntime"),
        "processor": platform.machine(),
        "vnni": "avx512_vnni" in (text := Path("/proc/cpuinfo").read_text("utf-8")) or "avx_vnni" in text,
    }
    print(json.dumps(result, indent=1))
    write(result, options.out)


def _form(models: Pair, networks: Pair, cases: Sequence[BankCase]) -> dict[str, Any]:
    return measured(Pair(models.text.on(networks.text), models.reader.on(networks.reader)), cases, 60)


if __name__ == "__main__":
    main()
