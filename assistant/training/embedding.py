"""`aetia train embedding`: a LoRA with which the sentence encoder finds what answers a question.

Multiple negatives ranking (Henderson et al. 2017, "Efficient natural language response suggestion"): of a
batch of pairs, each anchor is to find its own positive among all, and the other way round. Stops when the
groups kept for stopping are found no better; these, and those kept for measuring, are not learnt from.
"""

import copy
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from assistant.training.distil import batches
from assistant.training.pairs import Pair, bilingual_pairs, medquad_pairs, of_part
from knowledge.pack import CORE, content_hash, load_pack
from retrieval.adapter import lora_weights, save
from retrieval.chinese import pooled
from retrieval.embedding import Encoder
from retrieval.vocabulary import Vocabulary
from torch_pair import torch  # before peft, which imports torchvision

Progress = Callable[[int, int], None]
Vectors = Callable[[Sequence[str]], Any]
"""n texts -> (n, width) unit vectors."""

LORA_RANK, LORA_ALPHA = 16, 32
LORA_ON = r".*encoder.*(query|key|value|dense)"
_SCALE = 20.0
"""Cosines are multiplied by it before the softmax, as sentence-transformers does."""
_TOKENS = 128
_WARM_UP = 0.1
_BILINGUAL = 4
"""One batch in so many is of the pack's passages."""


@dataclass(frozen=True)
class Options:
    """What a run is made of; stored in the model card. stop: pairs of each kind that decide when to stop.
    patience: measurements without a gain before it stops, one every `every` steps."""

    seed: int = 0
    steps: int = 140
    batch: int = 32
    learning_rate: float = 3e-4
    every: int = 35
    patience: int = 2
    stop: int = 120


@dataclass(frozen=True)
class Kinds:
    """Pairs by kind: question and answer, and Chinese and English."""

    asked: Sequence[Pair]
    bilingual: Sequence[Pair]


def train(
    data: Path, out: Path, threads: int = 0, progress: Progress = lambda done, total: None, **given: Any
) -> str:
    """Train on a folder of MedQuAD and the built-in pack, write adapter and cards to `out`, and say how well
    the pairs kept for stopping are found before and after.

    threads: of torch; as many as there are cores when 0. Raises AetiaError.
    """
    if threads:
        torch.set_num_threads(threads)
    options = Options(**given)
    kinds = Kinds(medquad_pairs(data), bilingual_pairs(load_pack()))
    encoder = Encoder.load()
    adapting = _Adapting(encoder, kinds, options)
    before, history = adapting.measured(), adapting.run(progress)
    best = max(history, key=lambda measured: measured["together"], default=before)
    card = {
        "model": "all-MiniLM-L6-v2 reading Chinese, with a LoRA for finding passages",
        "lora": {"rank": LORA_RANK, "scale": LORA_ALPHA / LORA_RANK, "on": LORA_ON},
        "encoder": encoder.sha256,
        "options": asdict(options),
        "pack": content_hash(CORE),
        "data": {
            name: {part: len(of_part(pairs, part)) for part in ("train", "fit", "test")}
            for name, pairs in asdict_of(kinds).items()
        },
        "before": before,
        "after": best,
        "history": history,
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
        "made": time.strftime("%Y-%m-%d"),
    }
    save(out, adapting.best, card)
    (out / "README.md").write_text(in_words(card), encoding="utf-8")
    return f"before {json.dumps(before)}; after {json.dumps(best)}; adapter in {out}"


def asdict_of(kinds: Kinds) -> dict[str, Sequence[Pair]]:
    """The kinds by name."""
    return {"asked": kinds.asked, "bilingual": kinds.bilingual}


class _Adapting:
    """best: the LoRA at the measurement that was best, as it was begun with before any."""

    def __init__(self, encoder: Encoder, kinds: Kinds, options: Options) -> None:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(options.seed)
        self._options = options
        lora = LoraConfig(r=LORA_RANK, lora_alpha=LORA_ALPHA, target_modules=LORA_ON)
        body = copy.deepcopy(encoder.network[1])
        body.set_attn_implementation("eager")  # its backward is three times as fast on a CPU
        self._network = get_peft_model(body, lora)
        self._vocabulary = Vocabulary(encoder.folder, _TOKENS, encoder.network[0].characters)
        self._learnt = {name: of_part(pairs, "train") for name, pairs in asdict_of(kinds).items()}
        self._apart = {
            name: random.Random(options.seed).sample(fit, min(options.stop, len(fit)))
            for name, pairs in asdict_of(kinds).items()
            if (fit := of_part(pairs, "fit"))
        }
        self.best = lora_weights(self._network)

    def run(self, progress: Progress) -> list[dict[str, float]]:
        """Learn until stopped; the measurements."""
        options = self._options
        trained = [p for p in self._network.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=options.learning_rate, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, options.learning_rate, total_steps=options.steps + 1, pct_start=_WARM_UP
        )
        history: list[dict[str, float]] = []
        for step, few in enumerate(self._batches(), 1):
            loss = self._loss(few)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            progress(step, options.steps)
            if step % options.every == 0 or step == options.steps:
                history.append({"step": step, **self.measured()})
                together = [measured["together"] for measured in history]
                if together[-1] == max(together):
                    self.best = lora_weights(self._network)
                elif len(together) - 1 - int(np.argmax(together)) >= options.patience:
                    break
        return history

    def measured(self) -> dict[str, float]:
        """MRR@10 of each kind among the pairs kept for stopping, and their mean; 0 where none are kept."""
        found = {name: reciprocal_rank(self._vectors, pairs) for name, pairs in self._apart.items()}
        return {**found, "together": round(float(np.mean([*found.values()])) if found else 0.0, 4)}

    def _batches(self) -> list[list[Pair]]:
        """Steps of one kind each, of like length, the kinds taking turns."""
        options, steps = self._options, []
        queues: dict[str, list[list[Pair]]] = {name: [] for name in self._learnt}
        for step in range(options.steps):
            name = "bilingual" if step % _BILINGUAL == _BILINGUAL - 1 else "asked"
            if not queues[name]:
                pairs = self._learnt[name]
                groups = batches([p.positive for p in pairs], options.batch, f"{options.seed}/{step}")
                queues[name] = [[pairs[i] for i in group] for group in groups]
            steps.append(queues[name].pop())
        return steps

    def _loss(self, pairs: Sequence[Pair]) -> Any:
        self._network.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            anchors = self._encoded([p.anchor for p in pairs])
            positives = self._encoded([p.positive for p in pairs])
        return ranking_loss(anchors, positives, pairs)

    def _vectors(self, texts: Sequence[str]) -> Any:
        self._network.eval()
        with torch.inference_mode():
            parts = [self._encoded(texts[at : at + 32]) for at in range(0, len(texts), 32)]
        return torch.cat(parts).numpy()

    def _encoded(self, texts: Sequence[str]) -> Any:
        tokens, _ = self._vocabulary.tokens(texts)
        states = self._network(**tokens).last_hidden_state
        return torch.nn.functional.normalize(pooled(states, tokens["attention_mask"]).float(), dim=1)


def ranking_loss(anchors: Any, positives: Any, pairs: Sequence[Pair]) -> Any:
    """Cross-entropy both ways over (n, width) unit vectors; a pair with the same text is no negative."""
    same = torch.tensor([[a.anchor == b.anchor or a.positive == b.positive for b in pairs] for a in pairs])
    own = torch.eye(len(pairs), dtype=torch.bool)
    scores = (_SCALE * anchors @ positives.T).masked_fill(same & ~own, -1e4)
    target = torch.arange(len(pairs))
    entropy = torch.nn.functional.cross_entropy
    return (entropy(scores, target) + entropy(scores.T, target)) / 2


def reciprocal_rank(vectors: Vectors, pairs: Sequence[Pair]) -> float:
    """MRR@10 of the positives among all positives of the pairs; one of the same text counts as it."""
    ranks = ranks_of(vectors, pairs)
    return round(float(np.where(ranks <= 10, 1 / ranks, 0.0).mean()), 4)


def ranks_of(vectors: Vectors, pairs: Sequence[Pair]) -> Any:
    """(n,) the rank from 1 at which each anchor finds its positive among the different positives."""
    texts = list(dict.fromkeys(pair.positive for pair in pairs))
    row = {text: at for at, text in enumerate(texts)}
    cosines = vectors([pair.anchor for pair in pairs]) @ vectors(texts).T
    own = cosines[np.arange(len(pairs)), [row[pair.positive] for pair in pairs]]
    return 1 + (cosines > own[:, None]).sum(axis=1)


def in_words(card: dict[str, Any]) -> str:
    """The model card as Markdown."""
    options, data = card["options"], card["data"]
    learnt = ", ".join(f"{parts['train']} {name}" for name, parts in data.items())
    return f"""# Model card: adapter of the sentence encoder

**What it is.** {card["model"]}. Documents are indexed and searched with it where AETIA_EMBEDDING names its
folder (`adapted` for the one that ships); an index made with another encoder has to be built anew.

**Data.** Pairs that could be learnt from: {learnt} (MedQuAD, CC BY 4.0: question and answer; the pack's
passages: Chinese and English). Split by focus and by what a passage is about; {options["steps"]} steps of
{options["batch"]} pairs at most. No question or judgement of TREC LiveQA. The Chinese rows under it had
been learnt from nearly all of the pack's passages, those kept apart here among them.

**MRR@10 of at most {options["stop"]} pairs of each kind that were kept for stopping, each found among the
others.** Before: {card["before"]}. After: {card["after"]}. `python -m benchmarks.embedding` measures on others.

**How.** `aetia train embedding --seed {options["seed"]}`; options {json.dumps(options)}; versions
{json.dumps(card["versions"])}; {card["made"]}.

**Limits.** Reads the first {_TOKENS} tokens in training. Learnt general health information in English and
short statements in both languages; not clinical notes, not drug labels.

**Licence.** Apache-2.0, as Aetia; the base model is Apache-2.0, MedQuAD CC BY 4.0.
"""
