"""The sentence encoder learns pairs, its adapter is read back as it was learnt, and nothing kept apart is learnt."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from assistant.training.embedding import (
    LORA_ALPHA,
    LORA_RANK,
    Kinds,
    Options,
    _Adapting,
    ranking_loss,
    ranks_of,
)
from assistant.training.pairs import Pair, bilingual_pairs, medquad_pairs, of_part
from knowledge.base import KnowledgeBase
from knowledge.errors import AetiaError
from retrieval.adapter import Adapter, AdapterUnusable, save
from retrieval.embedding import Encoder
from torch_pair import torch

THINGS = ["copper", "violin", "harbour", "tiger", "candle", "granite", "velvet", "orchid"]
ANSWERS = ["river", "engine", "pepper", "window", "winter", "spider", "ladder", "helmet"]
"""Words that have nothing to do with each other: that they go together has to be learnt."""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


def pairs() -> list[Pair]:
    """Each thing with its answer, in groups that are learnt from."""
    found, number = [], 0
    while len(found) < len(THINGS):
        at = len(found)
        pair = Pair(THINGS[at], ANSWERS[at], f"group {number}")
        number += 1
        if pair.part == "train":
            found.append(pair)
    return found


def test_learns_pairs_and_reads_them_back_from_its_folder(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt = pairs()
    options = Options(steps=24, batch=8, every=24, learning_rate=1e-3)
    adapting = _Adapting(encoder, Kinds(learnt, learnt), options)
    assert np.mean(ranks_of(encoder.encode, learnt)) > 2
    seen: list[tuple[int, int]] = []
    adapting.run(lambda *at: seen.append(at))
    assert seen[-1] == (24, 24)
    card = {"lora": {"scale": LORA_ALPHA / LORA_RANK}, "encoder": encoder.sha256}
    save(tmp_path, adapting.best, card)
    monkeypatch.setenv("AETIA_EMBEDDING", str(tmp_path))
    adapted = Encoder.for_search()
    assert adapted.sha256 != encoder.sha256 and adapted.reads_chinese
    assert np.mean(ranks_of(adapted.encode, learnt)) == 1
    texts = [pair.anchor for pair in learnt]
    assert adapted.encode(texts) == pytest.approx(adapting._vectors(texts), abs=2e-3)  # kept as float16
    assert encoder.encode(texts) == pytest.approx(
        Encoder.load().encode(texts), abs=1e-6
    )  # the base is untouched


def test_the_loss_is_that_of_the_formula_and_twins_are_no_negatives() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(3, 4, generator=torch.manual_seed(0)), dim=1)
    positives = torch.nn.functional.normalize(torch.randn(3, 4, generator=torch.manual_seed(1)), dim=1)
    apart = [Pair("a", "x", ""), Pair("b", "y", ""), Pair("c", "z", "")]
    scores = 20 * vectors.numpy() @ positives.numpy().T
    ways = [-np.log(np.exp(s.diagonal()) / np.exp(s).sum(axis=1)).mean() for s in (scores, scores.T)]
    assert float(ranking_loss(vectors, positives, apart)) == pytest.approx(np.mean(ways), rel=1e-5)
    twins = [Pair("a", "x", ""), Pair("b", "x", ""), Pair("c", "x", "")]
    assert float(ranking_loss(vectors, positives, twins)) == pytest.approx(0, abs=1e-6)


def test_a_group_is_in_one_part_and_all_parts_are_filled(world: KnowledgeBase, core: KnowledgeBase) -> None:
    found = bilingual_pairs(core)
    parts = {part: {pair.group for pair in of_part(found, part)} for part in ("train", "fit", "test")}
    assert all(parts.values())
    assert sum(map(len, parts.values())) == len({pair.group for pair in found})
    assert len(parts["train"]) > 5 * len(parts["test"]) > 5 * len(parts["fit"])


def test_medquad_is_read_by_focus_and_anything_else_is_refused(tmp_path: Path) -> None:
    rows = [
        {"focus": "Gout", "question": "What is Gout ?", "answer": "Gout\n  hurts."},
        {"focus": "Gout", "question": "What causes Gout ?", "answer": None},
    ]
    with gzip.open(tmp_path / "answers.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    assert medquad_pairs(tmp_path) == [Pair("What is Gout ?", "Gout hurts.", "gout")]
    with gzip.open(tmp_path / "answers.jsonl.gz", "wt") as stream:
        stream.write('{"name": 1}\n')
    with pytest.raises(AetiaError, match="focus, question and answer"):
        medquad_pairs(tmp_path)


def test_a_damaged_adapter_or_one_of_another_encoder_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    save(tmp_path, {"x.lora_A": torch.zeros(1, 2)}, {"lora": {"scale": 1.0}, "encoder": "another"})
    with pytest.raises(AdapterUnusable, match="made for the encoder another"):
        Encoder.load(tmp_path)
    path = tmp_path / "adapter.safetensors"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(AdapterUnusable, match="damaged or was exchanged"):
        Adapter.load(tmp_path)
    with pytest.raises(AdapterUnusable, match="cannot be read"):
        Adapter.load(tmp_path / "nowhere")
