"""`aetia train text`: fine-tune all-MiniLM-L6-v2 with LoRA to name the disease from the words.

LoRA: Hu et al. 2021, through peft. Data: the cases that we write (cases/bank.jsonl) and cases that the
graph generates, split so that a validation case's wording was never trained on. Stops early; a run
that was killed goes on from its last epoch; the model card says what was done and what came out.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from assistant.rendering import person
from assistant.text_model import BUILTIN, MAX_TOKENS, pooled
from assistant.training.simulate import Simulator
from assistant.view import spoken
from knowledge.base import KnowledgeBase
from knowledge.graph import CausalGraph
from knowledge.pack import content_hash, load_pack
from retrieval.embedding import Encoder
from torch_pair import torch  # before peft, which imports torchvision

CASES = Path(__file__).parent / "cases" / "bank.jsonl"
LORA_RANK = 16
LORA_ALPHA = 32
_TARGETS = ["query", "key", "value"]
_PATIENCE = 2


@dataclass(frozen=True)
class Example:
    """text: English. label: row of the disease. written: by us, not by the graph."""

    text: str
    label: int
    written: bool


@dataclass(frozen=True)
class Options:
    """What a run is made of; stored in the model card."""

    seed: int = 0
    epochs: int = 6
    per_disease: int = 40
    batch: int = 32
    learning_rate: float = 1e-3
    head_learning_rate: float = 5e-3
    label_smoothing: float = 0.1


def train(out: Path | None = None, init: Path | None = None, **given: Any) -> str:
    """Train, save weights and model card into `out`, and say in a line what came out.

    init: weights of an earlier run to start from, such as one on a smaller pack; diseases that it
    did not know get new rows.
    """
    options, folder = Options(**given), out or BUILTIN
    base = load_pack()
    training, validation = split(examples(base, options), options.seed)
    run = _Run(base, options, folder)
    if init:
        run.start_from(init)
    history = run.fit(training, validation)
    card = run.save(history, training, validation)
    measured = card["validation"]
    return (
        f"{len(training)} cases trained on, {len(validation)} kept apart: "
        f"top 1 {measured['top1']:.3f}, top 3 {measured['top3']:.3f}; weights in {folder}"
    )


def examples(base: KnowledgeBase, options: Options) -> list[Example]:
    """All cases as English text: written ones, and generated ones."""
    row = {disease: i for i, disease in enumerate(base.diseases)}
    simulator = Simulator(CausalGraph(base), options.seed)
    generated = [
        Example(case.text, row[case.disease], False) for case in simulator.cases(options.per_disease)
    ]
    return [*generated, *_written(base, row)]


def split(cases: Sequence[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """Nine tenths to train on, one tenth to validate; equal texts stay on one side."""
    rng = random.Random(seed)
    texts = sorted({case.text for case in cases})
    apart = set(rng.sample(texts, len(texts) // 10))
    return [c for c in cases if c.text not in apart], [c for c in cases if c.text in apart]


def _written(base: KnowledgeBase, row: dict[str, int]) -> Iterator[Example]:
    """Our own cases; a Chinese one is rendered through the concepts that are read in it."""
    from assistant.intake import Intake

    intake = Intake(base)
    for line in CASES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["diagnosis"] not in row:
            continue
        text = case["text"]
        if case["language"] == "zh":
            text = spoken(intake.read(text).observations, base)
        told = f"{person(case.get('age'), case.get('sex'))} {text}".strip()
        yield Example(told, row[case["diagnosis"]], True)


class _Run:
    def __init__(self, base: KnowledgeBase, options: Options, folder: Path) -> None:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(options.seed)
        self._torch = torch
        self._base, self._options, self._folder = base, options, folder
        self._tokenizer, encoder = Encoder.load().network
        lora = LoraConfig(r=LORA_RANK, lora_alpha=LORA_ALPHA, target_modules=_TARGETS, lora_dropout=0.05)
        self._encoder = get_peft_model(encoder, lora)
        self._head = torch.nn.Linear(encoder.config.hidden_size, len(base.diseases))
        slow = [p for p in self._encoder.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(
            [
                {"params": slow, "lr": options.learning_rate},
                {"params": self._head.parameters(), "lr": options.head_learning_rate},
            ],
            weight_decay=0.01,
        )
        self._resume = folder / "resume.pt"

    def start_from(self, folder: Path) -> None:
        """Take over the LoRA, and the head's rows of diseases that are known there."""
        from safetensors.torch import load_file

        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        weights = load_file(folder / "classifier.safetensors")
        state = self._encoder.state_dict()
        for key in state:
            for side in ("lora_A", "lora_B"):
                layer = key.split(f".{side}.")[0].removeprefix("base_model.model.")
                if f".{side}." in key and f"{layer}.{side}" in weights:
                    state[key].copy_(weights[f"{layer}.{side}"].float())
        known = {disease: row for row, disease in enumerate(card["diseases"])}
        with self._torch.no_grad():
            for row, disease in enumerate(self._base.diseases):
                if disease in known:
                    self._head.weight[row] = weights["head.weight"][known[disease]].float()
                    self._head.bias[row] = weights["head.bias"][known[disease]].float()

    def fit(self, training: Sequence[Example], validation: Sequence[Example]) -> list[dict[str, float]]:
        """Train until validation no longer gains; returns the measures of each epoch."""
        from tqdm import tqdm

        history, best = self._resumed()
        steps = -(-len(training) // self._options.batch)
        for epoch in range(len(history), self._options.epochs):
            order = random.Random(f"{self._options.seed}/{epoch}").sample(range(len(training)), len(training))
            loss = 0.0
            self._encoder.train()
            for at in tqdm(range(0, len(order), self._options.batch), desc=f"epoch {epoch + 1}", total=steps):
                batch = [training[i] for i in order[at : at + self._options.batch]]
                loss += self._step(batch) / steps
            measured = measures(self._log_probabilities(validation), validation)
            history.append({"loss": loss, **measured})
            if best is None or measured["log_loss"] < best["log_loss"]:
                best = {**measured, "weights": self._weights()}
            self._checkpoint(history, best)
            if len(history) - 1 - int(np.argmin([h["log_loss"] for h in history])) >= _PATIENCE:
                break
        self._best = best
        return history

    def _step(self, batch: Sequence[Example]) -> float:
        torch = self._torch
        logits = self._logits([case.text for case in batch])
        labels = torch.tensor([case.label for case in batch])
        loss = torch.nn.functional.cross_entropy(
            logits, labels, label_smoothing=self._options.label_smoothing
        )
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._encoder.parameters(), 1.0)
        self._optimizer.step()
        return float(loss.detach())

    def _logits(self, texts: list[str]) -> Any:
        tokens = self._tokenizer(
            texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        return self._head(pooled(self._encoder, tokens))

    def _log_probabilities(self, cases: Sequence[Example]) -> np.ndarray[Any, Any]:
        self._encoder.eval()
        with self._torch.inference_mode():
            parts = [
                self._torch.log_softmax(self._logits([c.text for c in cases[i : i + 64]]), dim=1).numpy()
                for i in range(0, len(cases), 64)
            ]
        return np.concatenate(parts)

    def _weights(self) -> dict[str, Any]:
        """LoRA pairs by layer, and the head, as float16."""
        named = {}
        for key, value in self._encoder.state_dict().items():
            for side in ("lora_A", "lora_B"):
                if f".{side}." in key:
                    layer = key.split(f".{side}.")[0].removeprefix("base_model.model.")
                    named[f"{layer}.{side}"] = value.detach().half().clone()
        for key, value in self._head.state_dict().items():
            named[f"head.{key}"] = value.detach().half().clone()
        return named

    def _checkpoint(self, history: list[dict[str, float]], best: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        state = {
            "options": asdict(self._options),
            "pack": content_hash(_core()),
            "history": history,
            "best": best,
            "encoder": {k: v for k, v in self._encoder.state_dict().items() if "lora_" in k},
            "head": self._head.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        partial = self._resume.with_suffix(".tmp")
        self._torch.save(state, partial)
        partial.replace(self._resume)

    def _resumed(self) -> tuple[list[dict[str, float]], Any]:
        if not self._resume.exists():
            return [], None
        state = self._torch.load(self._resume, weights_only=True)
        if state["options"] != asdict(self._options) or state["pack"] != content_hash(_core()):
            return [], None
        self._encoder.load_state_dict(state["encoder"], strict=False)
        self._head.load_state_dict(state["head"])
        self._optimizer.load_state_dict(state["optimizer"])
        return state["history"], state["best"]

    def save(
        self, history: list[dict[str, float]], training: Sequence[Example], validation: Sequence[Example]
    ) -> dict[str, Any]:
        """Weights, model card as JSON and as text; the checkpoint is removed."""
        from safetensors.torch import save_file

        save_file(self._best.pop("weights"), self._folder / "classifier.safetensors")
        temperature = 1.0
        card = {
            "model": "all-MiniLM-L6-v2 with LoRA and a linear head",
            "lora": {"rank": LORA_RANK, "alpha": LORA_ALPHA, "scale": LORA_ALPHA / LORA_RANK, "on": _TARGETS},
            "diseases": list(self._base.diseases),
            "temperature": temperature,
            "options": asdict(self._options),
            "pack": content_hash(_core()),
            "data": {
                "trained_on": len(training),
                "kept_apart": len(validation),
                "written_by_us": sum(c.written for c in (*training, *validation)),
                "generated_by_the_graph": sum(not c.written for c in (*training, *validation)),
            },
            "validation": self._best,
            "history": history,
            "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
            "made": time.strftime("%Y-%m-%d"),
        }
        (self._folder / "card.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
        (self._folder / "README.md").write_text(_card_in_words(card), encoding="utf-8")
        self._resume.unlink(missing_ok=True)
        return card


def measures(log_probability: np.ndarray[Any, Any], cases: Sequence[Example]) -> dict[str, float]:
    """Top 1, top 3, mean log loss; top 1 on our own cases apart, where there are any."""
    labels = np.array([case.label for case in cases])
    rank = (log_probability > log_probability[np.arange(len(labels)), labels][:, None]).sum(axis=1)
    written = np.array([case.written for case in cases])
    measured = {
        "top1": float((rank < 1).mean()),
        "top3": float((rank < 3).mean()),
        "log_loss": float(-log_probability[np.arange(len(labels)), labels].mean()),
    }
    if written.any():
        measured["top1_written"] = float((rank[written] < 1).mean())
        measured["top3_written"] = float((rank[written] < 3).mean())
    return measured


def _core() -> Path:
    from knowledge.pack import CORE

    return CORE


def _card_in_words(card: dict[str, Any]) -> str:
    data, measured = card["data"], card["validation"]
    return f"""# Model card: text classifier

**What it is.** {card["model"]}, over {len(card["diseases"])} diseases of the built-in pack. One of four
witnesses; never used alone.

**Data.** {data["trained_on"]} cases to train on and {data["kept_apart"]} kept apart:
{data["written_by_us"]} written by us, {data["generated_by_the_graph"]} generated by the causal graph.
No evaluation data. Chinese enters through the English names of the concepts that are read in it.

**Measured on the cases kept apart.** {", ".join(f"{k} {v:.3f}" for k, v in measured.items())}.
Generated cases follow the pack that the model is used with, so these numbers flatter; the benchmarks
on real cases count.

**How.** `aetia train text --seed {card["options"]["seed"]}`; options {json.dumps(card["options"])};
versions {json.dumps(card["versions"])}; {card["made"]}.

**Limits.** Knows only the diseases listed in card.json; reads the first {MAX_TOKENS} tokens; was not
trained on real patients' records.

**Licence.** Apache-2.0, as Aetia; the base model is Apache-2.0.
"""
