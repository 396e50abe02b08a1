"""`aetia train fusion`: the witnesses' weights, fitted on cases of our own that no witness was trained on.

The pool is a conditional logit: P(disease) ∝ exp(Σ weight · log-odds of each witness), beside one
score for "something else". That score is fitted on the same cases with the right disease hidden, as
if the pack did not know it. The part `fit` of the bank fits, the part `test` is measured; weights stay ≥ 0.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.api import Assistant
from assistant.case import Case
from assistant.differential import GRAPH, witness_scores
from assistant.events import Described, Event, Said
from assistant.training.bank import BankCase, bank
from knowledge.noisy_or import Floats

OUT = Path(__file__).parent.parent / "weights" / "fusion.json"
TOGETHER = (GRAPH, (*GRAPH, "text", "retrieval"))
"""Sets of witnesses that are heard together: the graph alone, and all."""
ALL = TOGETHER[-1]
_BOUNDS = {
    "incidence": (0.35, 0.35),
    "person": (0.7, 0.7),
    "graph": (0.9, 3.0),
    "text": (0.0, 0.85),
    "retrieval": (0.0, 3.0),
}
"""Between which weights are fitted. Our cases draw rare diseases as often as common ones, so they would give incidence
nothing; in full it and the person would count, were the estimates exact, people seen at random, and age and sex not
among the words too. Our cases are told by the same hands as those that the text model learnt from and that are
retrieved, which flatters both beside the graph. Chosen on our cases, the founding example, and the halves of the real cases that may be looked at."""
_TEMPERATURE = (1.0, 1.5)
"""Of the whole pool: the bounds hold the witnesses to one another, and would leave it surer than it is right."""
_HIDDEN = 0.15
"""Weight of a case whose disease is hidden, against one whose disease is there."""


@dataclass(frozen=True)
class Scored:
    """One case: (witnesses, diseases) log-odds in the order of all witnesses, and the rows that count as
    right, the diagnosis itself first."""

    scores: Floats
    right: tuple[int, ...]

    def of(self, witnesses: Sequence[str]) -> "Scored":
        """The case as some of the witnesses see it."""
        return Scored(self.scores[[ALL.index(w) for w in witnesses]], self.right)


def train(out: Path = OUT) -> str:
    """Fit, measure on the cases kept apart, save, and say in a line what came out."""
    assistant = Assistant.load()
    fitted_on, apart = list(scored(assistant, bank("fit"))), list(scored(assistant, bank("test")))
    pools = []
    for witnesses in TOGETHER:
        heard_so = [case.of(witnesses) for case in fitted_on]
        weights, other, temperature = fit(heard_so, witnesses)
        measured = measure([case.of(witnesses) for case in apart], weights / temperature, other / temperature)
        pools.append(
            {
                "weights": {w: round(float(v), 4) for w, v in zip(witnesses, weights, strict=True)},
                "other": round(other, 4),
                "temperature": round(temperature, 2),
                "measured": measured,
            }
        )
    content = {
        "pools": pools,
        "method": "conditional logit on our own cases, those with the disease hidden fitting `other`",
        "data": {"fitted_on": len(fitted_on), "kept_apart": len(apart)},
        "made": time.strftime("%Y-%m-%d"),
    }
    out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return json.dumps(content)


def fit(cases: Sequence[Scored], witnesses: Sequence[str]) -> tuple[Floats, float, float]:
    """Weights of the witnesses, the score of "something else", and the temperature of both."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    def loss(parameters: Floats) -> float:
        weights, temperature = parameters[:-2], parameters[-1]
        other = parameters[-2] / temperature
        total = 0.0
        for case in cases:
            score = weights @ case.scores / temperature
            total -= score[case.right[0]] - _log_sum(score, other)
            hidden = np.delete(score, case.right)
            total -= _HIDDEN * (other - _log_sum(hidden, other))
        return total / len(cases) + 0.01 * float(weights @ weights)

    bounds = [_BOUNDS[w] for w in witnesses]
    start = np.array([*(np.clip(0.7, *bound) for bound in bounds), 0.0, _TEMPERATURE[0]])
    found = minimize(loss, start, method="L-BFGS-B", bounds=[*bounds, (-20.0, 20.0), _TEMPERATURE])
    return found.x[:-2], float(found.x[-2]), float(found.x[-1])


def measure(cases: Sequence[Scored], weights: Floats, other: float) -> dict[str, float]:
    """Top 1, 3, 5, a subtype or what it is a subtype of counted as right, and the expected calibration error of
    the first place, whose probability is of that very disease; on cases not fitted."""
    ranks, sure, exact = [], [], []
    for case in cases:
        score = weights @ case.scores
        ranks.append(int((score > max(score[list(case.right)])).sum()))
        sure.append(float(np.exp(score.max() - _log_sum(score, other))))
        exact.append(int(score.argmax()) == case.right[0])
    rank, confidence, right = np.array(ranks), np.array(sure), np.array(exact)
    edges = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        abs(confidence[edges == b].mean() - right[edges == b].mean()) * (edges == b).mean()
        for b in range(10)
        if (edges == b).any()
    ]
    shares = {f"top{k}": round(float((rank < k).mean()), 4) for k in (1, 3, 5)}
    return {**shares, "ece": round(float(sum(gaps)), 4)}


def heard(assistant: Assistant, given: BankCase) -> Case:
    """A case of the bank as the assistant understands it from its words, age and sex."""
    reading = assistant.dialogue.intake.read(given.text, 0, None, given.age, given.sex)
    events: list[Event] = [Described(age=given.age, sex=given.sex), Said(text=given.text, reading=reading)]
    return assistant.dialogue.case_of(events)


def scored(assistant: Assistant, cases: Iterable[BankCase]) -> Iterator[Scored]:
    """What the witnesses say of each case in which something was understood."""
    row = {d: i for i, d in enumerate(assistant.graph.diseases)}
    for given in cases:
        case = heard(assistant, given)
        if given.diagnosis not in row or case.is_empty:
            continue
        scores = witness_scores(*assistant.mind.hear(case))
        table = np.array([scores.get(w, np.zeros(len(row))) for w in ALL])
        kin = _relatives(assistant, given.diagnosis)
        right = [row[given.diagnosis], *(row[d] for d in kin if d != given.diagnosis)]
        yield Scored(table, tuple(right))


def _relatives(assistant: Assistant, disease: str) -> set[str]:
    """A disease, what it is a subtype of, and its subtypes."""
    diseases = assistant.base.diseases
    above = diseases[disease].subtype_of
    return {
        disease,
        *([above] if above else []),
        *(d.id for d in diseases.values() if d.subtype_of == disease),
    }


def _log_sum(score: Floats, other: float) -> float:
    highest = max(float(score.max()), other)
    return highest + float(np.log(np.exp(score - highest).sum() + np.exp(other - highest)))
