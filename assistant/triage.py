"""How urgent: red-flag rules, dangerous numbers, then the probabilities weighed by what an error harms.

The rules (knowledge/core/red_flags) and the scores of vital signs (knowledge/scores, bands with a level)
look at the case alone and can only raise urgency. What remains is a decision under uncertainty: each
level's expected harm by the probabilities of the diseases that need it (rules/triage.yaml), the least wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from assistant.case import Case
from assistant.differential import Hypothesis
from assistant.scores import Scorer
from assistant.view import judge_of
from knowledge.base import KnowledgeBase
from knowledge.concepts import RedFlag, Urgency
from knowledge.noisy_or import Floats
from knowledge.scoring import Band, Result

LEVELS: tuple[Urgency, ...] = ("self_care", "routine", "urgent", "emergency")


@dataclass(frozen=True)
class Alarm:
    """A score of vital signs that surely lies in a band with a level, whatever is still unknown."""

    result: Result
    band: Band

    @property
    def level(self) -> Urgency:
        """The urgency that it sets."""
        return self.band.level or "routine"


@dataclass(frozen=True)
class Triage:
    """level, and what set it: the red flags that hold, alarming scores, or the disease (bare id) that
    weighed most. shares: level -> probability that the case needs it, by the differential."""

    level: Urgency
    flags: tuple[RedFlag, ...] = ()
    disease: str | None = None
    alarms: tuple[Alarm, ...] = ()
    shares: Mapping[Urgency, float] = field(default_factory=dict)


def red_flags(case: Case, base: KnowledgeBase) -> tuple[RedFlag, ...]:
    """The rules that hold for a case, the most urgent first."""
    judge = judge_of(case, base)
    held = [flag for flag in base.red_flags if judge.holds(flag.when) is True]
    return tuple(sorted(held, key=lambda flag: -LEVELS.index(flag.level)))


def alarms(case: Case, scorer: Scorer) -> tuple[Alarm, ...]:
    """Scores whose numbers alone are dangerous, the most urgent first. Only what surely holds counts."""
    found = []
    for score in scorer.watched:
        result = scorer.of_case(score, case)
        if result.applies is not True:
            continue
        bands = [band for band in (result.bands[0], result.single) if band and band.level]
        found += [Alarm(result, band) for band in bands]
    return tuple(sorted(found, key=lambda alarm: -LEVELS.index(alarm.level)))


def triage(
    case: Case,
    base: KnowledgeBase,
    hypotheses: Sequence[Hypothesis],
    abstained: bool,
    scorer: Scorer,
) -> Triage:
    """The urgency of a case; `routine` when nothing speaks for another."""
    flags, alarming = red_flags(case, base), alarms(case, scorer)
    shares = needed(base, hypotheses, abstained)
    weighed = least_harm(shares)
    levels = [weighed, *(flag.level for flag in flags[:1]), *(alarm.level for alarm in alarming[:1])]
    level = max(levels, key=LEVELS.index)
    disease = _deciding(base, hypotheses, level) if level == weighed else None
    return Triage(level, flags, disease, alarming, shares)


def needed(base: KnowledgeBase, hypotheses: Sequence[Hypothesis], abstained: bool) -> dict[Urgency, float]:
    """Level -> probability that the case needs it, over the diseases that are known; where nothing known
    fits, what they do not explain needs the level of `other`. The shares sum to 1."""
    shares = dict.fromkeys(LEVELS, 0.0)
    for h in hypotheses:
        if h.disease is not None:
            shares[base.diseases[h.disease].urgency] += h.probability
    known = sum(shares.values())
    if abstained or known == 0:
        other: Urgency = _rules()["other"]
        return shares | {other: shares[other] + max(0.0, 1.0 - known)}
    return {level: share / known for level, share in shares.items()}


def least_harm(shares: Mapping[Urgency, float]) -> Urgency:
    """The level whose expected harm is least; of equal ones the more urgent."""
    expected = np.array([shares[level] for level in LEVELS]) @ harm()
    return LEVELS[len(LEVELS) - 1 - int(expected[::-1].round(9).argmin())]


@cache
def harm() -> Floats:
    """(4, 4): what it costs to tell the level of the column where that of the row is needed, by LEVELS."""
    return np.array([_rules()["harm"][level] for level in LEVELS], dtype=float)


def _deciding(base: KnowledgeBase, hypotheses: Sequence[Hypothesis], level: Urgency) -> str | None:
    """The likeliest disease that needs the level."""
    fitting = (h.disease for h in hypotheses if h.disease and base.diseases[h.disease].urgency == level)
    return next(fitting, None)


@cache
def _rules() -> dict[str, Any]:
    text = (files("assistant") / "rules" / "triage.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules
