"""What every benchmark needs: where data lies, intervals, results as JSON with their command."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"


def data_folder() -> Path:
    """Where the public data sets lie: AETIA_DATA, or ../shared/data beside the project."""
    folder = Path(os.environ.get("AETIA_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not there; set AETIA_DATA to the folder of the data sets.")
    return folder


def interval(hits: Sequence[bool], seed: int = 0) -> tuple[float, float]:
    """The 95 % bootstrap interval of a share, from 2,000 resamples."""
    values = np.asarray(hits, dtype=float)
    if not len(values):
        return 0.0, 1.0
    draws = np.random.default_rng(seed).integers(0, len(values), (2000, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def calibration_error(confidence: Sequence[float], hits: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error over equally wide bins (Naeini 2015)."""
    sure, right = np.asarray(confidence), np.asarray(hits, dtype=float)
    which = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [
        abs(sure[which == b].mean() - right[which == b].mean()) * (which == b).mean()
        for b in range(bins)
        if (which == b).any()
    ]
    return round(float(sum(gaps)), 4)


def chance_of_calibration(
    confidence: Sequence[float], draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Mean and 95th percentile of the calibration error that perfectly calibrated confidences would show by chance.

    With few cases it is far from zero: an error within it says nothing against the calibration.
    """
    sure, rng = np.asarray(confidence), np.random.default_rng(seed)
    errors = [calibration_error(sure, (rng.random(len(sure)) < sure).tolist()) for _ in range(draws)]
    return round(float(np.mean(errors)), 4), round(float(np.quantile(errors, 0.95)), 4)


def write(result: dict[str, Any], out: Path) -> None:
    """Write a result with the command and the machine that made it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    command = (
        " ".join(["python -m", *_module(), *sys.argv[1:]])
        .replace(f"{ROOT}/", "")
        .replace(f"{ROOT.parent}/", "../")
    )
    made = {"command": command, "python": platform.python_version(), "cores": os.cpu_count()}
    out.write_text(json.dumps({**result, "made": made}, indent=1, ensure_ascii=False), encoding="utf-8")


def _module() -> list[str]:
    spec = sys.modules["__main__"].__spec__
    return [spec.name] if spec else []
