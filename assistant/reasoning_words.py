"""Thoughts about the differential in Aetia's own words: what speaks against the leader, what a supposition
would change. The numbers are the engine's; nothing here states medicine.
"""

import math
from collections.abc import Iterator, Mapping

from assistant.differential import Hypothesis, Reason
from assistant.explain import Explainer
from assistant.phrases import listed, percent, say
from assistant.questions import Challenge
from assistant.suppose import Supposed
from assistant.supposition import Supposition
from knowledge.concepts import Language
from knowledge.graph import CausalGraph

_CHANGES_SHOWN = 4
_NOTICED = 0.01
"""Probability below which a disease need not be named, whatever became of it."""
_REASONS_SHOWN = 4
_TELLS_APART = 0.5
"""Log-odds between two diseases from which a reason is worth a word."""


def challenge_in_words(challenge: Challenge, explainer: Explainer, language: Language) -> tuple[str, ...]:
    """What speaks most against the leading disease, and what would if it were found."""
    leader = explainer.name(f"disease:{challenge.leader}", language)
    notes = []
    if reason := challenge.reason:
        finding = _stated(reason.ref, reason.present, explainer, language)
        weight = f"{reason.weight:+.1f}"
        notes.append(say(language, "challenge", disease=leader, finding=finding, weight=weight))
    if doubt := challenge.doubt:
        finding = _stated(f"finding:{doubt.finding}", doubt.present, explainer, language)
        rival = explainer.name(f"disease:{doubt.rival}", language)
        notes.append(say(language, "challenge_open", finding=finding, disease=leader, rival=rival))
    return tuple(notes)


def comparison_in_words(
    lesser: Hypothesis, leader: Hypothesis, graph: CausalGraph, explainer: Explainer, language: Language
) -> tuple[str, ...]:
    """What speaks for the leading disease rather than another, the strongest first; nothing where nothing does.

    Findings by their likelihood ratio between the two alone: in the differential each is also explained by others.
    """
    gains = [
        (
            _ratio(graph, reason, leader.disease or "", lesser.disease or ""),
            _stated(reason.ref, reason.present, explainer, language),
        )
        for reason in leader.reasons
    ]
    gains += [
        (leader.contributions[part] - lesser.contributions[part], say(language, f"why_not_{part}"))
        for part in ("incidence", "person", "text", "retrieval")
        if part in leader.contributions
    ]
    telling = sorted((gain for gain in gains if gain[0] >= _TELLS_APART), key=lambda gain: -gain[0])
    if not telling:
        return ()
    reasons = listed(language, [words for _, words in telling[:_REASONS_SHOWN]])
    names = (explainer.name(f"disease:{h.disease}", language) for h in (leader, lesser))
    slots = dict(zip(("leader", "disease"), names, strict=True))
    return (say(language, "why_not_between", reasons=reasons, **slots),)


def supposed_in_words(
    supposed: Supposed, supposition: Supposition, explainer: Explainer, language: Language
) -> Iterator[str]:
    """How a supposition would change the leading diseases, the urgency and the next question."""
    for disease, left in supposed.left.items():
        yield _left(disease, left, explainer, language)
    if not supposition.changes_case:
        return
    words = listed(language, list(_supposition(supposition, explainer, language)))
    if supposed.after.reading and supposed.after.reading.findings_alone:
        yield say(language, "impossible")
    if changes := list(_changes(supposed, explainer, language)):
        yield say(language, "what_if", supposed=words, list=say(language, "list_join").join(changes))
    else:
        yield say(language, "what_if_nothing", supposed=words)
    level = explainer.level(supposed.after.triage.level, language)
    yield say(
        language, "what_if_urgency" if supposed.urgency_changes else "what_if_same_urgency", level=level
    )
    before, after = supposed.question_before, supposed.question_after
    if after and (before is None or after.finding != before.finding):
        yield say(language, "what_if_question", finding=explainer.name(f"finding:{after.finding}", language))


def _ratio(graph: CausalGraph, reason: Reason, one: str, other: str) -> float:
    """Log-likelihood ratio of a finding's state between two diseases."""
    finding = reason.ref.partition(":")[2]
    chances = (graph.chance(one, finding), graph.chance(other, finding))
    here, there = chances if reason.present else (1 - chances[0], 1 - chances[1])
    return math.log(max(here, 1e-6) / max(there, 1e-6))


def _stated(ref: str, present: bool, explainer: Explainer, language: Language) -> str:
    """A finding and whether it is there."""
    words = explainer.name(ref, language)
    return words if present else say(language, "absent", finding=words)


def _supposition(supposition: Supposition, explainer: Explainer, language: Language) -> Iterator[str]:
    """Each part of what is supposed, as it stands in the sentence."""
    parts = {
        "present": supposition.present,
        "absent": supposition.absent,
        "ruled_in": [f"disease:{d}" for d in supposition.ruled_in],
        "ruled_out": [f"disease:{d}" for d in supposition.ruled_out],
        "drug": [f"drug:{d}" for d in supposition.drugs],
    }
    for key, refs in parts.items():
        if refs:
            names = listed(language, [explainer.name(ref, language) for ref in refs])
            yield say(language, f"suppose_{key}", what=names)
    if supposition.age is not None:
        yield say(language, "suppose_age", what=f"{supposition.age:g}")
    if supposition.sex:
        yield say(language, f"suppose_{supposition.sex}")


def _left(disease: str, left: Mapping[str, float], explainer: Explainer, language: Language) -> str:
    """What a treatment would leave, the surest first."""
    slots = {"disease": explainer.name(f"disease:{disease}", language)}
    ordered = sorted(left.items(), key=lambda item: -item[1])
    findings = [
        say(
            language, "what_if_left_one", finding=explainer.name(f"finding:{f}", language), percent=percent(p)
        )
        for f, p in ordered
    ]
    if not findings:
        return say(language, "what_if_left_nothing", **slots)
    return say(language, "what_if_left", list=say(language, "list_join").join(findings), **slots)


def _changes(supposed: Supposed, explainer: Explainer, language: Language) -> Iterator[str]:
    """The leading diseases afterwards and the one that led before, as far as a person would notice them;
    nothing where none of them moves."""
    known = {h.disease: h.probability for h in supposed.before.differential.hypotheses}
    then = {h.disease: h.probability for h in supposed.after.differential.hypotheses}
    shown = list(then)[:_CHANGES_SHOWN]
    shown += [d for d in list(known)[:1] if d not in shown]
    if all(percent(known.get(d, 0.0)) == percent(then.get(d, 0.0)) for d in shown):
        return
    for number, name in enumerate(shown):
        before, after = known.get(name, 0.0), then.get(name, 0.0)
        if number == 0 or max(before, after) >= _NOTICED:
            disease = explainer.name(f"disease:{name}", language)
            yield say(
                language, "what_if_change", disease=disease, before=percent(before), after=percent(after)
            )
