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

_PULL = 5.0


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling with an offset for each label (Guo et al., "On calibration of modern neural
    networks", ICML 2017).

    prior: the labels' shares in the set that it was fitted for. offsets: near their logarithms; what differs
    makes up for a network that leans to a label. call: what `called` goes by.
    """

    temperature: float
    offsets: tuple[float, ...]
    prior: tuple[float, ...]
    call: Literal["probable", "balanced"] = "probable"

    def probability(self, logits: Floats) -> Floats:
        """(..., C) logits to P(label) where labels are as frequent as in the set."""
        return softmax(logits / self.temperature + np.asarray(self.offsets))

    def called(self, logits: Floats) -> Whole:
        """(..., C) logits to the label to name: the most probable, or the one the picture favours most."""
        probability = self.probability(logits)
        scores = probability / np.asarray(self.prior) if self.call == "balanced" else probability
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
    """The temperature and offsets of least log loss on (N, C) logits.

    The offsets are pulled to the logarithms of the shares, and the temperature to 1, as strongly as a few
    pictures would: without that, a label that is rare or is told without fault would run away.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    start = np.log(np.clip(prior, 1e-6, 1))

    def loss(x: Floats) -> float:
        p = softmax(logits / np.exp(x[0]) + x[1:])
        surprise = -np.log(np.clip(p[np.arange(len(truth)), truth], 1e-12, 1)).sum()
        return float(surprise + _PULL * ((x[1:] - start) ** 2).sum() + _PULL * x[0] ** 2)

    found = minimize(
        loss, np.r_[0.0, start], method="L-BFGS-B", bounds=[(-1.4, 2.1), *[(-12, 6)] * len(start)]
    )
    offsets = tuple(round(float(x), 4) for x in found.x[1:])
    shares = tuple(float(x) for x in prior)
    return Calibration(round(float(np.exp(found.x[0])), 4), offsets, shares, call)
