"""The scope task: gather pictures of every kind, fit the head, choose the threshold, measure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from torch_pair import torch
from vision.datasets import Part, read_zip
from vision.drawn import drawn
from vision.metrics import Floats, auc
from vision.models import SIDE, Init, ScopeNet, start_backbone
from vision.photographs import photographs
from vision.scope_head import KINDS, Seen, features, fit_head, with_turned
from vision.tasks import ScopeTask

KEPT = 0.99
"""Share of the validation part's chests that the threshold accepts."""

FIRMEST = 0.9
"""The threshold is no higher, however well the validation part is told apart."""

DECAYS = (1e-4, 1e-3, 1e-2)
"""Weight decays tried; the validation part chooses."""

_DRAWN: dict[Part, int] = {"train": 900, "validation": 160, "test": 160}
_CROPS = 12

Parts = dict[Part, list[Seen]]


def fit_scope(
    task: ScopeTask, data: Path, init: Init, seed: int, half: bool
) -> tuple[ScopeNet, dict[str, Any]]:
    """The fitted network and its card's own part. half: features to learn from are in bfloat16."""
    parts, counts = _gathered(task, data, seed)
    torch.manual_seed(seed)
    net = ScopeNet(len(KINDS))
    start_backbone(net.backbone, init)
    train, kinds = parts["train"], [picture.kind for picture in parts["train"]]
    inputs = torch.cat([features(net, train, half=half), features(net, train, shake=True, half=half)])
    validation, test = features(net, parts["validation"]), features(net, parts["test"])
    decay = _fit_best(net, inputs, kinds * 2, validation, parts["validation"], seed)
    threshold = _threshold(_chest(net, validation), parts["validation"])
    unseen = _unseen(task, data, seed)
    rows = _measured(net, test, parts["test"], features(net, unseen), unseen, threshold)
    return net, {
        "kinds": list(KINDS),
        "threshold": threshold,
        "decay": decay,
        "split": counts,
        "unseen": task.unseen,
        "test": rows,
    }


def _gathered(task: ScopeTask, data: Path, seed: int) -> tuple[Parts, dict[str, Any]]:
    """Every part's pictures, and how many groups of each set are in it."""
    parts: Parts = {"train": [], "validation": [], "test": []}
    counts: dict[str, Any] = {}
    for name in [*task.chest, *(other for other in task.other if other != "drawn")]:
        kind = "chest" if name in task.chest else "other"
        groups: dict[Part, set[str]] = {part: set() for part in parts}
        pictures = read_zip(data / f"{name}.zip", SIDE, task.at_most)
        for picture in pictures:
            part = picture.part(seed)
            parts[part].append(Seen(picture.pixels, kind, name))
            groups[part].add(picture.group)
        counts[name] = {
            part: {"pictures": sum(picture.part(seed) == part for picture in pictures), "groups": len(found)}
            for part, found in groups.items()
        }
    for i, (part, pictures_of_part) in enumerate(parts.items()):
        chests = [seen for seen in pictures_of_part if seen.kind == "chest"]
        others = [seen for seen in pictures_of_part if seen.kind != "chest"]
        made = [
            Seen(pixels, "other", f"drawn {name}") for name, pixels in drawn(_DRAWN[part], SIDE, seed + i)
        ]
        parts[part] = [*with_turned(chests, seed), *others, *made]
    return parts, counts


def _unseen(task: ScopeTask, data: Path, seed: int) -> list[Seen]:
    seen = []
    for name in task.unseen:
        if name == "photographs":
            seen += [Seen(pixels, "other", name) for _, pixels in photographs(SIDE, _CROPS, seed)]
        else:
            seen += [Seen(picture.pixels, "other", name) for picture in read_zip(data / f"{name}.zip", SIDE)]
    return seen


def _fit_best(
    net: ScopeNet,
    inputs: Tensor,
    kinds: Sequence[str],
    validation: Tensor,
    seen: Sequence[Seen],
    seed: int,
) -> float:
    """Fit with each decay and leave the one with the least validation loss in the network."""
    truth = torch.tensor([KINDS.index(picture.kind) for picture in seen])
    fits: list[tuple[float, float, Tensor, Tensor]] = []
    for decay in DECAYS:
        fit_head(net, inputs, kinds, decay, seed)
        with torch.no_grad():
            loss = torch.nn.functional.cross_entropy(net.head(validation), truth)
        fits.append((float(loss), decay, net.head.weight.detach().clone(), net.head.bias.detach().clone()))
    _, decay, weight, bias = min(fits, key=lambda fit: fit[0])
    with torch.no_grad():
        net.head.weight.copy_(weight)
        net.head.bias.copy_(bias)
    return decay


@torch.no_grad()
def _chest(net: ScopeNet, inputs: Tensor) -> Floats:
    """The probability of "chest" of each row of features."""
    return net.head(inputs).softmax(1)[:, KINDS.index("chest")].double().numpy()  # type: ignore[no-any-return]


def _threshold(chest: Floats, seen: Sequence[Seen]) -> float:
    """What KEPT of the chests reach, between one half and FIRMEST."""
    reached = np.quantile(chest[[picture.kind == "chest" for picture in seen]], 1 - KEPT)
    return round(min(max(float(reached), 0.5), FIRMEST), 4)


def _measured(
    net: ScopeNet,
    test: Tensor,
    seen: Sequence[Seen],
    unseen_inputs: Tensor,
    unseen: Sequence[Seen],
    threshold: float,
) -> dict[str, Any]:
    """For each source of pictures: how many, how well told from held-out chests, how many refused."""
    scores = np.concatenate([_chest(net, test), _chest(net, unseen_inputs)])
    pictures = [*seen, *unseen]
    names = [picture.source if picture.kind in ("chest", "other") else picture.kind for picture in pictures]
    chests = scores[[picture.kind == "chest" for picture in pictures]]
    rows: dict[str, Any] = {}
    for name in sorted(set(names)):
        own = scores[[other == name for other in names]]
        rows[name] = {"n": len(own), "refused": round(float((own < threshold).mean()), 4)}
        if not any(p.kind == "chest" and n == name for p, n in zip(pictures, names, strict=True)):
            truth = np.r_[np.ones(len(chests)), np.zeros(len(own))]
            rows[name]["auroc"] = round(auc(np.concatenate([chests, own]), truth), 5)
    return rows
