"""The networks: a MobileNetV2 backbone with a map of logits, or with pooled features.

Input is (N, 1, S, S) grey, 0 to 1, stretched by `stretched`; MobileNetV2 halves it five times.
Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018. The map is the
class-activation map of Zhou et al., "Learning deep features for discriminative localization",
CVPR 2016, and the score is its mean, so the picture's score is the sum of what the map shows.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from knowledge.errors import AetiaError
from torch_pair import torch

SIDE = 224
"""Pixels on a side of the square that the models see."""

CHANNELS = 1280
"""Features in a cell of the backbone's last map."""

Init = Path | Literal["imagenet", "random"]
"""Where a backbone starts: a state dict of torchvision's mobilenet_v2, torchvision's own, or noise."""


class BackboneFault(AetiaError):
    """A file of backbone weights that does not fit; the text says how."""


class Backbone(nn.Module):
    """MobileNetV2 without its classifier: (N, 1, S, S) in 0..1 to (N, 1280, S/32, S/32)."""

    def __init__(self) -> None:
        super().__init__()
        import torchvision

        self.features: nn.Sequential = torchvision.models.mobilenet_v2().features

    def forward(self, x: Tensor) -> Tensor:
        """Features of each cell; grey is repeated over the three colours and scaled to -1..1."""
        features: Tensor = self.features((x * 2 - 1).expand(-1, 3, -1, -1))
        return features


class OpacityNet(nn.Module):
    """Is there an opacity, and where: (N, 1, S, S) to logits (N,) and their map (N, S/32, S/32)."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.drop = nn.Dropout2d(0.2)
        self.head = nn.Conv2d(CHANNELS, 1, kernel_size=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The logit of each picture is the mean of its map."""
        where = self.head(self.drop(self.backbone(x))).squeeze(1)
        return where.mean(dim=(1, 2)), where


class ScopeNet(nn.Module):
    """What a picture is, from a frozen backbone: (N, 1, S, S) to logits (N, kinds).

    The features are pooled over the whole and over four quarters, because which way up a chest
    is shows in where things are.
    """

    def __init__(self, kinds: int) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.head = nn.Linear(5 * CHANNELS, kinds)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of each kind."""
        logits: Tensor = self.head(self.pooled(x))
        return logits

    def pooled(self, x: Tensor) -> Tensor:
        """(N, 5 * 1280) features: the whole, then the quarters row by row."""
        cells = self.backbone(x)
        quarters = nn.functional.adaptive_avg_pool2d(cells, 2).flatten(1)
        return torch.cat([cells.mean(dim=(2, 3)), quarters], dim=1)


def stretched(squares: NDArray[np.uint8]) -> Tensor:
    """(N, S, S) grey levels to (N, 1, S, S) float32, the 1st percentile at 0 and the 99th at 1.

    Exposure and the window that an archive chose say nothing about the lung.
    """
    low, high = np.percentile(squares, (1, 99), axis=(1, 2))
    span = np.maximum(high - low, 1.0)
    scaled = (squares - low[:, None, None]) / span[:, None, None]
    return torch.from_numpy(np.clip(scaled, 0, 1).astype(np.float32))[:, None]


def start_backbone(backbone: Backbone, init: Init) -> None:
    """Load the weights to start from.

    A file must hold a state dict of torchvision's mobilenet_v2 for input in -1..1. Kernels read back
    from TensorFlow are turned by half a turn there to keep its padding; `turned_back` undoes that.

    Raises BackboneFault when the file is missing or does not fit.
    """
    if init == "random":
        return
    if init == "imagenet":
        from torchvision.models import MobileNet_V2_Weights

        state = MobileNet_V2_Weights.IMAGENET1K_V2.get_state_dict(progress=True)
    else:
        state = turned_back(_read_state(init))
    features = {key: value.float() for key, value in state.items() if key.startswith("features.")}
    try:
        backbone.load_state_dict(features)
    except RuntimeError as error:
        raise BackboneFault(f"{init} does not hold torchvision's mobilenet_v2: {error}") from error


def _read_state(path: Path) -> dict[str, Tensor]:
    try:
        state: dict[str, Tensor] = torch.load(path, weights_only=True)
    except OSError as error:
        raise BackboneFault(f"no backbone weights at {path}; name a file, or use `imagenet`") from error
    return state


def turned_back(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Kernels turned by half a turn, so that they see a picture the right way up.

    Only the padding of the strided layers moves, by one pixel, which training makes good.
    """
    return {key: value.flip([2, 3]) if value.dim() == 4 else value for key, value in state.items()}


@torch.no_grad()
def unfold_normalisation(net: nn.Module, batches: Iterable[Tensor]) -> None:
    """Give back their statistics to batch normalisations that were folded into their convolutions.

    Folded ones have mean 0 and variance 1, so fine-tuning in training mode would wreck them. The
    statistics are measured on `batches`, and weight and bias set so that the function stays the same.
    """
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    if any(norm.running_mean is not None and norm.running_mean.any() for norm in norms):
        return  # never folded
    seen: dict[nn.Module, list[tuple[Tensor, Tensor]]] = {norm: [] for norm in norms}

    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        cells = inputs[0].float()
        seen[module].append((cells.mean(dim=(0, 2, 3)), cells.pow(2).mean(dim=(0, 2, 3))))

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    net.eval()
    for batch in batches:
        net(batch)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        _restate(norm, seen[norm])


def _restate(norm: nn.BatchNorm2d, moments: list[tuple[Tensor, Tensor]]) -> None:
    mean = torch.stack([first for first, _ in moments]).mean(0)
    variance = torch.stack([second for _, second in moments]).mean(0) - mean**2
    variance = variance.clamp_min(1e-4)
    if norm.running_mean is None or norm.running_var is None:
        return
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    scale = norm.weight.clone()
    norm.weight.copy_(scale * (variance + norm.eps).sqrt())
    norm.bias.add_(scale * mean)
