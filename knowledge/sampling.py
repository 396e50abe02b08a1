"""Draws people from the pack: of whom a disease takes hold, and which of its findings they show."""

import numpy as np

from knowledge.concepts import Sex
from knowledge.criteria import ends
from knowledge.diseases import Disease

_OPEN_BAND = 20.0
"""Years that a band without an upper end stands for."""


class Sampler:
    """Draws from the rows of diseases; the same generator in the same state draws the same."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def person(self, disease: Disease) -> tuple[float, Sex]:
        """Age in years and sex, as the incidence has them."""
        bands = list(disease.incidence.by_age.items())
        weight = np.array([rate * (_ends(band)[1] - _ends(band)[0]) for band, rate in bands]) + 1e-9
        low, high = _ends(bands[self.rng.choice(len(bands), p=weight / weight.sum())][0])
        age = float(self.rng.uniform(low, high))
        if disease.incidence.only:
            return age, disease.incidence.only
        ratio = disease.incidence.male_to_female
        return age, "male" if self.rng.random() < ratio / (1 + ratio) else "female"

    def shown(self, disease: Disease) -> tuple[list[str], list[str]]:
        """Findings of the row that are there, shuffled, and those that are not."""
        there = [e.id for e in disease.findings if self.rng.random() < e.probability]
        silent = [e.id for e in disease.findings if e.id not in there]
        self.rng.shuffle(there)
        return there, silent


def _ends(band: str) -> tuple[float, float]:
    low, end = ends(band)
    return low, low + _OPEN_BAND if end is None else end
