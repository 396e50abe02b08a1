"""Masked words: filled in better after a pass, and only the LoRA learns."""

from pathlib import Path

import numpy as np
import pytest

from assistant.training.learning import Learner
from assistant.training.pretrain import Corpus, CorpusUnusable, Filler, pretrain
from knowledge.base import KnowledgeBase
from retrieval.embedding import Encoder
from torch_pair import torch

ENGLISH = "Pneumonia number {n} is an infection of the lung with cough and fever."
CHINESE = "第{n}例肺炎患者有咳嗽和发热。"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n in range(40):
        (tmp_path / f"{n}.txt").write_text(ENGLISH.format(n=n), "utf-8")
        (tmp_path / f"{n}-zh.md").write_text(CHINESE.format(n=n), "utf-8")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    return tmp_path


def test_a_pass_fills_words_in_better_and_moves_the_lora_alone(
    world: KnowledgeBase, encoder: Encoder, folder: Path
) -> None:
    corpus = Corpus.open(folder)
    assert len(corpus.texts) == 80 and corpus == Corpus.open(folder)
    learner = Learner(world, encoder, seed=0)
    before = {name: p.detach().clone() for name, p in learner.network.named_parameters()}
    measured = pretrain(learner, encoder.folder, corpus, seed=0, passes=3, batch=8)
    assert len(measured) == 4 and measured[-1] < 0.7 * measured[0]
    moved = {n for n, p in learner.network.named_parameters() if not torch.equal(p, before[n])}
    assert moved and all("lora_" in name for name in moved)
    assert set(learner.weights()) == set(Learner(world, encoder, seed=0).weights())


def test_masks_leave_the_frame_alone_and_label_what_they_hide(world: KnowledgeBase, encoder: Encoder) -> None:
    learner = Learner(world, encoder, seed=0)
    texts = [ENGLISH.format(n=1) * 6, CHINESE.format(n=2) * 6]
    tokens, labels = Filler(learner, encoder.folder, 0)._masked(texts, torch.Generator().manual_seed(3))
    whole = learner.tokens(texts)["input_ids"]
    hidden = labels != -100
    assert torch.equal(labels[hidden], whole[hidden])
    assert torch.equal(tokens["input_ids"][~hidden], whole[~hidden])
    assert not hidden[:, 0].any()
    assert 0.05 < float(np.mean(hidden.numpy())) < 0.3


def test_too_little_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One passage.", "utf-8")
    with pytest.raises(CorpusUnusable, match="1 passages"):
        Corpus.open(tmp_path)
