"""Vectors kept on disk under the hash of their text, so that no text is encoded twice.

A shard is a pair of files: `<name>.npy`, (n, d) float16, and `<name>.json` with the model, the
SHA-256 of the array and of each text. A shard is whole or is not used. Vectors always pass through
float16, so that an answer does not depend on whether they were kept.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Encoder, Floats, Progress

_SHARD = 1024
"""Texts encoded between two savings: what a kill can cost, about ten seconds on two cores."""

Halves = NDArray[np.float16]
EncodeParts = Callable[[Iterable[Sequence[str]]], Iterator[Floats]]
"""Parts of a corpus -> their vectors, part by part in the same order: here, or on other machines."""


class VectorCache:
    """Vectors of one encoder in a folder, and in shards shipped elsewhere (paths of `.npy` files).

    encode_parts: who encodes what is not kept; the encoder itself when None.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        shipped: Sequence[Path] = (),
        encode_parts: EncodeParts | None = None,
    ) -> None:
        self._folder = folder / encoder.sha256[:16]
        self._encoder = encoder
        self._shipped = tuple(shipped)
        self._encode_parts = encode_parts or (lambda parts: map(encoder.encode, parts))

    @property
    def encoder_sha256(self) -> str:
        """Whose vectors these are."""
        return self._encoder.sha256

    @property
    def reads_chinese(self) -> bool:
        """Whether Chinese texts can be encoded as they are."""
        return self._encoder.reads_chinese

    def vectors(self, texts: Sequence[str], progress: Progress | None = None) -> Floats:
        """(n, d) float32 unit vectors; those not kept are encoded, and kept from then on."""
        keys = [text_key(text) for text in texts]
        known = self._known(set(keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        self._encode(missing, known, progress)
        found = np.zeros((len(texts), self._encoder.dimension), np.float32)
        for row, key in enumerate(keys):
            found[row] = known[key]
        return found

    def _encode(self, missing: dict[str, str], known: dict[str, Halves], progress: Progress | None) -> None:
        keys = sorted(missing, key=lambda key: (len(missing[key]), key))
        parts = [keys[start : start + _SHARD] for start in range(0, len(keys), _SHARD)]
        encoded = self._encode_parts([missing[key] for key in part] for part in parts)
        done = 0
        for part, vectors in zip(parts, encoded, strict=True):
            fresh = vectors.astype(np.float16)
            self._keep(part, fresh)
            known.update(zip(part, fresh, strict=True))
            done += len(part)
            if progress:
                progress(done, len(keys))

    def _known(self, wanted: set[str]) -> dict[str, Halves]:
        known: dict[str, Halves] = {}
        for path in (*self._shipped, *sorted(self._folder.glob("*.npy"))):
            if not wanted <= known.keys():
                known.update(read_shard(path, self._encoder.sha256, wanted))
        return known

    def _keep(self, keys: Sequence[str], vectors: Halves) -> None:
        """A cache that cannot be written is done without."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            name = hashlib.sha256("".join(keys).encode()).hexdigest()[:16]
            write_shard(self._folder / f"{name}.npy", self._encoder.sha256, keys, vectors)
        except OSError:
            return


def text_key(text: str) -> str:
    """What a text is kept under."""
    return hashlib.sha256(text.encode()).hexdigest()


def ship(texts: Sequence[str], encoder: Encoder, path: Path) -> None:
    """Write the vectors of texts as one shard, `path` (.npy) and its .json, to stand beside a pack."""
    unique = sorted(set(texts))
    write_shard(
        path, encoder.sha256, [text_key(t) for t in unique], encoder.encode(unique).astype(np.float16)
    )


def write_shard(path: Path, model: str, keys: Sequence[str], vectors: Halves) -> None:
    """The description is written last: a shard without one is not there."""
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as stream:
        np.save(stream, vectors, allow_pickle=False)
    described = {
        "model": model,
        "sha256": hashlib.sha256(partial.read_bytes()).hexdigest(),
        "texts": list(keys),
    }
    partial.replace(path)
    partial.write_text(json.dumps(described), encoding="utf-8")
    partial.replace(path.with_suffix(".json"))


def read_shard(path: Path, model: str, wanted: set[str]) -> dict[str, Halves]:
    """Wanted vectors of a shard by key; none when it is damaged, incomplete or another model's."""
    try:
        described = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if described["model"] != model or not wanted.intersection(described["texts"]):
            return {}
        if hashlib.sha256(path.read_bytes()).hexdigest() != described["sha256"]:
            return {}
        vectors = np.load(path, allow_pickle=False)
        return {k: row for k, row in zip(described["texts"], vectors, strict=True) if k in wanted}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
