"""The next question in a conversation: what would tell most per unit of burden, and when to stop.

The belief is the differential, tilted towards what is dangerous to miss; the answers come from the
causal graph; AnswerTable weighs them, all open questions in one pass over all diseases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.answer_table import AnswerTable, weighed_by_harm
from assistant.case import Case
from assistant.differential import Differential
from assistant.events import Observation
from assistant.question_cards import Cards
from assistant.questions import Challenge, Doubt, Question
from assistant.triage import LEVELS, harm, red_flags
from assistant.view import implied, settled_findings
from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding, FindingKind, Urgency
from knowledge.criteria import names_in, within
from knowledge.graph import CausalGraph
from knowledge.noisy_or import Floats

BURDEN: dict[FindingKind, float] = {
    "symptom": 1.0, "vital": 1.5, "sign": 2.0, "laboratory": 5.0, "imaging": 8.0,
}  # fmt: skip
"""What it costs to find out, a plain question being 1."""
TEST_BURDEN = {"none": 2.0, "low": 5.0, "medium": 10.0, "high": 20.0}
"""The same by the burden of the test that shows it, where the pack names one."""
UNANSWERED: dict[FindingKind, float] = {
    "symptom": 0.2, "vital": 0.4, "sign": 0.4, "laboratory": 0.1, "imaging": 0.1,
}  # fmt: skip
"""P(nobody can say) when it is asked for."""
HARM: dict[Urgency, float] = {"emergency": 3.0, "urgent": 1.5, "routine": 1.0, "self_care": 1.0}
ASKED_IN_CHAT: frozenset[FindingKind] = frozenset({"symptom", "vital"})
TESTS: frozenset[FindingKind] = frozenset({"laboratory", "imaging"})
MAX_QUESTIONS = 15
"""Questions in a row before it rests; whoever tells something new may be asked again."""
CONSIDERED = 1e-3
"""Share of the differential below which a disease is neither asked about nor weighed in a question."""
_NAMED = 12
"""Leading diseases that a question may be explained by."""
_NOTHING = 1e-9
_TELLS = 0.5
"""Share of what the best test tells, below which another is not the next, however cheap."""
_LINGERS = 0.85
"""A question on the subject of the last one goes first if it is worth this share of the best."""


class Inquiry:
    """Chooses questions on one causal graph."""

    def __init__(self, graph: CausalGraph) -> None:
        self._graph = graph
        self._base: KnowledgeBase = graph.base
        self._row = {disease: i for i, disease in enumerate(graph.diseases)}
        self._cards = Cards(self._base)
        self._flagging = {name for flag in self._base.red_flags for name in names_in(flag.when)}

    def next_question(self, case: Case, differential: Differential) -> Question | None:
        """The best open question, with what belongs to it; None when no answer would change the first place
        or the urgency, or enough was asked in a row."""
        if case.asked_in_a_row >= MAX_QUESTIONS:
            return None
        ranked = self.ranked(case, differential, ASKED_IN_CHAT)
        if not ranked:
            return None
        thought = self._thought(differential)
        table = self._table(thought.diseases, [q.finding for q in ranked])
        if not table.can_change(thought.belief, np.arange(len(ranked)), thought.conclusion):
            ranked = [q for q in ranked if self._raises_alarm(case, q.finding)]
        if not ranked:
            return None
        best = self._in_order(case, ranked)
        worth = {q.finding: q.gain for q in ranked}
        return replace(best, card=self._cards.around(best.finding, worth, implied(case, self._base)[0]))

    def next_test(self, case: Case, differential: Differential) -> Question | None:
        """The laboratory or imaging finding that would tell most for what its test costs, among those that tell enough."""
        ranked = self.ranked(case, differential, TESTS)
        tells = {q.finding: q.gain * self._burden(self._base.findings[q.finding]) for q in ranked}
        enough = _TELLS * max(tells.values(), default=0.0)
        return next((q for q in ranked if tells[q.finding] >= enough), None)

    def ranked(self, case: Case, differential: Differential, kinds: frozenset[FindingKind]) -> list[Question]:
        """Open questions of some kinds, the one worth most first; those that tell nothing are left out."""
        thought = self._thought(differential)
        findings = self._open(case, thought.diseases, kinds)
        if len(thought.diseases) < 2 or not findings:
            return []
        table = self._table(thought.diseases, findings)
        worth = table.worth(weighed_by_harm(thought.belief, thought.harm))
        order = [i for i in np.argsort(-worth, kind="stable") if worth[i] > _NOTHING]
        return [self._question(findings[i], float(worth[i]), thought) for i in order]

    def again(self, case: Case, differential: Differential, choices: Sequence[str]) -> Question | None:
        """A question that was asked before (bare ids, the best first), as it stands now."""
        thought, finding = self._thought(differential), choices[0]
        if finding not in self._base.findings or len(thought.diseases) < 2:
            return None
        worth = self._table(thought.diseases, [finding]).worth(weighed_by_harm(thought.belief, thought.harm))
        card = self._cards.again(choices, implied(case, self._base)[0]) if len(choices) > 1 else None
        return replace(self._question(finding, float(worth[0]), thought), card=card)

    def challenge(self, case: Case, differential: Differential) -> Challenge | None:
        """The strongest evidence against the leading disease, known and still to be sought."""
        thought = self._thought(differential)
        if not thought.diseases:
            return None
        known = [h for h in differential.hypotheses if h.disease == thought.diseases[0]]
        reason = min(known[0].speaks_against, key=lambda r: r.weight, default=None)
        return Challenge(thought.diseases[0], reason, self._doubt(case, thought))

    def _doubt(self, case: Case, thought: "_Thought") -> Doubt | None:
        findings = self._open(case, thought.diseases, frozenset(BURDEN))
        if len(thought.diseases) < 2 or not findings:
            return None
        table = self._table(thought.diseases, findings)
        beliefs, chance = table.after(thought.belief, np.arange(len(findings)))
        loss = (thought.belief[0] - beliefs[..., 0]) * chance
        answer, question = divmod(int(loss[:2].argmax()), len(findings))
        if loss[answer, question] <= _NOTHING:
            return None
        risen = (beliefs[answer, question] - thought.belief).argmax()
        return Doubt(findings[question], answer == 0, thought.diseases[int(risen)])

    def _thought(self, differential: Differential) -> "_Thought":
        considered = [h for h in differential.hypotheses if h.disease and h.probability >= CONSIDERED]
        share = np.array([h.probability for h in considered])
        diseases = tuple(h.disease or "" for h in considered)
        urgency = tuple(self._base.diseases[d].urgency for d in diseases)
        return _Thought(diseases, share / max(share.sum(), 1e-300), urgency)

    def _open(self, case: Case, diseases: Sequence[str], kinds: frozenset[FindingKind]) -> list[str]:
        """Findings of these diseases that may be asked of this person and are not yet known or implied."""
        linked = dict.fromkeys(edge.id for d in diseases for edge in self._base.diseases[d].findings)
        settled = settled_findings(case, self._base) | self._known_lengths(case)
        unsure = case.refs("finding", "unknown")
        return [
            f
            for f in linked
            if f not in settled
            and self._base.findings[f].kind in kinds
            and not self._base.findings[f].volunteered
            and _fits(self._base.findings[f], case)
            and not self._base.ancestors[f] & unsure
        ]

    def _known_lengths(self, case: Case) -> frozenset[str]:
        """Findings that are a length of the illness, where the person has told one, if only about: "for a week"."""
        told = any(o.since_days for o in case.observations.values() if o.ref.startswith("finding:"))
        return self._graph.of_course if told else frozenset()

    def _table(self, diseases: Sequence[str], findings: Sequence[str]) -> AnswerTable:
        """Yes, no and "I don't know" to some findings under some diseases."""
        entries = [self._base.findings[f] for f in findings]
        leak = np.array([entry.leak_probability for entry in entries])
        strength = self._strength(diseases, findings)
        silent = np.array([UNANSWERED[entry.kind] for entry in entries])
        present = 1 - (1 - strength) * (1 - leak)
        said = 1 - silent
        chance = np.stack([present * said, (1 - present) * said, np.broadcast_to(silent, present.shape)])
        burden = np.array([self._burden(entry) for entry in entries])
        return AnswerTable(chance, burden, np.array([True, True, False]))

    def _strength(self, diseases: Sequence[str], findings: Sequence[str]) -> Floats:
        """(diseases, findings) P(finding | disease alone)."""
        rows = [self._row[d] for d in diseases]
        return np.stack([self._graph.column(f)[rows] for f in findings], axis=1)

    def _burden(self, entry: Finding) -> float:
        return TEST_BURDEN[self._base.tests[entry.test].burden] if entry.test else BURDEN[entry.kind]

    def _raises_alarm(self, case: Case, finding: str) -> bool:
        """Whether its presence would set off a red flag more urgent than those that hold."""
        if not self._subject(finding) & self._flagging:
            return False
        ref = f"finding:{finding}"
        supposed = {ref: Observation(ref=ref, state="present", manner="asked")}
        then = case.model_copy(update={"observations": case.observations | supposed})
        now, after = red_flags(case, self._base), red_flags(then, self._base)
        return bool(after) and (not now or LEVELS.index(after[0].level) > LEVELS.index(now[0].level))

    def _in_order(self, case: Case, ranked: Sequence[Question]) -> Question:
        """The best question, or one nearly as good that stays with what was asked last."""
        near = self._subject(case.asked[-1].partition(":")[2]) if case.asked else frozenset()
        good = (q for q in ranked if q.gain >= _LINGERS * ranked[0].gain)
        return next((q for q in good if near & self._subject(q.finding)), ranked[0])

    def _subject(self, finding: str) -> frozenset[str]:
        """A finding and what it is one of."""
        return self._base.ancestors.get(finding, frozenset()) | {finding}

    def _question(self, finding: str, gain: float, thought: "_Thought") -> Question:
        """With the two leading diseases that it tells apart best, likely ones before others."""
        leading = thought.diseases[:_NAMED]
        chance = self._strength(leading, [finding])[:, 0]
        pull = np.sqrt(thought.belief[:_NAMED])
        apart = (chance[:, None] - chance) * pull[:, None] * pull
        high, low = divmod(int(apart.argmax()), len(leading))
        return Question(finding, gain, leading[high], leading[low], thought.urgency[high] == "emergency")


@dataclass(frozen=True)
class _Thought:
    """The diseases that a question is weighed on (bare ids, the likeliest first), their shares, which sum
    to 1, and how urgent each is."""

    diseases: tuple[str, ...]
    belief: Floats
    urgency: tuple[Urgency, ...]

    @property
    def harm(self) -> Floats:
        return np.array([HARM[u] for u in self.urgency])

    def conclusion(self, belief: Floats) -> NDArray[np.intp]:
        """(…, H) beliefs -> (…) the leading disease and the urgency that diseases set (see triage)."""
        needs = np.array([LEVELS.index(u) for u in self.urgency], dtype=np.intp)
        expected = belief @ harm()[needs]
        level = len(LEVELS) - 1 - expected[..., ::-1].argmin(axis=-1)
        return np.asarray(belief.argmax(axis=-1) * len(LEVELS) + level)


def _fits(entry: Finding, case: Case) -> bool:
    """Whether it makes sense to ask a person of this age and sex."""
    if entry.sex and case.sex and entry.sex != case.sex:
        return False
    return not (entry.age and case.about_age is not None and not within(case.about_age, entry.age))
