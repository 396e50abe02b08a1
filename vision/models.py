"""The networks: a MobileNetV2 backbone with a map of logits for each label, and outlines where wanted.

Input is (N, 3, H, W), 0 to 1, made by `inputs`; MobileNetV2 halves it five times.
Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018. A label's map is the
class-activation map of Zhou et al., "Learning deep features for discriminative localization", CVPR 2016:
the picture's logit is its mean, so a score is the sum of what the map shows. Outlines come from a small
decoder with skips after Ronneberger et al., "U-Net", MICCAI 2015.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from knowledge.errors import AetiaError
from torch_pair import torch

CHANNELS = 1280
"""Features in a cell of the backbone's last map."""

_SKIPS = {3: 24, 6: 32, 13: 96}
"""Layer of the backbone: its channels; at a quarter, an eighth and a sixteenth of the picture's side."""

_ELSEWHERE = 0.1
"""How much a cell outside every outline counts, one inside counting 1 more: a lesion's surroundings say less."""

Init = Path | Literal["imagenet", "random"]
"""Where a backbone starts: a state dict of torchvision's mobilenet_v2, torchvision's own, or noise."""


class BackboneFault(AetiaError):
    """A file of backbone weights that does not fit; the text says how."""


class Seen(NamedTuple):
    """What a network says of a batch. logits: (N, C). cells: (N, C, h, w), their maps, of which they are the
    means. masks: (N, M, H/4, W/4) logits of the outlines; M may be 0."""

    logits: Tensor
    cells: Tensor
    masks: Tensor


class Backbone(nn.Module):
    """MobileNetV2 without its classifier: (N, 3, H, W) in 0..1 to (N, 1280, H/32, W/32)."""

    def __init__(self) -> None:
        super().__init__()
        import torchvision

        self.features: nn.Sequential = torchvision.models.mobilenet_v2().features

    def forward(self, x: Tensor) -> Tensor:
        """Features of each cell; colours are scaled to -1..1."""
        features: Tensor = self.features(x * 2 - 1)
        return features

    def stages(self, x: Tensor) -> list[Tensor]:
        """The maps that `_SKIPS` names, finest first, and the last one."""
        found = []
        x = x * 2 - 1
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in _SKIPS:
                found.append(x)
        return [*found, x]


class Decoder(nn.Module):
    """From the backbone's stages to outlines at a quarter of the picture's side."""

    def __init__(self, masks: int) -> None:
        super().__init__()
        widths = (48, 64, 96)
        self.top = _block(CHANNELS, widths[-1], kernel=1)
        below = [*widths[1:], widths[-1]]
        self.steps = nn.ModuleList(
            _block(skip + low, width) for skip, low, width in zip(_SKIPS.values(), below, widths, strict=True)
        )
        self.out = nn.Conv2d(widths[0], masks, kernel_size=1)

    def forward(self, stages: Sequence[Tensor]) -> Tensor:
        """(N, M, H/4, W/4) logits."""
        *skips, x = stages
        x = self.top(x)
        for skip, step in zip(reversed(skips), reversed(self.steps), strict=True):
            x = functional.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            x = step(torch.cat([skip, x], dim=1))
        outlines: Tensor = self.out(x)
        return outlines


def _block(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


class PictureNet(nn.Module):
    """What a picture of one kind shows: logits of its labels with their maps, and outlines."""

    def __init__(self, labels: int, masks: int = 0, within: bool = False) -> None:
        """within: cells count for a label as far as an outline covers them; elsewhere they count alike."""
        super().__init__()
        self.within = within
        self.backbone = Backbone()
        self.drop = nn.Dropout2d(0.2)
        self.head = nn.Conv2d(CHANNELS, labels, kernel_size=1) if labels else None
        self.decoder = Decoder(masks) if masks else None

    def forward(self, x: Tensor) -> Seen:
        """See `Seen`; x as `inputs` makes it."""
        stages = self.backbone.stages(x) if self.decoder else [self.backbone(x)]
        top = stages[-1]
        cells = self.head(self.drop(top)) if self.head else top[:, :0]
        masks = self.decoder(stages) if self.decoder else top[:, :0]
        if self.within:
            cells = cells * _within(masks, cells)
        return Seen(cells.mean(dim=(2, 3)), cells, masks)


def _within(masks: Tensor, cells: Tensor) -> Tensor:
    """(N, 1, h, w), with mean 1: how much each cell counts, which is most where an outline is."""
    outlined = functional.adaptive_avg_pool2d(masks.detach().sigmoid(), (cells.shape[-2], cells.shape[-1]))
    weight = outlined.amax(1, keepdim=True) + _ELSEWHERE
    return weight / weight.mean(dim=(2, 3), keepdim=True)


def seen_both_ways(net: PictureNet, x: Tensor, mirrored: bool) -> Seen:
    """What the network says of a batch; where a mirrored picture means the same, the mean of both ways.

    Measured on held-out groups of three sets, that gained about one point of accuracy and of Dice.
    More views (quarter turns of skin, scales of breasts, scales and shifts of knees) were tried on the validation
    parts: neither accuracy nor Dice gained more than noise, for three to eight times the time.
    """
    x = x.contiguous(memory_format=torch.channels_last)
    seen: Seen = net(x)
    if not mirrored:
        return seen
    other: Seen = net(x.flip(-1))
    return Seen(
        (seen.logits + other.logits) / 2,
        (seen.cells + other.cells.flip(-1)) / 2,
        (seen.masks + other.masks.flip(-1)) / 2,
    )


class RouterNet(nn.Module):
    """What kind of picture this is, from the frozen backbone: logits, and likeness to what it has seen.

    The features are pooled over the whole and over four quarters, because which way up a chest
    is shows in where things are. prototypes: (P, 1280) unit vectors, centres of what was seen.
    """

    def __init__(self, kinds: int, prototypes: int) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.head = nn.Linear(5 * CHANNELS, kinds)
        self.prototypes: Tensor
        self.register_buffer("prototypes", torch.zeros(prototypes, CHANNELS))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 5 * 1280) features, as `pooled` gives, to logits (N, kinds) and likeness (N,), -1 to 1."""
        whole = functional.normalize(features[:, :CHANNELS], dim=1)
        return self.head(features), (whole @ self.prototypes.T).amax(1)

    def pooled(self, x: Tensor) -> Tensor:
        """(N, 5 * 1280) features: the whole, then the quarters row by row."""
        cells = self.backbone(x)
        quarters = functional.adaptive_avg_pool2d(cells, 2).flatten(1)
        return torch.cat([cells.mean(dim=(2, 3)), quarters], dim=1)


def inputs(pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
    """Pictures of one size, (H, W) grey or (H, W, 3), to (N, 3, H, W) float32 in 0..1.

    Grey levels are stretched, the 1st percentile to 0 and the 99th to 1: exposure and the window that an
    archive chose say nothing of disease. Colours are left as they are.
    """
    stacked = torch.from_numpy(np.stack(pictures))
    if stacked.dim() == 4:
        return stacked.permute(0, 3, 1, 2).float() / 255
    flat = np.stack(pictures).reshape(len(pictures), -1)
    low, high = (torch.from_numpy(x).float()[:, None, None] for x in np.percentile(flat, (1, 99), axis=1))
    scaled = (stacked - low) / (high - low).clamp_min(1)
    return scaled.clamp(0, 1)[:, None].expand(-1, 3, -1, -1)


def start_backbone(backbone: Backbone, init: Init) -> None:
    """Load the weights to start from.

    A file must hold a state dict of torchvision's mobilenet_v2 for input in -1..1, or be one of ours
    (.safetensors). Kernels read back from TensorFlow are turned by half a turn there to keep its padding;
    `turned_back` undoes that.

    Raises BackboneFault when the file is missing or does not fit.
    """
    if init == "random":
        return
    if isinstance(init, Path) and init.suffix == ".safetensors":
        return _start_from_ours(backbone, init)
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


def _start_from_ours(backbone: Backbone, path: Path) -> None:
    from vision.saved import read_tensors

    backbone.load_state_dict(
        {
            key.removeprefix("backbone."): value
            for key, value in read_tensors(path).items()
            if key.startswith("backbone.")
        }
    )


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
