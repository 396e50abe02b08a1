"""The benchmark's numbers, on a zip made for it."""

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil

from vision.datasets import part_of

SET = "chest_xray_children"


@pytest.fixture
def made_zip(tmp_path: Path, phantom: NDArray[np.uint8]) -> Path:
    """Twelve phantoms, every other one called pneumonia."""
    rows = ["path,label,group"]
    with zipfile.ZipFile(tmp_path / f"{SET}.zip", "w") as archive:
        for i in range(12):
            buffer = io.BytesIO()
            Pil.fromarray(np.roll(phantom, i, axis=1)).save(buffer, "PNG")
            archive.writestr(f"{i}.png", buffer.getvalue())
            rows.append(f"{i}.png,{'pneumonia' if i % 2 else 'normal'},p{i}")
        archive.writestr("index.csv", "\n".join(rows))
    return tmp_path / f"{SET}.zip"


def test_the_split_does_not_hang_on_the_files_name(
    made_zip: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> None:
    expected = _run(monkeypatch, made_zip, "--held-out")["n"]
    other = made_zip.rename(made_zip.with_name("F.zip"))
    assert _run(monkeypatch, other, "--held-out")["n"] == expected


def _run(monkeypatch: pytest.MonkeyPatch, data: Path, *more: str) -> dict[str, object]:
    from benchmarks import vision

    out = data.parent / "results" / "r.json"
    monkeypatch.setattr(sys, "argv", ["vision", "--task", SET, "--data", str(data), "--out", str(out), *more])
    vision.main()
    report: dict[str, object] = json.loads(out.read_text(encoding="utf-8"))
    return report


def test_every_measure_is_there(made_zip: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    report = _run(monkeypatch, made_zip)
    assert report["n"] == 12 and report["may_include_training_pictures"] is True
    keys = {"accuracy", "balanced_accuracy", "auc", "macro_f1", "ece", "box_hit", "latency_ms", "refused"}
    assert keys <= report.keys()


def test_held_out_groups_alone(made_zip: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    report = _run(monkeypatch, made_zip, "--held-out")
    assert report["n"] == sum(part_of(f"{SET}/p{i}", 7) == "test" for i in range(12)) > 0
    assert report["may_include_training_pictures"] is False
