"""The benchmark's keys, and that held-out means held out."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import vision as benchmark
from vision.datasets import DatasetFault, part_of


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


def test_five_folds_score_every_picture_once(
    knees: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> None:
    found = run(monkeypatch, knees, "--weights", "none", "--init", "random", "--epochs", "1")
    assert (found["n"], found["folds"], found["epochs"], found["weights"]) == (40, 5, 1, None)
    assert sum(map(sum, found["confusion"])) == 40  # type: ignore[arg-type, call-overload]
    assert {"accuracy", "balanced_accuracy", "auc", "macro_f1", "ece", "within_one_grade"} <= found.keys()


def test_five_folds_of_too_few_groups_are_refused(
    tmp_path: Path, tiny_zip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tiny_zip(tmp_path / "few.zip", 4, ("KL0", "KL1", "KL2", "KL3"))
    with pytest.raises(DatasetFault, match="too few groups"):
        run(monkeypatch, few, "--weights", "none", "--init", "random", "--epochs", "1")
