"""Patterns of the rules, each compiled once: Python keeps 512 of all, and the rules are more."""

import re
from functools import cache


@cache
def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern that minds no capitals. flags: of `re`, besides."""
    return re.compile(pattern, re.IGNORECASE | flags)
