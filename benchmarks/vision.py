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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks.measure import write
from torch_pair import torch
from vision.calibration import Calibration
from vision.datasets import Labelled, read_set
from vision.fitting import Predicted, Settings, fit, predicted
from vision.images import Image
from vision.models import Init, PictureNet
from vision.reader import ImageReader
from vision.reading import PictureModel
from vision.refusals import ImageRefused
from vision.saved import BUILTIN, read_card
from vision.scope import kinds
from vision.tasks import Task
from vision.training import SEED, measures, report, task_for

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


def cross_validated(name: str, data: Path, init: Init, seed: int, limit: int | None) -> dict[str, Any]:
    """Train and measure in five folds of groups; every picture is scored by a network that never saw its group."""
    task = task_for(name, data)
    pictures = read_set(data, task, limit)
    found: list[Predicted] = []
    tested: list[Labelled] = []
    calibrations = []
    for fold in range(FOLDS):
        test = [p for p in pictures if p.fold(FOLDS, seed) == fold]
        rest = [p for p in pictures if p.fold(FOLDS, seed) != fold]
        inner = {
            "validation": rest[:: FOLDS * 2],
            "train": [p for i, p in enumerate(rest) if i % (FOLDS * 2)],
        }
        torch.manual_seed(seed)
        net = PictureNet(len(task.labels), len(task.masks))
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(epochs=task.epochs, batch=task.batch, seed=seed)
            fit(net, inner["train"], inner["validation"], task, init, settings, Path(folder, "checkpoint"))
        if task.labels:
            card = report(net, {**inner, "test": inner["validation"]}, task)  # type: ignore[dict-item]
            calibrations.append(Calibration(**card["calibration"]))
        found.append(predicted(net, test, task))
        tested += test
    joined = Predicted(
        np.concatenate([f.logits / c.temperature for f, c in zip(found, calibrations, strict=True)])
        if task.labels
        else np.concatenate([f.logits for f in found]),
        np.concatenate([f.cells for f in found]),
        np.concatenate([f.masks for f in found]),
    )
    calibration = replace(calibrations[0], temperature=1.0) if task.labels else None
    return {"folds": FOLDS, "weights": None, **measures(joined, tested, task, calibration)}


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
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--limit", type=int, help="an even sample of so many pictures")
    options = parser.parse_args()

    if options.weights == "none":
        init = options.init if options.init in ("imagenet", "random") else Path(options.init)
        found = cross_validated(options.task, options.data, init, options.seed, options.limit)
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
