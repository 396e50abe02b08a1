"""An index on disk: written to a folder of its own, hashed, made durable, then pointed to.

    <root>/<name>/current            JSON: the generation in use and the SHA-256 of its manifest
    <root>/<name>/<generation>/      manifest.json with the SHA-256 of every other file; the files of retrieval/files.py

Large files are hashed in a stream and then mapped, so that an index of any size opens in little memory. A
reader sees the generation that `current` names and no other, so a kill at any moment leaves the old
index or the new one. The hashes find damage; who can write to the folder can also rewrite them.
"""

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import AetiaError
from retrieval.corpus import Corpus
from retrieval.files import read_files, write_files

FORMAT = 3
"""Of the files and of how documents are read and split; another one is built anew."""
_TRIES = 5
"""A reader may meet a generation that is being replaced; it then looks again at `current`."""


class IndexDamaged(AetiaError):
    """An index whose files are missing or not those that were written."""


class IndexMissing(AetiaError):
    """No index of that name."""


@dataclass(frozen=True)
class Store:
    """An index; one that was loaded lies on disk, mapped.

    files: path -> SHA-256 of its content. texts: document id -> stored text.
    """

    corpus: Corpus
    files: Mapping[str, str]
    texts: Mapping[str, str]


def save(folder: Path, store: Store) -> None:
    """Write a generation and make it the one in use. A kill leaves what was there before."""
    generation = f"g-{uuid.uuid4().hex}"
    place = folder / generation
    place.mkdir(parents=True)
    write_files(place, store.corpus, store.texts)
    hashes = {}
    for path in sorted(place.iterdir()):
        _make_durable(path)
        hashes[path.name] = _hash(path)
    lists = store.corpus.lists
    manifest = json.dumps(
        {
            "format": FORMAT,
            "encoder": store.corpus.encoder_sha256,
            "files": dict(store.files),
            "probes": lists.probes if lists else 0,
            "sha256": hashes,
        }
    ).encode()
    _write(place / "manifest.json", manifest)
    _flush_folder(place)
    pointer = {"generation": generation, "manifest_sha256": hashlib.sha256(manifest).hexdigest()}
    _write(folder / "current.part", json.dumps(pointer).encode())
    _flush_folder(folder)
    (folder / "current.part").replace(folder / "current")
    _flush_folder(folder)
    remove_others(folder, generation)


def load(folder: Path) -> Store:
    """The index in use. Raises IndexMissing, IndexDamaged."""
    for left in reversed(range(_TRIES)):
        pointer = _pointer(folder)
        try:
            return _read(folder / pointer["generation"], pointer["manifest_sha256"])
        except FileNotFoundError as fault:
            if left == 0 or _pointer(folder) == pointer:
                raise IndexDamaged(
                    f"The index in {folder} lacks {fault.filename}; build it again."
                ) from fault
    raise IndexDamaged(f"The index in {folder} is replaced faster than it can be read.")


def remove_others(folder: Path, generation: str) -> None:
    """Remove generations that are not in use; the caller holds the index's lock."""
    for other in folder.glob("g-*"):
        if other.name != generation:
            shutil.rmtree(other, ignore_errors=True)


def _pointer(folder: Path) -> dict[str, str]:
    try:
        pointer = json.loads((folder / "current").read_text(encoding="utf-8"))
        return {key: str(pointer[key]) for key in ("generation", "manifest_sha256")}
    except FileNotFoundError as fault:
        raise IndexMissing(f"There is no index in {folder}; `aetia index PATH` builds one.") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise IndexDamaged(f"{folder / 'current'} is damaged; remove {folder} and build again.") from fault


def _read(place: Path, manifest_sha256: str) -> Store:
    content = (place / "manifest.json").read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest_sha256:
        raise _changed(place / "manifest.json")
    manifest = json.loads(content)
    if manifest["format"] != FORMAT:
        raise IndexDamaged(f"{place} has format {manifest['format']}, expected {FORMAT}; build it again.")
    for name, sha256 in manifest["sha256"].items():
        if _hash(place / name) != sha256:
            raise _changed(place / name)
    corpus, texts = read_files(place, manifest["encoder"], manifest["probes"])
    return Store(corpus, manifest["files"], texts)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _changed(path: Path) -> IndexDamaged:
    return IndexDamaged(f"{path} is not what was written (SHA-256 differs); build the index again.")


def _make_durable(path: Path) -> None:
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """Make names durable, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
