"""How it will go: course and time, complications and their chance, what counts in this person, what pictures add.

Everything is read from the pack: claims and passages of the disease, its edges to other diseases, the risk
factors of those, and the scores that serve it. `prognosis_words` makes statements of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from assistant.case import Case
from assistant.evidence import Citation, EvidenceShelf
from assistant.explain import is_for
from assistant.patterns import compiled
from assistant.seen import Seen, seen_in
from assistant.timeline import Moment, moments, time_rules
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Passage, Topic
from knowledge.criteria import within
from knowledge.diseases import Basis, Disease, DiseaseEdge
from knowledge.lexicon import Lexicon

Tone = Literal["better", "worse", "open"]
StageKind = Literal["outlook", "follow_up", "come_back"]

_FIELDS: dict[str, StageKind] = {"outlook": "outlook", "follow_up": "follow_up", "come_back_if": "come_back"}
_OWN: dict[Topic, StageKind] = {"outlook": "outlook", "follow_up": "follow_up"}
_SINGLES_OUT: tuple[Topic, ...] = ("outlook", "severity", "follow_up", "red_flag")
"""Topics that may name people who fare otherwise than most."""


@dataclass(frozen=True)
class Stage:
    """A claim about the course. moment: the first time that it names, if it names one."""

    kind: StageKind
    passage: Passage
    moment: Moment | None

    @property
    def begins(self) -> float:
        """Days until its time; without one, none."""
        return self.moment.first if self.moment else 0.0


@dataclass(frozen=True)
class Complication:
    """A disease (bare id) that this one may lead to. chance: P(it | this one alone); basis: where the number
    comes from. citation: who states the link. likelier: what of this person (full id) makes it likelier, with
    who says so."""

    disease: str
    chance: float
    basis: Basis
    citation: Citation
    likelier: tuple[tuple[str, Citation], ...]


@dataclass(frozen=True)
class Factor:
    """What of this person (full id, or `age`) a passage singles out, and how it speaks of it."""

    about: str
    tone: Tone
    passage: Passage
    span: tuple[int, int]


@dataclass(frozen=True)
class Prognosis:
    """Of one disease in one person. unsourced: how many complications of the graph no passage states."""

    disease: Disease
    stages: tuple[Stage, ...]
    complications: tuple[Complication, ...]
    unsourced: int
    factors: tuple[Factor, ...]
    seen: tuple[Seen, ...]

    @property
    def timed(self) -> tuple[Stage, ...]:
        """What names a time, the earliest first."""
        return tuple(sorted((s for s in self.stages if s.moment), key=lambda s: s.begins))

    @property
    def gives_a_time(self) -> bool:
        """Whether any source says how long it takes."""
        return any(s.kind == "outlook" for s in self.timed)


class Foresight:
    """Makes prognoses; made once."""

    def __init__(self, base: KnowledgeBase, shelf: EvidenceShelf, lexicon: Lexicon) -> None:
        self._base = base
        self._shelf = shelf
        self._lexicon = lexicon

    def of(self, disease: str, case: Case) -> Prognosis:
        """The prognosis of a disease (bare id) for the person of a case."""
        entry = self._base.diseases[disease]
        stages = tuple(self._stages(entry, case))
        linked = [self._complication(entry, edge, case) for edge in entry.causes]
        complications = sorted((c for c in linked if c), key=lambda c: -c.chance)
        return Prognosis(
            entry,
            stages,
            tuple(complications),
            len(linked) - len(complications),
            tuple(self._factors(entry, case)),
            seen_in(case.images),
        )

    def _stages(self, entry: Disease, case: Case) -> Iterator[Stage]:
        for field, kind in _FIELDS.items():
            for number, claim in enumerate(getattr(entry, field), 1):
                if is_for(claim, case):
                    yield _stage(kind, self._base.passages[f"{entry.id}/{field}/{number}"], case.language)
        for passage in self._shelf.about(entry.ref, tuple(_OWN)):
            if passage.id.split("/")[1] not in _FIELDS:
                yield _stage(_OWN[passage.topic], passage, case.language)

    def _complication(self, entry: Disease, edge: DiseaseEdge, case: Case) -> Complication | None:
        citation = self._shelf.linking(entry.ref, f"disease:{edge.disease}", case.language)
        if citation is None:
            return None
        likelier = tuple(self._likelier(entry, edge.disease, case))
        return Complication(edge.disease, edge.strength, edge.basis, citation, likelier)

    def _likelier(self, entry: Disease, complication: str, case: Case) -> Iterator[tuple[str, Citation]]:
        """What of this person, beside the disease, raises the risk of a complication, as far as a passage says
        so."""
        effect, person = f"disease:{complication}", _known(case) - {entry.ref}
        for risk in self._base.diseases[complication].risk_factors:
            ref = self._base.observable(risk.id)
            if ref is None or ref not in person or risk.relative_risk <= 1:
                continue
            if citation := self._shelf.linking(ref, effect, case.language):
                yield ref, citation

    def _factors(self, entry: Disease, case: Case) -> Iterator[Factor]:
        """Passages that single out something that this person has or is, each once."""
        known = _known(case) - {entry.ref}
        for passage in self._shelf.about(entry.ref, _SINGLES_OUT):
            text = passage.in_language(case.language)
            heard = tone(text, case.language)
            found = self._person_in(text, known)
            if found is None and heard != "open":
                found = _age_in(text, case.age, case.language)
            if found:
                yield Factor(found[0], heard, passage, found[1])

    def _person_in(self, text: str, known: frozenset[str]) -> tuple[str, tuple[int, int]] | None:
        for mention in self._lexicon.mentions(text):
            for ref in mention.refs:
                if ref in known:
                    return ref, (mention.start, mention.end)
        return None


def tone(text: str, language: Language) -> Tone:
    """Whether a sentence speaks of a good or a bad course; open where it does both or neither."""
    better, worse = (bool(pattern.search(text)) for pattern in _tones(language))
    if better == worse:
        return "open"
    return "better" if better else "worse"


@cache
def _tones(language: Language) -> Sequence[re.Pattern[str]]:
    rules = time_rules(language)
    return [re.compile(rules[key], re.IGNORECASE) for key in ("better", "worse")]


def _stage(kind: StageKind, passage: Passage, language: Language) -> Stage:
    return Stage(kind, passage, next(iter(moments(passage.in_language(language), language)), None))


def _known(case: Case) -> frozenset[str]:
    """Habits and conditions of the person (full ids); complaints are what the disease is known by."""
    return frozenset(
        o.ref
        for o in case.observations.values()
        if o.state == "present" and o.ref.startswith(("risk:", "disease:"))
    )


def _age_in(text: str, age: float | None, language: Language) -> tuple[str, tuple[int, int]] | None:
    """Where a text singles out people of this age."""
    for rule in time_rules(language)["ages"] if age is not None else ():
        if match := compiled(rule["words"]).search(text):
            groups = match.groupdict()
            band = rule.get("age") or (f"{groups['from']}+" if groups.get("from") else f"0-{groups['to']}")
            if within(age or 0.0, band):
                return "age", match.span()
    return None
