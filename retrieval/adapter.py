"""A LoRA for the sentence encoder: small weights beside the published ones, made by `aetia train embedding`.

A folder of one holds `adapter.safetensors`, its `card.json` and the card in words.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.errors import AetiaError

WEIGHTS = "adapter.safetensors"


class AdapterUnusable(AetiaError):
    """The weights of an adapter are missing, damaged, or made for another encoder."""


@dataclass(frozen=True)
class Adapter:
    """weights: pairs `<layer>.lora_A` (rank, in) and `<layer>.lora_B` (out, rank). scale: of their product.

    sha256: of the file. encoder: SHA-256 of the encoder that it was made for.
    """

    weights: dict[str, Any]
    scale: float
    sha256: str
    encoder: str

    @classmethod
    def load(cls, folder: Path) -> "Adapter":
        """Weights checked against the hash in their card. Raises AdapterUnusable."""
        from safetensors.torch import load

        try:
            content = (folder / WEIGHTS).read_bytes()
            card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
            expected, scale, encoder = card["sha256"], float(card["lora"]["scale"]), card["encoder"]
        except (OSError, ValueError, KeyError) as fault:
            raise AdapterUnusable(
                f"The adapter in {folder} cannot be read: {fault}. Make it again with `aetia train embedding`."
            ) from fault
        if (found := hashlib.sha256(content).hexdigest()) != expected:
            raise AdapterUnusable(
                f"{folder / WEIGHTS} has SHA-256 {found}, expected {expected}: it is damaged or was exchanged."
            )
        weights = {name: value.float() for name, value in load(content).items()}
        return cls(weights, scale, found, encoder)

    def apply(self, network: Any) -> None:
        """Add it to the layers of a network, in place."""
        apply_lora(network, self.weights, self.scale)


def save(folder: Path, weights: dict[str, Any], card: dict[str, Any]) -> str:
    """Write weights and card, which gets their hash; gives the hash."""
    from safetensors.torch import save as packed

    content = packed(weights)
    sha256 = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(content)
    named = json.dumps({**card, "sha256": sha256}, indent=1, ensure_ascii=False)
    (folder / "card.json").write_text(named, encoding="utf-8")
    return sha256


def apply_lora(network: Any, weights: dict[str, Any], scale: float) -> None:
    """Add B·A·scale to every layer that has a pair `<layer>.lora_A`, `<layer>.lora_B` (Hu et al. 2021)."""
    from torch_pair import torch

    modules = dict(network.named_modules())
    with torch.no_grad():
        for key in weights:
            if key.endswith(".lora_A"):
                layer = key.removesuffix(".lora_A")
                modules[layer].weight += scale * weights[f"{layer}.lora_B"] @ weights[key]


def lora_pairs(network: Any) -> Iterator[tuple[str, str, Any]]:
    """(layer, `lora_A` or `lora_B`, value) of a network that peft has wrapped."""
    for key, value in network.state_dict().items():
        for side in ("lora_A", "lora_B"):
            if f".{side}." in key:
                yield key.split(f".{side}.")[0].removeprefix("base_model.model."), side, value


def lora_weights(network: Any) -> dict[str, Any]:
    """The pairs of a network that peft has wrapped, by layer, as float16."""
    return {f"{layer}.{side}": value.detach().half().clone() for layer, side, value in lora_pairs(network)}
