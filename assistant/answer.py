"""What goes out after a turn."""

from dataclasses import dataclass
from typing import Literal

from assistant.differential import Differential
from assistant.evidence import Citation
from assistant.triage import Triage
from knowledge.concepts import Language

StatementKind = Literal[
    "crisis", "red_flag", "leading", "also", "must_not_miss", "reason", "definition", "severity", "test",
    "treatment", "outlook", "self_care", "come_back", "follow_up", "explanation",
    "complication", "advice",
]  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A sentence that states medicine, with the passages that carry it. There is none without.

    says: what in it a passage must carry; all of the text when empty. against: sources that say the
    contrary, the stronger first.
    """

    text: str
    citations: tuple[Citation, ...]
    kind: StatementKind
    about: str | None = None
    says: tuple[str, ...] = ()
    against: tuple[Citation, ...] = ()

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError(f"no citation, no sentence: {self.text!r}")


@dataclass(frozen=True)
class Choice:
    """One of the things that a question asks about together: a finding (full id) and its name."""

    finding: str
    name: str


@dataclass(frozen=True)
class AskedQuestion:
    """A question to the person: a finding (full id) or `open:...` for one to answer freely, the words, why
    it is asked. choices: what to tick, the finding first; empty where yes or no answers it."""

    finding: str
    text: str
    reason: str
    choices: tuple[Choice, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is to be answered in the person's own words."""
        return self.finding.startswith("open:")


@dataclass(frozen=True)
class Answer:
    """One turn's answer. notes: Aetia's own words, which state no medicine. dropped: statements that were
    not shown because no passage supported them."""

    language: Language
    intent: str
    differential: Differential
    triage: Triage
    statements: tuple[Statement, ...] = ()
    notes: tuple[str, ...] = ()
    question: AskedQuestion | None = None
    dropped: int = 0
