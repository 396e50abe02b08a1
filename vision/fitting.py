"""Fine-tuning a picture network: epochs, early stopping, and a checkpoint to go on from."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from torch_pair import torch
from vision.augment import shaken
from vision.checkpoints import Progress, resume, save
from vision.datasets import Labelled
from vision.metrics import Floats, Whole, dice, mean_auc
from vision.models import Init, PictureNet, inputs, seen_both_ways, start_backbone, unfold_normalisation
from vision.tasks import Task

_FEWEST_STEPS = 20
"""A one-cycle schedule needs room to rise and fall, however short a trial run is."""


@dataclass(frozen=True)
class Settings:
    """How to fit. Early stopping waits `patience` epochs for a better validation score."""

    epochs: int = 20
    batch: int = 32
    rate: float = 6e-4
    decay: float = 0.05
    patience: int = 12
    location: float = 0.1
    """Weight of the loss that draws a label's map into the readers' boxes and the outlines."""
    seed: int = 7
    frozen: int = 4
    """Layers of the backbone, from the first, that stay as they are: edges and colours need no learning anew."""
    averaged: float = 1.0
    """Epochs over which the weights that are kept are a running mean: steadier than any one step's."""
    half: bool = True
    """Multiply in bfloat16: about twice as fast where the processor has it."""


@dataclass(frozen=True)
class Predicted:
    """Of N pictures: logits (N, C), their maps (N, C, h, w), and logits of the outlines (N, M, h, w)."""

    logits: Floats
    cells: Floats
    masks: NDArray[np.float32]


def fit(
    net: PictureNet,
    train: Sequence[Labelled],
    validation: Sequence[Labelled],
    task: Task,
    init: Init,
    settings: Settings,
    checkpoint: Path,
) -> Progress:
    """Fine-tune `net` in place and leave the best epoch's weights in it.

    The weights that are measured and kept are a running mean of those of the steps (Polyak and Juditsky,
    "Acceleration of stochastic approximation by averaging", 1992). After every epoch all that is needed to
    go on is written to `checkpoint`; a run that finds one there goes on from it.
    """
    torch.manual_seed(settings.seed)
    optimiser = torch.optim.AdamW(net.parameters(), lr=settings.rate, weight_decay=settings.decay)
    steps = max(settings.epochs * math.ceil(len(train) / settings.batch), _FEWEST_STEPS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, total_steps=steps, pct_start=0.2)
    if not checkpoint.exists():
        start_backbone(net.backbone, init)
        sample = np.random.default_rng(settings.seed).permutation(len(train))[:256]
        batches = np.array_split(sample, min(8, len(sample)))
        unfold_normalisation(net, [inputs([train[i].pixels for i in batch]) for batch in batches])
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    net.backbone.features[: settings.frozen].requires_grad_(False)
    per_epoch = math.ceil(len(train) / settings.batch)
    decay = 1 - 1 / (settings.averaged * per_epoch)
    average = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    mean = AveragedModel(net, multi_avg_fn=average, use_buffers=True)
    progress, best = Progress(), net.state_dict()
    if checkpoint.exists():
        progress, best = resume(checkpoint, net, mean, optimiser, schedule)
    while progress.epoch < settings.epochs and progress.epoch - progress.best_epoch <= settings.patience:
        loss = _epoch(net, mean, train, task, optimiser, schedule, settings, progress.epoch)
        score = validation_score(predicted(cast(PictureNet, mean.module), validation, task), validation, task)
        progress.history.append({"epoch": progress.epoch, "loss": loss, "validation": score})
        if score > progress.best:
            progress.best, progress.best_epoch = score, progress.epoch
            best = {key: value.clone() for key, value in mean.module.state_dict().items()}
        progress.epoch += 1
        save(checkpoint, net, mean, best, optimiser, schedule, progress)
    net.load_state_dict(best)
    return progress


def _epoch(
    net: PictureNet,
    mean: AveragedModel,
    train: Sequence[Labelled],
    task: Task,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    settings: Settings,
    epoch: int,
) -> float:
    net.train()
    net.backbone.features[: settings.frozen].eval()
    rng = np.random.default_rng((settings.seed, epoch))
    order, log_shares = _order(train, task, rng)
    parts = [order[i : i + settings.batch] for i in range(0, len(order), settings.batch)]
    total = 0.0
    bar = tqdm(parts, desc=f"epoch {epoch + 1} of {settings.epochs}", unit="batch", mininterval=5)
    for part in bar:
        loss = _loss(net, [train[i] for i in part], task, log_shares, settings)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        mean.update_parameters(net)
        total += float(loss.detach())
        bar.set_postfix(loss=f"{float(loss.detach()):.3f}")
    return total / len(parts)


def _order(
    train: Sequence[Labelled], task: Task, rng: np.random.Generator
) -> tuple[NDArray[np.intp], Tensor]:
    """The pictures of an epoch, rare labels shown as often as `task.rare` says, and the log shares so made."""
    if not task.labels:
        return rng.permutation(len(train)), torch.zeros(0)
    truth = truth_of(train, task)
    counts = np.bincount(truth, minlength=len(task.labels)).clip(1)
    shares = counts ** (1 - task.rare) / (counts ** (1 - task.rare)).sum()
    if not task.rare:
        order = rng.permutation(len(train))
    else:
        weights = (shares / counts)[truth]
        order = rng.choice(len(train), len(train), p=weights / weights.sum())
    return order, torch.log(torch.tensor(shares, dtype=torch.float32))


def _loss(
    net: PictureNet, batch: Sequence[Labelled], task: Task, log_shares: Tensor, settings: Settings
) -> Tensor:
    x = inputs([picture.pixels for picture in batch])
    quarter = (task.size[0] // 4, task.size[1] // 4)
    outlines = _masks(batch, task, quarter)
    marked = torch.maximum(_boxes(batch, quarter), outlines.sum(1, keepdim=True).clamp_max(1))
    x, maps = shaken(x, torch.cat([marked, outlines], dim=1), task)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=settings.half):
        seen = net(x.contiguous(memory_format=torch.channels_last))
    loss = x.new_zeros(())
    if task.labels:
        truth = torch.from_numpy(truth_of(batch, task))
        wanted = _soft(truth, task)
        loss = loss + functional.cross_entropy(seen.logits.float() + log_shares, wanted)
        own = seen.cells.float()[torch.arange(len(batch)), truth]
        loss = loss + settings.location * location_loss(own, maps[:, :1])
    if task.masks:
        marked = torch.tensor([picture.masks is not None for picture in batch])
        if marked.any():
            loss = loss + outline_loss(seen.masks.float()[marked], maps[marked, 1:])
    return loss


def _soft(truth: Tensor, task: Task) -> Tensor:
    """(N, C) what to aim at: nearly the true label; of grades, the neighbours get some too."""
    grades = torch.arange(len(task.labels))
    if task.ordinal:
        near = torch.exp(-((grades[None] - truth[:, None]).float() ** 2) / 0.6)
        return near / near.sum(1, keepdim=True)
    return functional.one_hot(truth, len(task.labels)).float() * 0.95 + 0.05 / len(task.labels)


def location_loss(where: Tensor, marked: Tensor) -> Tensor:
    """How much of a map's attention misses the marked regions: -log of the share inside.

    where: (N, h, w) logits. marked: (N, 1, H, W), 1 inside a region. Pictures without a region count
    nothing. The share is a softmax, so the loss moves the map and leaves its mean, the score, alone.
    """
    inside = functional.adaptive_avg_pool2d(marked, (where.shape[-2], where.shape[-1])).flatten(1)
    has_region = inside.sum(1) > 0.5
    if not has_region.any():
        return where.new_zeros(())
    share = (where.flatten(1).softmax(1) * inside).sum(1)[has_region]
    return -(share + 1e-4).log().sum() / len(where)


def outline_loss(said: Tensor, true: Tensor) -> Tensor:
    """Cross-entropy of each cell and the part of the outline that is missed (soft Dice). Both (N, M, h, w)."""
    p = said.sigmoid()
    both = (p * true).sum((2, 3))
    overlap = (2 * both + 1) / (p.sum((2, 3)) + true.sum((2, 3)) + 1)
    return functional.binary_cross_entropy_with_logits(said, true) + (1 - overlap).mean()


def _masks(batch: Sequence[Labelled], task: Task, size: tuple[int, int]) -> Tensor:
    """(N, M, h, w) the outlines as shares of each cell; 0 where a picture has none."""
    found = torch.zeros(len(batch), len(task.masks), *size)
    for i, picture in enumerate(batch):
        if picture.masks is not None and task.masks:
            found[i] = functional.adaptive_avg_pool2d(torch.from_numpy(picture.masks).float(), size)
    return found


def _boxes(batch: Sequence[Labelled], size: tuple[int, int]) -> Tensor:
    """(N, 1, h, w), 1 inside a reader's box."""
    maps = torch.zeros(len(batch), 1, *size)
    for i, picture in enumerate(batch):
        for box in picture.boxes:
            cells = box.scaled(size[1], size[0])
            rows = slice(int(cells.top), math.ceil(cells.top + cells.height))
            maps[i, 0, rows, int(cells.left) : math.ceil(cells.left + cells.width)] = 1
    return maps


def truth_of(pictures: Sequence[Labelled], task: Task) -> Whole:
    """(N,) the labels' numbers."""
    return np.array([task.labels.index(picture.label) for picture in pictures], dtype=np.int64)


@torch.no_grad()
def predicted(net: PictureNet, pictures: Sequence[Labelled], task: Task) -> Predicted:
    """What the network says of pictures, in full precision."""
    net.eval()
    seen = [
        seen_both_ways(net, inputs([p.pixels for p in part]), task.mirror)
        for part in _in_batches(pictures, 64)
    ]
    return Predicted(
        np.concatenate([s.logits.double().numpy() for s in seen]),
        np.concatenate([s.cells.double().numpy() for s in seen]),
        np.concatenate([s.masks.numpy() for s in seen]),
    )


def _in_batches(pictures: Sequence[Labelled], size: int) -> Iterator[Sequence[Labelled]]:
    for i in range(0, len(pictures), size):
        yield pictures[i : i + size]


def validation_score(found: Predicted, pictures: Sequence[Labelled], task: Task) -> float:
    """What early stopping goes by: mean AUC of the labels, plus the mean Dice of the outlines."""
    score = mean_auc(found.logits, truth_of(pictures, task)) if task.labels else 0.0
    return score + (float(np.mean(outline_scores(found, pictures))) if task.masks else 0.0)


def outline_scores(found: Predicted, pictures: Sequence[Labelled]) -> list[float]:
    """Dice of every outline that is there, in the pixels of the set's masks."""
    from vision.regions import filled

    scores = []
    for logits, picture in zip(found.masks, pictures, strict=True):
        for said, true in zip(logits, picture.masks if picture.masks is not None else (), strict=False):
            if true.any():
                scores.append(dice(filled(said, (true.shape[1], true.shape[0])), true > 0))
    return scores
