"""Reading a picture of a known kind: what it shows, how probable that is, and where."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

import numpy as np
from PIL import Image as Pil

from torch_pair import torch
from vision.calibration import Calibration
from vision.datasets import sized
from vision.geometry import within
from vision.images import Image, Population
from vision.metrics import Floats
from vision.models import PictureNet, inputs, seen_both_ways
from vision.regions import Lungs, Mask, Region, attended, filled, outlined
from vision.saved import load_weights, read_card
from vision.tasks import Task

LARGEST = 512
"""Pixels on the longer side of an outline's mask: finer than any network here sees."""


@dataclass(frozen=True)
class Sign:
    """A finding of the graph, as a picture shows it.

    probability: calibrated, where `prior` of the pictures show it, as in the set it was calibrated on; for
    another patient use `likelihood_ratio`, which multiplies the odds of the finding, 1/20 to 20.
    """

    finding: str
    probability: float
    prior: float
    likelihood_ratio: float


@dataclass(frozen=True)
class Reading:
    """What the models say of one picture.

    task: whose network read it; a key of tasks.yaml. labels: probability of each. called: the one to name,
    which is not always the most probable, see Calibration. scope: how sure the router was of the kind.
    cells: (h, w) heat of the called label: 0 at the median cell and below, its probability at the highest.
    regions: outlines with sizes, or the region of attention. outlines: name -> mask, for showing.
    basis: what `regions` and `cells` are. notices: keys of `notices` in words.yaml.
    """

    task: str
    kind: str
    labels: dict[str, float]
    called: str
    signs: tuple[Sign, ...]
    size: tuple[int, int]
    scope: float
    cells: Floats
    regions: tuple[Region, ...] = ()
    outlines: dict[str, Mask] = field(default_factory=dict)
    basis: Literal["outline", "activation"] = "activation"
    population: Population | None = None
    notices: tuple[str, ...] = ()

    @property
    def is_suspicious(self) -> bool:
        """Whether anything but the task's first label, the normal one, is named."""
        return self.called != next(iter(self.labels), None)


@dataclass(frozen=True)
class PictureModel:
    """A network for one kind of picture, its task and its calibration; None where it only outlines."""

    name: str
    task: Task
    net: PictureNet
    calibration: Calibration | None

    @classmethod
    def load(cls, path: Path) -> Self:
        """From weights and the card beside them. Raises WeightsMissing."""
        card = read_card(path)
        task = Task.model_validate(card["spec"])
        net = PictureNet(len(task.labels), len(task.masks), task.within)
        load_weights(net, path, card)
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        calibration = Calibration(**card["calibration"]) if task.labels else None
        return cls(card["task"], task, net, calibration)

    @torch.no_grad()
    def seen(self, image: Image) -> tuple[Floats, Floats, dict[str, Mask]]:
        """Logits (C,), their maps (C, h, w), and the outlines' masks at no more than LARGEST pixels a side."""
        x = inputs([sized(Pil.fromarray(image.pixels), self.task)])
        logits, cells, masks = seen_both_ways(self.net, x, self.task.mirror)
        size = within(image.size, LARGEST)
        outlines = {
            name: filled(mask.numpy(), size) for name, mask in zip(self.task.masks, masks[0], strict=True)
        }
        return logits[0].double().numpy(), cells[0].double().numpy(), outlines


def read_picture(
    image: Image, model: PictureModel, scope: float = 1.0, lungs: PictureModel | None = None
) -> Reading:
    """Read a picture of the model's kind.

    scope: how sure the router was. lungs: for a chest X-ray, the model that outlines lungs and opacities.
    Raises ValueError where the model names no labels.
    """
    if model.calibration is None:
        raise ValueError(f"{model.name} outlines only, and names nothing")
    logits, cells, outlines = model.seen(image)
    probability = model.calibration.probability(logits)
    called = int(model.calibration.called(logits))
    found = lungs.seen(image)[2] if lungs else {}
    sides = Lungs(found["right_lung"], found["left_lung"]) if found else None
    if sides is not None and called > 0:
        outlines = {"opacity": found["opacity"] & sides.both}
    regions = _regions(image, outlines, cells[called], sides) if called > 0 or model.task.masks else ()
    return Reading(
        task=model.name,
        kind=model.task.kind,
        labels={label: float(p) for label, p in zip(model.task.labels, probability, strict=True)},
        called=model.task.labels[called],
        signs=tuple(_signs(model.task, model.calibration, probability)),
        size=image.size,
        scope=scope,
        cells=_heat(cells[called]) * float(probability[called]),
        regions=regions,
        outlines=outlines,
        basis="outline" if any(region.extent for region in regions) else "activation",
        notices=("restricted",) if any(used.task.restricted for used in (model, lungs) if used) else (),
    )


def _regions(
    image: Image, outlines: dict[str, Mask], cells: Floats, lungs: Lungs | None
) -> tuple[Region, ...]:
    found = [outlined(name, mask, image.size, image.spacing, lungs) for name, mask in outlines.items()]
    regions = tuple(region for region in found if region is not None)
    return regions or (attended(cells, image.size, lungs),)


def _signs(task: Task, calibration: Calibration, probability: Floats) -> list[Sign]:
    signs = []
    for finding, labels in task.findings.items():
        chosen = [task.labels.index(label) for label in labels]
        p, prior = float(probability[chosen].sum()), float(np.sum([calibration.prior[i] for i in chosen]))
        signs.append(Sign(finding, p, prior, calibration.likelihood_ratio(p, prior)))
    return signs


def _heat(cells: Floats) -> Floats:
    """Logits (h, w) to 0 at the median and below, 1 at the highest; all 0 where they are equal.

    Relative, because nearly every cell of a clear case is above one half, and that shows nothing.
    """
    middle = float(np.median(cells))
    height = float(cells.max()) - middle
    return np.clip((cells - middle) / height, 0, 1) if height > 0 else np.zeros_like(cells)
