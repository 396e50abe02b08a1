"""Boxes, and the square that the models see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

SHOWN_SIDE = 1024
"""Pixels on the longer side of what is shown; it is for looking at, not for measuring."""


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width and height, in pixels or in fractions of a picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return self.left + self.width / 2, self.top + self.height / 2

    def scaled(self, across: float, down: float) -> "Box":
        """The same box with every x times `across` and every y times `down`."""
        return Box(self.left * across, self.top * down, self.width * across, self.height * down)

    def contains(self, x: float, y: float) -> bool:
        """Whether the point is inside, its edges included."""
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height

    def overlap(self, other: "Box") -> float:
        """Intersection over union with another box, 0 to 1."""
        across = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        down = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        shared = max(across, 0.0) * max(down, 0.0)
        union = self.width * self.height + other.width * other.height - shared
        return shared / union if union > 0 else 0.0


def within(size: tuple[int, int], side: int) -> tuple[int, int]:
    """(width, height) made smaller, where need be, until neither is above `side`; at least 1."""
    shrink = min(1.0, side / max(size))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def squared(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(H, W) grey levels squeezed to (side, side), without regard to their proportions.

    The children's pictures come squeezed like this, so all pictures are.
    """
    if pixels.shape == (side, side):
        return pixels.copy()
    return np.asarray(Pil.fromarray(pixels).resize((side, side), Pil.Resampling.BILINEAR))
