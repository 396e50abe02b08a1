"""Open questions of the first minutes: a person who has said little is first asked to tell more."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from assistant.answer import AskedQuestion
from assistant.case import Case
from knowledge.normalise import is_chinese


def open_question(case: Case) -> AskedQuestion | None:
    """The next open question worth asking, if any."""
    for rule in _rules():
        ref = f"open:{rule['id']}"
        if ref not in case.asked and not _is_told(case, rule):
            said = rule[case.language]
            return AskedQuestion(ref, said["text"], said["reason"])
    return None


def _is_told(case: Case, rule: dict[str, Any]) -> bool:
    words = sum(_length(text) for text in case.texts)
    known = {o.ref.partition(":")[0] for o in case.observations.values()}
    return words >= rule["told_fewer_than"] or bool(known & set(rule.get("unless_known", ())))


def _length(text: str) -> float:
    """Words; a Chinese character counts half a word."""
    plain = "".join(" " if is_chinese(ch) else ch for ch in text)
    return len(plain.split()) + sum(map(is_chinese, text)) / 2


@cache
def _rules() -> tuple[dict[str, Any], ...]:
    text = (files("assistant") / "rules" / "opening.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text))


OPEN_QUESTIONS = frozenset(f"open:{rule['id']}" for rule in _rules())
"""Refs of the open questions."""
