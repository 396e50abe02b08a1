"""What would make a case more urgent: findings not yet known that would raise its level.

Two sources: a red-flag rule that one more finding would complete, and a dangerous disease that one more
finding would make likely enough. Nothing is told that would not truly change the level.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.answer import Statement
from assistant.case import Case
from assistant.diagnosis import Assessment, Diagnostician
from assistant.events import Observation
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from assistant.phrases import say
from assistant.triage import LEVELS
from assistant.view import judge_of, settled_findings
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, RedFlag, Urgency
from knowledge.criteria import within

_MOST = 5
_LEADING = 10
_NEAR = 0.2
"""Weight of a disease that a leading one leads to or is confused with."""
_SUSPECTS = 3
_TRIED = 3
_ASKED_OF_A_PERSON = ("symptom", "vital", "sign")


@dataclass(frozen=True)
class Escalation:
    """A finding (bare id) and the level that it would raise the case to: by a rule, or by a disease
    (bare id) that it would make likely."""

    finding: str
    level: Urgency
    flag: RedFlag | None = None
    disease: str | None = None


def by_rules(case: Case, assessment: Assessment, mind: Diagnostician) -> list[Escalation]:
    """Findings that would complete a rule above the present level; the likelier in this case first."""
    base, now = mind.base, LEVELS.index(assessment.triage.level)
    settled = settled_findings(case, base)
    found: dict[str, Escalation] = {}
    for flag in base.red_flags:
        if LEVELS.index(flag.level) <= now:
            continue
        for item in dict.fromkeys((*flag.when.all, *flag.when.any, *flag.when.of)):
            if item in settled or item in found or not _can_be_asked(item, case, base):
                continue
            if judge_of(_supposing(case, item), base).holds(flag.when):
                found[item] = Escalation(item, flag.level, flag)
    expected = _Expected(assessment, mind)
    ranked = sorted(
        (e for e in found.values() if expected(e.finding) > 0), key=lambda e: -expected(e.finding)
    )
    once: dict[str, Escalation] = {}
    for escalation in ranked:
        once.setdefault(escalation.flag.id if escalation.flag else "", escalation)
    return list(once.values())[:_MOST]


def by_diseases(case: Case, assessment: Assessment, mind: Diagnostician) -> list[Escalation]:
    """Findings that would make a dangerous disease likely enough to raise the level."""
    base, now = mind.base, LEVELS.index(assessment.triage.level)
    settled = settled_findings(case, base)
    suspects = [
        h.disease
        for h in assessment.differential.hypotheses[:20]
        if h.disease and LEVELS.index(base.diseases[h.disease].urgency) > now
    ]
    found: dict[str, Escalation] = {}
    for disease in suspects[:_SUSPECTS]:
        edges = sorted(base.diseases[disease].findings, key=lambda e: -e.probability)
        open_ones = [e.id for e in edges if e.id not in settled and _can_be_asked(e.id, case, base)]
        for finding in open_ones[:_TRIED]:
            then = mind.assess(_supposing(case, finding)).triage
            if LEVELS.index(then.level) > now and then.disease:
                found.setdefault(finding, Escalation(finding, then.level, disease=disease))
    return list(found.values())[:_MOST]


def escalation_statements(
    case: Case, assessment: Assessment, mind: Diagnostician, explainer: Explainer, shelf: EvidenceShelf
) -> Iterator[Statement]:
    """What would make it more urgent, each with the rule or the passage that says so."""
    language = case.language
    for one in by_rules(case, assessment, mind):
        if one.flag:
            passage = mind.base.passages[f"red_flag/{one.flag.id}"]
            reason = one.flag.in_language(language)
            text = _told(one, explainer, language, reason)
            yield Statement(text, (shelf.cite(passage, language),), "red_flag", one.flag.id, (reason,))
    for one in by_diseases(case, assessment, mind):
        for backing in shelf.backing(one.disease or "", [one.finding], language):
            disease = explainer.name(f"disease:{one.disease}", language)
            reason = say(language, "escalation_disease", disease=disease)
            text = _told(one, explainer, language, reason)
            about = f"finding:{backing.stated}"
            yield Statement(text, (backing.citation,), "red_flag", about, (backing.says,))


def _told(one: Escalation, explainer: Explainer, language: Language, reason: str) -> str:
    words = explainer.name(f"finding:{one.finding}", language)
    level = explainer.level(one.level, language)
    return say(language, "escalation", finding=words[0].upper() + words[1:], level=level, reason=reason)


def _supposing(case: Case, finding: str) -> Case:
    ref = f"finding:{finding}"
    supposed = {ref: Observation(ref=ref, state="present", manner="asked")}
    return case.model_copy(update={"observations": case.observations | supposed})


def _can_be_asked(item: str, case: Case, base: KnowledgeBase) -> bool:
    """Whether it is a finding that a person can see or tell, in someone of this age and sex."""
    entry = base.findings.get(item)
    if entry is None or entry.kind not in _ASKED_OF_A_PERSON or entry.volunteered:
        return False
    if entry.sex and case.sex and entry.sex != case.sex:
        return False
    return not (entry.age and case.about_age is not None and not within(case.about_age, entry.age))


class _Expected:
    """How much a finding belongs to a case: to its leading diseases, what they lead to, and what they are
    confused with."""

    def __init__(self, assessment: Assessment, mind: Diagnostician) -> None:
        self._graph = mind.graph
        self._weights: dict[str, float] = {}
        for h in assessment.differential.hypotheses[:_LEADING]:
            if h.disease:
                entry = mind.base.diseases[h.disease]
                near = {h.disease: 1.0} | {m.disease: _NEAR for m in entry.mimics}
                near |= {cause.disease: _NEAR for cause in entry.causes}
                for disease, weight in near.items():
                    self._weights[disease] = self._weights.get(disease, 0.0) + weight * h.probability

    def __call__(self, finding: str) -> float:
        return sum(w * self._graph.strength(d, finding) for d, w in self._weights.items())
