"""Names that stand in a text, with what the words around them make of each, and what follows from them together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.context import Context
from assistant.cues import Sense
from assistant.events import Measurement, Observation
from knowledge.base import KnowledgeBase
from knowledge.concepts import Finding, Sex
from knowledge.mentions import Mention
from knowledge.normalise import is_abbreviation, is_chinese

_FEW_WORDS = 5
"""Words of a question before what it is about: "could it just be a"; more tell something of their own."""
_AFTER_ASKED = " ?？吗么吧呢了的"
"""What may follow in a question on what it is about."""
_FAMILY = "family_history_"
"""How the ids of risks begin that are a relative's illness."""


@dataclass(frozen=True)
class Found:
    """One concept (full id) that a mention may stand for."""

    mention: Mention
    ref: str
    senses: frozenset[Sense]


def names_a_finding(mention: Mention) -> bool:
    """Whether a mention may stand for a finding."""
    return any(ref.startswith("finding:") for ref in mention.refs)


def is_of_another(finding: Finding, at: int, values: Sequence[Measurement]) -> bool:
    """Whether a finding that a value shows would rest on the words of another value: 身高160 is no blood pressure."""
    return bool(finding.measured) and any(
        value.span[0] <= at < value.span[1]
        and all(rule.quantity != value.quantity for rule in finding.measured)
        for value in values
    )


def overlaps(mention: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a mention shares a character with one of some stretches."""
    return any(start < mention.end and mention.start < end for start, end in spans)


def is_number(
    mention: Mention,
    numbers: Sequence[tuple[int, int]],
    ages: Sequence[tuple[int, int]],
    of_time: frozenset[str],
) -> bool:
    """Whether a mention is no more than a value that was read, or a length of time (one of `of_time`) no more than an
    age: "38 years old, has had symptoms"."""
    if any(start <= mention.start and mention.end <= end for start, end in numbers):
        return True
    return of_time.issuperset(mention.refs) and overlaps(mention, ages)


def asked_about(
    mentions: Sequence[Mention], asked: Sequence[tuple[int, int]], text: str
) -> tuple[tuple[int, int], ...]:
    """Where the names stand that lie where the text asks whether it is something: diseases, and the one thing that a
    short question names, "could it be heartburn?"."""

    def is_all(m: Mention, start: int, end: int) -> bool:
        return len(text[start : m.start].split()) <= _FEW_WORDS and not text[m.end : end].strip(_AFTER_ASKED)

    return tuple(
        (m.start, m.end)
        for m in mentions
        if any(
            start <= m.start
            and m.end <= end
            and (any(ref.startswith("disease:") for ref in m.refs) or is_all(m, start, end))
            for start, end in asked
        )
    )


def is_used_up(clause: str, start: int, found: list[Found]) -> bool:
    """Whether what the names leave of a clause is no more than a word of denial: "no dysphagia" denies nothing beside."""
    letters = list(clause)
    for one in found:
        for at in range(max(one.mention.start - start, 0), min(one.mention.end - start, len(clause))):
            letters[at] = " "
    left = "".join(letters)
    return left != clause and (
        len(left.strip(" ,.;，。；、")) <= 2 if is_chinese(left) else len(left.split()) <= 1
    )


def names_medicine(mention: Mention) -> bool:
    """Whether a mention stands for drugs alone."""
    return all(ref.startswith(("drug:", "class:")) for ref in mention.refs)


def is_long(mention: Mention, text: str) -> bool:
    """Whether a mention is of four English words or five Chinese characters at least, or has an abbreviation beside
    another word: "RUQ pain"."""
    words = text[mention.start : mention.end]
    if is_chinese(words):
        return len(words) >= 5
    abbreviated = any(is_abbreviation(word) for word in words.split()) and not text.isupper()
    return len(words.split()) >= (2 if abbreviated else 4)


def of_sex(observations: Iterable[Observation], sex: Sex | None, base: KnowledgeBase) -> list[Observation]:
    """Observations without guesses at what only people of the other sex have."""
    return [
        o
        for o in observations
        if o.manner != "meant" or sex is None or base.findings[o.bare].sex in (None, sex)
    ]


def named(found: list[Found]) -> frozenset[str]:
    """Bare ids of the findings that the lexicon found."""
    return frozenset(one.ref.partition(":")[2] for one in found if one.ref.startswith("finding:"))


def allergies(found: list[Found]) -> tuple[str, ...]:
    """Drugs (full ids) to which the text tells of an allergy."""
    return tuple(
        dict.fromkeys(
            one.ref
            for one in found
            if one.ref.startswith("drug:") and "allergy" in one.senses and "negation" not in one.senses
        )
    )


def family_risks(base: KnowledgeBase) -> dict[str, str]:
    """Bare id of what a relative may have, or of a family's history of it -> the risk (full id) that it is to the
    patient: the one of that name, or, of those that the disease itself names, the strongest."""
    risks = {}
    for disease in base.diseases.values():
        inherited = [link for link in disease.risk_factors if link.id.startswith(_FAMILY)]
        if inherited:
            strongest = max(inherited, key=lambda link: link.relative_risk)
            risks[disease.id] = base.risk_factors[strongest.id].ref
    for risk in base.risk_factors.values():
        if risk.id.startswith(_FAMILY):
            risks[risk.id.removeprefix(_FAMILY)] = risks[risk.id] = risk.ref
    return risks


def latest(observations: list[Observation]) -> tuple[Observation, ...]:
    """One observation a concept: numbers over words, names over meaning, and within one message
    present over absent, for a list of what is absent repeats in other words what was told above it."""
    manner = {"measured": 2, "course": 2, "name": 1, "level": 1, "scattered": 1, "meant": 0}
    state = {"present": 2, "absent": 1, "unknown": 0}
    best: dict[str, Observation] = {}
    for o in observations:
        known = best.get(o.ref)
        if known is None or (manner[o.manner], state[o.state]) >= (manner[known.manner], state[known.state]):
            best[o.ref] = o
    return tuple(sorted(best.values(), key=lambda o: (o.start or 0, o.ref)))


def is_outright(mention: Mention, context: Context) -> bool:
    """Whether a mention is plainly denied."""
    return context.denies_outright(mention.start, mention.end, mention.manner == "scattered")
