"""Encoding by two workers of a Ray cluster: the vectors of one process, in order."""

from pathlib import Path

import numpy as np
import pytest

from retrieval import index, vector_cache
from retrieval.embedding import Encoder, ModelUnusable
from retrieval.on_ray import encode_part, ray_encoding

TEXTS = [f"Gout hurts joint {n} at night." for n in range(30)]


@pytest.fixture
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


def test_two_workers_make_the_index_that_one_process_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_cluster: None
) -> None:
    monkeypatch.setattr(vector_cache, "_SHARD", 4)
    (tmp_path / "gout.md").write_text("".join(f"# Part {n}\n{text}\n" for n, text in enumerate(TEXTS)))
    encoder = Encoder.load()
    seen: list[tuple[int, int]] = []
    with ray_encoding(encoder, 2) as encode_parts:
        report = index.build(
            [tmp_path / "gout.md"],
            "far",
            lambda *at: seen.append(at),
            encoder=encoder,
            encode_parts=encode_parts,
        )
    index.build([tmp_path / "gout.md"], "near", encoder=encoder)
    far, near = index.open_store("far"), index.open_store("near")
    assert report.passages == 30
    assert len(seen) == 8  # shards of four
    assert far.passages == near.passages
    assert np.abs(far.vectors - near.vectors).max() < 2e-3  # float16, and batches of other sizes


def test_a_worker_with_another_model_is_refused() -> None:
    with pytest.raises(ModelUnusable, match="every node"):
        encode_part(None, "0" * 64, ["Gout."])
