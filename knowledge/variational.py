"""Positive findings beyond the exact method, by the bound of Jaakkola and Jordan (1999).

ln P(finding | diseases) = ln(1 - exp(-x)) with x the summed -ln(1 - strength) of what is present.
It is concave in x, so its tangent bounds it from above and is a product over diseases: a bounded
finding only scales each disease's weight, and costs nothing in the exact recursion.

Jaakkola T, Jordan M. Variational probabilistic inference and the QMR-DT network. JAIR 10 (1999).
"""

from collections.abc import Sequence

import numpy as np

from knowledge.noisy_or import Floats, NoisyOr


def most_informative(net: NoisyOr, positive: Sequence[int], count: int) -> list[int]:
    """The `count` findings that tell diseases apart most: by the weight of evidence of their links."""
    chance = net.prior @ net.strength[:, positive] + net.leak[positive]
    weight = np.max(np.log(net.strength[:, positive] + 1e-3) - np.log(chance + 1e-9), axis=0)
    return [positive[i] for i in np.argsort(-weight, kind="stable")[:count]]


def bounded_weights(net: NoisyOr, bounded: Sequence[int], belief: Floats) -> Floats:
    """(D,) factors by which the bounded findings scale the odds of each disease.

    belief: (D,) the posterior given the exact findings; the tangent touches at its expectation.
    """
    cost = -np.log1p(-np.minimum(net.strength[:, bounded], 0.99))
    expected = belief @ cost - np.log1p(-np.minimum(net.leak[bounded], 0.99))
    slope = 1 / np.expm1(np.maximum(expected, 1e-3))
    return np.asarray(np.exp(np.minimum(cost @ slope, 7.0)))
