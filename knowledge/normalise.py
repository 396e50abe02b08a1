"""Text -> comparable words: English tokens with stems, Chinese characters without fillers."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import snowballstemmer
import yaml

_WORDS: dict[str, Any] = yaml.safe_load((files("knowledge") / "words.yaml").read_text(encoding="utf-8"))
_STEMMER = snowballstemmer.stemmer("english")
_PATTERN = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][a-z]+)?|\d+(?:\.\d+)?|[.;:!?\n。；！？]|\bbut\b")
_CLAUSE_ENDS = frozenset(".:;!?\n。；！？") | {"but", "however", "although", "though", "except"}
_SPELLING = re.compile(r"(?<=[a-z])?(oe|ae)(?=[a-z])")


@dataclass(frozen=True)
class Token:
    """A word at text[start:end]. capitals: written in capital letters, as abbreviations are."""

    stem: str
    start: int
    end: int
    dropped: bool
    ends_clause: bool
    capitals: bool


@dataclass(frozen=True)
class _English:
    drop: frozenset[str]
    light: frozenset[str]
    denials: frozenset[str]
    joins_nothing: frozenset[str]
    apart: frozenset[str]
    joins: frozenset[str]
    turns: frozenset[str]
    lettered: frozenset[str]
    goes_on: frozenset[str]
    nouns: frozenset[str]
    behind_nouns: frozenset[str]
    complaints: frozenset[str]
    same: dict[str, str]


def _fold(word: str) -> str:
    """Lower case, plain apostrophe, American digraphs (oedema, edema)."""
    return _SPELLING.sub("e", word.lower().replace("’", "'"))


def _english_words() -> _English:
    words = _WORDS["en"]
    same = {_fold(variant): _fold(one) for one, variants in words["same"].items() for variant in variants}
    stems = {_STEMMER.stemWord(v): _STEMMER.stemWord(one) for v, one in same.items()}
    exact = {v: _STEMMER.stemWord(one) for v, one in same.items()}

    def alike(word: str) -> str:
        stemmed: str = _STEMMER.stemWord(_fold(word))
        found: str = exact.get(_fold(word), stems.get(stemmed, stemmed))
        return found

    return _English(
        drop=frozenset(map(_fold, words["drop"])),
        light=frozenset(_STEMMER.stemWord(_fold(w)) for w in words["light"]),
        denials=frozenset(map(alike, words["denials"])),
        joins_nothing=frozenset(map(alike, words["joins_nothing"])),
        apart=frozenset(_STEMMER.stemWord(_fold(w)) for w in words["apart"]),
        turns=frozenset(words["turns"]),
        joins=frozenset(_STEMMER.stemWord(_fold(w)) for w in words["joins"]),
        lettered=frozenset(words["lettered"]),
        goes_on=frozenset(map(alike, words["goes_on"])),
        nouns=frozenset(words["nouns"]),
        behind_nouns=frozenset(words["behind_nouns"]),
        complaints=frozenset(words["complaints"]),
        same=stems | exact | {word: word for word in words["whole"]},
    )


ENGLISH = _english_words()


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem that stands for a word and for those meant alike."""
    folded = _fold(word)
    if folded in ENGLISH.same:
        return ENGLISH.same[folded]
    if folded.endswith("itis"):  # an inflamed organ is not the organ
        return folded
    stemmed: str = _STEMMER.stemWord(folded.removesuffix("'s"))
    return ENGLISH.same.get(stemmed, stemmed)


def english_tokens(text: str) -> list[Token]:
    """The words and clause ends of a text, with their places."""
    tokens: list[Token] = []
    before = ""
    for match in _PATTERN.finditer(text):
        word = match.group().lower()
        end_mark = word in _CLAUSE_ENDS and not _stands_within(text, match.start())
        capitals = len(word) > 1 and match.group().isupper()
        is_letter = word == "a" and before in ENGLISH.lettered
        dropped = _fold(word) in ENGLISH.drop and not capitals and not is_letter
        tokens.append(Token(stem(word), match.start(), match.end(), dropped, end_mark, capitals))
        before = word
    return [t for t in tokens if t.ends_clause or text[t.start] not in ".:"]


def _stands_within(text: str, at: int) -> bool:
    """Whether a mark belongs to a number, an abbreviation or a ratio: 37.5, e.g., 1:10."""
    return text[at] in ".:" and at + 1 < len(text) and not text[at + 1].isspace()


def is_abbreviation(name: str) -> bool:
    """Whether a name is short and in capitals."""
    return 1 < len(name) <= 6 and name.isalpha() and name.isascii() and name.isupper()


def is_complaint(name: str) -> bool:
    """Whether a name says no more than that there is something: "pain"."""
    if is_chinese(name):
        return name in _WORDS["zh"]["complaints"]
    return [t.stem for t in english_tokens(name)] in [[word] for word in ENGLISH.complaints]


COMPOUNDS = frozenset(_WORDS["zh"]["compounds"])
"""Chinese words whose last character begins no name."""


def _filler(word: str) -> str:
    """The pattern of a Chinese filler, which counts beside some words."""
    before, after = (_WORDS["zh"][key].get(word, ()) for key in ("tells_after", "tells_before"))
    return "".join([*(f"(?<!{w})" for w in before), re.escape(word), *(f"(?!{w})" for w in after)])


_ZH_FILLERS = re.compile("|".join(map(_filler, sorted(_WORDS["zh"]["fillers"], key=len, reverse=True))))
_ZH_SAME = {variant: one for one, variants in _WORDS["zh"]["same"].items() for variant in variants}
_ZH_VARIANTS = re.compile("|".join(sorted(map(re.escape, _ZH_SAME), key=len, reverse=True)))


_CJK = re.compile(r"[\u3400-\u9fff]")


def is_chinese(text: str) -> bool:
    """Whether a text holds any Chinese character."""
    return _CJK.search(text) is not None


def chinese_key(name: str) -> str:
    """A name without its fillers; empty for one that would lose most of itself."""
    form = "".join(ch for ch, _, _ in chinese_form(name))
    kept = len(_CJK.findall(form))
    return form if kept >= min(2, len(_CJK.findall(name))) and kept * 2 > len(_CJK.findall(name)) else ""


def plain_chinese(text: str) -> str:
    """The same with characters that mean alike made one, fillers kept."""
    return "".join(_ZH_SAME.get(ch, ch) for ch in text.lower())


def chinese_form(text: str) -> list[tuple[str, int, int]]:
    """Characters that count, each with its place (start, end); fillers are skipped."""
    form, at = [], 0
    while at < len(text):
        if filler := _ZH_FILLERS.match(text, at):
            at = filler.end()
        elif variant := _ZH_VARIANTS.match(text, at):
            form.append((_ZH_SAME[variant.group()], at, variant.end()))
            at = variant.end()
        else:
            if not text[at].isspace():
                form.append((text[at].lower(), at, at + 1))
            at += 1
    return form
