"""What the words around a mention make of it: absent, uncertain, past, or somebody else's.

After ConText (Harkema et al., J Biomed Inform 2009): a cue governs the mentions on one side of it,
as far as its scope reaches. The cues are data (rules/context.yaml).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from assistant.numerals import NUMBER
from assistant.person import language_of
from knowledge.concepts import Language

Sense = Literal["negation", "uncertain", "family", "past", "asking", "allergy"]
_SENSES: tuple[Sense, ...] = ("negation", "uncertain", "family", "past", "asking", "allergy")
_Kind = Literal["outright", "heads", "within", "lists", "next_only", "opening"]
_ONLY_A_NUMBER = re.compile(
    rf"\W*(?:(?:about|around|some|over|nearly|almost|a|an|few|couple of|several|many|{NUMBER})[\s-]+)*",
    re.IGNORECASE,
)
_FEW_WORDS = re.compile(r"\s*(?!and\b|or\b|but\b)(?:[\w-]+\s+(?!and\b|but\b)){0,2}")
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


@dataclass(frozen=True)
class _Rules:
    before: dict[Sense, re.Pattern[str]]
    after: dict[Sense, re.Pattern[str]]
    masked: dict[Sense, re.Pattern[str]]
    ends: dict[Sense, re.Pattern[str]]
    patient_is: re.Pattern[str]
    narrow: frozenset[str]
    outright: frozenset[str]
    heads: frozenset[str]
    within: frozenset[str]
    lists: frozenset[str]
    lists_end: re.Pattern[str]
    joins: re.Pattern[str]
    next_only: frozenset[str]
    opening: frozenset[str]


def says_well(clause: str, language: Language) -> bool:
    """Whether a clause says that something is as it should be: "my urine is a normal colour"."""
    return _says("well", clause, language)


def says_request(clause: str, language: Language) -> bool:
    """Whether a clause asks something of us and tells nothing: "please diagnose"."""
    return _says("request", clause, language)


def _says(kind: str, clause: str, language: Language) -> bool:
    cues, masked = _clause_cues(kind, language)
    return cues.search(masked.sub(" ", clause.lower())) is not None


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

    def __init__(self, text: str, language: Language, patient: str | None = None) -> None:
        """patient: the word for the relative whom the text is told of, who is no kin then."""
        self._text = text.lower()
        self._patient = re.compile(re.escape(patient) if patient else r"(?!)")
        self.language = language
        self._sentences = list(sentences(text))
        spoken = {span: language_of(text[slice(*span)], language) for span in self._sentences}
        self._cues = [
            cue
            for each in sorted(set(spoken.values()))
            for cue in self._find(each)
            if any(a <= cue.start < b and spoken[a, b] == each for a, b in self._sentences)
        ]

    def senses(self, start: int, end: int, scattered: bool = False, denies: bool = False) -> frozenset[Sense]:
        """What holds of the mention at [start, end).

        scattered: the words of the mention have others between them, so a cue may stand among them.
        denies: the mention is itself worded as a denial, so a cue in it is part of its name, and one
        before it must stand next to it: "no rash and I don't want to eat".
        """
        sentence = self._sentence(start)
        return frozenset(
            cue.sense
            for cue in self._cues
            if sentence[0] <= cue.start < sentence[1]
            and self._governs(cue, start, end, scattered)
            and not (
                denies
                and cue.sense == "negation"
                and not (cue.governs_after and self._next_to(cue, start, end))
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
        if not cue.governs_after or cue.end > start:
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
        words: frozenset[str] = getattr(_rules(cue.language), kind)
        return self._text[cue.start : cue.end] in words

    def _sentence(self, at: int) -> tuple[int, int]:
        return next(((a, b) for a, b in self._sentences if a <= at < b), (0, len(self._text)))

    def _next_to(self, cue: Cue, start: int, end: int) -> bool:
        """Whether nothing but space stands between a cue and the mention on the side that it governs."""
        first, last = (cue.end, start) if cue.governs_after else (end, cue.start)
        return first <= last and not self._text[first:last].strip()

    def _governs(self, cue: Cue, start: int, end: int, scattered: bool) -> bool:
        inside = start <= cue.start and cue.end <= end
        if inside:
            return scattered
        if cue.governs_after:
            if self._is(cue, "opening") and not self._opens_clause(cue):
                return False
            return (
                cue.end <= start
                and not self._scope_ends(cue, cue.end, start)
                and not (cue.sense == "negation" and self._list_ended(cue, start, end))
            )
        if self._is(cue, "next_only"):
            return self._next_to(cue, start, end)
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
            return True
        if self._joined(cue):
            return False
        bare = not last.strip() and re.match(r"\s*(?:[,.;!?\n]|$)", self._text[end:])
        return not (bare and self._heads_list(cue, self._sentence(start)[0]))

    def _joined(self, cue: Cue) -> bool:
        """Whether "or" stands in what follows a denial, or the word itself denies a list."""
        if cue.language == "zh" or self._is(cue, "lists"):
            return True
        return (
            _rules(cue.language).joins.search(self._text, cue.end, self._sentence(cue.start)[1]) is not None
        )

    def _opens_clause(self, cue: Cue) -> bool:
        """Whether no more than a number stands before a cue in its clause: "Two years ago I had a cough"."""
        clause = max(self._text.rfind(mark, 0, cue.start) for mark in ",.;:!?\n") + 1
        return _ONLY_A_NUMBER.fullmatch(self._text, clause, cue.start) is not None

    def _scope_ends(self, cue: Cue, start: int, end: int) -> bool:
        between = self._text[start:end]
        rules = _rules(cue.language)
        if cue.sense == "negation" and self._is(cue, "lists"):
            return rules.lists_end.search(between) is not None
        near = cue.sense in ("negation", "uncertain") or not cue.governs_after
        if cue.language == "zh" and near and re.search(r"[，,]|\S\s", between):
            return True
        if "、" in between and self._text[cue.start : cue.end] in rules.narrow:
            return True
        ending = rules.ends[cue.sense].search(between)
        return ending is not None and (ending.start() > 1 or cue.sense != "negation")

    def _find(self, language: Language) -> Iterator[Cue]:
        rules = _rules(language)
        for sense in _SENSES:
            masks = _spans(rules.masked[sense], self._text)
            if sense == "family":
                masks += [*_spans(rules.patient_is, self._text), *_spans(self._patient, self._text)]
            for patterns, governs_after in ((rules.before, True), (rules.after, False)):
                for start, end in _spans(patterns[sense], self._text):
                    if not any(a < end and start < b for a, b in masks):
                        yield Cue(sense, language, start, end, governs_after)


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


@cache
def _clause_cues(kind: str, language: Language) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Cues that hold for a whole clause, and words that look like one."""
    text = (files("assistant") / "rules" / "context.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)[language][kind]
    return _any_of(raw["cues"], language), _any_of(raw.get("not_really", ()), language)


@cache
def _rules(language: Language) -> _Rules:
    raw = yaml.safe_load((files("assistant") / "rules" / "context.yaml").read_text(encoding="utf-8"))[
        language
    ]

    def table(*keys: str) -> dict[Sense, re.Pattern[str]]:
        return {
            sense: _any_of([cue for key in keys for cue in raw.get(sense, {}).get(key, ())], language)
            for sense in _SENSES
        }

    general = _any_of(raw["ends"], language)
    ends: dict[Sense, re.Pattern[str]] = {
        sense: _any_of(own, language) if (own := raw.get(sense, {}).get("ends")) else general
        for sense in _SENSES
    }
    return _Rules(
        table("before"),
        table("after", "after_next"),
        table("not_really"),
        ends,
        _any_of(raw["family"]["patient_is"], language),
        frozenset(raw["negation"].get("narrow", ())),
        frozenset(raw["negation"]["outright"]),
        frozenset(raw["negation"]["heads"]),
        frozenset(raw["negation"]["within"]),
        frozenset(raw["negation"]["lists"]),
        _any_of(raw["negation"]["lists_end"], language),
        re.compile(raw["negation"].get("joins", "(?!)")),
        frozenset(raw["negation"].get("after_next", ())),
        frozenset(raw["past"].get("opening", ())),
    )


def _any_of(cues: Iterable[Any], language: Language) -> re.Pattern[str]:
    ordered = sorted(map(str, cues), key=len, reverse=True)
    if not ordered:
        return re.compile(r"(?!)")
    if language == "zh":
        return re.compile("|".join(map(re.escape, ordered)))
    starts = {cue: "" if cue[0] in ",:" else r"(?<!\w)" for cue in ordered}
    return re.compile("|".join(rf"{starts[cue]}{re.escape(cue)}(?!\w)" for cue in ordered))
