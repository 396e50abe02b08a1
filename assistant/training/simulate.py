"""Cases that the graph generates: a person, a disease, what it shows in them, told in several ways.

The findings are drawn from the disease's own row and its typical negatives, with noise from the
leaks; the words are drawn from the names that the pack knows. So the classifier learns what the
pack says, in the words that people use.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from assistant.rendering import person
from knowledge.base import KnowledgeBase
from knowledge.concepts import Disease, Sex
from knowledge.graph import CausalGraph

_MOST_SHOWN = 9
_NOISE = 0.25
"""Chance that a case mentions something unrelated."""


@dataclass(frozen=True)
class SimulatedCase:
    """diseases: bare id. text: English, in one of the registers of templates.yaml."""

    disease: str
    text: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    age: float
    sex: Sex


class Simulator:
    """Draws cases from a causal graph; the same seed draws the same cases."""

    def __init__(self, graph: CausalGraph, seed: int) -> None:
        self._graph = graph
        self._base: KnowledgeBase = graph.base
        self._rng = np.random.default_rng(seed)
        self._common = [f for f, e in self._base.findings.items() if e.leak_probability >= 0.03]

    def cases(self, per_disease: int) -> Iterator[SimulatedCase]:
        """So many cases of every disease."""
        for disease in self._base.diseases.values():
            for _ in range(per_disease):
                yield self.case(disease)

    def case(self, disease: Disease) -> SimulatedCase:
        """One case of a disease."""
        age, sex = self._person(disease)
        present, absent = self._findings(disease)
        return SimulatedCase(
            disease.id, self._told(disease, present, absent, age, sex), present, absent, age, sex
        )

    def _person(self, disease: Disease) -> tuple[float, Sex]:
        bands = list(disease.incidence.by_age.items())
        weight = np.array([rate * _width(band) for band, rate in bands]) + 1e-9
        band = bands[self._rng.choice(len(bands), p=weight / weight.sum())][0]
        low, _, high = band.rstrip("+").partition("-")
        age = float(self._rng.uniform(float(low), float(high) + 1 if high else float(low) + 20))
        if disease.incidence.only:
            return age, disease.incidence.only
        ratio = disease.incidence.male_to_female
        return age, "male" if self._rng.random() < ratio / (1 + ratio) else "female"

    def _findings(self, disease: Disease) -> tuple[tuple[str, ...], tuple[str, ...]]:
        edges = list(disease.findings)
        shown = [e.id for e in edges if self._rng.random() < e.probability]
        silent = [e.id for e in edges if e.id not in shown]
        self._rng.shuffle(shown)
        kept = shown[: self._rng.integers(2, _MOST_SHOWN + 1)]
        if self._rng.random() < _NOISE:
            kept.append(self._common[self._rng.integers(len(self._common))])
        few = [str(f) for f in self._rng.permutation(silent)[: self._rng.integers(0, 3)]] if silent else []
        return tuple(dict.fromkeys(kept)), tuple(f for f in few if f not in kept)

    def _told(
        self, disease: Disease, present: Sequence[str], absent: Sequence[str], age: float, sex: Sex
    ) -> str:
        told = [self._name(f) for f in present]
        denied = [self._name(f) for f in absent]
        risks = [r.id for r in disease.risk_factors if r.id in self._base.risk_factors]
        if risks and self._rng.random() < 0.35:
            told.append(self._base.risk_factors[risks[self._rng.integers(len(risks))]].names.en[0].lower())
        templates = _templates()
        template = templates[self._rng.integers(len(templates))]
        no = template["denial"].format(denied=f"{template['between']}".join(denied)) if denied else ""
        text: str = template["text"].format(person=person(age, sex), told=template["join"].join(told), no=no)
        return text.strip()

    def _name(self, finding: str) -> str:
        names = self._base.findings[finding].names.en
        pick = 0 if self._rng.random() < 0.4 else int(self._rng.integers(len(names)))
        return names[pick].lower()


def _width(band: str) -> float:
    low, _, high = band.rstrip("+").partition("-")
    return (float(high) + 1 if high else float(low) + 20) - float(low)


@cache
def _templates() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load(
        (files("assistant") / "training" / "templates.yaml").read_text(encoding="utf-8")
    )
    return loaded
