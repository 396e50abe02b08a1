"""The words as a witness: what the text model makes of a case's own words."""

import numpy as np

from assistant.case import Case
from assistant.rendering import as_told
from assistant.text_model import TextModel
from knowledge.base import KnowledgeBase
from knowledge.noisy_or import Floats

_STRONGEST = 8.0
"""Log-odds beyond which a classifier's confidence is not believed."""


class TextWitness:
    """The text model as a witness on one knowledge base's diseases."""

    name = "text"

    def __init__(self, model: TextModel, base: KnowledgeBase) -> None:
        self._model = model
        self._base = base
        known = {disease: i for i, disease in enumerate(model.diseases)}
        pairs = [(row, known[d]) for row, d in enumerate(base.diseases) if d in known]
        self._rows, self._columns = (list(side) for side in zip(*pairs, strict=True)) if pairs else ([], [])

    def opinion(self, case: Case) -> Floats | None:
        """(D,) log P(disease | words) against chance; 0 for a disease it was not trained on."""
        words = as_told(case, self._base)
        if not words or not self._rows:
            return None
        log_probability = self._model.log_probabilities([words])[0]
        against_chance = log_probability + np.log(len(log_probability))
        scores = np.zeros(len(self._base.diseases))
        scores[self._rows] = np.clip(against_chance[self._columns], -_STRONGEST, _STRONGEST)
        return scores
