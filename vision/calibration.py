"""From a network's logit to a probability that can be believed, and to a likelihood ratio."""

from dataclasses import dataclass

import numpy as np

from vision.metrics import Floats

CLIP = 20.0
"""No single picture may move the odds by more: the sets are too small to support it."""


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling with an offset (Guo et al., 2017; Platt, 1999).

    prior: share of pictures with an opacity in the set that it was fitted on. The offset makes up for
    training with classes of equal weight.
    """

    temperature: float
    offset: float
    prior: float

    def probability(self, logit: Floats) -> Floats:
        """P(opacity) where `prior` of all pictures have one, 0 to 1."""
        return np.asarray(1 / (1 + np.exp(-(logit / self.temperature + self.offset))))

    def likelihood_ratio(self, probability: float) -> float:
        """How much the picture multiplies the odds, whoever it is taken of; 1/CLIP to CLIP."""
        probability = min(max(probability, 1e-9), 1 - 1e-9)
        ratio = probability / (1 - probability) / (self.prior / (1 - self.prior))
        return min(max(ratio, 1 / CLIP), CLIP)


def fitted(logits: Floats, truth: Floats) -> Calibration:
    """The temperature and offset of least log loss, found by Newton's method.

    A slight pull towards temperature 1 keeps it finite where the classes do not overlap.
    """
    inputs = np.stack([logits, np.ones_like(logits)], axis=1)
    answer = np.array([1.0, 0.0])
    pull = np.diag([1.0, 1e-3])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-inputs @ answer))
        gradient = inputs.T @ (probability - truth) + pull @ (answer - [1.0, 0.0])
        curvature = (inputs * (probability * (1 - probability))[:, None]).T @ inputs + pull
        step = np.linalg.solve(curvature, gradient)
        answer = answer - step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-9))
        if np.abs(step).max() < 1e-9:
            break
    slope = max(float(answer[0]), 1e-2)
    return Calibration(temperature=1 / slope, offset=float(answer[1]), prior=float(truth.mean()))
