"""Words -> concepts, English and Chinese, longest match.

English is compared by stems, without articles and pronouns, in two ways: the words of a name in a
row, and all its words within a few words of each other in one clause ("the pain is in the middle of
my chest"). Chinese is compared by characters, fillers skipped, in a row or in two parts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from knowledge.apart import NamesApart
from knowledge.base import KnowledgeBase
from knowledge.chinese_rows import longest_in_turn
from knowledge.clauses import begins_a_denial, clauses, is_noun, is_parted, narrowest
from knowledge.mentions import Mention, keep_the_fullest
from knowledge.names import names_of
from knowledge.normalise import (
    ENGLISH,
    Token,
    chinese_form,
    chinese_key,
    english_tokens,
    is_abbreviation,
    is_chinese,
    is_complaint,
    plain_chinese,
)

_FEW = 2
"""Words of a name that must not be parted by a comma; the others may be by one."""


_DRUG = "drug"
_READ = ("finding", "risk", "disease", _DRUG)


class Lexicon:
    """All names of a knowledge base, made ready for reading."""

    def __init__(self, base: KnowledgeBase, prefixes: Collection[str] = _READ) -> None:
        names = names_of(base, prefixes)
        self._names = [n for n in names if not (_kind(n[2]) == "disease" and is_complaint(n[0]))]
        self._drugs = Lexicon(base, (_DRUG,)) if _DRUG in prefixes and len(prefixes) > 1 else None

    def mentions(self, text: str) -> list[Mention]:
        """Every concept named in a text, in either language, in the order of the text; a drug also where it is
        part of a risk's name ("takes warfarin")."""
        found = [*self._english(text), *self._chinese(text)]
        found += [drug for mention in found for drug in self._drugs_within(mention, text)]
        return sorted(found, key=lambda m: (m.start, -m.end))

    def _drugs_within(self, mention: Mention, text: str) -> Iterator[Mention]:
        kinds = {_kind(ref) for ref in mention.refs}
        if self._drugs is None or "risk" not in kinds or _DRUG in kinds:
            return
        for drug in self._drugs.mentions(text[mention.start : mention.end]):
            if drug.manner == "name":
                yield replace(drug, start=drug.start + mention.start, end=drug.end + mention.start)

    @cached_property
    def _rows(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """Stems in a row -> refs."""
        rows: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, _, ref in self._names:
            if is_chinese(name) or is_abbreviation(name):
                continue
            if stems := tuple(t.stem for t in english_tokens(name) if not t.dropped):
                rows[stems].append(ref)
        return {stems: _unique(refs) for stems, refs in rows.items()}

    @cached_property
    def _abbreviations(self) -> dict[str, tuple[str, ...]]:
        """Short names in capitals -> refs; found only where the text has capitals too."""
        short: dict[str, list[str]] = defaultdict(list)
        for name, _, ref in self._names:
            if is_abbreviation(name):
                short[english_tokens(name)[0].stem].append(ref)
        return {stem: _unique(refs) for stem, refs in short.items()}

    @cached_property
    def _longest_row(self) -> int:
        return max(map(len, self._rows), default=0)

    @cached_property
    def _bags(self) -> dict[frozenset[str], tuple[str, ...]]:
        """Two or more telling stems, in any order -> refs."""
        bags: dict[frozenset[str], list[str]] = defaultdict(list)
        for stems, refs in self._rows.items():
            bag = frozenset(stems) - ENGLISH.light
            if len(bag) > 1 and not bag & ENGLISH.joins_nothing and not any(stem.isdigit() for stem in bag):
                bags[bag].extend(refs)
        return {bag: _unique(refs) for bag, refs in bags.items()}

    @cached_property
    def _in_order(self) -> dict[frozenset[str], set[tuple[str, ...]]]:
        """Bags that name diseases alone -> their words in the order of the names: "attack when his heart races" is none."""
        orders: dict[frozenset[str], set[tuple[str, ...]]] = defaultdict(set)
        for stems in self._rows:
            telling = tuple(stem for stem in stems if stem not in ENGLISH.light)
            refs = self._bags.get(frozenset(telling), ())
            if refs and all(_kind(ref) == "disease" for ref in refs):
                orders[frozenset(telling)].add(telling)
        return orders

    @cached_property
    def _bags_by_stem(self) -> dict[str, list[frozenset[str]]]:
        by_stem: dict[str, list[frozenset[str]]] = defaultdict(list)
        for bag in self._bags:
            for stem in bag:
                by_stem[stem].append(bag)
        return by_stem

    @cached_property
    def _strings(self) -> dict[str, tuple[str, ...]]:
        """Chinese names without fillers -> refs."""
        strings: dict[str, list[str]] = defaultdict(list)
        for name, ref in self._chinese_names:
            if not self._needs_fillers(name, ref):
                strings[chinese_key(name)].append(ref)
        return {form: _unique(refs) for form, refs in strings.items()}

    @cached_property
    def _whole_strings(self) -> dict[str, tuple[str, ...]]:
        """Chinese names that would lose too much with their fillers, as they are -> refs."""
        strings: dict[str, list[str]] = defaultdict(list)
        for name, ref in self._chinese_names:
            if self._needs_fillers(name, ref):
                strings[plain_chinese(name)].append(ref)
        return {form: _unique(refs) for form, refs in strings.items()}

    @cached_property
    def _chinese_names(self) -> list[tuple[str, str]]:
        return [(name, ref) for name, language, ref in self._names if language == "zh" and is_chinese(name)]

    @cached_property
    def _without_fillers(self) -> dict[tuple[str, str], str]:
        """(kind, Chinese name that has no fillers) -> ref."""
        plain = ((name, ref) for name, ref in self._chinese_names if chinese_key(name) == plain_chinese(name))
        return {(_kind(ref), plain_chinese(name)): ref for name, ref in plain}

    def _needs_fillers(self, name: str, ref: str) -> bool:
        """Whether a Chinese name would be empty, or mean another thing of its kind, without its fillers."""
        key = chinese_key(name)
        if len(key) <= 2 and key != plain_chinese(name):
            return True
        return self._without_fillers.get((_kind(ref), key), ref) != ref

    def ambiguous(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """(words as they are compared, refs) of what means two things of one kind; a drug may be several risks."""
        rows = {" ".join(stems): refs for stems, refs in self._rows.items()}
        for words, refs in (rows | self._strings | self._whole_strings).items():
            kinds = [_kind(ref) for ref in refs]
            if _DRUG in kinds:
                kinds = [kind for kind in kinds if kind != "risk"]
            if len(kinds) > len(set(kinds)):
                yield words, refs

    @cached_property
    def _longest_string(self) -> int:
        return max(map(len, [*self._strings, *self._whole_strings]), default=0)

    def _english(self, text: str) -> Iterator[Mention]:
        tokens = english_tokens(text)
        for clause in clauses(tokens):
            in_a_row = list(self._in_a_row(clause, text))
            scattered = list(self._scattered(clause, text, [places for places, _ in in_a_row]))
            yield from keep_the_fullest([*in_a_row, *scattered])

    def _in_a_row(self, clause: Sequence[Token], text: str) -> Iterator[tuple[frozenset[int], Mention]]:
        kept = [t for t in clause if not t.dropped]
        at = 0
        while at < len(kept):
            row, refs = self._longest_row_at(kept, at, text)
            denies = any(t.stem in ENGLISH.denials for t in row)
            if denies and self._goes_on(kept, at, row, refs, text):
                row = []
            if row:
                telling = [t for t in row if t.stem not in ENGLISH.light] or row
                places = frozenset(t.start for t in telling)
                yield places, Mention(row[0].start, row[-1].end, refs, "name", denies)
            at += max(len(row), 1)

    def _longest_row_at(
        self, kept: Sequence[Token], at: int, text: str
    ) -> tuple[Sequence[Token], tuple[str, ...]]:
        for length in range(min(self._longest_row, len(kept) - at), 0, -1):
            row = kept[at : at + length]
            refs = self._rows.get(tuple(t.stem for t in row))
            if length == 1:
                if refs is None and row[0].capitals and not text[: row[0].start][-1:].isalnum():
                    refs = self._abbreviations.get(row[0].stem)
                if row[0].stem in ENGLISH.nouns and not is_noun(row[0], text):
                    refs = None
            if refs and not self._lists(row, text):
                return row, refs
        return [], ()

    def _lists(self, row: Sequence[Token], text: str) -> bool:
        """Whether a comma in a row of words ends a name of its own: "vomiting, blood" in the urine."""
        return any(
            "," in text[before.end : after.start] and tuple(t.stem for t in row[:i]) in self._rows
            for i, (before, after) in enumerate(pairwise(row), 1)
        )

    def _goes_on(
        self, kept: Sequence[Token], at: int, row: Sequence[Token], refs: tuple[str, ...], text: str
    ) -> bool:
        """Whether a name worded as a denial is only the beginning of what is denied: "no appetite" of "no appetite
        loss", "not breathing" of "not breathing fast"."""
        after, others = self._longest_row_at(kept, at + 1, text)
        onward = kept[at + len(row)].stem if at + len(row) < len(kept) else ""
        return onward in ENGLISH.goes_on or (len(after) + 1 > len(row) and not set(refs).isdisjoint(others))

    def _scattered(
        self, clause: Sequence[Token], text: str, named: Sequence[frozenset[int]]
    ) -> Iterator[tuple[frozenset[int], Mention]]:
        """Names whose words stand apart. named: places of names in a row; what "and" or "but" parts from one is another
        thing: "fever and rash"."""
        telling = [t for t in clause if not t.dropped and t.stem not in ENGLISH.light]
        present = dict.fromkeys(t.stem for t in telling)
        apart = [t.start for t in clause if t.stem in ENGLISH.apart]
        apart += [t.start for before, t in pairwise(clause) if begins_a_denial(before, t, text)]
        candidates = (
            bag for stem in present for bag in self._bags_by_stem.get(stem, ()) if bag <= present.keys()
        )
        joined = [t.start for t in clause if t.stem in ENGLISH.joins]
        # In the order of the text: of two names that are as full the first counts.
        for bag in dict.fromkeys(candidates):
            window = narrowest(telling, bag)
            if window and (
                (len(window) == len(bag) and self._lists(window, text))
                or text.count(",", window[0].start, window[-1].end) > (len(bag) > _FEW)
            ):
                continue
            if window and not any(window[0].start < at < window[-1].start for at in apart):
                row = [t for t in window if t.stem in bag]
                places = frozenset(t.start for t in row)
                if self._out_of_order(bag, row, clause) or any(
                    one < places and is_parted(one, places - one, joined) for one in named
                ):
                    continue
                denies = bool(bag & ENGLISH.denials)
                yield places, Mention(window[0].start, window[-1].end, self._bags[bag], "scattered", denies)

    def _out_of_order(self, bag: frozenset[str], row: Sequence[Token], clause: Sequence[Token]) -> bool:
        """Whether words of a disease's name stand otherwise than in it, and are not turned about by "of"."""
        if bag not in self._in_order or tuple(t.stem for t in row) in self._in_order[bag]:
            return False
        return not any(t.stem in ENGLISH.turns and row[0].start < t.start < row[-1].start for t in clause)

    def _chinese(self, text: str) -> Iterator[Mention]:
        if not is_chinese(text):
            return
        whole = [(plain_chinese(ch), at, at + 1) for at, ch in enumerate(text)]
        found = [
            Mention(*row, "name")
            for row in (
                *longest_in_turn(chinese_form(text), self._strings, self._longest_string),
                *longest_in_turn(whole, self._whole_strings, self._longest_string),
            )
        ]
        for mention in found:
            if not any(
                other is not mention
                and other.start <= mention.start
                and mention.end <= other.end
                and (other.start, other.end) != (mention.start, mention.end)
                for other in found
            ):
                yield mention
        yield from self.in_parts(text, [(m.start, m.end) for m in found])

    def in_parts(self, text: str, taken: Sequence[tuple[int, int]] = ()) -> Iterator[Mention]:
        """Chinese names in two parts, away from the stretches that are taken."""
        for parts in self._apart.find(text, taken):
            yield Mention(parts.start, parts.end, parts.refs, "scattered", parts.denies)

    @cached_property
    def _apart(self) -> NamesApart:
        return NamesApart((n, ref) for n, ref in self._chinese_names if _kind(ref) in ("finding", "risk"))


def _kind(ref: str) -> str:
    return ref.partition(":")[0]


def _unique(refs: Iterable[str]) -> tuple[str, ...]:
    """Findings first, each once."""
    return tuple(sorted(dict.fromkeys(refs), key=lambda ref: not ref.startswith("finding:")))
