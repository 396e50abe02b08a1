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
    """Text models as one witness on a knowledge base's diseases: the mean of what each finds probable."""

    name = "text"

    def __init__(self, models: Sequence[TextModel], base: KnowledgeBase) -> None:
        self._models = tuple(models)
        self._base = base
        self._row = {disease: row for row, disease in enumerate(base.diseases)}

    def opinion(self, case: Case) -> Floats | None:
        """(D,) log P(disease | words) against chance; 0 for a disease that no model was trained on."""
        words = as_told(case, self._base)
        if not words or not any(self._row.keys() & set(model.diseases) for model in self._models):
            return None
        each = [self._against_chance(model, words) for model in self._models]
        return np.asarray(np.logaddexp.reduce(each) - np.log(len(each)))

    def _against_chance(self, model: TextModel, words: str) -> Floats:
        log_probability = model.log_probabilities([words])[0]
        known = [(self._row[d], i) for i, d in enumerate(model.diseases) if d in self._row]
        scores = np.zeros(len(self._row))
        rows, columns = (list(side) for side in zip(*known, strict=True)) if known else ([], [])
        against_chance = log_probability[columns] + np.log(len(log_probability))
        scores[rows] = np.clip(against_chance, -_STRONGEST, _STRONGEST)
        return scores
