"""What a text says, as far as another can agree or disagree with it: words, concepts, denials, directions,
numbers and people.

Negation follows ConText's idea of cue and scope (Harkema et al. 2009): a cue denies the words after it in
its clause, and the first of them above all.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from retrieval.cues import Cues, Quantity, Side, Span
from retrieval.words import PlacedWord, Words

_SCOPE = 8
"""Words that a negation can deny."""
_LEAST_STEM = 5
"""Letters from which one stem that begins another stands for the same word (inflam, inflamm)."""


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
class Denial:
    """What a negation denies. next_word: the word beside it. first: the first that carries meaning."""

    next_word: str
    first: str
    scope: frozenset[str]


@dataclass(frozen=True)
class Reading:
    """One text, read.

    plain: the text without Chinese words that hold a negation sign as a part (unstable is not stable).
    words: all terms, in order. content: those that are no cue, no number and not light. concepts:
    where concepts are named. sides: by pair of opposites, the sides taken, each with the words
    beside it ("pain _", "_ normal"). negations that turn such a word round are in no denial. light: words that need not be found again.
    """

    text: str
    plain: str
    words: tuple[PlacedWord, ...]
    content: tuple[PlacedWord, ...]
    concepts: tuple[tuple[Span, frozenset[str]], ...]
    denials: tuple[Denial, ...]
    withheld: frozenset[str]
    sides: dict[str, dict[Side, frozenset[str]]]
    quantities: tuple[Quantity, ...]
    populations: dict[str, tuple[str, ...]]
    light: frozenset[str]

    @cached_property
    def terms(self) -> frozenset[str]:
        """All terms, and the parts of those with a hyphen."""
        terms = {word.term for word in self.words}
        return frozenset(terms.union(*(term.split("-") for term in terms)))

    @cached_property
    def refs(self) -> frozenset[str]:
        """All concepts named."""
        return frozenset(ref for _, refs in self.concepts for ref in refs)

    @cached_property
    def denied(self) -> frozenset[str]:
        """Terms that some negation or word of refusal governs."""
        return self.withheld.union(*(denial.scope for denial in self.denials))

    def holds(self, term: str) -> bool:
        """Whether the text has a term: the stem, one that begins it, or all characters of a Chinese word."""
        if term in self.terms:
            return True
        if not term.isascii():
            if len(term) == 2 and not self.light.intersection(term):
                return term in self.plain
            return all(character in self.plain or character in self.light for character in term)
        if "-" in term:
            return all(self.holds(part) for part in term.split("-"))
        return len(term) >= _LEAST_STEM and any(
            len(other) >= _LEAST_STEM and (other.startswith(term) or term.startswith(other))
            for other in self.terms
        )


class Reader:
    """Reads texts. mentions: finds concepts; without it, words alone are compared."""

    def __init__(self, words: Words, cues: Cues, mentions: Mentions | None = None) -> None:
        self._words = words
        self._cues = cues
        self._mentions = mentions
        self._light = frozenset(cues.light).union(words.terms(" ".join(cues.light)))

    def read(self, text: str) -> Reading:
        """Read one sentence or a few."""
        whole = [span for span in self._cues.idle(text) if not text[slice(*span)].isascii()]
        words = tuple(sorted(_as_whole(self._words.placed(text), text, whole)))
        mentions = self._mentions(text) if self._mentions else ()
        negations = [
            (start, end)
            for start, end in self._cues.negations(text)
            if not any(m.start < start and end <= m.end for m in mentions)
        ]
        sides: dict[str, dict[Side, frozenset[str]]] = {}
        withheld: set[str] = set()
        for pair in self._cues.opposites:
            taken, used = pair.sides(text, self._cues.turning(text, negations), self._cues.idle(text))
            for side, start, end in taken:
                before = self._before(words, start)
                after = self._within(words, *self._cues.denied(text, (start, end)))
                known = sides.setdefault(pair.name, {})
                beside = {f"{term} _" for term in before}.union(f"_ {term}" for term in after[:1])
                known[side] = known.get(side, frozenset()) | beside
                if pair.flips and side == "other":
                    withheld.update(before, after)
            negations = [span for span in negations if span not in used]
        return Reading(
            text=text,
            plain=_blanked(text, whole),
            words=words,
            content=tuple(self._content(text, words)),
            concepts=tuple(((m.start, m.end), frozenset(m.refs)) for m in mentions),
            denials=tuple(self._denials(text, words, negations)),
            withheld=frozenset(withheld),
            sides=sides,
            quantities=tuple(self._cues.quantities(text)),
            populations=self._cues.populations(text),
            light=self._light,
        )

    def _content(self, text: str, words: Sequence[PlacedWord]) -> Iterator[PlacedWord]:
        """Words that have to be found again: no cue, no number with a unit, no light word."""
        cues = self._cues.spans(text)
        for word in words:
            cue = any(start < word.end and word.start < end for start, end in cues)
            if not cue and word.term not in self._light:
                yield word

    def _denials(self, text: str, words: Sequence[PlacedWord], negations: Sequence[Span]) -> Iterator[Denial]:
        for negation in negations:
            start, end = self._cues.denied(text, negation)
            near = [w.term for w in words if start <= w.start < end][:_SCOPE]
            if end == negation[0]:
                near.reverse()
            if near:
                heavy = (term for term in near if term not in self._light)
                yield Denial(near[0], next(heavy, near[0]), frozenset(near))

    def _within(self, words: Sequence[PlacedWord], start: int, end: int) -> list[str]:
        """Terms of a stretch that carry meaning."""
        found = [w.term for w in words if start <= w.start < end and w.term not in self._light]
        return found[:_SCOPE]

    def _before(self, words: Sequence[PlacedWord], start: int) -> frozenset[str]:
        """The last term before a place, if any."""
        return frozenset([w.term for w in words if w.end <= start and w.term not in self._light][-1:])


def _as_whole(words: Sequence[PlacedWord], text: str, spans: Sequence[Span]) -> Iterator[PlacedWord]:
    """The words, those that touch a span replaced by all of it."""
    for word in words:
        if not any(start < word.end and word.start < end for start, end in spans):
            yield word
    yield from (PlacedWord(start, end, text[start:end]) for start, end in spans)


def _blanked(text: str, spans: Sequence[Span]) -> str:
    kept = list(text)
    for start, end in spans:
        kept[start:end] = " " * (end - start)
    return "".join(kept)
