"""Term counts of a pack kept on disk under the hash of its texts, so that a start segments no Chinese."""

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from retrieval.bm25 import TermCounts

_VERSION = b"1"
"""Of how words are cut; another one counts anew."""
_ARRAYS = ("starts", "documents", "counts", "lengths")


def kept_counts(texts: Sequence[str], terms: Callable[[str], Sequence[str]], folder: Path) -> TermCounts:
    """The counts of texts: read where they were kept whole, else counted and kept. terms: how a text is cut."""
    digest = hashlib.sha256(_VERSION)
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    path = folder / f"{digest.hexdigest()}.npz"
    found = _read(path)
    if found is None:
        found = TermCounts.of(map(terms, texts))
        _write(path, found)
    return found


def _read(path: Path) -> TermCounts | None:
    """None when the file is not there or not what was written; its first 32 bytes are its hash."""
    try:
        content = path.read_bytes()
        if hashlib.sha256(content[32:]).digest() != content[:32]:
            return None
        with np.load(io.BytesIO(content[32:]), allow_pickle=False) as arrays:
            names = arrays["vocabulary"].tobytes().decode()
            vocabulary = tuple(names.split("\n")) if names else ()
            return TermCounts(vocabulary, *(arrays[name] for name in _ARRAYS))
    except (OSError, ValueError, KeyError):
        return None


def _write(path: Path, counts: TermCounts) -> None:
    """A cache that cannot be written is done without."""
    stream = io.BytesIO()
    vocabulary = np.frombuffer("\n".join(counts.vocabulary).encode(), np.uint8)
    np.savez(stream, vocabulary=vocabulary, **{name: getattr(counts, name) for name in _ARRAYS})
    content = stream.getvalue()
    partial = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(hashlib.sha256(content).digest() + content)
        partial.replace(path)
    except OSError:
        return
