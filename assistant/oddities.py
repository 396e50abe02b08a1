"""What in a case cannot be so together. It is named, so that whoever told it can put it right."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.events import Observation
from assistant.phrases import say
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Sex

OddityKind = Literal["both", "kind_of", "sex"]


@dataclass(frozen=True)
class Oddity:
    """Full id of what was taken to be there, and why that is odd: it was denied too (both), what it is a
    kind of was denied (kind_of; `denied` names that), or it does not go with the sex (sex)."""

    kind: OddityKind
    ref: str
    denied: str = ""


def oddities(observations: Iterable[Observation], sex: Sex | None, base: KnowledgeBase) -> Iterator[Oddity]:
    """Whatever cannot be so together in what was told at once, each once."""
    stated = list(observations)
    present = list(dict.fromkeys(o.ref for o in stated if o.state == "present"))
    absent = dict.fromkeys(o.ref for o in stated if o.state == "absent")
    for ref in present:
        if ref in absent:
            yield Oddity("both", ref)
        prefix, _, bare = ref.partition(":")
        if prefix != "finding" or bare not in base.findings:
            continue
        above = base.ancestors[bare]
        yield from (Oddity("kind_of", ref, a) for a in absent if a.partition(":")[2] in above)
        only = base.findings[bare].sex
        if only and sex and only != sex:
            yield Oddity("sex", ref)


def in_words(oddity: Oddity, base: KnowledgeBase, language: Language) -> str:
    """An oddity as a sentence to the person."""
    finding = base.concept(oddity.ref).name(language)
    denied = base.concept(oddity.denied).name(language) if oddity.denied else ""
    return say(language, f"odd_{oddity.kind}", finding=finding, denied=denied)
