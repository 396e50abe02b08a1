"""Does this passage say what this sentence says? Rules over shared concepts, and over what can turn them.

A sentence of the passage that shares enough with the statement supports it, unless a negation, a number,
a direction (increase or decrease, advised or to be avoided) or the people spoken of disagree. The words
are in cues.yaml. Negation follows ConText's idea of cue and scope (Harkema et al. 2009); the scope is
a clause.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

from knowledge.concepts import Language
from retrieval.cues import Cues, Quantity, Side, Span
from retrieval.sentences import spans
from retrieval.words import Words

Verdict = Literal["supported", "contradicted", "not_enough"]
Reason = Literal["agrees", "negation", "number", "direction", "population", "words"]

_CLAUSE = re.compile(
    r"[,;:，；：]|\b(?:but|although|whereas|while|however|and|which)\b|但是?|而且?|然而|并且?", re.IGNORECASE
)
_ENOUGH: dict[Language, float] = {"en": 0.6, "zh": 0.6}
"""Share of the statement's terms that a sentence must hold, chosen on the tuning half of the pairs."""
_ABOUT: dict[Language, float] = {"en": 0.5, "zh": 0.5}
"""The same for a sentence to be on the subject, so that its disagreement is a contradiction."""
_SAME = 0.01
"""Relative difference up to which two numbers are one (a day is 24 hours, a month is about 730)."""


class ConceptMention(Protocol):
    """A concept named at text[start:end]; several refs where the words are ambiguous."""

    @property
    def start(self) -> int:
        """First character."""
        ...

    @property
    def end(self) -> int:
        """Past the last character."""
        ...

    @property
    def refs(self) -> tuple[str, ...]:
        """Full ids of the concepts."""
        ...


Mentions = Callable[[str], Sequence[ConceptMention]]


@dataclass(frozen=True, slots=True)
class Support:
    """What the passages say to a statement.

    passage: which one decided, with the words that did at [start, end); None when none is on the subject.
    """

    verdict: Verdict
    reason: Reason
    passage: int | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Reading:
    """What can agree or disagree in a text. sides: pair -> which side; negated: after flips."""

    text: str
    terms: frozenset[str]
    negated: bool
    sides: dict[str, Side]
    quantities: tuple[Quantity, ...]
    populations: dict[str, tuple[str, ...]]


class SupportChecker:
    """Checks statements. mentions: finds concepts in a text; without it, words alone are compared."""

    def __init__(self, words: Words, mentions: Mentions | None = None, cues: Cues | None = None) -> None:
        self._words = words
        self._mentions = mentions
        self._cues = cues or Cues()

    def check(self, statement: str, passages: Sequence[str], language: Language = "en") -> Support:
        """Whether any passage, in the statement's language, supports or contradicts it.

        The sentence that shares most with the statement decides; between equals, support does.
        """
        claim = self._read(statement)
        best, best_share = Support("not_enough", "words"), 0.0
        for number, passage in enumerate(passages):
            people = self._cues.populations(passage)
            for start, end in _stretches(passage):
                share, found = self._compare(claim, passage[start:end], people, language)
                if (share, found.verdict == "supported") > (best_share, best.verdict == "supported"):
                    best_share = share
                    left, right = (found.start, found.end) if found.end else (0, end - start)
                    best = Support(found.verdict, found.reason, number, start + left, start + right)
        return best

    def _compare(
        self, claim: _Reading, text: str, people: dict[str, tuple[str, ...]], language: Language
    ) -> tuple[float, Support]:
        """The share of the claim's terms in a stretch, and the verdict on that stretch alone."""
        share = len(claim.terms & self._terms(text)) / max(len(claim.terms), 1)
        if share < _ABOUT[language]:
            return 0.0, Support("not_enough", "words")
        said = self._read(self._on_the_subject(text, claim), self._of_these_people(text, claim))
        if (turned := _other_people(claim, said, people)) is not None:
            return share, turned
        for disagreement in (_numbers(claim, said), _directions(claim, said), _negations(claim, said)):
            if disagreement is not None:
                return share, disagreement
        enough = share >= _ENOUGH[language]
        return share, Support("supported", "agrees") if enough else Support("not_enough", "words")

    def _on_the_subject(self, text: str, claim: _Reading) -> str:
        """The clauses of a stretch that share a term with the claim; offsets are kept."""
        return _without(text, lambda clause: not claim.terms & self._terms(clause))

    def _of_these_people(self, text: str, claim: _Reading) -> str:
        """Where a stretch speaks of several groups, its clauses without those about others only."""
        if not claim.populations or len(self._cues.populations(text)) < 2:
            return text
        return _without(text, lambda clause: self._only_others(clause, claim))

    def _only_others(self, clause: str, claim: _Reading) -> bool:
        named = self._cues.populations(clause)
        return bool(named) and not named.keys() & claim.populations.keys()

    def _read(self, text: str, whole: str | None = None) -> _Reading:
        """whole: what a text is the relevant part of; people and numbers may stand anywhere in it."""
        negations = self._cues.negations(text)
        sides: dict[str, Side] = {}
        for direction in self._cues.opposites:
            side, used = direction.side(text, negations)
            if side:
                sides[direction.name] = side
            negations = [span for span in negations if span not in used]
        return _Reading(
            text=text,
            terms=self._terms(whole or text),
            negated=bool(negations),
            sides=sides,
            quantities=tuple(self._cues.quantities(whole or text)),
            populations=self._cues.populations(whole or text),
        )

    def _terms(self, text: str) -> frozenset[str]:
        """Concepts where they are known, stems and segmented words elsewhere; cues and numbers left out."""
        found: set[str] = set()
        rest = list(text)
        for mention in self._mentions(text) if self._mentions else ():
            found.add("|".join(mention.refs))
            rest[mention.start : mention.end] = " " * (mention.end - mention.start)
        bare = "".join(rest)
        for start, end in self._cue_spans(bare):
            rest[start:end] = " " * (end - start)
        return frozenset(found.union(self._words.terms("".join(rest))))

    def _cue_spans(self, text: str) -> Iterator[Span]:
        yield from self._cues.negations(text)
        yield from ((q.start, q.end) for q in self._cues.quantities(text))
        for pair in self._cues.opposites:
            yield from (
                match.span() for pattern in (pair.one, pair.other) for match in pattern.finditer(text)
            )


def check(
    statement: str, passages: Sequence[str], language: Language = "en", mentions: Mentions | None = None
) -> Support:
    """SupportChecker.check once; who checks many statements keeps a SupportChecker."""
    return SupportChecker(Words(), mentions).check(statement, passages, language)


def _stretches(passage: str) -> Iterator[Span]:
    """Each sentence, and each two in a row, for statements that join them."""
    sentences = spans(passage)
    yield from sentences
    yield from ((first[0], second[1]) for first, second in pairwise(sentences))


def _without(text: str, unwanted: Callable[[str], bool]) -> str:
    """The text with unwanted clauses blanked."""
    kept = list(text)
    for start, end in _clauses(text):
        if unwanted(text[start:end]):
            kept[start:end] = " " * (end - start)
    return "".join(kept)


def _clauses(text: str) -> Iterator[Span]:
    start = 0
    for match in _CLAUSE.finditer(text):
        yield start, match.start()
        start = match.start()
    yield start, len(text)


def _other_people(claim: _Reading, said: _Reading, people: dict[str, tuple[str, ...]]) -> Support | None:
    """Said of others than the claim is about, or of some where the claim is about all."""
    missing = [
        name
        for name, wider in claim.populations.items()
        if name not in people and not any(group in people for group in wider)
    ]
    narrower = [] if claim.populations else list(said.populations)
    return Support("not_enough", "population") if missing or narrower else None


def _numbers(claim: _Reading, said: _Reading) -> Support | None:
    """A number of the claim that is not there: contradicted by another of its kind, else unsupported."""
    for wanted in claim.quantities:
        if any(_same(wanted, found) for found in said.quantities):
            continue
        rivals = [q for q in said.quantities if q.kind == wanted.kind and wanted.kind >= 0]
        if rivals:
            return Support("contradicted", "number", start=rivals[0].start, end=rivals[0].end)
        return Support("not_enough", "number")
    return None


def _same(one: Quantity, other: Quantity) -> bool:
    pairs = ((one.low, other.low), (one.high, other.high))
    return one.kind == other.kind and all(abs(a - b) <= _SAME * max(abs(a), abs(b)) for a, b in pairs)


def _directions(claim: _Reading, said: _Reading) -> Support | None:
    for name, side in claim.sides.items():
        if name in said.sides and said.sides[name] != side:
            return Support("contradicted", "direction")
    return None


def _negations(claim: _Reading, said: _Reading) -> Support | None:
    return Support("contradicted", "negation") if claim.negated != said.negated else None
