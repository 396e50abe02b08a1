"""An index on disk: written to a folder of its own, hashed, made durable, then pointed to.

    <root>/<name>/current            JSON: the generation in use and the SHA-256 of its manifest
    <root>/<name>/<generation>/      manifest.json with the SHA-256 of every other file; *.npy; *.json(l)

A reader sees the generation that `current` names and no other, so a kill at any moment leaves the old
index or the new one. The hashes find damage; who can write to the folder can also rewrite them.
"""

import hashlib
import io
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.errors import AetiaError
from retrieval.bm25 import TermCounts
from retrieval.corpus import Corpus
from retrieval.passages import TextPassage

FORMAT = 2
"""Of the files and of how documents are read and split; another one is built anew."""
_TRIES = 5
"""A reader may meet a generation that is being replaced; it then looks again at `current`."""


class IndexDamaged(AetiaError):
    """An index whose files are missing or not those that were written."""


class IndexMissing(AetiaError):
    """No index of that name."""


@dataclass(frozen=True)
class Store:
    """An index as it is in memory.

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
    hashes: dict[str, str] = {}
    for name, content in _files(store):
        hashes[name] = hashlib.sha256(content).hexdigest()
        _write(place / name, content)
    manifest = json.dumps(
        {
            "format": FORMAT,
            "encoder": store.corpus.encoder_sha256,
            "files": dict(store.files),
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


def _files(store: Store) -> Iterator[tuple[str, bytes]]:
    corpus = store.corpus
    yield "texts.json", json.dumps(dict(store.texts), ensure_ascii=False).encode()
    yield "passages.jsonl", "\n".join(_line(p) for p in corpus.passages).encode()
    yield "vocabulary.json", json.dumps(corpus.counts.vocabulary, ensure_ascii=False).encode()
    arrays: dict[str, Any] = {
        "vectors": corpus.vectors.astype(np.float16),
        "rows": corpus.rows,
        "starts": corpus.counts.starts,
        "documents": corpus.counts.documents.astype(np.int32),
        "counts": corpus.counts.counts.astype(np.int32),
        "lengths": corpus.counts.lengths,
    }
    if corpus.graph is not None:
        arrays["graph"] = corpus.graph
    for name, array in arrays.items():
        stream = io.BytesIO()
        np.save(stream, array, allow_pickle=False)
        yield f"{name}.npy", stream.getvalue()


_KEPT = ("id", "language", "title", "publisher", "url", "date", "licence", "page", "start", "end", "document")


def _line(passage: TextPassage) -> str:
    record = {name: getattr(passage, name) for name in _KEPT} | {"section": list(passage.section)}
    return json.dumps(record, ensure_ascii=False)


def _read(place: Path, manifest_sha256: str) -> Store:
    manifest = json.loads(_checked(place / "manifest.json", manifest_sha256))
    if manifest["format"] != FORMAT:
        raise IndexDamaged(f"{place} has format {manifest['format']}, expected {FORMAT}; build it again.")
    content = {name: _checked(place / name, sha256) for name, sha256 in manifest["sha256"].items()}
    texts: dict[str, str] = json.loads(content["texts.json"])
    arrays: dict[str, Any] = {
        name.removesuffix(".npy"): np.load(io.BytesIO(data), allow_pickle=False)
        for name, data in content.items()
        if name.endswith(".npy")
    }
    counts = TermCounts(
        tuple(json.loads(content["vocabulary.json"])),
        arrays["starts"],
        arrays["documents"].astype(np.int64),
        arrays["counts"].astype(np.int64),
        arrays["lengths"],
    )
    corpus = Corpus(
        passages=tuple(_passage(line, texts) for line in content["passages.jsonl"].splitlines()),
        vectors=arrays["vectors"].astype(np.float32),
        rows=arrays["rows"],
        counts=counts,
        encoder_sha256=manifest["encoder"],
        graph=arrays.get("graph"),
    )
    return Store(corpus, manifest["files"], texts)


def _passage(line: bytes, texts: Mapping[str, str]) -> TextPassage:
    record = json.loads(line)
    text = texts[record["id"].partition("#")[0]][record["start"] : record["end"]]
    return TextPassage(**{**record, "text": text, "section": tuple(record["section"])})


def _checked(path: Path, sha256: str) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise IndexDamaged(f"{path} is not what was written (SHA-256 differs); build the index again.")
    return content


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
