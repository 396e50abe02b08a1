"""`aetia train added`: teach the text models the diseases that came to the pack after them, in minutes.

All that a model knows stays as it is, to the bit. Of each new disease one row of the head is learnt, on the states
that our cases have in the model's own encoder; the cases of the other diseases are what it is told apart from. How far
a row may go is chosen on the cases kept for fitting.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file, save_file

from assistant import packed_weights
from assistant.text_model import WITNESSES, TextModel
from assistant.training.bank import bank
from assistant.training.cards import card_in_words
from assistant.training.examples import Example, Examples
from assistant.training.simulate import Simulator
from assistant.training.variety import Variety
from knowledge.base import KnowledgeBase
from knowledge.graph import CausalGraph
from knowledge.pack import load_pack
from retrieval.embedding import Encoder
from torch_pair import torch

OTHERS = 4000
"""Cases of diseases that a model knows, drawn from ours."""
_TOLD = 3
"""How often a case of a new disease is told again, each time a little otherwise."""
_SIMULATED, _SIMULATED_OTHERS = 10, 3
"""Cases of a few words that the graph generates for a new disease, and for another: without these, few words would
by themselves speak for a new disease."""
_RARER = 0.8
"""Log-odds taken off a new disease: what the pack did not know at first is rarer than what it did, and our cases draw
both alike. Chosen on our cases (none of a new disease was lost) and on the vignettes that may be looked at."""
_DECAYS = (1e-4, 1e-3, 1e-2)
_STEPS, _RATE, _BATCH = 400, 0.02, 32


def train(
    folders: Sequence[Path] = WITNESSES,
    seed: int = 0,
    others: int = OTHERS,
    base: KnowledgeBase | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> str:
    """Add the diseases that are missing to the models in these folders, and say in a line what came out.

    progress: is told how many texts of how many were read.
    """
    base, encoder = base or load_pack(), Encoder.load()
    said = []
    for folder in folders:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        new = [disease for disease in base.diseases if disease not in card["diseases"]]
        if new:
            measured = _Lesson(base, TextModel.load(encoder, folder), new, seed).learn(others, progress)
            _save(folder, card, new, measured)
            said.append(f"{folder.name}: {len(new)} diseases added, {json.dumps(measured['validation'])}")
    return "; ".join(said) or "Every disease of the pack is known to the text models."


class _Lesson:
    def __init__(self, base: KnowledgeBase, model: TextModel, new: Sequence[str], seed: int) -> None:
        self._base, self._model, self._new = base, model, new
        self._rng = np.random.default_rng(seed)
        self._seed = seed
        self._examples = Examples(base, 0.0)
        columns = {disease: i for i, disease in enumerate((*model.diseases, *new))}
        self._column = {row: columns[disease] for disease, row in self._examples.disease_rows.items()}
        self._known = len(model.diseases)

    def learn(self, others: int, progress: Callable[[int, int], None]) -> dict[str, Any]:
        """Rows of the head, and what they measure on the cases kept for fitting."""
        lessons, held_out = list(self._material(others)), list(self._examples.of_bank(bank("fit")))
        total = len(lessons) + len(held_out)
        taught = self._states(lessons, lambda done: progress(done, total))
        judged = self._states(held_out, lambda done: progress(len(lessons) + done, total))
        best: dict[str, Any] = {}
        for decay in _DECAYS:
            weight, bias = self._fitted(*taught, decay)
            measured = self._measures(judged, weight, bias)
            if not best or measured["log_loss"] < best["validation"]["log_loss"]:
                best = {"weight": weight, "bias": bias, "decay": decay, "validation": measured}
        return best

    def _material(self, others: int) -> Iterator[Example]:
        cases = list(self._examples.of_bank(bank("train")))
        mine = [case for case in cases if self._label(case) >= self._known]
        rest = [case for case in cases if self._label(case) < self._known]
        otherwise = Variety(self._base, self._rng)
        yield from map(otherwise, (rest[i] for i in self._rng.permutation(len(rest))[:others]))
        yield from mine
        yield from map(otherwise, mine * _TOLD)
        simulator = Simulator(CausalGraph(self._base), self._rng)
        for disease in self._base.diseases.values():
            count = _SIMULATED if disease.id in self._new else _SIMULATED_OTHERS
            yield from self._examples.of_simulated(simulator.case(disease) for _ in range(count))

    def _label(self, example: Example) -> int:
        return self._column[max(example.diseases, key=example.diseases.__getitem__)]

    def _states(self, examples: Sequence[Example], progress: Callable[[int], None]) -> tuple[Any, Any]:
        """(n, width) states and (n,) columns of the diseases."""
        order = sorted(range(len(examples)), key=lambda i: len(examples[i].text))
        states: list[Any] = [None] * len(examples)
        for at in range(0, len(order), _BATCH):
            rows = order[at : at + _BATCH]
            for row, state in zip(rows, self._model.states([examples[i].text for i in rows]), strict=True):
                states[row] = state
            progress(at + len(rows))
        return torch.stack(states), torch.tensor([self._label(example) for example in examples])

    def _fitted(self, states: Any, labels: Any, decay: float) -> tuple[Any, Any]:
        torch.manual_seed(self._seed)
        head = self._model.network.diseases
        with torch.no_grad():
            known = head(states)
        weight = torch.zeros(len(self._new), states.shape[1], requires_grad=True)
        bias = torch.full((len(self._new),), float(head.bias.detach().min()), requires_grad=True)
        shares = self._shares(labels)
        optimizer = torch.optim.Adam([weight, bias], lr=_RATE)
        for _ in range(_STEPS):
            logits = torch.cat([known, states @ weight.T + bias], dim=1)
            each = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
            loss: Any = (shares * each).sum() + decay * weight.square().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return weight.detach(), bias.detach() - _RARER * self._model.temperature

    def _shares(self, labels: Any) -> Any:
        """(n,) what each lesson counts: a new disease as much as a known one, however often it is told."""
        counts = torch.bincount(labels, minlength=self._known + len(self._new)).float()
        counts[self._known :] /= counts[: self._known].mean()
        counts[: self._known] = 1.0
        shares = 1 / counts[labels]
        return shares / shares.sum()

    def _measures(self, judged: tuple[Any, Any], weight: Any, bias: Any) -> dict[str, float]:
        states, labels = judged
        with torch.inference_mode():
            logits = torch.cat([self._model.network.diseases(states), states @ weight.T + bias], dim=1)
            logits /= self._model.temperature
            right = logits.argmax(dim=1) == labels
            new = labels >= self._known
            loss = torch.nn.functional.cross_entropy(logits, labels)
            wrongly = (logits.argmax(dim=1) >= self._known) & ~new
        return {
            "log_loss": round(float(loss), 4),
            "top1_new": round(float(right[new].float().mean()), 4),
            "top1_known": round(float(right[~new].float().mean()), 4),
            "known_taken_for_new": round(float(wrongly[~new].float().mean()), 4),
        }


def _save(folder: Path, card: dict[str, Any], new: Sequence[str], measured: dict[str, Any]) -> None:
    """Put the rows below those of the head; every other tensor stays as it is stored."""
    stored = load_file(folder / "model.safetensors")
    rows = {"diseases.weight": measured["weight"], "diseases.bias": measured["bias"]}
    if stored["diseases.weight"].dtype == torch.int8:
        rows = packed_weights.packed(rows)
    stored |= {name: torch.cat([stored[name], row.to(stored[name].dtype)]) for name, row in rows.items()}
    save_file(stored, folder / "model.safetensors")
    card["diseases"] += new
    card["added"] = [
        *card.get("added", []),
        {
            "diseases": list(new),
            "decay": measured["decay"],
            "rarer": _RARER,
            "validation": measured["validation"],
            "made": time.strftime("%Y-%m-%d"),
        },
    ]
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False), "utf-8")
    (folder / "README.md").write_text(card_in_words(card), encoding="utf-8")
