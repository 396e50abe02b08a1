"""Why a picture is not judged, in words for people."""

from typing import Literal

from knowledge.errors import AetiaError
from vision.words import worded

Language = Literal["en", "zh"]


class ImageRefused(AetiaError):
    """A picture that is unsafe to open, unreadable, or not one that may be judged.

    reason: a key of `refusals` in words.yaml. facts: what its sentences mention.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(self.text("en"))

    def text(self, language: Language) -> str:
        """The sentence in a language."""
        sentence = worded("refusals", self.reason, language)
        return sentence.format(**{name: _named(name, fact, language) for name, fact in self.facts.items()})


def _named(name: str, fact: object, language: Language) -> object:
    """What was found instead, and kinds, have names in each language; other facts are numbers and names."""
    if name == "kinds":
        return ("、" if language == "zh" else ", ").join(worded("kinds", str(k), language) for k in fact)  # type: ignore[attr-defined]
    section = {"found": "found", "kind": "kinds"}.get(name)
    return worded(section, str(fact), language) if section else fact


class WeightsMissing(AetiaError):
    """A weights file or its card is absent or is not what its card says."""
