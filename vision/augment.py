"""Random changes that leave a picture's meaning as it is."""

import math

from torch import Tensor
from torch.nn import functional

from torch_pair import torch
from vision.tasks import Task


def shaken(x: Tensor, maps: Tensor, task: Task) -> tuple[Tensor, Tensor]:
    """Turn, shift, resize, mirror and re-expose a batch, and move its maps along.

    x: (N, 3, H, W) in 0..1. maps: (N, M, h, w), what belongs to a place in the picture.
    """
    affine = _affine(len(x), task, x.shape[-1] / x.shape[-2])
    return _moved(_exposed(_softened(x), task.colour), affine), _moved(maps, affine)


def _affine(n: int, task: Task, aspect: float) -> Tensor:
    """(N, 2, 3) maps from the changed picture's places to the first one's, both in -1..1."""
    turn = (torch.rand(n) * 2 - 1) * math.radians(task.turn)
    across = (0.85 + 0.3 * torch.rand(n)) * _flips(n, task.mirror)
    down = (0.85 + 0.3 * torch.rand(n)) * _flips(n, task.upside_down)
    shift = (torch.rand(n, 2) - 0.5) * 0.15
    # A turn in pixels is a shear in shares of an oblong picture, hence the aspect.
    rows = [
        torch.stack([across * turn.cos(), -down * turn.sin() / aspect, shift[:, 0]], dim=1),
        torch.stack([across * turn.sin() * aspect, down * turn.cos(), shift[:, 1]], dim=1),
    ]
    return torch.stack(rows, dim=1)


def _flips(n: int, allowed: bool) -> Tensor:
    return torch.where(torch.rand(n) < 0.5, -1.0, 1.0) if allowed else torch.ones(n)


def _moved(x: Tensor, affine: Tensor) -> Tensor:
    grid = functional.affine_grid(affine, list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def _exposed(x: Tensor, colour: bool) -> Tensor:
    """Other exposures: gamma, contrast, brightness, a little grain and, in colour, another white."""
    n = len(x)
    gamma = torch.exp((torch.rand(n, 1, 1, 1) - 0.5) * (0.4 if colour else 0.8))
    contrast = 0.8 + 0.4 * torch.rand(n, 1, 1, 1)
    light = (torch.rand(n, 3 if colour else 1, 1, 1) - 0.5) * (0.12 if colour else 0.2)
    grain = torch.randn(n, 1, *x.shape[2:]) * 0.03 * torch.rand(n, 1, 1, 1)
    return ((x.clamp(0, 1) ** gamma - 0.5) * contrast + 0.5 + light + grain).clamp(0, 1)


def _softened(x: Tensor) -> Tensor:
    """A third of all batches lose detail: sharpness tells the archive, not the disease."""
    if torch.rand(()) < 0.67:
        return x
    part = 0.5 + 0.4 * float(torch.rand(()))
    small = functional.interpolate(x, size=[int(side * part) for side in x.shape[-2:]], mode="area")
    return functional.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)
