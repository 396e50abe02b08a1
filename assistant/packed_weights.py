"""Weights of a text model in a file: matrices as whole numbers of 8 bits with a scale for each row, half the size of float16.

A row's largest value becomes 127; what is lost is at most 1/254 of it. Files of float16 are read as they are.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCALE = ".scale"
"""What the name of a matrix's scales ends with."""


def save(weights: Mapping[str, Any], path: Path) -> None:
    """Write tensors by name."""
    from safetensors.torch import save_file

    save_file(packed(weights), path)


def packed(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Tensors by name as they are stored."""
    from torch_pair import torch

    stored = {}
    for name, value in weights.items():
        if value.dim() == 2:
            scale = (value.float().abs().amax(1, keepdim=True) / 127).clamp(min=1e-8)
            stored[name] = torch.round(value.float() / scale).to(torch.int8)
            stored[name + SCALE] = scale
        else:
            stored[name] = value.half()
    return stored


def load(path: Path) -> dict[str, Any]:
    """Tensors by name, as float32. Raises OSError, or ValueError for a file that is none of weights."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        stored = load_file(path)
    except SafetensorError as fault:
        raise ValueError(str(fault)) from fault
    scales = {name: stored.pop(name) for name in list(stored) if name.endswith(SCALE)}
    return {
        name: value.float() * scales[name + SCALE] if name + SCALE in scales else value.float()
        for name, value in stored.items()
    }
