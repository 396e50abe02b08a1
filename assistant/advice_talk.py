"""Questions about staying well, with a case or without: "how can I lower my blood pressure?", "要打什么疫苗？"."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import yaml

from assistant.advice import Advice, Adviser
from assistant.answer import Statement
from assistant.drug_safety import Patient
from assistant.evidence import EvidenceShelf
from assistant.explain import Explainer
from assistant.patterns import compiled
from assistant.phrases import say
from assistant.targets import targets_for
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language, Passage
from knowledge.lexicon import Lexicon

_ADULT = 40.0
"""Stands for an age that is not known, as in targets."""
_SHOWN, _PREVENTING = 5, 3


class AdviceTalk:
    """Answers them; made once."""

    def __init__(
        self, base: KnowledgeBase, explainer: Explainer, shelf: EvidenceShelf, lexicon: Lexicon
    ) -> None:
        self._base = base
        self._explain = explainer
        self._shelf = shelf
        self._lexicon = lexicon
        self._adviser = Adviser(base)
        self._targets = Lexicon(base, ("target",))

    def answer(
        self, text: str, patient: Patient, language: Language
    ) -> tuple[tuple[str, ...], tuple[Statement, ...]]:
        """Notes and statements: how a named disease is prevented, and the advice that is asked about."""
        named = {ref for m in self._lexicon.mentions(text) if m.manner == "name" for ref in m.refs}
        meant = {bare for bare, words in _rules()["subjects"].items() if _says(text, words)}
        known = replace(
            patient,
            age=_ADULT if patient.age is None else patient.age,
            conditions=patient.conditions | meant,
        )
        named |= {ref for bare in meant if (ref := self._base.observable(bare))}
        advice = self._asked(text, named, self._adviser.advise(known, {}))
        passages = [*self._preventing(named), *(self._base.passages[a.passage] for a in advice)]
        told = dict.fromkeys(p.id for p in passages)
        statements = tuple(self._explain.quote(self._base.passages[p], language, "advice") for p in told)
        if not statements:
            return (say(language, "no_source"),), ()
        return ((say(language, "tell_person"),) if patient.age is None else ()), statements[:_SHOWN]

    def target(
        self, text: str, patient: Patient, language: Language
    ) -> tuple[tuple[str, ...], tuple[Statement, ...]]:
        """Notes and statements: what the values that a message names should be, for this person."""
        named = {r for m in self._targets.mentions(text) for r in m.refs}
        quoted = tuple(
            self._explain.quote(self._base.passages[f"target/{t.id}"], language, "self_care", t.ref)
            for t in targets_for(patient, self._base)
            if t.ref in named or f"target:{t.instead_of}" in named
        )
        return () if quoted else (say(language, "no_source"),), quoted

    def _asked(self, text: str, named: set[str], advice: tuple[Advice, ...]) -> list[Advice]:
        """The advice whose topic or whose subject the message names; all of it where it names none."""
        topics = {topic for topic, words in _rules()["topics"].items() if _says(text, words)}
        about = [a for a in advice if named & set(self._base.passages[a.passage].about)]
        fitting = [a for a in advice if a.topic in topics]
        if about or fitting:
            return about + [a for a in fitting if a not in about]
        return [] if any(ref.startswith("disease:") for ref in named) else list(advice)

    def _preventing(self, named: set[str]) -> Iterator[Passage]:
        """What is written of preventing a disease that the message names."""
        for ref in sorted(r for r in named if r.startswith("disease:")):
            written = [p for p in self._shelf.about(ref, ("prevention",)) if p.id.startswith(ref[8:])]
            yield from written[:_PREVENTING]


def _says(text: str, patterns: Sequence[str]) -> bool:
    return any(compiled(pattern).search(text) for pattern in patterns)


@cache
def _rules() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(
        (files("assistant") / "rules" / "advice_topics.yaml").read_text(encoding="utf-8")
    )
    return loaded
