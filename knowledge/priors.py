"""P(disease) before any finding: incidence by age and sex, moved by risk factors."""

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.base import KnowledgeBase
from knowledge.concepts import Sex
from knowledge.criteria import ends, within
from knowledge.diseases import Incidence
from knowledge.evidence import Evidence
from knowledge.noisy_or import Floats

HIGHEST = 0.5
KNOWN_CONDITION = 5.0
"""How much likelier a condition the person is known to have is to be behind new complaints."""
OTHER_DEPARTMENT = 0.1
"""How likely, against those of the department that a person is seen in, a disease of another one is: an estimate."""
_LIFETIME = 80.0
_DEFAULT_PREVALENCE = 0.05
_OUTSIDE = 0.02


class Priors:
    """The priors of a knowledge base, for one person after another."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._row = {disease: i for i, disease in enumerate(base.diseases)}
        self._of_person = lru_cache(maxsize=512)(self._by_age_and_sex)

    def of(self, evidence: Evidence) -> Floats:
        """(D,) P(disease) for a person of this age, sex and risks, among people who seek care where they do.

        What was decided from outside (ruled in or out, do) is certain, whatever the person.
        """
        chance = self._of_person(evidence.age, evidence.sex, evidence.life_stage).copy()
        for risk, has in evidence.risks.items():
            rows, relative, average = self._risks.get(risk, _NO_RISK)
            np.multiply.at(chance, rows, (relative if has else 1.0) / average)
            if has and risk in self._row:
                chance[self._row[risk]] *= KNOWN_CONDITION
        for drug in evidence.drugs & self._treats.keys():
            chance[self._treats[drug]] *= 1 + (KNOWN_CONDITION - 1) / len(self._treats[drug])
        if evidence.department in self._base.departments:
            chance[self._elsewhere(evidence.department)] *= OTHER_DEPARTMENT
        chance = np.minimum(chance, HIGHEST)
        for disease in evidence.excluded & self._row.keys():
            chance[self._row[disease]] = 0.0
        for disease in evidence.confirmed:
            chance[self._row[disease]] = 1.0
        for disease, present in evidence.do.items():
            chance[self._row[disease]] = float(present)
        return chance

    def _elsewhere(self, department: str) -> NDArray[np.bool_]:
        """(D,) whether another department sees a disease."""
        seen = {department, *self._base.departments[department].covers}
        return np.array([d.department not in seen for d in self._base.diseases.values()])

    def _by_age_and_sex(self, age: float | None, sex: Sex | None, life_stage: str | None) -> Floats:
        return np.array(
            [
                _incidence(d.incidence, age, life_stage) / 1000 * _sex_factor(d.incidence, sex)
                for d in self._base.diseases.values()
            ]
        )

    @cached_property
    def _treats(self) -> dict[str, NDArray[np.int64]]:
        """Drug -> the rows of the diseases that it treats. Taken for one of k, a drug tells each as a known condition
        with a chance of 1/k."""
        rows: dict[str, set[int]] = {}
        for row, disease in enumerate(self._base.diseases.values()):
            for treatment in disease.treatment:
                for drug in treatment.drugs:
                    rows.setdefault(drug, set()).add(row)
        return {drug: np.array(sorted(found)) for drug, found in rows.items()}

    @cached_property
    def _risks(self) -> dict[str, tuple[NDArray[np.int64], Floats, Floats]]:
        """Risk -> the rows that it moves, the relative risks, and the average over those who have it
        and those who do not, so that not having it lowers the risk."""
        edges: dict[str, list[tuple[int, float]]] = {}
        for row, disease in enumerate(self._base.diseases.values()):
            for edge in disease.risk_factors:
                edges.setdefault(edge.id, []).append((row, edge.relative_risk))
        found = {}
        for risk, pairs in edges.items():
            factor = self._base.risk_factors.get(risk)
            prevalence = factor.prevalence if factor else _DEFAULT_PREVALENCE
            relative = np.array([r for _, r in pairs])
            found[risk] = (np.array([row for row, _ in pairs]), relative, 1 + prevalence * (relative - 1))
        return found


_NO_RISK = (np.empty(0, np.int64), np.empty(0), np.empty(0))


def _incidence(incidence: Incidence, age: float | None, life_stage: str | None) -> float:
    """Per 1,000; when the age is not known the mean over the stage of life, else over a lifetime. Next to none outside
    the bands."""
    if age is not None:
        rates = [rate for band, rate in incidence.by_age.items() if within(age, band)]
        return rates[0] if rates else _OUTSIDE * min(incidence.by_age.values())
    if life_stage is None:
        return sum(rate * _years(band) for band, rate in incidence.by_age.items()) / _LIFETIME
    mean = sum(rate * _years(band, life_stage) for band, rate in incidence.by_age.items()) / _years(
        life_stage
    )
    return mean or _OUTSIDE * min(incidence.by_age.values())


def _years(band: str, within_band: str = "0+") -> float:
    """How many years a band has, of those in another."""
    (low, end), (first, last) = _span(band), _span(within_band)
    return max(min(end, last) - max(low, first), 0.0)


def _span(band: str) -> tuple[float, float]:
    low, end = ends(band)
    return low, max(_LIFETIME, low + 10) if end is None else end


def _sex_factor(incidence: Incidence, sex: Sex | None) -> float:
    """Rates are for a person of either sex; a ratio r splits them 2r/(1+r) to 2/(1+r)."""
    if incidence.only:
        return float(sex in (None, incidence.only))
    if sex is None:
        return 1.0
    ratio = incidence.male_to_female
    return 2 * ratio / (1 + ratio) if sex == "male" else 2 / (1 + ratio)
