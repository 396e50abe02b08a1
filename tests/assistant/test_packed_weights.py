"""Weights in half the space, nearly as they were."""

from pathlib import Path

import pytest

from assistant import packed_weights
from torch_pair import torch


def test_a_row_loses_at_most_half_a_step(tmp_path: Path) -> None:
    torch.manual_seed(0)
    given = {"matrix": torch.randn(40, 384) * torch.logspace(-4, 2, 40)[:, None], "bias": torch.randn(40)}
    given["matrix"][3] = 0.0
    packed_weights.save(given, tmp_path / "model.safetensors")
    found = packed_weights.load(tmp_path / "model.safetensors")
    assert found.keys() == given.keys()
    step = given["matrix"].abs().amax(1, keepdim=True) / 127
    assert ((found["matrix"] - given["matrix"]).abs() <= 0.51 * step + 1e-12).all()
    assert (found["bias"] - given["bias"]).abs().max() < 1e-3
    assert (tmp_path / "model.safetensors").stat().st_size < 40 * (384 + 4 + 2) + 500


def test_a_file_of_float16_is_read_and_another_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"matrix": torch.ones(2, 3).half()}, tmp_path / "half.safetensors")
    assert packed_weights.load(tmp_path / "half.safetensors")["matrix"].dtype == torch.float32
    (tmp_path / "none.safetensors").write_bytes(b"none")
    with pytest.raises((OSError, ValueError)):
        packed_weights.load(tmp_path / "none.safetensors")
