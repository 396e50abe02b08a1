from pathlib import Path

import numpy as np
import pytest

from retrieval.vector_cache import VectorCache, ship
from tests.retrieval.tiny import TinyEncoder


def test_texts_are_encoded_once_and_the_answer_does_not_depend_on_it(
    tmp_path: Path, tiny: TinyEncoder
) -> None:
    fresh = VectorCache(tmp_path, tiny).vectors(["a b", "c", "a b"])
    kept = VectorCache(tmp_path, tiny).vectors(["c", "a b", "new"])
    assert sorted(tiny.encoded) == ["a b", "c", "new"]
    assert (fresh[1] == kept[0]).all()
    assert (fresh[0] == kept[1]).all()
    assert fresh.dtype == np.float32


def test_vectors_can_be_shipped(tmp_path: Path, tiny: TinyEncoder) -> None:
    ship(["a", "b"], tiny, tmp_path / "pack.npy")
    other = TinyEncoder()
    VectorCache(tmp_path / "empty", other, [tmp_path / "pack.npy"]).vectors(["b", "a"])
    assert other.encoded == []


def test_a_damaged_shard_or_another_models_is_not_used(tmp_path: Path, tiny: TinyEncoder) -> None:
    VectorCache(tmp_path, tiny).vectors(["a"])
    (shard,) = tmp_path.glob("*/*.npy")
    shard.write_bytes(shard.read_bytes()[:-1] + b"\xff")
    again = TinyEncoder()
    assert (VectorCache(tmp_path, again).vectors(["a"]) == VectorCache(tmp_path, tiny).vectors(["a"])).all()
    assert again.encoded == ["a"]
    stranger = TinyEncoder()
    stranger.sha256 = "other"
    VectorCache(tmp_path, stranger).vectors(["a"])
    assert stranger.encoded == ["a"]


@pytest.mark.skipif(not hasattr(__import__("os"), "geteuid"), reason="needs POSIX permissions")
def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, tiny: TinyEncoder) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert VectorCache(tmp_path / "file", tiny).vectors(["a"]).shape == (1, 16)
