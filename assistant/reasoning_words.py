"""Thoughts about the differential in Aetia's own words: what speaks against the leader, what a supposition
would change. The numbers are the engine's; nothing here states medicine.
"""

from collections.abc import Iterator, Sequence

from assistant.explain import Explainer
from assistant.inquiry import Challenge
from assistant.phrases import listed, percent, say
from assistant.suppose import Supposed
from knowledge.concepts import Language

_CHANGES_SHOWN = 4


def challenge_in_words(challenge: Challenge, explainer: Explainer, language: Language) -> tuple[str, ...]:
    """What speaks most against the leading disease, and what would if it were found."""
    leader = explainer.name(f"disease:{challenge.leader}", language)

    def stated(ref: str, present: bool) -> str:
        words = explainer.name(ref, language)
        return words if present else say(language, "absent", finding=words)

    notes = []
    if reason := challenge.reason:
        finding, weight = stated(reason.ref, reason.present), f"{reason.weight:+.1f}"
        notes.append(say(language, "challenge", disease=leader, finding=finding, weight=weight))
    if doubt := challenge.doubt:
        finding = stated(f"finding:{doubt.finding}", doubt.present)
        rival = explainer.name(f"disease:{doubt.rival}", language)
        notes.append(say(language, "challenge_open", finding=finding, disease=leader, rival=rival))
    return tuple(notes)


def supposed_in_words(
    supposed: Supposed, refs: Sequence[str], explainer: Explainer, language: Language
) -> Iterator[str]:
    """How a supposition of findings or risk factors (full ids) would change the leading diseases, the
    urgency and the next question."""
    words = listed(language, [explainer.name(ref, language) for ref in refs])
    changes = say(language, "list_join").join(_changes(supposed, explainer, language))
    yield say(language, "what_if", finding=words, list=changes)
    if supposed.urgency_changes:
        level = explainer.level(supposed.after.triage.level, language)
        yield say(language, "what_if_urgency", level=level)
    before, after = supposed.question_before, supposed.question_after
    if after and (before is None or after.finding != before.finding):
        yield say(language, "what_if_question", finding=explainer.name(f"finding:{after.finding}", language))


def _changes(supposed: Supposed, explainer: Explainer, language: Language) -> Iterator[str]:
    known = {h.disease: h.probability for h in supposed.before.differential.hypotheses}
    for h in supposed.after.differential.hypotheses[:_CHANGES_SHOWN]:
        disease = explainer.name(f"disease:{h.disease}", language)
        before, after = percent(known.get(h.disease, 0.0)), percent(h.probability)
        yield say(language, "what_if_change", disease=disease, before=before, after=after)
