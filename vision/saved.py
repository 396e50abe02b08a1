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

_SCALE = ".scale"

_LARGE = 10_000
"""Numbers in a kernel that is stored as int8."""


def save_weights(net: nn.Module, path: Path) -> str:
    """Write a network's state and return the file's SHA-256. Large kernels become int8, see `_small`."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, Tensor] = {}
    for key, value in net.state_dict().items():
        tensors |= _small(key, value)
    save_file(tensors, path)
    path.chmod(0o644)  # safetensors leaves its files to their maker alone
    return _digest(path)


def _small(key: str, value: Tensor) -> dict[str, Tensor]:
    """A large kernel in int8 with one scale for each output channel, which is a quarter of float32.

    Small kernels, which hold little and of which int8 would spoil more, are kept in float16, and
    normalisations, which vary widely, as they are.
    """
    if value.dim() < 2:
        return {key: value.contiguous()}
    if value.numel() < _LARGE:
        return {key: value.half().contiguous()}
    scale = value.flatten(1).abs().amax(1).clamp_min(1e-12) / 127
    wide = scale.view(-1, *[1] * (value.dim() - 1))
    return {key: (value / wide).round().to(torch.int8).contiguous(), key + _SCALE: scale.contiguous()}


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The float32 tensors of a weights file. Raises WeightsMissing."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        stored = load_file(path)
    except (OSError, SafetensorError) as error:
        raise WeightsMissing(f"{path} is not a readable file of weights: {error}") from error
    return {key: _full(key, value, stored) for key, value in stored.items() if not key.endswith(_SCALE)}


def _full(key: str, value: Tensor, stored: dict[str, Tensor]) -> Tensor:
    if value.dtype != torch.int8:
        return value.float() if value.is_floating_point() else value
    return value.float() * stored[key + _SCALE].view(-1, *[1] * (value.dim() - 1))


def load_weights(net: nn.Module, path: Path, card: dict[str, Any]) -> None:
    """Fill a network from a file and leave it ready to predict.

    Raises WeightsMissing when the file is not there, is not the one of its card, or does not fit.
    """
    if not path.is_file():
        raise WeightsMissing(f"there are no weights at {path}; make them with `aetia train image`")
    if _digest(path) != card["sha256"]:
        raise WeightsMissing(f"{path} is not the file that its card describes; fetch or train it again")
    try:
        net.load_state_dict(read_tensors(path))
    except RuntimeError as error:
        raise WeightsMissing(f"{path} does not fit this version of Aetia: {error}") from error
    net.eval()


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
