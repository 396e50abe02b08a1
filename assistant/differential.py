"""The witnesses' contributions, added in log-odds and calibrated: a logarithmic opinion pool.

score(d) = Σ weight · log-odds(witness, d); the graph's log-odds are told apart into how common the disease is
(incidence), what this person's age, sex, risks and department change about it (person), and what the findings
add (graph). Weights and temperature are fitted on cases (assistant/weights/fusion.json). The softmax of the
scores beside one score for "something else" tells how likely it is that nothing known fits; when that is
likelier than all else together, Aetia says so.

In the cases that were fitted on, every disease is alike common; among people it is not. So the incidence
counts more where one finding is told, and by its fitted weight where enough are told to outweigh it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files

import numpy as np

from knowledge.graph import GraphReading
from knowledge.noisy_or import Floats

GRAPH = ("incidence", "person", "graph")
"""The parts of what the causal graph says."""
_ABSTAINS = 0.5
"""Probability of "something else" from which nothing known is said to fit."""
_INCIDENCE_OF_ONE = 0.8
"""Share of its log-odds that the incidence counts where one finding is told: it is an estimate itself. Chosen on the
development half of the triage cases and the consultations with an even place."""
_NO_WEIGHT = 1e-9
"""Log-odds that are nothing but rounding."""


@dataclass(frozen=True)
class Pool:
    """Weights by witness, the score of "something else", what each present finding adds to that score (the more is
    told, the better whatever it is would fit), and the temperature."""

    weights: Mapping[str, float]
    other: float
    other_by_finding: float = 0.0
    temperature: float = 1.0

    def weight(self, witness: str) -> float:
        """What a witness's log-odds count, by the temperature."""
        return self.weights.get(witness, 0.0) / self.temperature

    def incidence(self, told: int) -> float:
        """What the incidence counts where so many findings are told or denied; nothing if it was not fitted."""
        fitted = self.weight("incidence")
        return max(fitted, _INCIDENCE_OF_ONE / max(told, 1)) if fitted else 0.0

    def something_else(self, findings: int) -> float:
        """The score of "something else" where so many findings are present, by the temperature."""
        return (self.other + self.other_by_finding * findings) / self.temperature


@dataclass(frozen=True)
class Fusion:
    """A pool for each set of witnesses that may be heard together; method: how they were fitted."""

    pools: tuple[Pool, ...]
    method: str = ""

    @classmethod
    def load(cls) -> "Fusion":
        """The committed weights."""
        text = (files("assistant") / "weights" / "fusion.json").read_text(encoding="utf-8")
        raw = json.loads(text)
        names = [field.name for field in fields(Pool)]
        pools = (Pool(**{name: p[name] for name in names}) for p in raw["pools"])
        return cls(tuple(pools), raw.get("method", ""))

    def pool(self, heard: Collection[str]) -> Pool:
        """The pool that was fitted for the witnesses heard, or for most of them and no others."""
        fitting = [p for p in self.pools if p.weights.keys() <= {*GRAPH, *heard}]
        return max(fitting or self.pools, key=lambda p: len(p.weights))


@dataclass(frozen=True)
class Reason:
    """A finding (full id), its state, and the log-odds that it gives the disease."""

    ref: str
    present: bool
    weight: float


@dataclass(frozen=True)
class Hypothesis:
    """A disease (bare id; None for a candidate that is not known) in a differential.

    contributions: witness -> weighted log-odds; they add up to the score. reasons: the graph's, the
    strongest first.
    """

    disease: str | None
    name: str
    probability: float
    contributions: Mapping[str, float]
    reasons: tuple[Reason, ...] = ()

    @property
    def speaks_for(self) -> tuple[Reason, ...]:
        """Findings that make the disease likelier."""
        return tuple(r for r in self.reasons if r.weight > 0.05)

    @property
    def speaks_against(self) -> tuple[Reason, ...]:
        """Findings that make it less likely."""
        return tuple(r for r in self.reasons if r.weight < -0.05)


@dataclass(frozen=True)
class Differential:
    """Hypotheses by falling probability. other: P(none of them). unexplained: findings (full ids)
    that the leading hypothesis does not explain."""

    hypotheses: tuple[Hypothesis, ...]
    other: float
    abstained: bool
    unexplained: tuple[str, ...] = ()


def fuse(
    reading: GraphReading,
    opinions: Mapping[str, Floats],
    fusion: Fusion,
    names: Sequence[str],
    among: Sequence[int] | None = None,
) -> Differential:
    """One differential from the graph and the other witnesses.

    opinions: witness -> (D,) log-odds, in the order of the graph's diseases. names: (D,) shown names.
    among: rows that may appear; all when None.
    """
    rows = np.arange(len(reading.diseases)) if among is None else np.array(list(among), dtype=int)
    pool = fusion.pool(opinions)
    parts = witness_scores(reading, opinions)
    if len(rows) == 0:
        return Differential((), 1.0, True)
    findings = present_findings(reading)
    fitted = {witness: pool.weight(witness) * values for witness, values in parts.items()}
    other = float(_softmax(np.append(_score(fitted)[rows], pool.something_else(findings)))[-1])
    weighted = fitted | {"incidence": pool.incidence(reading.told) * parts["incidence"]}
    shares = (1 - other) * _softmax(_score(weighted)[rows])
    order = np.argsort(-shares, kind="stable")
    ranked, parted = rows[order].tolist(), {w: values.tolist() for w, values in weighted.items()}
    weights = reading.weights.T.tolist()
    hypotheses = tuple(
        Hypothesis(
            reading.diseases[row],
            names[row],
            share,
            {witness: values[row] for witness, values in parted.items()},
            _reasons(reading, weights[row]),
        )
        for row, share in zip(ranked, shares[order].tolist(), strict=True)
    )
    return Differential(
        hypotheses,
        other,
        other > _ABSTAINS,
        _unexplained(reading, ranked[0]),
    )


def witness_scores(reading: GraphReading, opinions: Mapping[str, Floats]) -> dict[str, Floats]:
    """Witness -> (D,) log-odds before weighing; the graph's in its parts."""
    anybody, before, after = map(_log_odds, (reading.average, reading.prior, reading.posterior))
    return {"incidence": anybody, "person": before - anybody, "graph": after - before, **opinions}


def present_findings(reading: GraphReading) -> int:
    """How many findings of a case are there."""
    return sum(present for _, present in reading.findings)


def _reasons(reading: GraphReading, weights: Sequence[float]) -> tuple[Reason, ...]:
    """The findings that move a disease at all, the strongest first. Most diseases have none, and there are
    many: what is done for each has to be little."""
    telling = [i for i, weight in enumerate(weights) if abs(weight) > _NO_WEIGHT]
    telling.sort(key=lambda i: -abs(weights[i]))
    return tuple(
        Reason(f"finding:{reading.findings[i][0]}", reading.findings[i][1], weights[i]) for i in telling
    )


def _unexplained(reading: GraphReading, row: int) -> tuple[str, ...]:
    """Present findings that speak in no way for the disease."""
    return tuple(
        f"finding:{finding}"
        for i, (finding, present) in enumerate(reading.findings)
        if present and reading.weights[i, row] <= 0.0
    )


def _log_odds(probability: Floats) -> Floats:
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p) - np.log1p(-p))


def _score(weighted: Mapping[str, Floats]) -> Floats:
    return np.asarray(np.sum(list(weighted.values()), axis=0))


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum())
