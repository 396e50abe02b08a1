"""Fitting the scope head: logistic regression on the frozen ImageNet features of many kinds of picture."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from torch_pair import torch
from vision.augment import shaken
from vision.models import ScopeNet, stretched

Bytes = NDArray[np.uint8]

KINDS = ("chest", "turned", "negative", "other")
"""What a picture can be: a chest the right way up, a chest otherwise, one with black and white
exchanged, or anything else. Only the first is judged."""


@dataclass(frozen=True)
class Seen:
    """A square picture and what it is; source tells where it came from."""

    pixels: Bytes
    kind: str
    source: str


def with_turned(chests: Sequence[Seen], seed: int) -> list[Seen]:
    """The chests, each also turned (upside down, by half, or on a side), and a third of them inverted."""
    rng = np.random.default_rng(seed)
    turns = (np.flipud, lambda x: np.rot90(x, 2), lambda x: np.rot90(x, 1), lambda x: np.rot90(x, 3))
    seen = list(chests)
    for chest in chests:
        turned = np.ascontiguousarray(turns[rng.integers(len(turns))](chest.pixels))
        seen.append(Seen(turned, "turned", chest.source))
        if rng.random() < 1 / 3:
            seen.append(Seen(255 - chest.pixels, "negative", chest.source))
    return seen


def compressed(pixels: Bytes, quality: int) -> Bytes:
    """A picture after JPEG at a quality from 1 to 95, as messengers leave it."""
    buffer = io.BytesIO()
    Pil.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    with Pil.open(buffer) as picture:
        return np.asarray(picture)


@torch.no_grad()
def features(
    net: ScopeNet, seen: Sequence[Seen], *, shake: bool = False, half: bool = False, batch: int = 64
) -> Tensor:
    """(N, 5 * 1280) pooled features.

    shake: of pictures compressed, moved and re-exposed at random. half: computed in bfloat16.
    """
    rng = np.random.default_rng(len(seen))
    net.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts = []
    for i in tqdm(range(0, len(seen), batch), desc="features", unit="batch", mininterval=5):
        squares = [picture.pixels for picture in seen[i : i + batch]]
        if shake:
            squares = [compressed(pixels, int(rng.integers(10, 95))) for pixels in squares]
        x = stretched(np.stack(squares))
        if shake:
            x, _ = shaken(x, torch.zeros(len(x), 1, 1, 1))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            parts.append(net.pooled(x.contiguous(memory_format=torch.channels_last)).float())
    return torch.cat(parts)


def fit_head(net: ScopeNet, inputs: Tensor, kinds: Sequence[str], decay: float, seed: int) -> None:
    """Fit the head in place; classes weigh the same, and features are standardised on the way.

    decay: weight of the squared weights in the loss.
    """
    torch.manual_seed(seed)
    mean, spread = inputs.mean(0), inputs.std(0).clamp_min(1e-3)
    scaled = (inputs - mean) / spread
    truth = torch.tensor([KINDS.index(kind) for kind in kinds])
    balance = len(truth) / (len(KINDS) * torch.bincount(truth, minlength=len(KINDS)).clamp_min(1))
    weight = torch.zeros(len(KINDS), inputs.shape[1], requires_grad=True)
    bias = torch.zeros(len(KINDS), requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        logits = functional.linear(scaled, weight, bias)
        total = functional.cross_entropy(logits, truth, balance) + decay * weight.pow(2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():  # the standardisation becomes part of the head
        net.head.weight.copy_(weight / spread)
        net.head.bias.copy_(bias - (weight * mean / spread).sum(1))
