"""What questions are expected to tell, whatever the belief they are put to came from.

The gain of a question is the mutual information of hypothesis and answer (Shannon 1948; Lindley
1956), as H(answer) − H(answer | hypothesis): the second part does not change with the belief, so all
questions are scored in one pass of matrix products. The chat fills the table from the causal graph
(inquiry.py), other tables are learned from records of consultations (learned_inquiry.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge.noisy_or import Floats

Verdict = Callable[[Floats], NDArray[np.intp]]
"""(…, H) beliefs -> (…) what would be concluded from each."""

CAN_HAPPEN = 0.01
"""An answer less likely than this is not counted on to change a conclusion."""


def leader(belief: Floats) -> NDArray[np.intp]:
    """The verdict that looks at the first place alone."""
    return np.asarray(belief.argmax(axis=-1))


@dataclass(frozen=True)
class AnswerTable:
    """Q questions with A possible answers each, over H hypotheses.

    chance: (A, H, Q) P(answer | hypothesis), which sums to 1 over the answers. burden: (Q,) cost of
    asking, 1 for a plain question. tells: (A,) whether an answer says something ("don't know" does
    not). heard: nats that being told anything is worth besides what it says of the hypotheses; a small
    number prefers, among questions of like gain, the one that is likelier to be answered.

    Raises ValueError when the shapes do not fit together or the chances are no distributions.
    """

    chance: Floats
    burden: Floats
    tells: NDArray[np.bool_]
    heard: float = 0.0

    def __post_init__(self) -> None:
        answers, _, questions = self.chance.shape
        if self.burden.shape != (questions,) or self.tells.shape != (answers,):
            raise ValueError(
                f"chance of shape {self.chance.shape} needs {questions} burdens and {answers} `tells`, "
                f"not {self.burden.shape} and {self.tells.shape}"
            )
        if (self.burden <= 0).any() or (self.chance < 0).any():
            raise ValueError("burdens must be above 0 and chances not below it")
        if not np.allclose(self.chance.sum(axis=0), 1):
            raise ValueError("the chances of a question's answers must sum to 1 under every hypothesis")

    @cached_property
    def _noise(self) -> Floats:
        """(H, Q) entropy of the answer when the hypothesis is known, nats."""
        return _entropy(self.chance)

    def gain(self, belief: Floats) -> Floats:
        """Expected information of every question. belief: (…, H), sums to 1. Returns (…, Q) nats."""
        expected = [belief @ answer for answer in self.chance]
        information = _entropy(np.array(expected)) - belief @ self._noise
        told = np.sum([e for e, tells in zip(expected, self.tells, strict=True) if tells], axis=0)
        return np.asarray(np.maximum(information, 0) + self.heard * told)

    def worth(self, belief: Floats) -> Floats:
        """(…, Q) gain for each unit of burden."""
        return self.gain(belief) / self.burden

    def after(self, belief: Floats, questions: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """What each answer would leave. belief: (H,). Returns (A, Q, H) beliefs, (A, Q) P(answer)."""
        joint = np.swapaxes(self.chance[:, :, questions], 1, 2) * belief
        chance = joint.sum(axis=-1)
        return joint / np.maximum(chance, 1e-300)[..., None], chance

    def can_change(self, belief: Floats, questions: NDArray[np.intp], verdict: Verdict = leader) -> bool:
        """Whether an answer that may well come would change the verdict. belief: (H,)."""
        beliefs, chance = self.after(belief, questions)
        return bool(((verdict(beliefs) != verdict(belief)) & (chance >= CAN_HAPPEN)).any())


def weighed_by_harm(belief: Floats, harm: Floats) -> Floats:
    """The belief tilted towards what is dangerous to miss. belief: (…, H). harm: (H,) weights >= 0."""
    tilted = belief * harm
    return np.asarray(tilted / np.maximum(tilted.sum(axis=-1, keepdims=True), 1e-300))


def _entropy(chance: Floats) -> Floats:
    """Over the first axis, nats; an answer that never comes adds nothing."""
    return np.asarray(-np.sum(chance * np.log(np.maximum(chance, 1e-300)), axis=0))
