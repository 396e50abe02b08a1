"""What the tabs that take files share."""

from html import escape

from knowledge.concepts import Language
from knowledge.errors import AetiaError


def told(fault: AetiaError, language: Language) -> str:
    """A fault as the page shows it."""
    return f'<p class="notice" role="alert">⚠ {escape(fault.text(language))}</p>'
