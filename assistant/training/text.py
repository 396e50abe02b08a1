"""`aetia train text`: teach a text model to name the disease and to read the findings; `aetia train reader`: to read.

LoRA (Hu et al. 2021, through peft) and the heads learn from our cases, generated cases and the names of
findings at once. The reader begins where the text model ended and learns the findings alone: beside the disease
they stay half learnt. Stops when the cases set apart for fitting no longer gain; a run that was killed goes on from its last
epoch; the model card says what was done and what came out.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from assistant import packed_weights
from assistant.text_model import BUILTIN, READER
from assistant.training.bank import bank
from assistant.training.cards import card_in_words
from assistant.training.cuttings import cuttings
from assistant.training.distil import batches
from assistant.training.examples import Example, Examples, drawn
from assistant.training.learning import LORA_ALPHA, LORA_ON, LORA_RANK, Learner
from assistant.training.pretrain import Corpus, pretrain
from assistant.training.simulate import Simulator
from assistant.training.variety import Variety
from knowledge.base import KnowledgeBase
from knowledge.graph import CausalGraph
from knowledge.pack import CORE, content_hash, load_pack
from retrieval.embedding import Encoder
from torch_pair import torch

_PATIENCE = 2
_HEADS_FASTER = 4.0
"""How many times the rate of the LoRA the heads learn with."""


@dataclass(frozen=True)
class Options:
    """What a run is made of; stored in the model card.

    simulated: cases a disease that the graph generates anew each epoch. names: share of the names of
    findings in an epoch. cuttings: cases of which a sentence is cut in an epoch. drawn: cases of ours that are drawn
    for an epoch, the longer the likelier; all when 0. differential_share: of a target, for the acceptable
    differential. pretrained: SHA-256 of the corpus that was read first; empty without one. reader: learns the
    findings alone. init: name of the folder whose weights it went on from; empty when it began anew.
    """

    seed: int = 0
    epochs: int = 8
    simulated: int = 2
    names: float = 0.1
    cuttings: int = 0
    drawn: int = 0
    batch: int = 32
    learning_rate: float = 1e-3
    label_smoothing: float = 0.05
    differential_share: float = 0.15
    pretrained: str = ""
    reader: bool = False
    init: str = ""


def train(
    out: Path | None = None,
    threads: int = 0,
    corpus: Path | None = None,
    init: Path | None = None,
    **given: Any,
) -> str:
    """Train, save weights and model card into `out`, and say in a line what came out.

    threads: of torch; as many as there are cores when 0. corpus: medical text that is read first
    (see pretrain); then weights that lie in `out` are replaced only by better ones. init: folder of the weights to
    go on from; a reader goes on from the text model's by default.
    """
    if threads:
        torch.set_num_threads(threads)
    read = Corpus.open(corpus) if corpus else None
    begun = init or (BUILTIN if given.get("reader") else None)
    options = Options(**given, pretrained=read.sha256 if read else "", init=begun.name if begun else "")
    run = _Run(load_pack(), options, out or (READER if options.reader else BUILTIN), begun, read)
    history = run.fit()
    if read and (why := run.no_better(history)):
        run.forget()
        return f"{json.dumps(run.best_measures(history))}; not kept: {why}"
    card = run.save(history)
    learnt, measured = card["data"]["our_cases"], json.dumps(card["validation"])
    return f"{learnt} cases of ours learnt from; {measured}; weights in {run.folder}"


class _Run:
    def __init__(
        self,
        base: KnowledgeBase,
        options: Options,
        folder: Path,
        init: Path | None,
        corpus: Corpus | None = None,
    ) -> None:
        self.folder = folder
        self._base, self._options = base, options
        self._resume = folder / "resume.pt"
        self._encoder = Encoder.load()
        self._state = self._resumed()
        self._learner = Learner(base, self._encoder, options.seed, options.reader)
        if init:
            card = json.loads((init / "card.json").read_text(encoding="utf-8"))
            self._learner.begin_with(packed_weights.load(init / "model.safetensors"), card)
        self._pretraining: list[float] = self._state["pretraining"] if self._state else []
        if corpus and not self._state:
            self._pretraining = pretrain(self._learner, self._encoder.folder, corpus, options.seed)
        self._examples = Examples(base, options.differential_share)
        self._graph = CausalGraph(base)
        self._ours = list(self._examples.of_bank(bank("train")))
        self._best: dict[str, Any] = {}
        self._validation = list(self._examples.of_bank(bank("fit")))

    def fit(self) -> list[dict[str, float]]:
        """Train until the validation cases no longer gain; the measures of each epoch."""
        options = self._options
        rates = [options.learning_rate, _HEADS_FASTER * options.learning_rate]
        optimizer = torch.optim.AdamW(self._learner.parameters(*rates), weight_decay=0.01)
        first = self._epoch(0)
        steps = len(first[1])
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            rates,
            total_steps=int(steps * 1.02) * options.epochs,
            pct_start=0.1,
        )
        history: list[dict[str, float]] = []
        if self._state:
            history = self._state["history"]
            self._learner.network.load_state_dict(self._state["network"], strict=False)
            optimizer.load_state_dict(self._state["optimizer"])
            schedule.load_state_dict(self._state["schedule"])
            self._best = self._state["best"]
        for epoch in range(len(history), options.epochs):
            loss = self._learn(epoch, first if epoch == 0 else self._epoch(epoch), optimizer, schedule)
            history.append({"loss": loss, **measures(self._learner, self._validation)})
            if not self._best or _lacking(history[-1]) < _lacking(self._best):
                self._best = {**history[-1], "weights": self._learner.weights()}
            self._checkpoint(history, optimizer, schedule)
            if len(history) - 1 - int(np.argmin([_lacking(h) for h in history])) >= _PATIENCE:
                break
        return history

    def _learn(
        self, epoch: int, material: tuple[list[Example], list[list[int]]], optimizer: Any, schedule: Any
    ) -> float:
        from tqdm import tqdm

        examples, groups = material
        total = 0.0
        for few in tqdm(groups, desc=f"epoch {epoch + 1}", mininterval=5):
            loss = self._learner.loss([examples[i] for i in few], self._options.label_smoothing)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._learner.network.parameters(), 1.0)
            optimizer.step()
            if schedule.last_epoch < schedule.total_steps - 1:
                schedule.step()
            total += float(loss.detach())
        return total / len(groups)

    def _epoch(self, epoch: int) -> tuple[list[Example], list[list[int]]]:
        """The examples of an epoch, and their batches of like length."""
        rng = np.random.default_rng([self._options.seed, epoch])
        simulated = Simulator(self._graph, rng).cases(self._options.simulated)
        examples = [
            *map(Variety(self._base, rng), drawn(self._ours, self._options.drawn, rng)),
            *self._examples.of_simulated(simulated),
            *self._examples.of_names(rng, self._options.names),
            *cuttings(self._learner, self._ours, self._options.cuttings, rng),
        ]
        seed = f"{self._options.seed}/{epoch}"
        return examples, list(batches([e.text for e in examples], self._options.batch, seed))

    def _checkpoint(self, history: list[dict[str, float]], optimizer: Any, schedule: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "options": asdict(self._options),
            "pack": content_hash(CORE),
            "network": self._learner.state(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
            "history": history,
            "best": self._best,
            "pretraining": self._pretraining,
        }
        partial = self._resume.with_suffix(".tmp")
        torch.save(state, partial)
        partial.replace(self._resume)

    def _resumed(self) -> dict[str, Any] | None:
        """The checkpoint of a run that was killed, if it was made with the same options and pack."""
        if not self._resume.exists():
            return None
        state: dict[str, Any] = torch.load(self._resume, weights_only=True)
        same = (
            "pretraining" in state
            and state["options"] == asdict(self._options)
            and state["pack"] == content_hash(CORE)
        )
        return state if same else None

    def best_measures(self, history: list[dict[str, float]]) -> dict[str, float]:
        """Those of the epoch that is kept."""
        return min(history, key=_lacking)

    def no_better(self, history: list[dict[str, float]]) -> str:
        """Why the weights that lie in the folder stay; empty when these take their place."""
        try:
            card = json.loads((self.folder / "card.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ""
        if card["pack"] != content_hash(CORE) or card["data"]["validation"] != len(self._validation):
            return "the weights there were measured on another pack; train without --pretrain first"
        before, after = card["validation"]["log_loss"], self.best_measures(history)["log_loss"]
        return "" if after < before else f"log loss {after}, and {before} without the corpus"

    def forget(self) -> None:
        """Remove the checkpoint of a run that has ended."""
        self._resume.unlink(missing_ok=True)

    def save(self, history: list[dict[str, float]]) -> dict[str, Any]:
        """Weights, model card as JSON and as text; the checkpoint is removed."""
        packed_weights.save(self._best.pop("weights"), self.folder / "model.safetensors")
        card = {
            "model": "all-MiniLM-L6-v2 reading Chinese, with LoRA and heads over diseases and findings",
            "lora": {"rank": LORA_RANK, "scale": LORA_ALPHA / LORA_RANK, "on": LORA_ON},
            "diseases": [] if self._options.reader else list(self._base.diseases),
            "findings": list(self._base.findings),
            "encoder": self._encoder.sha256,
            "temperature": self._best.pop("temperature", 1.0),
            "options": asdict(self._options),
            "pack": content_hash(CORE),
            "data": {"our_cases": len(self._ours), "validation": len(self._validation)},
            "validation": self._best,
            "history": history,
            "pretraining": self._pretraining,
            "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
            "made": time.strftime("%Y-%m-%d"),
        }
        (self.folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False), "utf-8")
        (self.folder / "README.md").write_text(card_in_words(card), encoding="utf-8")
        self.forget()
        return card


def measures(learner: Learner, cases: Sequence[Example]) -> dict[str, float]:
    """Average precision of the findings; top 1, 3 and log loss at the best temperature where diseases are named."""
    diseases, findings, _ = learner.scores([case.text for case in cases])
    stated = np.zeros_like(findings, dtype=bool)
    for i, case in enumerate(cases):
        stated[i, [*case.present, *case.absent]] = True
        findings[i, list(case.unsaid)] = -99.0
    read = {"findings_average_precision": round(_average_precision(findings.ravel(), stated.ravel()), 4)}
    return {**_named(diseases, cases), **read} if diseases.shape[1] else read


def _named(diseases: Any, cases: Sequence[Example]) -> dict[str, float]:
    labels = np.array([max(case.diseases, key=case.diseases.__getitem__) for case in cases])
    own = diseases[np.arange(len(labels)), labels]
    rank = (diseases > own[:, None]).sum(axis=1)
    losses = {t: _log_loss(diseases / t, labels) for t in np.arange(0.6, 2.6, 0.1)}
    temperature = min(losses, key=losses.__getitem__)
    return {
        "top1": round(float((rank < 1).mean()), 4),
        "top3": round(float((rank < 3).mean()), 4),
        "log_loss": round(losses[temperature], 4),
        "temperature": round(float(temperature), 2),
    }


def _lacking(measured: dict[str, float]) -> float:
    """What a run makes small: the log loss of the diseases, or of a reader what is missing to a whole precision."""
    return measured.get("log_loss", 1.0 - measured["findings_average_precision"])


def _log_loss(logits: Any, labels: Any) -> float:
    highest = logits.max(axis=1)
    total = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    return float((total - logits[np.arange(len(labels)), labels]).mean())


def _average_precision(scores: Any, right: Any) -> float:
    order = np.argsort(-scores, kind="stable")
    hits = right[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean()) if hits.any() else 0.0
