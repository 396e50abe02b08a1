"""What kind of picture is this, and is it like those that were learnt from? Anything else is refused.

Two witnesses decide: a linear head on the frozen features, and the likeness to the nearest of a few
centres of what was seen (after Lee et al., "A simple unified framework for detecting out-of-distribution
samples", NeurIPS 2018, with cosines in place of covariances).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from torch_pair import torch
from vision.images import Image
from vision.metrics import Floats
from vision.models import RouterNet, inputs
from vision.refusals import ImageRefused
from vision.saved import load_weights, read_card
from vision.scope import kinds, limits

SIDE = 224
"""Pixels on a side of the square that the router sees."""

ALL = (*kinds(), "turned", "negative", "other")
"""What the head tells apart. A chest otherwise than the right way up is "turned"; one with black and white
exchanged "negative"."""

_COLOURLESS = 3.0
"""Grey levels between colours, on average, below which a picture is grey: JPEG adds a tint."""


@dataclass(frozen=True)
class Familiarity:
    """How a picture's two scores are added: each less its mean, over its spread, among pictures in scope."""

    mean: tuple[float, float]
    spread: tuple[float, float]
    threshold: float

    def of(self, confidence: Floats, likeness: Floats) -> Floats:
        """The familiarity of pictures; 0 is usual, and below `threshold` they are refused.

        confidence: log-odds of the likeliest kind. likeness: cosine to the nearest prototype.
        """
        (a, b), (s, t) = self.mean, self.spread
        return np.asarray((confidence - a) / s + (likeness - b) / t)


@dataclass(frozen=True)
class Router:
    """Names the kind of a picture, or refuses it."""

    net: RouterNet
    familiarity: Familiarity

    @classmethod
    def load(cls, path: Path) -> Self:
        """From weights and the card beside them. Raises WeightsMissing."""
        card = read_card(path)
        net = RouterNet(len(ALL), card["prototypes"])
        load_weights(net, path, card)
        net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        scale = card["familiarity"]
        return cls(net, Familiarity(tuple(scale["mean"]), tuple(scale["spread"]), scale["threshold"]))

    def kind(self, image: Image) -> tuple[str, float]:
        """The kind, and how probable the head holds it. Raises ImageRefused for anything else."""
        square = as_seen(image.pixels)
        kind, probability, familiarity = self._look(square)
        if kind in kinds() and familiarity >= self.familiarity.threshold:
            return kind, probability
        raise self._refusal(square, kind)

    def _refusal(self, square: NDArray[np.uint8], kind: str) -> ImageRefused:
        """Why a picture was refused: "turned" or "negative" only where undoing that makes it a chest."""
        turns = [np.rot90(square, 1), np.rot90(square, 2), np.rot90(square, 3), square[::-1]]
        undone = [("negative", 255 - square), *(("turned", turn) for turn in turns)]
        for reason, made in undone if kind in ("turned", "negative") else ():
            upright, _, familiarity = self._look(np.ascontiguousarray(made))
            if upright in limits()["upright"] and familiarity >= self.familiarity.threshold:
                return ImageRefused(reason)
        nearest = kind if kind in kinds() else "other"
        return ImageRefused("other", kind=nearest, kinds=list(kinds()))

    @torch.no_grad()
    def _look(self, square: NDArray[np.uint8]) -> tuple[str, float, float]:
        features = self.net.pooled(inputs([square]).contiguous(memory_format=torch.channels_last))
        logits, likeness = self.net(features)
        shares = logits.softmax(1)[0].double().numpy()
        best = int(shares.argmax())
        familiarity = self.familiarity.of(confidence(shares[None]), likeness.double().numpy())
        return ALL[best], float(shares[best]), float(familiarity[0])


def as_seen(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture squeezed to the router's square: (S, S) where it is grey, (S, S, 3) where it has colour."""
    square = np.asarray(Pil.fromarray(pixels).resize((SIDE, SIDE), Pil.Resampling.BILINEAR))
    if square.ndim == 3 and np.abs(np.diff(square.astype(np.int16), axis=2)).mean() < _COLOURLESS:
        return np.asarray(Pil.fromarray(square).convert("L"))
    return square


def confidence(shares: Floats) -> Floats:
    """(N, kinds) probabilities of the head to the log-odds of the likeliest kind that is read."""
    best = shares[:, : len(kinds())].max(axis=1).clip(1e-9, 1 - 1e-9)
    return np.asarray(np.log(best / (1 - best)))
