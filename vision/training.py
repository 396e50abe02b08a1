"""Training the image models: `train` makes weights, and the card that says what they are worth."""

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from torch_pair import torch
from vision.calibration import Calibration, fitted
from vision.cards import write_card, write_router_card
from vision.checkpoints import Progress
from vision.datasets import DatasetFault, Labelled, Part, labels_in, read_set, split
from vision.fitting import Predicted, Settings, fit, outline_scores, predicted, truth_of
from vision.metrics import Floats, interval, measured, reliability
from vision.models import Init, PictureNet
from vision.saved import load_weights, save_weights
from vision.tasks import Task, own_task, tasks

SEED = 7
"""The default, and the seed of the built-in weights, whose held-out groups it therefore gives back."""


def task_for(name: str, data: Path) -> Task:
    """The task of tasks.yaml, or plain settings with the labels that a set of one's own has."""
    return tasks()[name] if name in tasks() else own_task(name, labels_in(data))


def train(
    name: str,
    data: Path,
    out: Path,
    *,
    init: Init = "imagenet",
    seed: int = SEED,
    epochs: int | None = None,
    half: bool = True,
) -> Path:
    """Train on a set and return the path of the weights.

    name: a task of tasks.yaml, or a new one. data: the zip or folder. out: the folder for the weights, laid
    out as the built-in one, with the Markdown and JSON card beside them. init: where the backbone starts.
    half: multiply in bfloat16. A run that was cut short goes on from the checkpoint in `out`.

    Raises DatasetFault or BackboneFault, with a sentence for people.
    """
    task = task_for(name, data)
    weights = (out / "restricted" if task.restricted else out) / f"{name}.safetensors"
    parts = split(read_set(data, task), seed)
    if short := [part for part, pictures in parts.items() if not pictures]:
        raise DatasetFault(f"{data}: too few groups of pictures; none fell into {', '.join(short)}")
    settings = Settings(epochs=epochs or task.epochs, batch=task.batch, seed=seed, half=half)
    torch.manual_seed(seed)
    net = PictureNet(len(task.labels), len(task.masks), task.within)
    checkpoint = out / f"{name}.checkpoint"
    progress = fit(net, parts["train"], parts["validation"], task, init, settings, checkpoint)
    digest = save_weights(net, weights)
    load_weights(net, weights, {"sha256": digest})  # measure what was stored, not what was trained
    card = {"task": name, "set": data.stem, "sha256": digest, **report(net, parts, task)}
    card |= _circumstances(task, parts, settings, progress, init)
    write_card(card, weights)
    checkpoint.unlink(missing_ok=True)
    return weights


def train_router(data: Path, out: Path, *, init: Init = "imagenet", seed: int = SEED) -> Path:
    """Fit the router on the folder of zips that scope.yaml names, and return the path of its weights.

    Raises DatasetFault or BackboneFault, with a sentence for people.
    """
    from vision.router_training import fit_router

    net, card = fit_router(data, init, seed)
    weights = out / "restricted" / "router.safetensors"
    digest = save_weights(net, weights)
    write_router_card({"task": "router", "sha256": digest, "seed": seed, **card, **_versions()}, weights)
    return weights


def report(net: PictureNet, parts: dict[Part, list[Labelled]], task: Task) -> dict[str, Any]:
    """The calibration by the validation part, and the measures of the test part."""
    found = predicted(net, parts["test"], task)
    card: dict[str, Any] = {"spec": task.model_dump(mode="json")}
    calibration = calibrated(net, parts["train"], parts["validation"], task) if task.labels else None
    if calibration is not None:
        card["calibration"] = asdict(calibration)
    card["test"] = measures(found, parts["test"], task, calibration)
    return card


def calibrated(
    net: PictureNet, train: Sequence[Labelled], validation: Sequence[Labelled], task: Task
) -> Calibration:
    """The calibration by the validation part, for labels as frequent as in what was trained on."""
    shares = np.bincount(truth_of(train, task), minlength=len(task.labels)) / len(train)
    logits = predicted(net, validation, task).logits
    return fitted(logits, truth_of(validation, task), shares, task.call)


def measures(
    found: Predicted, pictures: Sequence[Labelled], task: Task, calibration: Calibration | None
) -> dict[str, Any]:
    """The measures that apply to a task, on pictures and what a network said of them."""
    card: dict[str, Any] = {"n": len(pictures)}
    if calibration is not None:
        truth = truth_of(pictures, task)
        probability, called = calibration.probability(found.logits), calibration.called(found.logits)
        card |= measured(probability, called, truth, task.labels, task.auc_of, task.ordinal)
        card["reliability"] = [[n, round(p, 4), round(r, 4)] for n, p, r in reliability(probability, truth)]
        card["subgroups"] = _subgroups(pictures, called == truth)
        if boxes := location([picture.boxes for picture in pictures], found.cells, truth, task):
            card |= boxes
    if scores := outline_scores(found, pictures) if task.masks else []:
        card["dice"] = round(float(np.mean(scores)), 4)
        card["dice_95"] = interval(lambda draw: float(np.mean(np.array(scores)[draw])), len(scores))
        card["dice_by_outline"] = _by_outline(found, pictures, task)
    return card


def _by_outline(found: Predicted, pictures: Sequence[Labelled], task: Task) -> dict[str, float]:
    by_outline = {}
    for i, name in enumerate(task.masks):
        only = [p for p in pictures if p.masks is not None and p.masks[i].any()]
        chosen = [j for j, p in enumerate(pictures) if p.masks is not None and p.masks[i].any()]
        if not only:
            continue
        one = Predicted(found.logits[chosen], found.cells[chosen], found.masks[chosen, i : i + 1])
        kept = [_with_mask(p, i) for p in only]
        by_outline[name] = round(float(np.mean(outline_scores(one, kept))), 4)
    return by_outline


def _with_mask(picture: Labelled, index: int) -> Labelled:
    from dataclasses import replace

    masks = picture.masks[index : index + 1] if picture.masks is not None else None
    return replace(picture, masks=masks)


def _subgroups(pictures: Sequence[Labelled], right: Any) -> dict[str, Any]:
    """Accuracy of women and men, younger and older, where a set says so."""
    rows = {}
    for value in sorted({value for picture in pictures for value in picture.person.values()}):
        chosen = np.array([value in picture.person.values() for picture in pictures])
        rows[value] = {"n": int(chosen.sum()), "accuracy": round(float(right[chosen].mean()), 4)}
    return rows


def location(boxes: Sequence[Sequence[Any]], cells: Floats, truth: Any, task: Task) -> dict[str, Any]:
    """How often the highest cell of the true label's map lies in a reader's box; {} where none was drawn."""
    hits = []
    for found, maps, label in zip(boxes, cells, truth, strict=True):
        if not found or label == 0:
            continue
        own = maps[label]
        row, column = np.unravel_index(int(own.argmax()), own.shape)
        x, y = (int(column) + 0.5) / own.shape[1], (int(row) + 0.5) / own.shape[0]
        hits.append(any(box.contains(x, y) for box in found))
    return {"box_hit": round(float(np.mean(hits)), 4), "boxes": len(hits)} if hits else {}


def _circumstances(
    task: Task, parts: dict[Part, list[Labelled]], settings: Settings, progress: Progress, init: Init
) -> dict[str, Any]:
    return {
        "split": {
            part: {"pictures": len(found), "groups": len({picture.group for picture in found})}
            for part, found in parts.items()
        },
        "init": init.stem if isinstance(init, Path) else init,
        "settings": asdict(settings),
        "best_epoch": progress.best_epoch,
        "history": [{k: round(v, 4) for k, v in row.items()} for row in progress.history],
        **_versions(),
    }


def _versions() -> dict[str, Any]:
    names = ("torch", "torchvision", "numpy", "pillow")
    return {"versions": {"python": platform.python_version(), **{name: version(name) for name in names}}}
