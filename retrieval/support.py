"""Does this passage say what this sentence says? Rules over shared concepts, and over what can turn them.

A passage supports a statement when one or two of its sentences hold every word of it that carries meaning,
and neither a negation, a number, a direction (increase or decrease, advised or to be avoided) nor the
people spoken of disagree. What counts as such a cue, and which words are too light to count, is in cues.yaml.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from knowledge.concepts import Language
from retrieval.cues import Cues, Quantity, Side, Span, lies_within
from retrieval.reading import Denial, Mentions, Reader, Reading
from retrieval.sentences import spans
from retrieval.words import Words

Verdict = Literal["supported", "contradicted", "not_enough"]
Reason = Literal["agrees", "negation", "number", "direction", "population", "words"]

_ABOUT: dict[Language, float] = {"en": 0.75, "zh": 0.75}
"""Share of the statement's words for a sentence to be on the subject, so that it can contradict."""
_SEMICOLON = re.compile("[;；]")
_CUT = re.compile(
    r"[;；]|[,，:：](?!\s*(?:if|unless|when|except|but|only|provided|or|and|若|如|除|仅|但|或))"
)
_SAME = 0.01
"""Relative difference up to which two numbers are one (a day is 24 hours, a month is about 730)."""
_REMEMBERED = 20_000
_LENIENT = frozenset({"advice"})
"""Opposites whose side a passage may leave unsaid: what is done there is what is advised here."""


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


class SupportChecker:
    """Checks statements. mentions: finds concepts in a text; without it, words alone are compared.

    Readings of passages are remembered, so that a passage is read once however often it is cited.
    """

    def __init__(self, words: Words, mentions: Mentions | None = None, cues: Cues | None = None) -> None:
        self._cues = cues or Cues()
        self._reader = Reader(words, self._cues, mentions)
        self._read: dict[str, Reading] = {}

    def check(self, statement: str, passages: Sequence[str], language: Language = "en") -> Support:
        """Whether any passage, in the statement's language, supports or contradicts it.

        A sentence that supports it decides; else the one that shares most with it.
        """
        for number, passage in enumerate(passages):
            if quoted := _quoted(statement, passage):
                return Support("supported", "agrees", number, *quoted)
        claim = self._reading(statement)
        best, best_share = Support("not_enough", "words"), 0.0
        for number, passage in enumerate(passages):
            people = self._cues.populations(passage)
            for windows in _stretches(passage):
                (start, end), share, found = self._decide(claim, passage, windows, people, language)
                if (found.verdict == "supported", share) > (best.verdict == "supported", best_share):
                    best_share = share
                    left, right = (found.start, found.end) if found.end else (0, end - start)
                    best = Support(found.verdict, found.reason, number, start + left, start + right)
        return best

    def _decide(
        self,
        claim: Reading,
        passage: str,
        windows: Sequence[Span],
        people: dict[str, tuple[str, ...]],
        language: Language,
    ) -> tuple[Span, float, Support]:
        """The smallest window that supports the claim or, holding all its words, denies it; else the largest."""
        turned = _directions(claim, self._reading(passage[slice(*windows[-1])]))
        for window in windows:
            share, found = self._compare(claim, self._reading(passage[slice(*window)]), people, language)
            if found.verdict == "supported" and turned and turned.verdict == "contradicted":
                found = turned
            denied = share == 1 and found.reason == "negation"
            if found.verdict == "supported" or denied or window == windows[-1]:
                break
        return window, share, found

    def _reading(self, text: str) -> Reading:
        if text not in self._read:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[text] = self._reader.read(text)
        return self._read[text]

    def _compare(
        self, claim: Reading, said: Reading, people: dict[str, tuple[str, ...]], language: Language
    ) -> tuple[float, Support]:
        """The share of the claim's words in a stretch, and the verdict on that stretch alone."""
        missing = _missing(claim, said)
        share = 1 - len(missing) / max(len(claim.content), 1)
        if share < _ABOUT[language] or not (claim.content or _names_alone(claim, said)):
            return 0.0, Support("not_enough", "words")
        for trouble in (
            _other_people(claim, said, people),
            _numbers(claim, said),
            _directions(claim, said),
            _negations(claim, said),
        ):
            if trouble is not None:
                return share, trouble
        return share, Support("not_enough", "words") if missing else Support("supported", "agrees")


def check(
    statement: str, passages: Sequence[str], language: Language = "en", mentions: Mentions | None = None
) -> Support:
    """SupportChecker.check once; who checks many statements keeps a SupportChecker."""
    return SupportChecker(Words(), mentions).check(statement, passages, language)


def _stretches(passage: str) -> Iterator[list[Span]]:
    """Each sentence, and each two in a row for statements that join them, as windows that grow.

    A window begins with its sentence or after a semicolon, and may leave out what follows a comma there,
    unless that is a condition of what stands before it.
    """
    sentences = spans(passage)
    for start, end in [*sentences, *((first[0], second[1]) for first, second in pairwise(sentences))]:
        cuts = [m.start() for m in _CUT.finditer(passage, start, end)]
        begins = [start, *(m.end() for m in _SEMICOLON.finditer(passage, start, end))]
        yield sorted(((b, e) for b in begins for e in (*cuts, end) if b < e), key=lambda s: (s[1] - s[0], s))


def _quoted(statement: str, passage: str) -> Span | None:
    """Where whole sentences of the passage are the statement, word for word."""
    start = passage.find(statement) if statement.strip() else -1
    if start < 0:
        return None
    span, sentences = (start, start + len(statement)), spans(passage)
    whole = {s for s, _ in sentences} >= {span[0]} and {e for _, e in sentences} >= {span[1]}
    return span if whole or statement == passage else None


def _missing(claim: Reading, said: Reading) -> list[str]:
    """Words of the claim that the stretch has neither as such nor under another name of the concept.

    A name that shares some of its words is no other name: wet and dry macular degeneration are two.
    """
    named = [
        span
        for span, refs in claim.concepts
        if refs & said.refs
        and not any(said.holds(w.term) for w in claim.content if lies_within(w[:2], [span]))
    ]
    return [
        word.term for word in claim.content if not said.holds(word.term) and not lies_within(word[:2], named)
    ]


def _names_alone(claim: Reading, said: Reading) -> bool:
    """Whether a claim that is no more than names made of words for groups ("kidney failure") is said: the names are
    there, and nothing is denied."""
    return bool(claim.concepts) and not said.denials and all(refs & said.refs for _, refs in claim.concepts)


def _other_people(claim: Reading, said: Reading, people: dict[str, tuple[str, ...]]) -> Support | None:
    """Said of others than the claim is about, or of some where the claim is about all."""
    missing = [
        name
        for name, wider in claim.populations.items()
        if name not in people and not any(group in people for group in wider)
    ]
    narrower = [] if claim.populations else list(said.populations)
    return Support("not_enough", "population") if missing or narrower else None


def _numbers(claim: Reading, said: Reading) -> Support | None:
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


def _directions(claim: Reading, said: Reading) -> Support | None:
    """The other side of a pair, or a side that the stretch does not take."""
    for name, taken in claim.sides.items():
        there = said.sides.get(name, {})
        for side, before in taken.items():
            if there and side not in there:
                return Support("contradicted", "direction")
            if (
                not there
                and not (name in _LENIENT and side == "one")
                and not _denied_instead(claim, said, side)
            ):
                return Support("not_enough", "direction")
            turned = {w for s, words in there.items() if s != side for w in words} - there.get(
                side, frozenset()
            )
            if before & turned:
                return Support("contradicted", "direction")
    if "other" in said.sides.get("often", {}) and "often" not in claim.sides:
        return Support("not_enough", "direction")
    return None


def _denied_instead(claim: Reading, said: Reading, side: Side) -> bool:
    """Whether what the claim advises against is denied in the stretch ("avoid", "must not be")."""
    return side == "other" and bool(claim.withheld & said.denied)


def _negations(claim: Reading, said: Reading) -> Support | None:
    """What one denies the other must deny too, as far as it speaks of it; nor does a claim deny alone."""
    if claim.denials and not (said.denials or said.withheld):
        return Support("contradicted", "negation")
    for one, other in ((claim, said), (said, claim)):
        for denial in one.denials:
            word = denial.next_word if other.holds(denial.next_word) else denial.first
            if other.holds(word) and not _denies_it_too(word, denial, other):
                return Support("contradicted", "negation")
    return None


def _denies_it_too(word: str, denial: Denial, other: Reading) -> bool:
    """Whether a negation of the other text has the same word in its reach, or its own word lies in this reach."""
    nearest = {theirs.first for theirs in other.denials}
    return word in other.denied or bool(denial.scope & nearest)
