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
from knowledge.concepts import Language, Sex
from knowledge.diseases import Disease
from knowledge.graph import CausalGraph
from knowledge.sampling import Sampler

_MOST_SHOWN = 9
_NOISE = 0.25
"""Chance that a case mentions something unrelated."""
_RISK_TOLD = 0.35
_FIRST_NAME = 0.4
"""Chance that a finding is called by its first name rather than by any of its names."""


@dataclass(frozen=True)
class SimulatedCase:
    """disease, present, absent: bare ids. text: in one of the registers of templates.yaml."""

    disease: str
    language: Language
    text: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    age: float
    sex: Sex


class Simulator:
    """Draws cases from a causal graph; a generator in the same state draws the same cases."""

    def __init__(self, graph: CausalGraph, rng: np.random.Generator) -> None:
        self._graph = graph
        self._base: KnowledgeBase = graph.base
        self._rng = rng
        self._sampler = Sampler(self._rng)
        self._common = [f for f, e in self._base.findings.items() if e.leak_probability >= 0.03]

    def cases(self, per_disease: int) -> Iterator[SimulatedCase]:
        """So many cases of every disease."""
        for disease in self._base.diseases.values():
            for _ in range(per_disease):
                yield self.case(disease)

    def case(self, disease: Disease) -> SimulatedCase:
        """One case of a disease."""
        age, sex = self._sampler.person(disease)
        present, absent = self._findings(disease)
        language: Language = "zh" if self._rng.random() < 0.5 else "en"
        text = self._told(disease, present, absent, person(age, sex, language), language)
        return SimulatedCase(disease.id, language, text, present, absent, age, sex)

    def _findings(self, disease: Disease) -> tuple[tuple[str, ...], tuple[str, ...]]:
        shown, silent = self._sampler.shown(disease)
        kept = shown[: self._rng.integers(2, _MOST_SHOWN + 1)]
        if self._rng.random() < _NOISE:
            kept.append(self._common[self._rng.integers(len(self._common))])
        few = [str(f) for f in self._rng.permutation(silent)[: self._rng.integers(0, 3)]] if silent else []
        return tuple(dict.fromkeys(kept)), tuple(f for f in few if f not in kept)

    def _told(
        self,
        disease: Disease,
        present: Sequence[str],
        absent: Sequence[str],
        who: str,
        language: Language,
    ) -> str:
        told = [self._name(f, language) for f in present]
        denied = [self._name(f, language) for f in absent]
        risks = [r.id for r in disease.risk_factors if r.id in self._base.risk_factors]
        if risks and self._rng.random() < _RISK_TOLD:
            risk = self._base.risk_factors[risks[self._rng.integers(len(risks))]]
            told.append(risk.names.in_language(language)[0].lower())
        templates = _templates()[language]
        template = templates[self._rng.integers(len(templates))]
        no = template["denial"].format(denied=template["between"].join(denied)) if denied else ""
        text: str = template["text"].format(person=who, told=template["join"].join(told), no=no)
        return text.strip()

    def _name(self, finding: str, language: Language) -> str:
        names = self._base.findings[finding].names.in_language(language)
        pick = 0 if self._rng.random() < _FIRST_NAME else int(self._rng.integers(len(names)))
        return names[pick].lower()


@cache
def _templates() -> dict[str, list[dict[str, Any]]]:
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (files("assistant") / "training" / "templates.yaml").read_text(encoding="utf-8")
    )
    return loaded
