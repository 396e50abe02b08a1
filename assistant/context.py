"""What the words around a mention make of it: absent, uncertain, past, or somebody else's.

After ConText (Harkema et al., J Biomed Inform 2009): a cue governs the mentions on one side of it,
as far as its scope reaches. The cues are data (rules/context.yaml).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.cues import SENSES, Sense, rules_of
from assistant.numerals import NUMBER
from assistant.person import language_of
from knowledge.concepts import Language
from knowledge.mentions import Mention

_Kind = Literal[
    "outright", "heads", "within", "lists", "next_only", "opening", "bare", "narrow", "clause_only"
]
_ONLY_A_NUMBER = re.compile(
    rf"\W*(?:(?:about|around|some|over|nearly|almost|a|an|few|couple of|several|many|{NUMBER})[\s-]+)*",
    re.IGNORECASE,
)
_STATES = re.compile(r"\b(?:is|are|was|were)\b")
_FEW_WORDS = re.compile(r"\s*(?!and\b|or\b|but\b)(?:[\w-]+\s+(?!and\b|but\b)){0,2}")
_MOST_WORDS = 4
"""Words of the first thing denied where a list of things is; more tell something: "no poo for six days, cramps"."""
_MOST_BARE = 2
"""Characters outside names that a bare Chinese denial passes over."""
_SENTENCE = re.compile(r"(?:[^.!?;\n。！？；]|(?<=\d)\.(?=\d)|\.(?=[a-zA-Z]\b))+[.!?;\n。！？；]?")

_GAP = re.compile(r"(?<=[\u3400-\u9fff\d）]{3})\s+(?=[\u3400-\u9fff])")


@dataclass(frozen=True)
class Cue:
    """A cue found at [start, end), governing what lies before or after it. language: of its sentence."""

    sense: Sense
    language: Language
    start: int
    end: int
    governs_after: bool


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence of a text stands; between Chinese words a space ends one, as many people write."""
    for match in _SENTENCE.finditer(text):
        start = match.start()
        for gap in (*_GAP.finditer(text, *match.span()), None):
            end = gap.start() if gap else match.end()
            if text[start:end].strip():
                yield start, end
            start = end


def with_marks(text: str) -> str:
    """A text with a comma where a space parts Chinese words, as its reader was taught; each word stays where it is."""
    return _GAP.sub(lambda gap: "，" + gap[0][1:], text)


class Context:
    """The cues of one text, ready to be asked about a stretch of it; each sentence is read in its own language."""

    def __init__(
        self,
        text: str,
        language: Language,
        patient: str | None = None,
        names: Iterable[Mention] = (),
    ) -> None:
        """patient: the word for the relative whom the text is told of, who is no kin then. names: what it names; a
        denial within words in a row is part of the name ("no appetite", 没尿) and denies nothing else."""
        self._text = text.lower()
        self._patient = re.compile(re.escape(patient) if patient else r"(?!)")
        self.language = language
        self._sentences = list(sentences(text))
        spoken = {span: language_of(text[slice(*span)], language) for span in self._sentences}
        found = [
            cue
            for each in sorted(set(spoken.values()))
            for cue in self._find(each)
            if any(a <= cue.start < b and spoken[a, b] == each for a, b in self._sentences)
        ]
        self._named = [(name.start, name.end) for name in names if name.manner == "name"]
        self._in_names = [
            cue
            for cue in found
            if cue.sense == "negation" and any(a <= cue.start and cue.end <= b for a, b in self._named)
        ]
        self._cues = [cue for cue in found if cue not in self._in_names]

    def senses(self, start: int, end: int, scattered: bool = False, denies: bool = False) -> frozenset[Sense]:
        """What holds of the mention at [start, end).

        scattered: the words of the mention have others between them, so a cue may stand among them.
        denies: the mention is itself worded as a denial, so a cue in it is part of its name, and one
        before it must stand next to it ("no rash and I don't want to eat") or deny whole lists.
        """
        sentence = self._sentence(start)
        denies = denies or any(start <= cue.start and cue.end <= end for cue in self._in_names)
        return frozenset(
            cue.sense
            for cue in self._cues
            if sentence[0] <= cue.start < sentence[1]
            and self._governs(cue, start, end, scattered)
            and not (
                denies
                and cue.sense == "negation"
                and not (
                    cue.governs_after
                    and cue.end <= start
                    and (self._next_to(cue, start, end) or self._is(cue, "lists"))
                )
            )
        )

    def denies_outright(self, start: int, end: int, scattered: bool = False) -> bool:
        """Whether a mention at [start, end) is plainly denied: by a word next to it, or with no more than two between,
        "no severe pain", or among its scattered words, or as one of a list, "denies chest pain, cough and rash"."""
        sentence = self._sentence(start)
        return any(
            cue.sense == "negation"
            and sentence[0] <= cue.start
            and self._plainly(cue, sentence[0], start, end, scattered)
            for cue in self._cues
        )

    def _plainly(self, cue: Cue, beginning: int, start: int, end: int, scattered: bool) -> bool:
        if scattered and start <= cue.start and cue.end <= end:
            return self._is(cue, "within")
        if not cue.governs_after or cue.start >= start:
            return False
        if self._next_to(cue, start, end):
            return True
        if self._is(cue, "outright") and _FEW_WORDS.fullmatch(self._text, cue.end, start):
            return True
        return (
            self._heads_list(cue, beginning)
            and not self._scope_ends(cue, cue.end, start)
            and ("," not in self._text[cue.end : start] or self._joined(cue))
        )

    def _heads_list(self, cue: Cue, beginning: int) -> bool:
        """Whether all that a cue governs is denied, and not the next alone: the word says so, or begins the sentence."""
        if self._is(cue, "lists"):
            return True
        return self._is(cue, "heads") and (
            cue.language == "zh" or "," not in self._text[beginning : cue.start]
        )

    def _is(self, cue: Cue, kind: _Kind) -> bool:
        words: frozenset[str] = getattr(rules_of(cue.language), kind)
        return self._text[cue.start : cue.end] in words

    def _sentence(self, at: int) -> tuple[int, int]:
        return next(((a, b) for a, b in self._sentences if a <= at < b), (0, len(self._text)))

    def _next_to(self, cue: Cue, start: int, end: int) -> bool:
        """Whether nothing but space stands between a cue and the mention on the side that it governs; they may share
        a word: "hasn't had" and "had a fall"."""
        if cue.governs_after:
            return cue.start < start and not self._text[cue.end : start].strip()
        return end <= cue.start and not self._text[end : cue.start].strip()

    def _governs(self, cue: Cue, start: int, end: int, scattered: bool) -> bool:
        if cue.sense in ("likened", "tested", "occasion", "elsewhere"):
            return self._next_to(cue, start, end)
        inside = start <= cue.start and cue.end <= end
        if inside:
            return scattered and (cue.sense != "negation" or self._is(cue, "within"))
        if self._is(cue, "next_only"):
            return self._next_to(cue, start, end)
        if cue.governs_after:
            if self._is(cue, "opening") and not self._opens_clause(cue):
                return False
            return (
                cue.start < start
                and not self._scope_ends(cue, cue.end, start)
                and not (
                    cue.sense == "negation" and (self._list_ended(cue, start, end) or self._only_so(cue, end))
                )
            )
        if self._is(cue, "lists"):
            return end <= cue.start and not self._scope_ends(cue, end, cue.start)
        return end <= cue.start and cue.start - end <= 25 and not self._scope_ends(cue, end, cue.start)

    def _list_ended(self, cue: Cue, start: int, end: int) -> bool:
        """Whether a mention behind a comma is told, and not denied with what stands before: "no pain, short sighted". A
        list is denied as a whole where "or" joins it, or where its sentence begins with the denial and it holds no more
        than names: "No fever, chills"."""
        between = self._text[cue.end : start]
        _, comma, last = between.rpartition(",")
        if cue.language == "zh" or not comma:
            return False
        if last.split()[:1] == ["and"]:
            return not self._is(cue, "lists")
        first = between.partition(",")[0].split()
        if (len(first) > _MOST_WORDS or "for" in first) and not self._joined(cue):
            return True
        if self._joined(cue):
            return False
        bare = (
            not last.strip()
            and re.match(r"\s*(?:[,.;!?\n]|$)", self._text[end:])
            and not _STATES.search(self._text, start, end)
        )
        return not (bare and self._heads_list(cue, self._sentence(start)[0]))

    def _only_so(self, cue: Cue, end: int) -> bool:
        """Whether "never" denies no more than that it was so before: "never had a headache like this"."""
        rules = rules_of(cue.language)
        return self._text.startswith("never", cue.start) and rules.not_ever.match(self._text, end) is not None

    def _joined(self, cue: Cue) -> bool:
        """Whether "or" stands in what follows a denial, or the word itself denies a list."""
        if cue.language == "zh" or self._is(cue, "lists"):
            return True
        return (
            rules_of(cue.language).joins.search(self._text, cue.end, self._sentence(cue.start)[1]) is not None
        )

    def _opens_clause(self, cue: Cue) -> bool:
        """Whether no more than a number stands before a cue in its clause: "Two years ago I had a cough"."""
        return _ONLY_A_NUMBER.fullmatch(self._text, self._clause(cue.start), cue.start) is not None

    def _clause(self, at: int) -> int:
        """Where the clause at a place begins."""
        return max(self._text.rfind(mark, 0, at) for mark in ",.;:!?\n，。；：！？") + 1

    def _scope_ends(self, cue: Cue, start: int, end: int) -> bool:
        between = self._text[start:end]
        rules = rules_of(cue.language)
        if cue.sense == "negation" and (
            self._is(cue, "lists") or (between.count(",") > 1 and self._joined(cue) and cue.language == "en")
        ):
            return rules.lists_end.search(between) is not None
        if self._is(cue, "bare") and self._goes_on(cue, start, end):
            return True
        near = cue.sense in ("negation", "uncertain") or not cue.governs_after or self._is(cue, "clause_only")
        if cue.language == "zh" and near and re.search(r"[，,]|\S\s", between):
            return True
        listed = cue.sense == "negation" and "、" in between
        if listed and (self._is(cue, "narrow") or "、" in self._text[self._clause(cue.start) : cue.start]):
            return True
        ending = rules.ends[cue.sense].search(between)
        return ending is not None and (ending.start() > 1 or cue.sense != "negation")

    def _goes_on(self, cue: Cue, start: int, end: int) -> bool:
        """Whether something is told between a bare denial and [start, end): 没吃饭就心慌, 没哭出来脸煞白."""
        goes_on = rules_of(cue.language).bare_end.search(self._text, start, end)
        told = sum(
            not any(a <= at < b for a, b in self._named)
            for at in range(start, end)
            if self._text[at].isalnum()
        )
        return told > _MOST_BARE or (goes_on is not None and goes_on.start() > start)

    def _find(self, language: Language) -> Iterator[Cue]:
        rules = rules_of(language)
        for sense in SENSES:
            masks = _spans(rules.masked[sense], self._text)
            if sense == "family":
                masks += [*_spans(rules.patient_is, self._text), *_spans(self._patient, self._text)]
            for patterns, governs_after in ((rules.before, True), (rules.after, False)):
                for start, end in _spans(patterns[sense], self._text):
                    if not any(a < end and start < b for a, b in masks):
                        yield Cue(sense, language, start, end, governs_after)


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]
