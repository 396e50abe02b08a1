"""Build and open an index of documents; only files whose content changed are read again."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.errors import AetiaError
from retrieval.corpus import Corpus, Expand
from retrieval.documents import DocumentRefused, files_under, read
from retrieval.embedding import Encoder, Progress
from retrieval.passages import TextPassage, split, stored_text
from retrieval.store import IndexDamaged, IndexMissing, Store, load, remove_others, save
from retrieval.stored import where
from retrieval.vector_cache import EncodeParts, VectorCache
from retrieval.words import Words

DEFAULT_NAME = "documents"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class BuildReport:
    """What a build did, in files, and what the index then holds.

    refused: files left out, each with its reason. rebuilt: why nothing of the old index was used.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    refused: tuple[DocumentRefused, ...] = ()
    documents: int = 0
    passages: int = 0
    rebuilt: str | None = None


@dataclass
class _Reading:
    """New files while they are read."""

    passages: list[TextPassage] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    refused: list[DocumentRefused] = field(default_factory=list)


@dataclass(frozen=True)
class _Making:
    """How vectors are made and who is told."""

    encoder: Encoder
    progress: Progress | None
    expand: Expand | None
    encode_parts: EncodeParts | None


def index_root() -> Path:
    """Where indexes are kept: AETIA_INDEXES, or the user's data folder."""
    from platformdirs import user_data_dir

    return Path(os.environ.get("AETIA_INDEXES") or Path(user_data_dir("aetia")) / "indexes")


def names(root: Path | None = None) -> list[str]:
    """The indexes there are."""
    return sorted(pointer.parent.name for pointer in (root or index_root()).glob("*/current"))


def open_store(name: str = DEFAULT_NAME, root: Path | None = None) -> Corpus:
    """The passages of an index, ready for a Searcher. Raises IndexMissing, IndexDamaged."""
    return load(_folder(name, root)).corpus


def build(
    paths: Sequence[Path],
    name: str = DEFAULT_NAME,
    progress: Progress | None = None,
    *,
    root: Path | None = None,
    encoder: Encoder | None = None,
    expand: Expand | None = None,
    encode_parts: EncodeParts | None = None,
) -> BuildReport:
    """Bring an index up to date with files and folders; what was indexed from elsewhere stays.

    Files that are gone from `paths` leave the index. A bad file is left out and named in the report.
    progress: called while passages are encoded; what was encoded before a kill is not encoded again.
    encode_parts: who encodes, such as `on_ray.ray_encoding`; this process when None.
    Raises AetiaError when another build of this index is running or its name cannot be one.
    """
    from filelock import FileLock, Timeout

    folder = _folder(name, root)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=0):
            return _build(
                folder, paths, _Making(encoder or Encoder.for_search(), progress, expand, encode_parts)
            )
    except Timeout as fault:
        raise AetiaError(f"Another build of the index `{name}` is running; wait for it to end.") from fault


def _build(folder: Path, paths: Sequence[Path], making: _Making) -> BuildReport:
    old, rebuilt = _old(folder, making.encoder)
    roots = [path.absolute() for path in paths]
    before = dict(old.files) if old else {}
    reading = _Reading()
    wanted = {path: sha for path, sha in before.items() if not _under(Path(path), roots)}
    wanted |= _hashes(roots, reading)
    read_before = set(before.values())
    for path, sha in [*wanted.items()]:
        if sha not in read_before and not _read(Path(path), reading):
            del wanted[path]
    if wanted != before or rebuilt:
        save(folder, _joined(folder, old, wanted, reading, making))
        shutil.rmtree(folder / "partial", ignore_errors=True)
    after = load(folder) if (folder / "current").exists() else None
    return BuildReport(
        added=tuple(sorted(wanted.keys() - before.keys())),
        changed=tuple(sorted(p for p in wanted.keys() & before.keys() if wanted[p] != before[p])),
        removed=tuple(sorted(before.keys() - wanted.keys())),
        unchanged=sum(before.get(path) == sha for path, sha in wanted.items()),
        refused=tuple(reading.refused),
        documents=len(after.texts) if after else 0,
        passages=len(after.corpus.passages) if after else 0,
        rebuilt=rebuilt,
    )


def _old(folder: Path, encoder: Encoder) -> tuple[Store | None, str | None]:
    """The index as it was, or None and, if there was one, why it is not used."""
    try:
        store = load(folder)
    except IndexMissing:
        return None, None
    except IndexDamaged as fault:
        return None, str(fault)
    if store.corpus.encoder_sha256 != encoder.sha256:
        return None, "It was built with another embedding model."
    return store, None


def _hashes(roots: Sequence[Path], reading: _Reading) -> dict[str, str]:
    """Path -> SHA-256 of every file to be indexed."""
    found: dict[str, str] = {}
    for path in (file for root in roots for file in files_under(root)):
        try:
            with path.open("rb") as stream:
                found[str(path)] = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as fault:
            reading.refused.append(DocumentRefused(path, f"it cannot be opened ({fault.strerror or fault})"))
    return found


def _read(path: Path, reading: _Reading) -> bool:
    """Read one file whole or not at all; False when it was refused. The same content is read once."""
    passages: list[TextPassage] = []
    texts: dict[str, str] = {}
    try:
        for document in read(path):
            texts[document.id] = stored_text(document)
            passages += split(document)
    except DocumentRefused as refusal:
        reading.refused.append(refusal)
        return False
    if not texts.keys() <= reading.texts.keys():
        reading.texts |= texts
        reading.passages += passages
    return True


def _joined(
    folder: Path, old: Store | None, files: dict[str, str], reading: _Reading, making: _Making
) -> Store:
    """What is kept of the old index, and what is new."""
    remove_others(folder, _in_use(folder))
    cache = VectorCache(folder / "partial", making.encoder, encode_parts=making.encode_parts)
    fresh = Corpus.of(reading.passages, cache, Words(), making.progress, making.expand)
    parts, texts = [fresh], dict(reading.texts)
    if old:
        content = set(files.values())
        kept = old.corpus.keep(where(old.corpus.passages, "document", content.__contains__).nonzero()[0])
        parts.insert(0, kept)
        texts |= {
            name: old.texts[name] for name in dict.fromkeys(p.id.partition("#")[0] for p in kept.passages)
        }
    return Store(Corpus.joined(parts).with_lists(), files, texts)


def _in_use(folder: Path) -> str:
    try:
        return str(json.loads((folder / "current").read_text(encoding="utf-8"))["generation"])
    except (OSError, ValueError, KeyError):
        return ""


def _under(path: Path, roots: Sequence[Path]) -> bool:
    return any(path == root or root in path.parents for root in roots)


def _folder(name: str, root: Path | None) -> Path:
    if not _NAME.fullmatch(name):
        raise AetiaError(
            f"`{name}` cannot name an index; use at most 64 letters, digits, - and _, no sign first."
        )
    return (root or index_root()) / name
