"""The image models on a set of labelled pictures.

    python -m benchmarks.vision --task skin_lesions --data F.zip --out R.json [--held-out]
    python -m benchmarks.vision --task knee_xray --data F.zip --weights none --out R.json

With weights every picture of the set is scored, whatever its size; without, the task is trained and
measured in grouped five-fold cross-validation. Tasks are the names of the sets, and `pneumoniamnist` with
its .npz. Without `--held-out` pictures that the weights were trained on count too, and the result says so.
The share that the router refuses or takes for another kind is reported beside, and counts for nothing else.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.measure import write
from torch_pair import torch
from vision.calibration import Calibration
from vision.datasets import DatasetFault, Labelled, read_set
from vision.fitting import Predicted, Settings, fit, predicted
from vision.images import Image
from vision.models import Init, PictureNet
from vision.reader import ImageReader
from vision.reading import PictureModel
from vision.refusals import ImageRefused
from vision.saved import BUILTIN, read_card
from vision.scope import kinds
from vision.tasks import Task
from vision.training import SEED, calibrated, measures, task_for

FOLDS = 5
_TIMED = 40


def with_weights(path: Path, data: Path, held_out: bool, limit: int | None) -> dict[str, Any]:
    """Score a set with a file of weights."""
    model, card = PictureModel.load(path), read_card(path)
    pictures = read_set(data, model.task, limit, card["set"])
    if held_out:
        pictures = [p for p in pictures if p.part(card["settings"]["seed"]) == "test"]
    found = predicted(model.net, pictures, model.task)
    return {
        "weights": path.name,
        "weights_sha256": card["sha256"],
        "may_include_training_pictures": not held_out,
        **measures(found, pictures, model.task, model.calibration),
        "latency_ms": latency(model, pictures),
    }


def latency(model: PictureModel, pictures: Sequence[Labelled]) -> dict[str, float]:
    """Milliseconds for one picture that is open already, with one thread."""
    torch.set_num_threads(1)
    times = []
    for picture in pictures[:_TIMED]:
        image = Image(picture.pixels, "PNG")
        start = time.perf_counter()
        model.seen(image)
        times.append((time.perf_counter() - start) * 1e3)
    return {
        "threads": 1,
        "median": round(float(np.median(times)), 1),
        "p95": round(float(np.percentile(times, 95)), 1),
    }


def routed(data: Path, task: Task, limit: int | None) -> dict[str, float]:
    """What the router makes of the set's pictures as they come: the shares refused and taken for another kind."""
    reader = ImageReader.load()
    plain = task.model_copy(update={"size": (224, 224), "colour": True, "masks": {}})
    refused = wrong = 0
    pictures = read_set(data, plain, limit)
    for picture in tqdm(pictures, desc="router", unit="picture", mininterval=5):
        try:
            kind, _ = reader.kind(Image(picture.pixels, "PNG"))
            wrong += kind != task.kind
        except ImageRefused:
            refused += 1
    return {"refused": round(refused / len(pictures), 4), "other_kind": round(wrong / len(pictures), 4)}


def cross_validated(
    name: str, data: Path, init: Init, seed: int, limit: int | None, epochs: int | None
) -> dict[str, Any]:
    """Train and measure in five folds of groups; every picture is scored by a network that never saw its group."""
    task = task_for(name, data)
    pictures = read_set(data, task, limit)
    folds = [_fold(pictures, number, task, init, seed, epochs) for number in range(FOLDS)]
    found = Predicted(
        np.concatenate([f.found.logits for f in folds]),
        np.concatenate([f.found.cells for f in folds]),
        np.concatenate([f.found.masks for f in folds]),
    )
    calibration = None
    if task.labels:  # the logits are calibrated already, each fold's by its own
        prior = np.mean([f.prior for f in folds], axis=0)
        calibration = Calibration(1.0, (0.0,) * len(prior), tuple(prior), task.call)
    tested = [picture for f in folds for picture in f.tested]
    epochs = epochs or task.epochs
    return {"folds": FOLDS, "epochs": epochs, "weights": None, **measures(found, tested, task, calibration)}


@dataclass(frozen=True)
class _Fold:
    """The pictures kept out of a fold, what its network says of them, calibrated, and the labels' shares."""

    tested: list[Labelled]
    found: Predicted
    prior: tuple[float, ...] = ()


def _fold(
    pictures: Sequence[Labelled], number: int, task: Task, init: Init, seed: int, epochs: int | None
) -> _Fold:
    """Train without the groups of a fold; a tenth of the groups decides when to stop, and calibrates."""
    tenths = [p.fold(2 * FOLDS, seed) for p in pictures]
    parts = {
        "test": [p for p, tenth in zip(pictures, tenths, strict=True) if tenth // 2 == number],
        "validation": [
            p for p, tenth in zip(pictures, tenths, strict=True) if tenth == (2 * number + 2) % (2 * FOLDS)
        ],
    }
    kept_out = {id(p) for part in parts.values() for p in part}
    train = [p for p in pictures if id(p) not in kept_out]
    if not all((parts["test"], parts["validation"], train)):
        raise DatasetFault(f"too few groups of pictures for {FOLDS} folds; give more, or a larger --limit")
    torch.manual_seed(seed)
    net = PictureNet(len(task.labels), len(task.masks), task.within)
    settings = Settings(epochs=epochs or task.epochs, batch=task.batch, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        fit(net, train, parts["validation"], task, init, settings, Path(folder, "checkpoint"))
    found = predicted(net, parts["test"], task)
    if not task.labels:
        return _Fold(parts["test"], found)
    calibration = calibrated(net, train, parts["validation"], task)
    logits = found.logits / calibration.temperature + np.asarray(calibration.offsets)
    return _Fold(parts["test"], replace(found, logits=logits), calibration.prior)


def weights_of(task: str, given: str) -> Path:
    """The file of weights that is meant: the built-in one, one in a folder, or a file."""
    folder = BUILTIN if given == "builtin" else Path(given)
    if folder.is_file():
        return folder
    places = [folder / f"{task}.safetensors", folder / "restricted" / f"{task}.safetensors"]
    return next((place for place in places if place.is_file()), places[0])


def main() -> None:
    """Run the benchmark and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--task", required=True, help="the set's name, such as skin_lesions")
    parser.add_argument("--data", required=True, type=Path, help="the set's zip, folder or .npz")
    parser.add_argument(
        "--weights", default="builtin", help="a file or folder, `builtin`, or `none` for five-fold"
    )
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--held-out", action="store_true", help="only groups that were kept out of training")
    parser.add_argument(
        "--init", default="imagenet", help="five-fold: the backbone's file, `imagenet` or `random`"
    )
    parser.add_argument("--epochs", type=int, help="five-fold: instead of the task's own number")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--limit", type=int, help="an even sample of so many pictures")
    options = parser.parse_args()

    if options.weights == "none":
        init = options.init if options.init in ("imagenet", "random") else Path(options.init)
        found = cross_validated(options.task, options.data, init, options.seed, options.limit, options.epochs)
    else:
        found = with_weights(
            weights_of(options.task, options.weights), options.data, options.held_out, options.limit
        )
        task = task_for(options.task, options.data)
        if task.kind in kinds():
            found["router"] = routed(options.data, task, 200)
    result = {"benchmark": "vision", "task": options.task, "held_out_only": options.held_out, **found}
    write(result, options.out)
    kept = {k: v for k, v in result.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    print(json.dumps(kept))


if __name__ == "__main__":
    main()
