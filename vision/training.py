"""Training the image models: `train` makes weights, and the card that says what they are worth."""

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from torch_pair import torch
from vision.calibration import Calibration, fitted
from vision.cards import write_card
from vision.datasets import Labelled, Part, read_zip, split
from vision.metrics import Floats, calibration_error, measured
from vision.models import SIDE, Init, OpacityNet
from vision.opacity_training import Example, Progress, Settings, fit, predicted
from vision.regions import highest_region
from vision.saved import save_weights
from vision.scope_training import fit_scope
from vision.tasks import OpacityTask, Population, Task, source_of, task_named

SEED = 7
"""The default, and the seed of the built-in weights, whose held-out groups it therefore gives back."""


def train(
    task: str,
    data: Path,
    out: Path,
    *,
    init: Init = "imagenet",
    seed: int = SEED,
    epochs: int = 5,
    batch: int = 32,
    half: bool = True,
) -> Path:
    """Train a task of tasks.yaml and return the path of its weights.

    data: the folder of zips, each with an index.csv. out: the folder for the weights, laid out as the
    built-in one, with the Markdown and JSON card beside them. init: where the backbone starts.
    half: multiply in bfloat16. A run that was cut short goes on from the checkpoint in `out`.

    Raises UnknownTask, DatasetFault or BackboneFault, with a sentence for people.
    """
    spec = task_named(task)
    folder = out / "restricted" if spec.restricted else out
    weights = folder / f"{task}.safetensors"
    net: nn.Module
    if isinstance(spec, OpacityTask):
        settings = Settings(epochs=epochs, batch=batch, seed=seed, half=half)
        net, card = _train_opacity(spec, data, init, settings, out / f"{task}.checkpoint")
    else:
        net, card = fit_scope(spec, data, init, seed, half)
    card = {"task": task, "sha256": save_weights(net, weights), **card, **_circumstances(spec, seed)}
    write_card(card, weights)
    (out / f"{task}.checkpoint").unlink(missing_ok=True)
    return weights


def _circumstances(task: Task, seed: int) -> dict[str, Any]:
    parts = ("torch", "torchvision", "numpy", "pillow")
    return {
        "seed": seed,
        "data": {name: source_of(name).model_dump() for name in task.sets},
        "limits": task.limits,
        "versions": {"python": platform.python_version(), **{part: version(part) for part in parts}},
    }


def _train_opacity(
    task: OpacityTask, data: Path, init: Init, settings: Settings, checkpoint: Path
) -> tuple[OpacityNet, dict[str, Any]]:
    parts: dict[Part, list[Example]] = {"train": [], "validation": [], "test": []}
    counts: dict[str, Any] = {}
    for name, population in task.populations.items():
        pictures = split(read_zip(data / f"{population.set}.zip", SIDE), settings.seed)
        for part, found in pictures.items():
            repeat = population.repeat if part == "train" else 1
            parts[part] += repeat * examples(found, name, population)
        counts[population.set] = {
            part: {"pictures": len(found), "groups": len({picture.group for picture in found})}
            for part, found in pictures.items()
        }
    torch.manual_seed(settings.seed)
    net = OpacityNet()
    progress = fit(net, parts["train"], parts["validation"], init, settings, checkpoint)
    return net, {"finding": task.finding, "split": counts, **_report(net, parts, settings, progress)}


def examples(pictures: Sequence[Labelled], name: str, population: Population) -> list[Example]:
    """The pictures of a population whose label says yes or no; boxes count only where it says yes."""
    return [
        Example(
            pixels=picture.pixels,
            opacity=picture.label in population.positive,
            population=name,
            boxes=picture.boxes if picture.label in population.positive else (),
        )
        for picture in pictures
        if picture.label in population.positive | population.negative
    ]


def _report(
    net: OpacityNet, parts: dict[Part, list[Example]], settings: Settings, progress: Progress
) -> dict[str, Any]:
    """Calibrations by the validation part, and the measures of the test part."""
    calibrations = _calibrations(net, parts["validation"])
    logits, maps = predicted(net, [example.pixels for example in parts["test"]])
    report: dict[str, Any] = {}
    for name in calibrations:
        chosen = _of(parts["test"], name)
        truth = _truth(parts["test"])[chosen]
        before = 1 / (1 + np.exp(-logits[chosen]))
        report[name] = measured(calibrations[name].probability(logits[chosen]), truth)
        report[name]["ece_uncalibrated"] = round(calibration_error(before, truth), 4)
        any_ = calibrations["any"].probability(logits[chosen])
        report[name]["age_unknown"] = {"ece": round(calibration_error(any_, truth), 4)}
    return {
        "calibration": {name: asdict(calibration) for name, calibration in calibrations.items()},
        "test": report,
        "location": location([example.boxes for example in parts["test"]], maps),
        "settings": asdict(settings),
        "best_epoch": progress.best_epoch,
        "history": progress.history,
    }


def _calibrations(net: OpacityNet, validation: Sequence[Example]) -> dict[str, Calibration]:
    """One for each population, and "any" for all together."""
    logits, _ = predicted(net, [example.pixels for example in validation])
    names = ["any", *sorted({example.population for example in validation})]
    truth = _truth(validation)
    return {
        name: fitted(logits[chosen], truth[chosen])
        for name, chosen in ((name, _of(validation, name)) for name in names)
    }


def location(boxes: Sequence[Sequence[Any]], maps: Floats) -> dict[str, float]:
    """How often the map's highest cell lies in a reader's box, and the mean overlap with the best box."""
    marked = [(found, cells) for found, cells in zip(boxes, maps, strict=True) if found]
    if not marked:
        return {"n": 0}
    hits, overlaps = [], []
    for found, cells in marked:
        row, column = np.unravel_index(int(cells.argmax()), cells.shape)
        x, y = (int(column) + 0.5) / cells.shape[1], (int(row) + 0.5) / cells.shape[0]
        hits.append(any(box.contains(x, y) for box in found))
        region = highest_region(cells, (1000, 1000), None).box.scaled(1e-3, 1e-3)
        overlaps.append(max(region.overlap(box) for box in found))
    return {
        "n": len(marked),
        "box_hit": round(float(np.mean(hits)), 4),
        "mean_overlap": round(float(np.mean(overlaps)), 4),
    }


def _truth(examples: Sequence[Example]) -> Floats:
    return np.array([float(example.opacity) for example in examples])


def _of(examples: Sequence[Example], population: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([population in ("any", example.population) for example in examples])
