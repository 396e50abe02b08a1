"""Multinomial logistic regression on parts of consultations: the plainest view, and the steadiest one where
symptoms are many and records few.

It sees the same parts of records as the networks (masked_network.py), so that it too is calibrated for
what is known in the middle of a consultation.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from scipy.optimize import minimize  # type: ignore[import-untyped]

from assistant.consultation_records import Known, Records
from assistant.masked_network import features, part_of
from knowledge.noisy_or import Floats

_PARTS = 5
"""Parts of each record that it learns from."""
_RIDGE = 20.0
"""Squared weights cost half this much, in records' worth of cross-entropy."""
_ROUNDS = 100


@dataclass(frozen=True)
class LinearView:
    """weight: (8 S + 1, D), the last row a constant."""

    weight: Floats

    @classmethod
    def fit(cls, records: Records, seed: int) -> "LinearView":
        """The weights of least penalised cross-entropy, by L-BFGS."""
        rng = np.random.default_rng(seed)
        known = sparse.vstack([sparse.csr_matrix(_design(part_of(records, rng))) for _ in range(_PARTS)])
        member = np.tile(np.eye(len(records.diagnoses))[records.diagnosis], (_PARTS, 1))
        shape = known.shape[1], len(records.diagnoses)
        ridge = np.full((shape[0], 1), _RIDGE)
        ridge[-1] = 0.0

        def cost(flat: Floats) -> tuple[float, Floats]:
            weight = flat.reshape(shape)
            score = known @ weight
            score -= score.max(axis=1, keepdims=True)
            belief = np.exp(score)
            belief /= belief.sum(axis=1, keepdims=True)
            loss = -np.log(np.maximum(belief[member == 1], 1e-12)).sum() + 0.5 * (ridge * weight**2).sum()
            return float(loss), (known.T @ (belief - member) + ridge * weight).ravel()

        found = minimize(
            cost, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}
        )
        return cls(np.asarray(found.x).reshape(shape))

    def belief(self, known: Known) -> Floats:
        """(N, D) P(diagnosis | what is known)."""
        score = _design(known) @ self.weight
        raised = np.exp(score - score.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _design(known: Known) -> Floats:
    return np.hstack([features(known), np.ones((len(known), 1))]).astype(np.float64)
