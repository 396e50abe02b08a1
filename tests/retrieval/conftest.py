"""Parts that the retrieval tests share: a tiny encoder, folders of their own, the shared data."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.embedding import Encoder
from retrieval.words import Words
from tests.retrieval.tiny import TinyEncoder

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AETIA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("AETIA_INDEXES", str(tmp_path / "indexes"))


@pytest.fixture
def tiny() -> TinyEncoder:
    return TinyEncoder()


@pytest.fixture(scope="session")
def words() -> Words:
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
