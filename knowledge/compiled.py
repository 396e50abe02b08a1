"""A pack as one file, pack.json.gz: for knowledge made by a program, too much to be YAML.

12,000 diseases take minutes to read as YAML and seconds as JSON. Hand-written knowledge stays YAML.
"""

import gzip
import hashlib
import os
from collections import defaultdict
from pathlib import Path

from pydantic import ValidationError

from knowledge import concepts as c
from knowledge.base import KnowledgeBase
from knowledge.checks import check
from knowledge.faults import Fault, FaultBook, PackError

FILE = "pack.json.gz"
_SHOWN = 50


class _OneFile(FaultBook):
    """Faults of a file that is one line: the path to the value is what helps."""

    def _line(self, file: str, path: c.FieldPath) -> int:
        return 1


def is_compiled(folder: Path) -> bool:
    """Whether a folder holds a compiled pack."""
    return (folder / FILE).is_file()


def write_compiled(base: KnowledgeBase, folder: Path) -> Path:
    """Write a pack whole or not at all; the same knowledge gives the same bytes.

    Raises PackError when the knowledge does not hold together.
    """
    _check(base)
    folder.mkdir(parents=True, exist_ok=True)
    target, partial = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    text = base.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    partial.write_bytes(gzip.compress(text, compresslevel=6, mtime=0))
    partial.replace(target)
    return target


def read_compiled(folder: Path, checked: Path | None) -> KnowledgeBase:
    """The knowledge of a compiled pack. checked: folder that remembers which files were found whole,
    so that references are checked once for each; None checks them every time.

    Raises PackError.
    """
    content = (folder / FILE).read_bytes()
    mark = checked / f"{hashlib.sha256(content).hexdigest()}.whole" if checked else None
    try:
        base = KnowledgeBase.model_validate_json(gzip.decompress(content))
    except (OSError, EOFError) as fault:
        raise PackError([Fault(FILE, 1, "", f"not readable, is it cut off? {fault}")]) from None
    except ValidationError as fault:
        raise PackError(
            [Fault(FILE, 1, ".".join(map(str, e["loc"])), e["msg"]) for e in fault.errors()[:_SHOWN]]
        ) from None
    if mark is None or not mark.exists():
        _check(base)
        if mark:
            _remember(mark)
    return base


def _check(base: KnowledgeBase) -> None:
    where: defaultdict[str, tuple[str, c.FieldPath]] = defaultdict(lambda: (FILE, ()))
    for kind in ("findings", "risk_factors", "drugs", "diseases"):
        for entry in getattr(base, kind):
            where[f"{kind}/{entry}"] = (FILE, (kind, entry))
    book = _OneFile(Path())
    check(base, where, book)
    book.raise_if_any()


def _remember(mark: Path) -> None:
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    except OSError:
        pass  # a cache that cannot be written is done without
