"""The text classifier: all-MiniLM-L6-v2 with a LoRA and a linear head over diseases.

P(disease | the words of the case). Trained by `aetia train text`; the weights and their model card
lie in assistant/weights/text.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.case import Case
from assistant.rendering import in_english
from knowledge.base import KnowledgeBase
from knowledge.errors import AetiaError
from knowledge.noisy_or import Floats

BUILTIN = Path(__file__).parent / "weights" / "text"
MAX_TOKENS = 160
_STRONGEST = 6.0
"""Log-odds beyond which a classifier's confidence is not believed."""


class TextWeightsMissing(AetiaError):
    """The classifier's weights are not where they should be, or not whole."""


@dataclass(frozen=True)
class TextModel:
    """A classifier ready to read. diseases: bare ids, one for each row of the head."""

    diseases: tuple[str, ...]
    temperature: float
    _tokenizer: Any
    _encoder: Any
    _head: Any

    @classmethod
    def load(cls, encoder: Any, tokenizer: Any, folder: Path = BUILTIN) -> "TextModel":
        """The classifier on a copy of an encoder, whose weights the LoRA changes.

        Raises TextWeightsMissing.
        """
        from safetensors.torch import load_file

        from torch_pair import torch

        try:
            card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
            weights = load_file(folder / "classifier.safetensors")
        except (OSError, ValueError) as fault:
            raise TextWeightsMissing(
                f"The text classifier's weights cannot be read in {folder}: {fault}. "
                "Reinstall Aetia, or make them with `aetia train text`."
            ) from fault
        adapted = copy.deepcopy(encoder)
        apply_lora(adapted, weights, card["lora"]["scale"])
        head = torch.nn.Linear(weights["head.weight"].shape[1], weights["head.weight"].shape[0])
        head.load_state_dict({"weight": weights["head.weight"].float(), "bias": weights["head.bias"].float()})
        return cls(tuple(card["diseases"]), card["temperature"], tokenizer, adapted.eval(), head.eval())

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, diseases) log P(disease | text), calibrated."""
        from torch_pair import torch

        with torch.inference_mode():
            tokens = self._tokenizer(
                list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
            logits = self._head(pooled(self._encoder, tokens)) / self.temperature
            return np.asarray(torch.log_softmax(logits, dim=1).double().numpy())


def pooled(encoder: Any, tokens: Any) -> Any:
    """(n, dimension) mean of the token states."""
    states = encoder(**tokens).last_hidden_state
    mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
    return (states * mask).sum(1) / mask.sum(1)


def apply_lora(encoder: Any, weights: dict[str, Any], scale: float) -> None:
    """Add B·A·scale to every layer that has a pair `<layer>.lora_A`, `<layer>.lora_B`."""
    from torch_pair import torch

    modules = dict(encoder.named_modules())
    with torch.no_grad():
        for key in weights:
            if key.endswith(".lora_A"):
                layer = key.removesuffix(".lora_A")
                change = weights[f"{layer}.lora_B"].float() @ weights[key].float()
                modules[layer].weight += scale * change


class TextWitness:
    """The classifier as a witness on one knowledge base's diseases."""

    name = "text"

    def __init__(self, model: TextModel, base: KnowledgeBase) -> None:
        self._model = model
        self._base = base
        known = {disease: i for i, disease in enumerate(model.diseases)}
        pairs = [(row, known[d]) for row, d in enumerate(base.diseases) if d in known]
        self._rows, self._columns = (list(side) for side in zip(*pairs, strict=True)) if pairs else ([], [])

    def opinion(self, case: Case) -> Floats | None:
        """(D,) log P(disease | words) against chance; 0 for a disease it was not trained on."""
        words = in_english(case, self._base)
        if not words or not self._rows:
            return None
        log_probability = self._model.log_probabilities([words])[0]
        against_chance = log_probability + np.log(len(log_probability))
        scores = np.zeros(len(self._base.diseases))
        scores[self._rows] = np.clip(against_chance[self._columns], -_STRONGEST, _STRONGEST)
        return scores
