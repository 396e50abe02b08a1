"""Rows of annotations -> how often a disease shows a finding, each disease and finding once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.diseases import STRENGTH_RANGE, Basis, FindingEdge
from knowledge.diseases import Frequency as Word
from knowledge.importers.hpo_files import Annotation, Frequency

UNKNOWN: Word = "frequent"
"""How often a disease shows a finding where no row says it."""
BORROWED = 0.7
"""Of a finding's frequency in the disease of the same name in another catalogue."""
_HIGHEST = 0.99


@dataclass(frozen=True)
class Shown:
    """P(finding | disease), where it comes from, and the reference that says so."""

    strength: float
    basis: Basis
    reference: str

    def edge(self, finding: str, source: str) -> FindingEdge:
        """As an edge of a pack; the word is the one whose range holds the number."""
        word = next(w for w, (low, _, _) in STRENGTH_RANGE.items() if self.strength >= low or w == "excluded")
        strength = None if self.strength == STRENGTH_RANGE[word][1] else round(self.strength, 4)
        return FindingEdge(id=finding, frequency=word, strength=strength, basis=self.basis, source=source)


def shown_by(rows: Iterable[Annotation], words: dict[str, Word]) -> dict[str, dict[str, Shown]]:
    """Disease -> term -> how often. words: frequency term -> the pack's word."""
    grouped: dict[tuple[str, str], list[Annotation]] = defaultdict(list)
    for row in rows:
        grouped[row.disease, row.term].append(row)
    found: dict[str, dict[str, Shown]] = defaultdict(dict)
    for (disease, term), group in grouped.items():
        found[disease][term] = _together(group, words)
    return dict(found)


def borrowed(shown: dict[str, dict[str, Shown]], same: dict[str, str]) -> dict[str, dict[str, Shown]]:
    """The same, with what a disease's namesake shows and it does not name itself."""
    lent = {}
    for disease, own in shown.items():
        other = shown.get(same.get(disease, ""), {})
        more = {
            term: Shown(s.strength * BORROWED, "estimate", s.reference)
            for term, s in other.items()
            if term not in own and s.strength > 0
        }
        lent[disease] = own | more
    return lent


def _together(rows: list[Annotation], words: dict[str, Word]) -> Shown:
    """Cases of several reports are added up; a word or share counts when it says more. That it is
    never there is believed when no row says otherwise."""
    seen = [row for row in rows if not row.negated] or rows
    if seen[0].negated:
        return Shown(0.0, "measured", seen[0].reference)
    cases, of = (sum(getattr(row.frequency, name) for row in seen) for name in ("cases", "of"))
    said = [s for row in seen if (s := _said(row.frequency, words)) is not None]
    counted = [(cases + 0.5) / (of + 1)] if of else []
    if not counted and not said:
        return Shown(STRENGTH_RANGE[UNKNOWN][1], "estimate", seen[0].reference)
    telling = next(row for row in seen if row.frequency != Frequency())
    return Shown(min(max(*counted, *said, 0.0), _HIGHEST), "measured", telling.reference)


def _said(frequency: Frequency, words: dict[str, Word]) -> float | None:
    if frequency.share is not None:
        return frequency.share
    word = words.get(frequency.word or "")
    return STRENGTH_RANGE[word][1] if word else None
