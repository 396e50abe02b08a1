"""From a network's logits to probabilities that can be believed, and to likelihood ratios.

A network is trained with its labels' frequencies added to its logits (Menon et al., "Long-tail learning via
logit adjustment", ICLR 2021), so that the logits themselves are log likelihoods, and frequencies come last.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from vision.metrics import Floats, Whole

CLIP = 20.0
"""No single picture may move the odds by more: the sets are too small to support it."""


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling (Guo et al., "On calibration of modern neural networks", ICML 2017).

    prior: the labels' shares in the set that it was fitted for. call: what `called` goes by.
    """

    temperature: float
    prior: tuple[float, ...]
    call: Literal["probable", "balanced"] = "probable"

    def probability(self, logits: Floats) -> Floats:
        """(..., C) logits to P(label) where labels are as frequent as in the set."""
        return softmax(logits / self.temperature + np.log(self.prior))

    def called(self, logits: Floats) -> Whole:
        """(..., C) logits to the label to name: the most probable, or the one the picture favours most."""
        scores = logits if self.call == "balanced" else self.probability(logits)
        return np.asarray(scores.argmax(axis=-1))

    @staticmethod
    def likelihood_ratio(probability: float, prior: float) -> float:
        """How much the picture multiplies the odds of what `prior` of the set shows; 1/CLIP to CLIP."""
        p = min(max(probability, 1e-9), 1 - 1e-9)
        return min(max(p / (1 - p) / (prior / (1 - prior)), 1 / CLIP), CLIP)


def softmax(logits: Floats) -> Floats:
    """Over the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def fitted(
    logits: Floats, truth: Whole, prior: Floats, call: Literal["probable", "balanced"] = "probable"
) -> Calibration:
    """The temperature of least log loss on (N, C) logits, between 1/4 and 8."""
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

    shares = tuple(float(x) for x in prior)

    def loss(log_temperature: float) -> float:
        p = Calibration(float(np.exp(log_temperature)), shares).probability(logits)
        return float(-np.log(np.clip(p[np.arange(len(truth)), truth], 1e-12, 1)).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.25), np.log(8)), method="bounded")
    return Calibration(round(float(np.exp(found.x)), 4), shares, call)
