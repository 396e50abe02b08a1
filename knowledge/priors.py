"""P(disease) before any finding: incidence by age and sex, moved by risk factors."""

from knowledge.concepts import Disease, Incidence
from knowledge.criteria import ends, within
from knowledge.evidence import Evidence

HIGHEST = 0.5
KNOWN_CONDITION = 5.0
"""How much likelier a condition the person is known to have is to be behind new complaints."""
_LIFETIME = 80.0
_DEFAULT_PREVALENCE = 0.05
_OUTSIDE = 0.02


def prior(disease: Disease, evidence: Evidence, prevalence: dict[str, float]) -> float:
    """P(disease) for a person of this age, sex and risks, among people who seek care.

    prevalence: risk factor -> share of people who have it, so that not having it lowers the risk.
    """
    if disease.id in evidence.excluded or not _possible(disease.incidence, evidence):
        return 0.0
    chance = _incidence(disease.incidence, evidence.age) / 1000 * _sex_factor(disease.incidence, evidence)
    for edge in disease.risk_factors:
        if (has := evidence.risks.get(edge.id)) is not None:
            average = 1 + prevalence.get(edge.id, _DEFAULT_PREVALENCE) * (edge.relative_risk - 1)
            chance *= (edge.relative_risk if has else 1) / average
    if evidence.risks.get(disease.id):
        chance *= KNOWN_CONDITION
    return min(chance, HIGHEST)


def _possible(incidence: Incidence, evidence: Evidence) -> bool:
    return incidence.only is None or evidence.sex in (None, incidence.only)


def _incidence(incidence: Incidence, age: float | None) -> float:
    """Per 1,000; the mean over a lifetime when the age is not known, next to none outside the bands."""
    if age is not None:
        rates = [rate for band, rate in incidence.by_age.items() if within(age, band)]
        return rates[0] if rates else _OUTSIDE * min(incidence.by_age.values())
    return sum(rate * _years(band) for band, rate in incidence.by_age.items()) / _LIFETIME


def _years(band: str) -> float:
    low, end = ends(band)
    return (max(_LIFETIME, low + 10) if end is None else end) - low


def _sex_factor(incidence: Incidence, evidence: Evidence) -> float:
    """Rates are for a person of either sex; a ratio r splits them 2r/(1+r) to 2/(1+r)."""
    if evidence.sex is None or incidence.only:
        return 1.0
    ratio = incidence.male_to_female
    return 2 * ratio / (1 + ratio) if evidence.sex == "male" else 2 / (1 + ratio)
