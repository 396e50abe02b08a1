"""Scores in words: the value or its range, what it means with the citation, and what is missing."""

from collections.abc import Sequence
from typing import Any

from assistant.answer import Statement
from assistant.evidence import EvidenceShelf
from assistant.phrases import say
from knowledge.base import KnowledgeBase
from knowledge.concepts import Language
from knowledge.scoring import Band, Result


def score_statement(result: Result, shelf: EvidenceShelf, language: Language) -> Statement:
    """A score's value and what it means; where it may lie in several bands, the lowest and the highest."""
    bands = [*ends(result), *([result.single] if result.single else [])]
    passages = [result.score.passage(band) for band in bands]
    meaning = [passage.in_language(language) for passage in passages]
    text = ("" if language == "zh" else " ").join([value_in_words(result, language), *meaning])
    return Statement(
        text,
        tuple(shelf.cite(p, language) for p in passages),
        "severity",
        f"score:{result.score.id}",
        tuple(meaning),
    )


def ends(result: Result) -> Sequence[Band]:
    """The lowest and the highest band that are possible, once where they are the same."""
    return result.bands[:1] if len(result.bands) == 1 else (result.bands[0], result.bands[-1])


def value_in_words(result: Result, language: Language) -> str:
    """Such as "CURB-65: 2 points." or, where something is missing, "CURB-65: 1 to 3 points so far."."""
    score, name = result.score, result.score.name(language)
    if score.kind == "rule":
        return say(language, "score_name", score=name)
    unit = score.unit or say(language, "points")
    if not result.known or abs(result.low) == float("inf"):
        return say(language, "score_open", score=name)
    low, high = (f"{v:.{score.digits}f}" for v in (result.low, result.high))
    if result.complete:
        return say(language, "score_value", score=name, value=low, unit=unit)
    return say(language, "score_range", score=name, low=low, high=high, unit=unit)


def missing_in_words(result: Result, base: KnowledgeBase, language: Language) -> str | None:
    """A request for what would settle a score; None when nothing is missing."""
    if not result.missing:
        return None
    labels = {line.item.id: line.item.in_language(language) for line in result.lines}
    words = []
    for name in result.missing:
        if name in ("age", "sex"):
            words.append(say(language, f"{name}_word"))
        elif name in labels:
            words.append(labels[name])
        else:
            quantity = base.quantities[name]
            words.append(f"{quantity.name(language)} ({quantity.unit})")
    score = result.score.name(language)
    return say(language, "score_missing", score=score, items=say(language, "semicolon").join(words))


def result_json(result: Result, language: Language) -> dict[str, Any]:
    """A result as `aetia score --json` writes it."""
    return {
        "score": result.score.id,
        "name": result.score.name(language),
        "low": _finite(result.low),
        "high": _finite(result.high),
        "complete": result.complete,
        "applies": result.applies,
        "missing": list(result.missing),
        "items": [
            {"id": line.item.id, "label": line.item.in_language(language),
             "low": _finite(line.low), "high": _finite(line.high)}
            for line in result.lines
        ],
        "bands": [
            {"text": band.in_language(language), "source": result.score.passage(band).source}
            for band in (*result.bands, *filter(None, [result.single]))
        ],
    }  # fmt: skip


def _finite(value: float) -> float | None:
    return None if abs(value) == float("inf") else value
