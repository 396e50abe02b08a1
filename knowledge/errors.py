"""What can go wrong, in words for people."""

from typing import Literal


class AetiaError(Exception):
    """Base of everything Aetia raises on purpose; its text is for people."""

    def text(self, language: Literal["en", "zh"]) -> str:
        """What went wrong, in a language; English where no other was written."""
        return str(self)
