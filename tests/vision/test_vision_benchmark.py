"""The benchmark's keys, and that held-out means held out."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import vision as benchmark
from vision.datasets import part_of


@pytest.fixture
def knees(tmp_path: Path, tiny_zip: Callable[..., Path]) -> Path:
    return tiny_zip(tmp_path / "another_name.zip", 40, ("KL0", "KL1", "KL2", "KL3"))


def run(monkeypatch: pytest.MonkeyPatch, data: Path, *more: str) -> dict[str, object]:
    out = data.with_suffix(".json")
    monkeypatch.setattr(
        sys, "argv", ["vision", "--task", "knee_xray", "--data", str(data), "--out", str(out), *more]
    )
    benchmark.main()
    found: dict[str, object] = json.loads(out.read_text(encoding="utf-8"))
    return found


def test_every_measure_is_there(knees: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    found = run(monkeypatch, knees)
    wanted = {"n", "accuracy", "balanced_accuracy", "auc", "macro_f1", "ece", "within_one_grade"}
    assert wanted <= found.keys() and found["n"] == 40 and found["may_include_training_pictures"]


def test_the_split_hangs_on_the_task_and_not_on_the_files_name(
    knees: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> None:
    held_out = sum(part_of(f"knee_xray/p{i}", 7) == "test" for i in range(40))
    assert run(monkeypatch, knees, "--held-out")["n"] == held_out
