"""What was asked and not yet answered, and what short messages answer to it."""

from collections.abc import Sequence

from assistant.case import Case
from assistant.events import Asked, Chose, Event, Replied, Said, Skipped
from assistant.intents import choices_in, reply_in
from assistant.opening import OPEN_QUESTIONS


def open_asked(events: Sequence[Event], case: Case) -> Asked | None:
    """What was asked last, while it was not answered and only questions came between."""
    asked: Asked | None = None
    since: list[Event] = []
    for event in events:
        if isinstance(event, Asked):
            asked, since = event, []
        else:
            since.append(event)
    if asked and asked.ref in OPEN_QUESTIONS:
        told = any(isinstance(e, Skipped) or (isinstance(e, Said) and not e.question) for e in since)
        return None if told else asked
    return asked if asked and all(case.state(ref) is None for ref in asked.refs) else None


def reply_to(asked: Asked, text: str) -> Replied | Chose | Skipped | None:
    """The answer that a short message gives to what was asked; None when it is no such answer."""
    reply = reply_in(text)
    if asked.ref in OPEN_QUESTIONS:
        return Skipped(ref=asked.ref) if reply else None
    if asked.beside:
        return _choice(asked, text)
    values = {"yes": True, "no": False, "unknown": None}
    return Replied(ref=asked.ref, value=values[reply]) if reply else None


def takes_yes(asked: Asked) -> bool:
    """Whether a plain yes answers it: neither an open question nor one with choices."""
    return not asked.beside and asked.ref not in OPEN_QUESTIONS


def leaves_open_which(asked: Asked | None, text: str) -> bool:
    """Whether a message says yes to a question with choices, and not to which."""
    return asked is not None and bool(asked.beside) and reply_in(text) == "yes"


def _choice(asked: Asked, text: str) -> Chose | None:
    reply = reply_in(text)
    if reply == "unknown":
        return Chose(unknown=asked.refs)
    chosen = frozenset[int]() if reply == "no" else choices_in(text, len(asked.refs))
    if chosen is None:
        return None
    numbered = list(enumerate(asked.refs, 1))
    return Chose(
        yes=tuple(ref for n, ref in numbered if n in chosen),
        no=tuple(ref for n, ref in numbered if n not in chosen),
    )
