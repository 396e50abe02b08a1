"""What an inquiry comes to: a question to put, and the case against the leading disease."""

from dataclasses import dataclass

from assistant.differential import Reason
from assistant.question_cards import Card


@dataclass(frozen=True)
class Question:
    """A finding to ask about (bare id), its gain in nats per unit of burden, and the two diseases that it
    tells apart. dangerous: the likelier one is an emergency. card: what is asked in the same question."""

    finding: str
    gain: float
    likelier: str
    less_likely: str
    dangerous: bool = False
    card: Card | None = None


@dataclass(frozen=True)
class Doubt:
    """An open finding (bare id) whose presence, or absence, would speak most against the leading disease,
    and the disease that it would speak for."""

    finding: str
    present: bool
    rival: str


@dataclass(frozen=True)
class Challenge:
    """The case against the leading disease (bare id): the strongest known reason, and what to look for.
    Either may be missing."""

    leader: str
    reason: Reason | None
    doubt: Doubt | None
