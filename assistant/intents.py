"""What a message asks for, and short replies to a question (rules/intents.yaml, rules/replies.yaml)."""

import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from assistant.patterns import compiled

Reply = Literal["yes", "no", "unknown"]


def intent_of(text: str) -> str | None:
    """The intent that a message states, or None when it simply tells something."""
    for rule in _load("intents.yaml"):
        if any(compiled(pattern).search(text) for pattern in rule["patterns"]):
            return str(rule["intent"])
    return None


def says_yes_and_more(text: str) -> bool:
    """Whether a message says yes and then goes on."""
    return _is("yes_and", text)


def is_question(text: str) -> bool:
    """Whether a message asks, with a mark or without."""
    return _is("question", text)


def last_clause(text: str) -> int:
    """Where the last clause of a message begins."""
    return max(text.rstrip(" ?？.。!！~").rfind(mark) for mark in ",.;!\n，。；！") + 1


def asks_what_may_be(text: str) -> bool:
    """Whether a message is one question whether something may or must be done: it tells nothing that is so."""
    return _is("may", text)


def says_mine(text: str) -> bool:
    """Whether a message calls what it asks about the person's own: "will my asthma get better?"."""
    return _is("mine", text)


def asked_whether(text: str) -> list[tuple[int, int]]:
    """Where a message asks whether it is something: "could it be pneumonia?"."""
    patterns = _load("replies.yaml")["is_it"]
    return [match.span() for pattern in patterns for match in compiled(pattern).finditer(text)]


def _is(kind: str, text: str) -> bool:
    return any(compiled(pattern).search(text.strip()) for pattern in _load("replies.yaml")[kind])


def reply_in(text: str) -> Reply | None:
    """A short answer: yes, no, or don't know."""
    replies: tuple[Reply, ...] = ("unknown", "no", "yes")
    return next((reply for reply in replies if _is(reply, text)), None)


def choices_in(text: str, count: int) -> frozenset[int] | None:
    """The places, from 1, of what a message chooses among numbered choices; None when it does not choose."""
    if _is("all", text):
        return frozenset(range(1, count + 1))
    if _is("numbers", text):
        chosen = frozenset(map(int, re.findall(r"\d+", text)))
        return chosen if chosen <= frozenset(range(1, count + 1)) else None
    return None


@cache
def _load(name: str) -> Any:
    return yaml.safe_load((files("assistant") / "rules" / name).read_text(encoding="utf-8"))
