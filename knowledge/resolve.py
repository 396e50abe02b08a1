"""What concept a disease name, synonym or code means, or none."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rapidfuzz import fuzz, process

from knowledge.base import KnowledgeBase
from knowledge.normalise import ENGLISH, english_tokens

Match = Literal["name", "synonym", "code", "words", "spelling"]

_CODE = re.compile(r"^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$")
_SPELLING_CUTOFF = 92.0


@dataclass(frozen=True)
class Resolved:
    """disease: full id. match: how the words led to it."""

    disease: str
    match: Match


class Resolver:
    """Looks disease names up; made once for a knowledge base."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def resolve(self, name: str) -> Resolved | None:
        """The one disease that a name or code means; None when there is none, or more than one."""
        plain = _plain(name)
        if not plain:
            return None
        if plain in self._names:
            return self._names[plain]
        if _CODE.match(code := name.strip().upper()):
            return self._codes.get(code) or self._codes.get(code.partition(".")[0])
        for variant in _variants(name):
            if found := self._names.get(_plain(variant)) or self._words.get(_bag(variant)):
                return Resolved(found.disease, "words")
        return self._words.get(_bag(name)) or self._by_spelling(plain)

    @cached_property
    def _names(self) -> dict[str, Resolved]:
        found: dict[str, Resolved] = {}
        for disease in self._base.diseases.values():
            for names in (disease.names.en, disease.names.zh):
                for i, name in enumerate(names):
                    found.setdefault(_plain(name), Resolved(disease.ref, "synonym" if i else "name"))
        return found

    @cached_property
    def _words(self) -> dict[frozenset[str], Resolved]:
        """Stems in any order; those that would mean two diseases are left out."""
        owners: dict[frozenset[str], set[str]] = defaultdict(set)
        for disease in self._base.diseases.values():
            for name in disease.names.en:
                owners[_bag(name)].add(disease.ref)
        return {bag: Resolved(refs.pop(), "words") for bag, refs in owners.items() if bag and len(refs) == 1}

    @cached_property
    def _codes(self) -> dict[str, Resolved]:
        """ICD-10 codes; a first code wins over a further one, a shared first code means none."""
        first: dict[str, set[str]] = defaultdict(set)
        further: dict[str, set[str]] = defaultdict(set)
        for disease in self._base.diseases.values():
            for i, code in enumerate(disease.icd10):
                (further if i else first)[code].add(disease.ref)
        merged = further | first
        return {code: Resolved(next(iter(refs)), "code") for code, refs in merged.items() if len(refs) == 1}

    def _by_spelling(self, plain: str) -> Resolved | None:
        """A name that differs by a slip of the pen; short names and Chinese allow none."""
        if len(plain) < 6 or not plain.isascii():
            return None
        best = process.extractOne(plain, self._names.keys(), scorer=fuzz.ratio, score_cutoff=_SPELLING_CUTOFF)
        return Resolved(self._names[best[0]].disease, "spelling") if best else None


def _plain(name: str) -> str:
    """Compatible characters, lower case, no punctuation, single spaces."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("’", "'").replace("'s", "s")
    return " ".join(re.sub(r"[^\w\s]", " ", folded).split())


def _bag(name: str) -> frozenset[str]:
    return frozenset(t.stem for t in english_tokens(name) if not t.dropped) - ENGLISH.light


def _variants(name: str) -> list[str]:
    """A name without its parenthesis, and the parenthesis alone."""
    match = re.match(r"^(.+?)\s*[（(](.+?)[)）]\s*$", name)
    return [match[1], match[2]] if match else []
