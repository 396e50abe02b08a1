"""Severity in words: each grade with the claim that defines it and the criteria met, unmet and unknown."""

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.answer import Statement
from assistant.case import Case
from assistant.evidence import EvidenceShelf
from assistant.phrases import say
from assistant.severity import Graded, Mark, graded, told
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language

_COMPARISON = re.compile(r"(\w+)\s*(<=|>=|<|>)\s*(\S+)")
_SIGNS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">"}
_OPPOSITE = {"<=": ">", ">=": "<", "<": ">=", ">": "<="}
_SHOWN = 8


def severity_statements(
    disease: str, case: Case, base: KnowledgeBase, shelf: EvidenceShelf
) -> Iterator[Statement]:
    """The grades of a disease (bare id) that this case meets or may meet, the gravest first."""
    entry = base.diseases[disease]
    for grade in told(graded(entry, case, base)):
        passage = base.passages[f"{disease}/severity/{grade.number}"]
        claim, marks = passage.in_language(case.language), marks_in_words(grade, base, case.language)
        between = "" if case.language == "zh" else " "
        text = between.join([verdict(grade, case.language), claim, *marks])
        yield Statement(text, (shelf.cite(passage, case.language),), "severity", entry.ref, (claim,))


def verdict(grade: Graded, language: Language) -> str:
    """The grade and whether it is met, such as "Severe (criteria met):"."""
    key = {True: "severity_met", False: "severity_unmet", None: "severity_open"}[grade.met]
    return say(language, key, grade=say(language, f"grade_{grade.grade.grade}"))


def marks_in_words(grade: Graded, base: KnowledgeBase, language: Language) -> list[str]:
    """Up to three sentences: which criteria are met, which not, which are not known."""
    parts: list[tuple[str, Sequence[Mark]]] = [
        ("marks_met", grade.items(True)),
        ("marks_unmet", grade.items(False)),
        ("marks_unknown", grade.items(None)),
    ]
    return [
        say(
            language,
            key,
            items=say(language, "list_join").join(items_in_words(marks[:_SHOWN], base, language)),
        )
        for key, marks in parts
        if marks
    ]


def item_in_words(item: str, base: KnowledgeBase, language: Language) -> str:
    """A criterion's item: the name of a concept, or a comparison with its unit."""
    if match := _COMPARISON.fullmatch(item.strip()):
        quantity, sign, bound = match.groups()
        if quantity == "age":
            return f"{say(language, 'age_word')} {_SIGNS[sign]} {bound}"
        entry = base.quantities[quantity]
        return f"{entry.name(language)} {_SIGNS[sign]} {bound} {entry.unit}"
    return base.concept(base.observable(item) or f"finding:{item}").name(language)


def items_in_words(marks: Iterable[Mark], base: KnowledgeBase, language: Language) -> list[str]:
    """Criteria as a grade wants them; of one that must not hold, the opposite."""
    return [_as_wanted(mark, base, language) for mark in marks]


def _as_wanted(mark: Mark, base: KnowledgeBase, language: Language) -> str:
    comparison = _COMPARISON.fullmatch(mark.item.strip())
    if mark.wanted or comparison is None:
        words = item_in_words(mark.item, base, language)
        return words if mark.wanted else say(language, "absent", finding=words)
    quantity, sign, bound = comparison.groups()
    return item_in_words(f"{quantity} {_OPPOSITE[sign]} {bound}", base, language)
