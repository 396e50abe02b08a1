"""Is this a picture that may be judged: a frontal chest X-ray, the right way up?

Plain rules go first, on what the file says and on blanks, noise and colour; then a network tells
chests from everything else it was shown, and a threshold refuses when it is not sure.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import yaml
from numpy.typing import NDArray

from torch_pair import torch
from vision.geometry import squared
from vision.images import Image
from vision.models import SIDE, ScopeNet, stretched
from vision.refusals import ImageRefused
from vision.saved import load_weights, read_card


@cache
def _limits() -> dict[str, Any]:
    limits: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("scope.yaml").read_text(encoding="utf-8")
    )
    return limits


@dataclass(frozen=True)
class Scope:
    """The network and the least probability of "chest" that it accepts.

    kinds: what its outputs stand for; "chest" is the one that may be judged.
    """

    net: ScopeNet
    kinds: tuple[str, ...]
    threshold: float

    @classmethod
    def load(cls, path: Path) -> Self:
        """From weights and the card beside them. Raises WeightsMissing."""
        card = read_card(path)
        net = ScopeNet(len(card["kinds"]))
        load_weights(net, path, card)
        return cls(net, tuple(card["kinds"]), float(card["threshold"]))

    def check(self, image: Image) -> float:
        """How probable it is that the picture may be judged, 0 to 1.

        Raises ImageRefused, with the reason, when it may not.
        """
        check_header(image)
        square = squared(image.grey, SIDE)
        check_levels(image, square)
        chest = self.chest(square)
        if chest < self.threshold:
            raise ImageRefused(self._reason(square), score=f"{chest:.2f}")
        return chest

    def _reason(self, square: NDArray[np.uint8]) -> str:
        """Why a square was refused: "turned" or "negative" only where undoing that makes it a chest."""
        turns = [np.rot90(square, 1), np.rot90(square, 2), np.rot90(square, 3), square[::-1]]
        undone = [("negative", 255 - square), *(("turned", turn) for turn in turns)]
        best, reason = max((self.chest(np.ascontiguousarray(made)), reason) for reason, made in undone)
        return reason if best >= self.threshold else "other"

    @torch.no_grad()
    def chest(self, square: NDArray[np.uint8]) -> float:
        """The probability that an (S, S) grey square is a chest the right way up."""
        shares = self.net(stretched(square[None])).softmax(1)[0]
        return float(shares[self.kinds.index("chest")])


def check_header(image: Image) -> None:
    """Refuse what a DICOM file itself says is no frontal chest X-ray. Raises ImageRefused."""
    limits = _limits()
    if image.modality and image.modality not in limits["modalities"]:
        raise ImageRefused("modality", modality=image.modality)
    if image.body_part and image.body_part not in limits["body_parts"]:
        raise ImageRefused("body_part", part=image.body_part)
    if image.view in limits["lateral_views"]:
        raise ImageRefused("view", view=image.view)


def check_levels(image: Image, square: NDArray[np.uint8]) -> None:
    """Refuse pictures that are too small, blank, coloured or noise. Raises ImageRefused.

    square: the picture's grey levels as the network will see them.
    """
    limits = _limits()
    width, height = image.size
    if min(width, height) < limits["smallest_side"]:
        raise ImageRefused("too_small", width=width, height=height, limit=limits["smallest_side"])
    low, high = np.percentile(square, (1, 99))
    if high - low < limits["blank_range"]:
        raise ImageRefused("blank")
    if colour_spread(image.pixels) > limits["colour_spread"]:
        raise ImageRefused("colour")
    if min(likeness(square), likeness(_middle(image.grey))) < limits["noise_correlation"]:
        raise ImageRefused("noise")


def colour_spread(pixels: NDArray[np.uint8]) -> float:
    """Standard deviation of the differences between colours, in levels; 0 where the picture is grey."""
    if pixels.ndim == 2:
        return 0.0
    few = pixels[:: max(1, pixels.shape[0] // 512), :: max(1, pixels.shape[1] // 512)].astype(np.float32)
    return float(max((few[..., 0] - few[..., 1]).std(), (few[..., 1] - few[..., 2]).std()))


def likeness(grey: NDArray[np.uint8]) -> float:
    """Correlation of each pixel with its neighbour, the lower of along rows and along columns."""
    levels = grey.astype(np.float64) - grey.mean()
    power = float((levels**2).mean()) or 1.0
    along = float((levels[:, 1:] * levels[:, :-1]).mean())
    down = float((levels[1:] * levels[:-1]).mean())
    return min(along, down) / power


def _middle(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle half of the picture, at most 512 pixels on a side."""
    height, width = grey.shape
    h, w = min(height // 2, 512), min(width // 2, 512)
    return grey[(height - h) // 2 : (height + h) // 2, (width - w) // 2 : (width + w) // 2]
