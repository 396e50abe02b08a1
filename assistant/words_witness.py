"""The words as a witness: what the text models make of a case's own words."""

from collections.abc import Sequence

import numpy as np

from assistant.case import Case
from assistant.rendering import as_told
from assistant.text_model import TextModel
from knowledge.base import KnowledgeBase
from knowledge.noisy_or import Floats

_STRONGEST = 8.0
"""Log-odds beyond which a classifier's confidence is not believed."""


class TextWitness:
    """Text models as one witness: the mean of what those that know a disease find probable."""

    name = "text"

    def __init__(self, models: Sequence[TextModel], base: KnowledgeBase) -> None:
        self._base = base
        row = {disease: i for i, disease in enumerate(base.diseases)}
        known = [[(row[d], i) for i, d in enumerate(model.diseases) if d in row] for model in models]
        self._heard = [
            (model, [place for place, _ in pairs], [column for _, column in pairs])
            for model, pairs in zip(models, known, strict=True)
            if pairs
        ]

    def opinion(self, case: Case) -> Floats | None:
        """(D,) log P(disease | words) against chance; 0 for a disease that no model was trained on."""
        words = as_told(case, self._base)
        if not words or not self._heard:
            return None
        each = np.full((len(self._heard), len(self._base.diseases)), -np.inf)
        for scores, (model, rows, columns) in zip(each, self._heard, strict=True):
            log_probability = model.log_probabilities([words])[0]
            against_chance = log_probability[columns] + np.log(len(log_probability))
            scores[rows] = np.clip(against_chance, -_STRONGEST, _STRONGEST)
        known_to = np.isfinite(each).sum(axis=0)
        mean = np.logaddexp.reduce(each) - np.log(np.maximum(known_to, 1))
        return np.where(known_to > 0, mean, 0.0)
