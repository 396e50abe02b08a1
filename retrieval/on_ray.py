"""Texts encoded by the workers of a Ray cluster, and the cluster itself."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from knowledge.errors import AetiaError
from retrieval.embedding import Encoder, Floats, ModelUnusable
from retrieval.vector_cache import EncodeParts

_AHEAD = 3
"""Parts given out for each worker before the first must be back."""
_TRIES = 5
"""Times that a part is given out when its worker dies."""
_STORE = 100_000_000
"""Bytes of memory that a local Ray may keep texts and vectors in."""


@contextmanager
def ray_session(count: int) -> Iterator[Any]:
    """The module `ray`, joined to the cluster at RAY_ADDRESS, or to a local one of `count` processors.

    Nothing of the use is reported, and nothing that is worked on reaches Ray's logs. Raises AetiaError
    when Ray is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as missing:
        raise AetiaError("Ray is not installed; install it with `pip install 'aetia[ray]'`") from missing
    settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if not os.environ.get("RAY_ADDRESS"):
        settings |= {"num_cpus": count, "include_dashboard": False, "object_store_memory": _STORE}
    ray.init(**settings)
    try:
        yield ray
    finally:
        ray.shutdown()


@contextmanager
def ray_encoding(encoder: Encoder, count: int) -> Iterator[EncodeParts]:
    """Encodes parts with `count` workers at a time; each must have the same model at the same place.

    A part whose worker died is encoded by another. Raises AetiaError when Ray is not installed, and
    ModelUnusable where a node has another model.
    """
    with ray_session(count) as ray:
        remote = ray.remote(max_retries=_TRIES, num_cpus=1)(encode_part)
        folder = None if encoder == Encoder.load() else str(encoder.adapter or encoder.folder)

        def encode(parts: Iterable[Sequence[str]]) -> Iterator[Floats]:
            remaining = (remote.remote(folder, encoder.sha256, list(part)) for part in parts)
            waiting = deque(islice(remaining, count * _AHEAD))
            while waiting:
                yield ray.get(waiting.popleft())
                waiting.extend(islice(remaining, 1))

        yield encode


def encode_part(folder: str | None, sha256: str, texts: Sequence[str]) -> Floats:
    """(n, d) vectors of texts, in a worker. Raises ModelUnusable when its model is not that of `sha256`."""
    encoder = _encoder(folder)
    if encoder.sha256 != sha256:
        raise ModelUnusable(
            f"A worker's embedding model has SHA-256 {encoder.sha256[:12]}…, expected {sha256[:12]}…: install "
            "the same Aetia on every node."
        )
    return encoder.encode(texts)


@cache
def _encoder(folder: str | None) -> Encoder:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread a worker: they would wait on each other
    return Encoder.load(Path(folder) if folder else None)
