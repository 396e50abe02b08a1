"""What the tabs that take files share."""

import os
from html import escape
from pathlib import Path
from uuid import uuid4

from knowledge.concepts import Language
from knowledge.errors import AetiaError


def told(fault: AetiaError, language: Language) -> str:
    """A fault as the page shows it."""
    return f'<p class="notice" role="alert">⚠ {escape(fault.text(language))}</p>'


def download(name: str, content: bytes) -> str:
    """A file for download, in a folder of its own that Gradio clears."""
    folder = Path(os.environ["GRADIO_TEMP_DIR"]) / uuid4().hex
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    return str(folder / name)
