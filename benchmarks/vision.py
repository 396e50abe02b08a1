"""The image model on a zip of labelled pictures.

    python -m benchmarks.vision --task chest_xray_children --data F.zip --out R.json [--held-out]

A set of chest X-rays gives accuracy, discrimination, calibration and, where readers marked boxes, how
often the map's highest point lies in one. Any other set gives the share that is refused. Without
`--held-out` pictures that the weights were trained on count too, and the result says so.
"""

import argparse
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from torch_pair import torch
from vision.classify import Reading, read_chest_xray
from vision.datasets import Labelled, read_zip
from vision.images import open_image
from vision.metrics import measured
from vision.reader import OPACITY, OPACITY_OPEN, ImageReader
from vision.refusals import ImageRefused
from vision.saved import BUILTIN, read_card
from vision.tasks import OpacityTask, Population, task_named
from vision.training import location


@dataclass(frozen=True)
class Outcome:
    """One picture: its reading, why it would be refused (or None), and the seconds it took."""

    picture: Labelled
    reading: Reading
    refused: str | None
    seconds: float


def outcomes(reader: ImageReader, data: Path, pictures: Sequence[Labelled], population: str) -> list[Outcome]:
    """Read every picture from a file, as a user's would be; also those that scope refuses."""
    found = []
    with zipfile.ZipFile(data) as archive, tempfile.TemporaryDirectory() as folder:
        for picture in tqdm(pictures, unit="picture", mininterval=5):
            path = Path(folder, "picture" + Path(picture.path).suffix)
            path.write_bytes(archive.read(picture.path))
            start, refused = time.perf_counter(), None
            image = open_image(path)
            try:
                reader.scope.check(image)
            except ImageRefused as error:
                refused = error.reason
            reading = read_chest_xray(image, reader.opacity, population=population)  # type: ignore[arg-type]
            found.append(Outcome(picture, reading, refused, time.perf_counter() - start))
    return found


def population_of(task: str) -> tuple[str, Population] | None:
    """Whose chests a set shows, by name, or None for a set of anything else."""
    pneumonia = task_named("pneumonia")
    populations = pneumonia.populations if isinstance(pneumonia, OpacityTask) else {}
    return next(((name, found) for name, found in populations.items() if found.set == task), None)


def summary(found: Sequence[Outcome], population: Population | None) -> dict[str, Any]:
    """The measures of a set of outcomes."""
    milliseconds = np.array([outcome.seconds for outcome in found]) * 1e3
    report: dict[str, Any] = {
        "n": len(found),
        "refused": round(float(np.mean([outcome.refused is not None for outcome in found])), 4),
        "latency_ms": {
            "threads": 1,
            "median": round(float(np.median(milliseconds)), 1),
            "p95": round(float(np.percentile(milliseconds, 95)), 1),
        },
    }
    if population is None:
        return report
    probability = np.array([outcome.reading.probability for outcome in found])
    truth = np.array([float(outcome.picture.label in population.positive) for outcome in found])
    boxes = [
        outcome.picture.boxes if positive else () for outcome, positive in zip(found, truth, strict=True)
    ]
    where = location(boxes, np.array([outcome.reading.cells for outcome in found]))
    return {**report, **measured(probability, truth), "box_hit": where.get("box_hit"), "location": where}


def main() -> None:
    """Run the benchmark and write its JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--task", required=True, help="the set's name, such as chest_xray_children")
    parser.add_argument("--data", required=True, type=Path, help="the set's zip, with an index.csv")
    parser.add_argument("--weights", default="builtin", help="a folder of weights, or `builtin`")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--held-out", action="store_true", help="only groups that were kept out of training")
    parser.add_argument("--children-only", action="store_true", help="the openly licensed model")
    parser.add_argument("--limit", type=int, help="an even sample of so many pictures")
    options = parser.parse_args()

    torch.set_num_threads(1)
    folder = BUILTIN if options.weights == "builtin" else Path(options.weights)
    name = OPACITY_OPEN if options.children_only else OPACITY
    card = read_card(folder / name)
    pictures = read_zip(options.data, side=8, limit=options.limit, name=options.task)  # pixels are read again
    if options.held_out:
        pictures = [picture for picture in pictures if picture.part(card["seed"]) == "test"]
    whose = population_of(options.task)
    if whose:
        known = whose[1].positive | whose[1].negative
        pictures = [picture for picture in pictures if picture.label in known]
    reader = ImageReader.load(folder, children_only=options.children_only)
    found = outcomes(reader, options.data, pictures, whose[0] if whose else "any")
    report = {
        "task": options.task,
        "weights": name,
        "weights_sha256": card["sha256"],
        "held_out_only": options.held_out,
        "may_include_training_pictures": not options.held_out and options.task in card["data"],
        **summary(found, whose[1] if whose else None),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1) + os.linesep, encoding="utf-8")


if __name__ == "__main__":
    main()
