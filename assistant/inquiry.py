"""The next question: what would tell most per unit of burden, and when to stop.

Expected information gain over the differential (Shannon 1948; Lindley 1956), with dangerous
diseases weighing more. A finding is scored for all answers in one pass over a diseases × findings
table of P(finding | disease).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.case import Case
from assistant.differential import Differential, Hypothesis
from assistant.view import is_settled
from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding, FindingKind, RiskFactor, Urgency
from knowledge.criteria import within
from knowledge.graph import CausalGraph
from knowledge.noisy_or import Floats

BURDEN: dict[FindingKind, float] = {
    "symptom": 1.0, "vital": 1.5, "sign": 2.0, "laboratory": 5.0, "imaging": 8.0,
}  # fmt: skip
HARM: dict[Urgency, float] = {"emergency": 3.0, "urgent": 1.5, "routine": 1.0, "self_care": 1.0}
ASKED_IN_CHAT: frozenset[FindingKind] = frozenset({"symptom", "vital"})
MAX_QUESTIONS = 12
WORTH_ASKING = 0.02
"""Nats of (danger-weighted) information below which no question is worth its burden."""
_HYPOTHESES = 12


@dataclass(frozen=True)
class Question:
    """A finding to ask about (bare id), its gain in nats, and the two diseases that it tells apart."""

    finding: str
    gain: float
    likelier: str
    less_likely: str


class Inquiry:
    """Chooses questions on one causal graph."""

    def __init__(self, graph: CausalGraph) -> None:
        self._graph = graph
        self._base: KnowledgeBase = graph.base

    def next_question(self, case: Case, differential: Differential) -> Question | None:
        """The best open question, or None when it is time to stop."""
        if len(case.asked) >= MAX_QUESTIONS:
            return None
        best = self.ranked(case, differential, ASKED_IN_CHAT)
        return best[0] if best and best[0].gain >= WORTH_ASKING else None

    def next_test(self, case: Case, differential: Differential) -> Question | None:
        """The laboratory or imaging finding that would tell most for its burden."""
        best = self.ranked(case, differential, frozenset({"laboratory", "imaging"}))
        return best[0] if best else None

    def ranked(self, case: Case, differential: Differential, kinds: frozenset[FindingKind]) -> list[Question]:
        """Open questions of some kinds, by gain per burden."""
        leading = [h for h in differential.hypotheses[:_HYPOTHESES] if h.disease]
        findings = self._open(case, leading, kinds)
        if len(leading) < 2 or not findings:
            return []
        chance = self._chances(leading, findings)
        share = np.array([h.probability for h in leading])
        gain = _gain(chance, share / share.sum(), np.array([self._harm(h) for h in leading]))
        burden = np.array([BURDEN[self._base.findings[f].kind] for f in findings])
        order = np.argsort(-gain / burden, kind="stable")
        return [self._question(findings[i], float(gain[i] / burden[i]), chance[:, i], leading) for i in order]

    def _open(self, case: Case, leading: Sequence[Hypothesis], kinds: frozenset[FindingKind]) -> list[str]:
        linked = {
            edge.id: None
            for h in leading
            for edge in self._base.diseases[h.disease or ""].findings
            if self._base.findings[edge.id].kind in kinds and not self._base.findings[edge.id].volunteered
        }
        return [
            f
            for f in linked
            if not is_settled(case, self._base, f"finding:{f}") and _fits(self._base.findings[f], case)
        ]

    def _chances(self, leading: Sequence[Hypothesis], findings: Sequence[str]) -> Floats:
        """(hypotheses, findings) P(finding | disease), the leak included."""
        leak = np.array([self._base.findings[f].leak_probability for f in findings])
        own = np.array([[self._graph.strength(h.disease or "", f) for f in findings] for h in leading])
        return np.asarray(1 - (1 - own) * (1 - leak))

    def _harm(self, hypothesis: Hypothesis) -> float:
        return HARM[self._base.diseases[hypothesis.disease or ""].urgency]

    def _question(self, finding: str, gain: float, chance: Floats, leading: Sequence[Hypothesis]) -> Question:
        share = np.array([h.probability for h in leading])
        high = int(np.argmax(chance * np.sqrt(share)))
        low = int(np.argmax((1 - chance) * np.sqrt(share) * (np.arange(len(share)) != high)))
        return Question(finding, gain, leading[high].disease or "", leading[low].disease or "")


def _fits(entry: Finding | RiskFactor, case: Case) -> bool:
    """Whether it makes sense to ask a person of this age and sex."""
    if entry.sex and case.sex and entry.sex != case.sex:
        return False
    return not (entry.age and case.age is not None and not within(case.age, entry.age))


def _gain(chance: Floats, share: Floats, harm: Floats) -> Floats:
    """(F,) expected fall of the danger-weighted entropy when each finding becomes known."""
    weight = share * harm / (share @ harm)
    yes = weight @ chance
    after_yes = weight[:, None] * chance / np.maximum(yes, 1e-12)
    after_no = weight[:, None] * (1 - chance) / np.maximum(1 - yes, 1e-12)
    return np.asarray(_entropy(weight[:, None]) - yes * _entropy(after_yes) - (1 - yes) * _entropy(after_no))


def _entropy(share: Floats) -> Floats:
    return np.asarray(-np.sum(share * np.log(np.maximum(share, 1e-12)), axis=0))
