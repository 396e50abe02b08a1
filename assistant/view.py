"""A case as the engines see it: evidence for the graph, truths for criteria."""

from collections.abc import Iterable

from assistant.case import Case
from assistant.events import Observation
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
        life_stage=case.life_stage or _ages_seen(case, base),
        drugs=case.refs("drug", "present"),
        department=case.department,
        virtual={f: ratio for f, ratio in virtual.items() if f in base.findings},
        excluded=case.excluded,
    )


def _ages_seen(case: Case, base: KnowledgeBase) -> str | None:
    """Of what ages the department's patients are, where it sees some alone."""
    department = base.departments.get(case.department or "")
    return department.ages if department else None


def judge_of(case: Case, base: KnowledgeBase) -> Judge:
    """Answers criteria about the case; is-a is followed both ways."""

    held, ruled_out = implied(case, base)

    def state(bare: str) -> Truth:
        if bare in base.findings:
            named = case.state(f"disease:{bare}") == "present"
            return True if bare in held or named else False if bare in ruled_out else None
        ref = base.observable(bare)
        known = case.state(ref) if ref else None
        return None if known in (None, "unknown") else known == "present"

    def value(quantity: str) -> float | None:
        if quantity == "age":
            return case.age
        measured = case.measurements.get(quantity)
        return measured.value if measured else None

    return Judge(state, value, case.sex)


def implied(case: Case, base: KnowledgeBase) -> tuple[frozenset[str], frozenset[str]]:
    """Findings (bare ids) that hold and that do not, by what was observed: what is present holds with all
    that it is one of, what is absent rules its kinds out. One that would be both holds."""
    present = case.refs("finding", "present") & base.findings.keys()
    absent = case.refs("finding", "absent") & base.findings.keys()
    held = present.union(*(base.ancestors[f] for f in present))
    return held, absent.union(*(base.descendants[f] for f in absent)) - held


def settled_findings(case: Case, base: KnowledgeBase) -> frozenset[str]:
    """Findings (bare ids) that were observed, asked, or are implied by what was."""
    held, ruled_out = implied(case, base)
    asked = {ref.partition(":")[2] for ref in case.asked if ref.startswith("finding:")}
    return held | ruled_out | asked | case.refs("finding", "unknown")


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
