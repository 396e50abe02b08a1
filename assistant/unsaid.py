"""What a later message leaves unsaid: "it spreads to my arm" of a chest pain, 一按就疼 of a bellyache.

The complaint is put where a pronoun stands for it, or before a clause that has no subject, and the message is read
once more. What it tells then of the complaint, and did not tell before, counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.case import Case
from assistant.context import Context
from assistant.events import Observation, Reading
from assistant.intake import Intake
from assistant.patterns import compiled
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

_CLAUSE = re.compile(r"[^,.;!?\n，。；！？、]+")
_WORDS_OF_A_COMPLAINT = 40
"""Characters of a complaint's own words; longer ones are no name, and that of the pack is taken."""


@dataclass(frozen=True)
class _Put:
    """Words put in for text[start:end] of a message, which stand at [at, at + length) of the new text."""

    start: int
    end: int
    at: int
    length: int


class Unsaid:
    """Reads messages with the complaint put in; made once for an intake."""

    def __init__(self, base: KnowledgeBase, intake: Intake) -> None:
        self._base = base
        self._intake = intake

    def read(self, text: str, said: int, case: Case, plain: Reading) -> Reading:
        """What a message tells, with what it leaves unsaid of the complaint of the case; `plain` as it stands."""
        complaint = self._complaint(case)
        if complaint is None:
            return plain
        kin = self._kin(complaint.bare)
        itself = self._base.ancestors[complaint.bare] | {complaint.bare}
        told = [(o.start, o) for o in plain.observations if o.start is not None]
        others = (at for at, o in told if self._is_a_complaint(o) and o.bare not in kin | itself)
        words = self._words(complaint, plain.language)
        full, put = _put_in(
            text, words, plain.language, [at for at, _ in told], min(others, default=len(text))
        )
        if not put:
            return plain
        known = {o.bare for o in plain.observations} | itself
        added = [
            _placed(o, put)
            for o in self._again(full, said, plain.language, case, put, kin)
            if o.ref.startswith("finding:")
            and o.bare not in known
            and (o.bare in kin or (o.manner in ("name", "scattered") and _touches(o, put)))
        ]
        taken = [(o.start, o.end) for o in added if o.manner != "meant"]
        kept = [
            o
            for o in plain.observations
            if o.start is None or not self._is_a_complaint(o) or not any(_lies_in(o, span) for span in taken)
        ]
        return plain.model_copy(update={"observations": (*kept, *added)})

    def _again(
        self, text: str, said: int, language: Language, case: Case, put: list[_Put], kin: frozenset[str]
    ) -> list[Observation]:
        """What the message tells with the complaint put in, each finding once."""
        places = [(one.at, one.at + one.length) for one in put]
        read = self._intake.read(
            text, said, language, case.age, case.sex, places, case.life_stage
        ).observations
        return list({o.ref: o for o in (*self._in_parts(text, said, put, kin), *read)}.values())

    def _words(self, complaint: Observation, language: Language) -> str:
        """The complaint in the person's own words, or by its name where those are many or were read by meaning."""
        if complaint.text and complaint.manner != "meant" and len(complaint.text) <= _WORDS_OF_A_COMPLAINT:
            return complaint.text
        return self._base.findings[complaint.bare].name(language)

    def _complaint(self, case: Case) -> Observation | None:
        """What the person came with: the first finding told that there is more to be told of."""
        told = [
            o
            for o in case.observations.values()
            if o.state == "present"
            and o.said is not None
            and o.start is not None
            and o.bare in self._base.findings
        ]
        told.sort(key=lambda o: (o.said or 0, o.start or 0))
        kinds = [o for o in told if self._is_a_complaint(o)]
        return next(iter(kinds or told), None)

    def _is_a_complaint(self, o: Observation) -> bool:
        """Whether there are kinds of a finding, as there are of a pain, and not of a manner or a time."""
        return bool(self._base.descendants.get(o.bare) or self._base.ancestors.get(o.bare))

    def _in_parts(self, text: str, said: int, put: list[_Put], kin: frozenset[str]) -> Iterator[Observation]:
        """Kinds of the complaint whose Chinese names stand in two parts, one of them in what was put in."""
        context = Context(text, "zh")
        for mention in self._intake.lexicon.in_parts(text):
            refs = [ref for ref in mention.refs if ref.removeprefix("finding:") in kin]
            senses = context.senses(mention.start, mention.end, scattered=True, denies=mention.denies)
            for ref in refs if not senses - {"negation"} else ():
                one = Observation(
                    ref=ref,
                    state="absent" if senses else "present",
                    manner="scattered",
                    text=text[mention.start : mention.end],
                    said=said,
                    start=mention.start,
                    end=mention.end,
                )
                if _touches(one, put):
                    yield one

    def _kin(self, finding: str) -> frozenset[str]:
        """What is the same kind of complaint: kinds of it, and of what it is a kind of."""
        above = self._base.ancestors[finding] | {finding}
        return frozenset().union(*(self._base.descendants[one] for one in above))


def _put_in(text: str, words: str, language: Language, told: list[int], until: int) -> tuple[str, list[_Put]]:
    """A message with the complaint in the place of its pronouns, and before the clauses without a subject of which
    nothing was read. told: where what was read stands. until: where the message names a complaint, of which the rest
    of it speaks."""
    spans = [m.span() for p in _rules(language)["pronoun"] for m in compiled(p).finditer(text)]
    for clause in _CLAUSE.finditer(text):
        start, end = clause.span()
        if any(start <= at < end for at in (*(first for first, _ in spans), *told)):
            continue
        if any(compiled(p).match(clause.group()) for p in _rules(language)["headless"]):
            begins = start + len(clause.group()) - len(clause.group().lstrip())
            spans.append((begins, begins))
    parts, put, at = [], [], 0
    for start, end in sorted(span for span in spans if span[0] < until):
        parts.append(text[at:start])
        new = _subject(words, text[end:], language, end > start)
        put.append(_Put(start, end, sum(map(len, parts)), len(new)))
        parts.append(new)
        at = end
    return "".join([*parts, text[at:]]), put


def _subject(words: str, after: str, language: Language, for_pronoun: bool) -> str:
    """The complaint as it is put in: as a pain where the clause tells of pain, 胸闷 as 胸疼."""
    if language == "en":
        return words if for_pronoun else words + " "
    clause = _CLAUSE.match(after)
    pain = clause is not None and re.search("[疼痛]", clause.group())
    return words[:-1] + "疼" if pain and words[-1] not in "疼痛" else words


def _placed(observation: Observation, put: list[_Put]) -> Observation:
    """An observation with its place in the message as it was written."""
    if observation.start is None or observation.end is None:
        return observation
    start, end = _back(observation.start, put, False), _back(observation.end, put, True)
    return observation.model_copy(update={"start": start, "end": max(end, start + 1)})


def _back(at: int, put: list[_Put], is_end: bool) -> int:
    moved = 0
    for one in put:
        if at >= one.at + one.length:
            moved += one.length - (one.end - one.start)
        elif at > one.at or (at == one.at and not is_end):
            return one.end if is_end else one.start
    return at - moved


def _touches(observation: Observation, put: list[_Put]) -> bool:
    start, end = observation.start or 0, observation.end or 0
    return any(start < one.at + one.length and one.at < end for one in put)


def _lies_in(observation: Observation, span: tuple[int | None, int | None]) -> bool:
    return (span[0] or 0) <= (observation.start or 0) and (observation.end or 0) <= (span[1] or 0)


@cache
def _rules(language: Language) -> dict[str, Any]:
    text = (files("assistant") / "rules" / "unsaid.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)[language]
    return rules
