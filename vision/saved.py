"""Weights on disk: safetensors beside a card in JSON, checked against each other when read."""

import hashlib
import json
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from torch_pair import torch
from vision.refusals import WeightsMissing

BUILTIN = Path(__file__).with_name("weights")
"""The weights in the package; those trained on restricted data are in its folder `restricted`."""


def save_weights(net: nn.Module, path: Path) -> str:
    """Write a network's state, kernels in float16, and return the file's SHA-256."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: _small(value) for key, value in net.state_dict().items()}, path)
    path.chmod(0o644)  # safetensors leaves its files to their maker alone
    return _digest(path)


def _small(value: Tensor) -> Tensor:
    """Kernels and heads in half precision; normalisations, which are few and vary widely, in full."""
    return value.half().contiguous() if value.dim() > 1 else value.contiguous()


def load_weights(net: nn.Module, path: Path, card: dict[str, Any]) -> None:
    """Fill a network from a file and leave it ready to predict.

    Raises WeightsMissing when the file is not there, is not the one of its card, or does not fit.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise WeightsMissing(f"there are no weights at {path}; make them with `aetia train image`")
    if _digest(path) != card["sha256"]:
        raise WeightsMissing(f"{path} is not the file that its card describes; fetch or train it again")
    try:
        net.load_state_dict({key: _full(value) for key, value in load_file(path).items()})
    except (RuntimeError, SafetensorError) as error:
        raise WeightsMissing(f"{path} does not fit this version of Aetia: {error}") from error
    net.eval()


def _full(value: Tensor) -> Tensor:
    return value.float() if value.dtype == torch.float16 else value


def read_card(path: Path) -> dict[str, Any]:
    """The card of a weights file `NAME.safetensors`, from `NAME.json` beside it. Raises WeightsMissing."""
    card_path = path.with_suffix(".json")
    try:
        card: dict[str, Any] = json.loads(card_path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsMissing(f"there is no card at {card_path}; weights are not used without one") from error
    except ValueError as error:
        raise WeightsMissing(f"{card_path} is not JSON: {error}") from error
    if missing := {"task", "sha256"} - card.keys():
        raise WeightsMissing(f"{card_path} lacks {', '.join(sorted(missing))}")
    return card


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
