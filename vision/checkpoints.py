"""Where a run of fine-tuning is, and the file from which it goes on when it was cut short."""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from torch_pair import torch
from vision.models import PictureNet


@dataclass
class Progress:
    """Where a run is: the epoch to do next, the best so far, and every epoch's numbers."""

    epoch: int = 0
    best: float = -math.inf
    best_epoch: int = -1
    history: list[dict[str, float]] = field(default_factory=list)


def save(
    path: Path,
    net: PictureNet,
    mean: AveragedModel,
    best: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    progress: Progress,
) -> None:
    """Write all that is needed to go on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "net": net.state_dict(),
        "mean": mean.state_dict(),
        "best": best,
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "random": torch.get_rng_state(),
        "progress": asdict(progress),
    }
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)  # an interrupted write leaves the old checkpoint whole


def resume(
    path: Path,
    net: PictureNet,
    mean: AveragedModel,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> tuple[Progress, dict[str, Tensor]]:
    """Put a run back where it was; its progress and the best epoch's weights."""
    state = torch.load(path, weights_only=True)
    net.load_state_dict(state["net"])
    mean.load_state_dict(state["mean"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(state["random"])
    return Progress(**state["progress"]), state["best"]
