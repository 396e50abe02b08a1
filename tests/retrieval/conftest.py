"""Parts that the retrieval tests share: a tiny encoder, folders of their own, the shared data."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedding import Encoder
from retrieval.words import Words

ROOT = Path(__file__).parents[2]


class TinyEncoder:
    """Adds up a fixed random vector for each word: texts with common words are near each other."""

    sha256 = "tiny"
    dimension = 16

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], batch: int = 32, progress: object = None) -> np.ndarray:
        self.encoded += texts
        return np.stack([self._vector(text) for text in texts]) if texts else np.zeros((0, 16), np.float32)

    def _vector(self, text: str) -> np.ndarray:
        words = text.lower().split() or ["."]
        seeds = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") for word in words]
        total = sum(np.random.default_rng(seed).normal(size=self.dimension) for seed in seeds)
        return (total / np.linalg.norm(total)).astype(np.float32)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AETIA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AETIA_INDEXES", str(tmp_path / "indexes"))


@pytest.fixture
def tiny() -> TinyEncoder:
    return TinyEncoder()


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Words:
    return Words()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """Finds a file of the shared data; skips where it is absent, but never in CI."""
    folder = Path(os.environ.get("AETIA_DATA") or ROOT.parent / "shared" / "data")

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists() and not os.environ.get("CI"):
            pytest.skip(f"{path} is absent; set AETIA_DATA to the folder of shared data")
        return path

    return find
