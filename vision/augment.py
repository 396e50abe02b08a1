"""Random changes that leave a chest picture's diagnosis as it is."""

from torch import Tensor
from torch.nn import functional

from torch_pair import torch


def shaken(x: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Turn, shift, resize, mirror and re-expose a batch, and move its maps along.

    x: (N, 1, S, S) in 0..1. maps: (N, 1, s, s), what belongs to a place in the picture.
    """
    n = len(x)
    turn = (torch.rand(n) - 0.5) * 0.3  # radians, about 9 degrees either way
    grow_x, grow_y = 0.85 + 0.3 * torch.rand(n), 0.85 + 0.3 * torch.rand(n)
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    shift = (torch.rand(n, 2) - 0.5) * 0.15
    rows = [
        torch.stack([mirror * grow_x * turn.cos(), -grow_y * turn.sin(), shift[:, 0]], dim=1),
        torch.stack([mirror * grow_x * turn.sin(), grow_y * turn.cos(), shift[:, 1]], dim=1),
    ]
    affine = torch.stack(rows, dim=1)
    return _moved(_exposed(_softened(x)), affine), _moved(maps, affine)


def _moved(x: Tensor, affine: Tensor) -> Tensor:
    grid = functional.affine_grid(affine, list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def _exposed(x: Tensor) -> Tensor:
    """Other exposures: gamma, contrast, brightness and a little grain."""
    n = len(x)
    gamma = torch.exp((torch.rand(n, 1, 1, 1) - 0.5) * 0.8)
    contrast = 0.8 + 0.4 * torch.rand(n, 1, 1, 1)
    light = (torch.rand(n, 1, 1, 1) - 0.5) * 0.2
    grain = torch.randn_like(x) * 0.03 * torch.rand(n, 1, 1, 1)
    return ((x.clamp(0, 1) ** gamma - 0.5) * contrast + 0.5 + light + grain).clamp(0, 1)


def _softened(x: Tensor) -> Tensor:
    """Half of all batches lose detail: sharpness tells the archive, not the disease."""
    if torch.rand(()) < 0.5:
        return x
    side = int(x.shape[-1] * (0.4 + 0.5 * float(torch.rand(()))))
    small = functional.interpolate(x, size=(side, side), mode="area")
    return functional.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)
