"""Fine-tuning the opacity network: epochs, early stopping, and a checkpoint to go on from."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from torch_pair import torch
from vision.augment import shaken
from vision.geometry import Box
from vision.metrics import Floats, auc
from vision.models import Init, OpacityNet, start_backbone, stretched, unfold_normalisation

_FINE = 28
"""Cells on a side of the marked regions while they are moved; pooled to the map's after."""

_FEWEST_STEPS = 20
"""A one-cycle schedule needs room to rise and fall, however short a trial run is."""


@dataclass(frozen=True)
class Example:
    """A square picture, whether an opacity is there, and where a reader marked it."""

    pixels: NDArray[np.uint8]
    opacity: bool
    population: str
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Settings:
    """How to fit. Early stopping waits `patience` epochs for a better validation AUC."""

    epochs: int = 5
    batch: int = 32
    rate: float = 6e-4
    decay: float = 0.05
    patience: int = 4
    location: float = 0.1
    """Weight of the loss that draws the map into the readers' boxes."""
    seed: int = 7
    half: bool = True
    """Multiply in bfloat16: about twice as fast where the processor has it."""


@dataclass
class Progress:
    """Where a run is: the epoch to do next, the best so far, and every epoch's numbers."""

    epoch: int = 0
    best: float = -math.inf
    best_epoch: int = -1
    history: list[dict[str, float]] = field(default_factory=list)


def fit(
    net: OpacityNet,
    train: Sequence[Example],
    validation: Sequence[Example],
    init: Init,
    settings: Settings,
    checkpoint: Path,
) -> Progress:
    """Fine-tune `net` in place and leave the best epoch's weights in it.

    After every epoch all that is needed to go on is written to `checkpoint`; a run that finds one
    there goes on from it.
    """
    torch.manual_seed(settings.seed)
    optimiser = torch.optim.AdamW(net.parameters(), lr=settings.rate, weight_decay=settings.decay)
    steps = max(settings.epochs * math.ceil(len(train) / settings.batch), _FEWEST_STEPS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, total_steps=steps, pct_start=0.2)
    progress, best = Progress(), net.state_dict()
    if checkpoint.exists():
        progress, best = _resume(checkpoint, net, optimiser, schedule)
    else:
        start_backbone(net.backbone, init)
        sample = np.random.default_rng(settings.seed).permutation(len(train))[:256]
        batches = np.array_split(sample, min(8, len(sample)))
        unfold_normalisation(net, [_inputs([train[i] for i in batch]) for batch in batches])
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    weights = _weights(train)
    while progress.epoch < settings.epochs and progress.epoch - progress.best_epoch <= settings.patience:
        loss = _epoch(net, train, weights, optimiser, schedule, settings, progress.epoch)
        logits, _ = predicted(net, [example.pixels for example in validation])
        score = population_auc(logits, validation)
        progress.history.append({"epoch": progress.epoch, "loss": loss, "validation_auc": score})
        if score > progress.best:
            progress.best, progress.best_epoch = score, progress.epoch
            best = {key: value.clone() for key, value in net.state_dict().items()}
        progress.epoch += 1
        _save(checkpoint, net, best, optimiser, schedule, progress)
    net.load_state_dict(best)
    return progress


def _epoch(
    net: OpacityNet,
    train: Sequence[Example],
    weights: Tensor,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    settings: Settings,
    epoch: int,
) -> float:
    net.train()
    order = np.random.default_rng((settings.seed, epoch)).permutation(len(train))
    parts = [order[i : i + settings.batch] for i in range(0, len(order), settings.batch)]
    total = 0.0
    bar = tqdm(parts, desc=f"epoch {epoch + 1} of {settings.epochs}", unit="batch", mininterval=5)
    for part in bar:
        batch = [train[i] for i in part]
        inputs, marked = shaken(_inputs(batch), _marked(batch))
        truth = torch.tensor([float(example.opacity) for example in batch])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=settings.half):
            logits, where = net(inputs.contiguous(memory_format=torch.channels_last))
        loss = functional.binary_cross_entropy_with_logits(logits.float(), truth, weights[part])
        loss = loss + settings.location * location_loss(where.float(), marked)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        total += float(loss.detach())
        bar.set_postfix(loss=f"{float(loss.detach()):.3f}")
    return total / len(parts)


def location_loss(where: Tensor, marked: Tensor) -> Tensor:
    """How much of the map's attention misses the marked regions: -log of the share inside.

    where: (N, s, s) logits. marked: (N, 1, f, f), 1 inside a region. Pictures without a region count
    nothing. The share is a softmax, so the loss moves the map and leaves its mean, the score, alone.
    """
    inside = functional.adaptive_avg_pool2d(marked, where.shape[-1]).flatten(1)
    has_region = inside.sum(1) > 0.5
    if not has_region.any():
        return where.new_zeros(())
    share = (where.flatten(1).softmax(1) * inside).sum(1)[has_region]
    return -(share + 1e-4).log().sum() / len(where)


def _inputs(batch: Sequence[Example]) -> Tensor:
    return stretched(np.stack([example.pixels for example in batch]))


def _marked(batch: Sequence[Example]) -> Tensor:
    maps = torch.zeros(len(batch), 1, _FINE, _FINE)
    for i, example in enumerate(batch):
        for box in example.boxes:
            cells = box.scaled(_FINE, _FINE)
            rows = slice(int(cells.top), math.ceil(cells.top + cells.height))
            maps[i, 0, rows, int(cells.left) : math.ceil(cells.left + cells.width)] = 1
    return maps


def _weights(train: Sequence[Example]) -> Tensor:
    """Weights that make both answers equally frequent within each population, 1 on average.

    Without them the network would learn that adults' pictures are more often normal.
    """
    keys = [(example.population, example.opacity) for example in train]
    totals = {key: keys.count(key) for key in set(keys)}
    people = [example.population for example in train]
    return torch.tensor([people.count(key[0]) / (2 * totals[key]) for key in keys])


@torch.no_grad()
def predicted(net: OpacityNet, squares: Sequence[NDArray[np.uint8]]) -> tuple[Floats, Floats]:
    """Logits (N,) and maps (N, s, s) of squares, in full precision."""
    net.eval()
    logits, maps = [], []
    for part in _in_batches(squares, 64):
        score, where = net(stretched(np.stack(part)).contiguous(memory_format=torch.channels_last))
        logits.append(score.double().numpy())
        maps.append(where.double().numpy())
    return np.concatenate(logits), np.concatenate(maps)


def _in_batches(squares: Sequence[NDArray[np.uint8]], size: int) -> Iterator[Sequence[NDArray[np.uint8]]]:
    for i in range(0, len(squares), size):
        yield squares[i : i + size]


def population_auc(logits: Floats, examples: Sequence[Example]) -> float:
    """AUC averaged over populations, so that the larger does not drown the smaller."""
    truth = np.array([float(example.opacity) for example in examples])
    people = np.array([example.population for example in examples])
    return float(np.mean([auc(logits[people == p], truth[people == p]) for p in np.unique(people)]))


def _save(
    path: Path,
    net: OpacityNet,
    best: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    progress: Progress,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "net": net.state_dict(),
        "best": best,
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "random": torch.get_rng_state(),
        "progress": asdict(progress),
    }
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)  # an interrupted write leaves the old checkpoint whole


def _resume(
    path: Path,
    net: OpacityNet,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> tuple[Progress, dict[str, Tensor]]:
    state = torch.load(path, weights_only=True)
    net.load_state_dict(state["net"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(state["random"])
    return Progress(**state["progress"]), state["best"]
