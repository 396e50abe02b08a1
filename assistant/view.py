"""A case as the engines see it: evidence for the graph, truths for criteria."""

from collections.abc import Iterable

from assistant.case import Case, Observation
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language
from knowledge.criteria import Judge, Truth
from knowledge.evidence import Evidence


def evidence_of(case: Case, base: KnowledgeBase) -> Evidence:
    """The case in bare ids. Pictures enter as likelihood ratios, once for each finding."""
    risks = {
        o.bare: o.state == "present"
        for o in case.observations.values()
        if o.ref.startswith(("risk:", "disease:")) and o.state != "unknown"
    }
    virtual: dict[str, float] = {}
    for image in case.images:
        strongest = virtual.get(image.finding, 1.0)
        if max(image.likelihood_ratio, 1 / image.likelihood_ratio) >= max(strongest, 1 / strongest):
            virtual[image.finding] = image.likelihood_ratio
    return Evidence(
        present=case.refs("finding", "present") & base.findings.keys(),
        absent=case.refs("finding", "absent") & base.findings.keys(),
        risks=risks,
        age=case.age,
        sex=case.sex,
        virtual={f: ratio for f, ratio in virtual.items() if f in base.findings},
        excluded=case.excluded,
    )


def judge_of(case: Case, base: KnowledgeBase) -> Judge:
    """Answers criteria about the case; is-a is followed both ways."""

    def state(bare: str) -> Truth:
        ref = base.observable(bare)
        if ref is None:
            return None
        if ref.startswith("finding:"):
            return _finding(case, base, bare)
        known = case.state(ref)
        return None if known in (None, "unknown") else known == "present"

    def value(quantity: str) -> float | None:
        if quantity == "age":
            return case.age
        measured = case.measurements.get(quantity)
        return measured.value if measured else None

    return Judge(state, value, case.sex)


def _finding(case: Case, base: KnowledgeBase, bare: str) -> Truth:
    kinds = (bare, *base.descendants[bare])
    if any(case.state(f"finding:{f}") == "present" for f in kinds):
        return True
    wider = (bare, *base.ancestors[bare])
    return False if any(case.state(f"finding:{f}") == "absent" for f in wider) else None


def is_settled(case: Case, base: KnowledgeBase, ref: str) -> bool:
    """Whether a finding or risk factor was observed, asked, or is implied by what was."""
    if ref in case.asked or case.state(ref) is not None:
        return True
    prefix, _, bare = ref.partition(":")
    return prefix == "finding" and _finding(case, base, bare) is not None


def spoken(observations: Iterable[Observation], base: KnowledgeBase, language: Language = "en") -> str:
    """Names of what is present, and of what is absent with a "no": a case put in concepts."""
    no, between = ("没有", "，") if language == "zh" else ("no ", ", ")
    words = []
    for o in observations:
        prefix, _, bare = o.ref.partition(":")
        if o.state == "unknown" or bare not in base.by_prefix.get(prefix, {}):
            continue
        name = base.concept(o.ref).name(language).lower()
        words.append(no + name if o.state == "absent" else name)
    return between.join(words)
