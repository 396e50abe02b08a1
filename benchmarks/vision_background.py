"""Can a picture's label be told from its border alone? Then the set lets a network cheat.

`python -m benchmarks.vision_background --data DIR`: of at most 300 pictures of each kind, as many of every label, the
middle is blanked and only a frame of 12 % on each side is left. The router's frozen features of it, and of the whole
picture beside it, are judged by logistic regression, grouped five-fold. What the frame tells above chance came from
cameras, scanners and how pictures were cut, or from disease that reaches the border; no patient should be judged by
the first.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import RESULTS, data_folder, write
from torch_pair import torch
from vision.datasets import Labelled, read_set
from vision.metrics import interval, recalls
from vision.models import RouterNet, inputs
from vision.reader import ROUTER
from vision.router import SIDE, Router
from vision.saved import BUILTIN
from vision.scope import kinds
from vision.tasks import task_named
from vision.training import SEED

FRAME = 0.12
PICTURES, FOLDS, _BATCH = 300, 5, 25


def chosen(data: Path, name: str) -> list[Labelled]:
    """As many pictures of every label, evenly from the set, at the router's size."""
    task = task_named(name).model_copy(update={"size": (SIDE, SIDE), "masks": {}})
    by_label: dict[str, list[Labelled]] = defaultdict(list)
    for picture in read_set(data / f"{name}.zip", task):
        by_label[picture.label].append(picture)
    each = min(PICTURES // len(by_label), max(map(len, by_label.values())))
    return [p for found in by_label.values() for p in found[:: max(1, len(found) // each)][:each]]


def framed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with its middle black."""
    edge = round(FRAME * SIDE)
    kept = pixels.copy()
    kept[edge:-edge, edge:-edge] = 0
    return kept


@torch.no_grad()
def features(net: RouterNet, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """(N, 6400), as the router's head sees them."""
    parts = []
    for i in range(0, len(pictures), _BATCH):
        x = inputs(pictures[i : i + _BATCH]).contiguous(memory_format=torch.channels_last)
        parts.append(net.pooled(x).numpy())
    return np.concatenate(parts)


def judged(
    x: NDArray[np.float32], truth: NDArray[np.int64], groups: Sequence[str]
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """What grouped five-fold logistic regression calls every picture, and how well."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    called = np.full_like(truth, -1)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(x, truth, groups):
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=500)
        )
        called[test] = model.fit(x[train], truth[train]).predict(x[test])

    def balanced(draw: NDArray[np.intp]) -> float:
        return float(recalls(called[draw], truth[draw]).mean())

    return called, {
        "balanced_accuracy": round(balanced(np.arange(len(truth))), 4),
        "balanced_accuracy_95": interval(balanced, len(truth), SEED),
    }


def checked(data: Path, name: str, net: RouterNet) -> dict[str, Any]:
    """One kind: the border alone, and the whole picture."""
    pictures = chosen(data, name)
    labels = [label for label in task_named(name).labels if any(p.label == label for p in pictures)]
    truth = np.array([labels.index(p.label) for p in pictures], dtype=np.int64)
    groups = [p.group for p in pictures]
    border, alone = judged(features(net, [framed(p.pixels) for p in pictures]), truth, groups)
    _, whole = judged(features(net, [p.pixels for p in pictures]), truth, groups)
    return {
        "n": len(pictures),
        "groups": len(set(groups)),
        "chance": round(1 / len(labels), 4),
        "border_alone": alone,
        "recall_from_border": {
            label: round(float((border[truth == i] == i).mean()), 4) for i, label in enumerate(labels)
        },
        "whole_picture": whole,
    }


def main() -> None:
    """Check every kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, help="the folder of the zips")
    parser.add_argument("--out", type=Path, default=RESULTS / "vision_background.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    net = Router.load(BUILTIN / ROUTER).net
    found: dict[str, Any] = {}
    for kind, spec in kinds().items():
        found[kind] = checked(options.data or data_folder() / "images", spec.set, net)
        print(kind, json.dumps(found[kind]), flush=True)
    result = {
        "benchmark": "vision_background",
        "seed": SEED,
        "frame": FRAME,
        "kinds": found,
    }
    write(result, options.out)


if __name__ == "__main__":
    main()
