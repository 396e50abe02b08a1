"""The text model learns what it is shown, and what was saved reads as what was learnt."""

import json
from pathlib import Path

import numpy as np
import pytest

from assistant import packed_weights
from assistant.text_model import TextModel
from assistant.training.examples import Example, Examples, drawn
from assistant.training.learning import LORA_ALPHA, LORA_RANK, Learner
from assistant.training.simulate import Simulator
from knowledge.base import KnowledgeBase
from knowledge.graph import CausalGraph
from retrieval.embedding import Encoder
from torch_pair import torch


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


def test_names_are_examples_of_their_findings(world: KnowledgeBase) -> None:
    examples = Examples(world, 0.1)
    rng = np.random.default_rng(0)
    findings = list(world.findings.values())
    for example in examples.of_names(rng, 1.0):
        for row in (*example.present, *example.absent):
            words = [n.lower() for n in (*findings[row].names.en, *findings[row].names.zh)]
            words += [findings[row].question.en.lower(), findings[row].question.zh]
            assert any(word in example.text for word in words)


def test_what_a_case_may_imply_is_left_out_of_the_loss(world: KnowledgeBase) -> None:
    child = next(f for f in world.findings.values() if f.parents)
    cases = Simulator(CausalGraph(world), np.random.default_rng(0)).cases(40)
    rows = Examples(world, 0.1).finding_rows
    shown = [e for e in Examples(world, 0.1).of_simulated(cases) if rows[child.id] in e.present]
    assert shown
    assert all(rows[p] in (*e.unsaid, *e.present, *e.absent) for e in shown for p in child.parents)


def test_learns_the_world_and_reads_it_back_from_its_file(
    world: KnowledgeBase, encoder: Encoder, tmp_path: Path
) -> None:
    examples = Examples(world, 0.1)
    cases = list(examples.of_simulated(Simulator(CausalGraph(world), np.random.default_rng(1)).cases(12)))
    learner = Learner(world, encoder, seed=0)
    optimizer = torch.optim.AdamW(learner.parameters(1e-3, 1e-2))
    for step in range(24):
        few = [cases[(step * 16 + i) % len(cases)] for i in range(16)]
        optimizer.zero_grad()
        learner.loss(few, 0.0).backward()
        optimizer.step()
    diseases, findings, _ = learner.scores([c.text for c in cases])
    labels = [max(c.diseases, key=c.diseases.__getitem__) for c in cases]
    assert (diseases.argmax(1) == labels).mean() > 0.7
    stated = [findings[i, row] for i, c in enumerate(cases) for row in c.present]
    assert np.mean(stated) > findings.mean() + 1

    packed_weights.save(learner.weights(), tmp_path / "model.safetensors")
    card = {
        "diseases": list(world.diseases),
        "findings": list(world.findings),
        "temperature": 1.0,
        "lora": {"scale": LORA_ALPHA / LORA_RANK},
    }
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    model = TextModel.load(encoder, tmp_path)
    read = model.log_probabilities([c.text for c in cases])
    assert (read.argmax(1) == diseases.argmax(1)).mean() > 0.95
    assert np.exp(read).sum(1) == pytest.approx(1)


def test_a_reader_goes_on_from_where_the_text_model_ended(
    world: KnowledgeBase, encoder: Encoder, tmp_path: Path
) -> None:
    first = Learner(world, encoder, seed=0)
    torch.nn.init.normal_(next(p for n, p in first.network.named_parameters() if "lora_B" in n))
    torch.nn.init.normal_(first.network.denied.weight)
    reader = Learner(world, encoder, seed=1, reader=True)
    texts = ["cough and fever", "没有发热"]
    kept = first.weights()
    # another order of rows than the reader's own
    card = {"diseases": list(world.diseases), "findings": list(world.findings)[::-1]}
    for part in ("weight", "bias"):
        kept[f"findings.{part}"] = kept[f"findings.{part}"].flip(0)
    reader.begin_with(kept, card)
    again = Learner(world, encoder, seed=2)
    again.begin_with(kept, card)
    assert np.abs(again.scores(texts)[0] - first.scores(texts)[0]).max() < 0.05

    _, findings, denied = first.scores(texts)
    nothing, findings_again, denied_again = reader.scores(texts)
    assert nothing.shape == (2, 0)
    assert np.abs(findings_again - findings).max() < 0.05 and np.abs(denied_again - denied).max() < 0.05

    example = next(iter(Examples(world, 0.1).of_names(np.random.default_rng(0), 1.0)))
    assert float(reader.loss([example], 0.0)) > 0
    packed_weights.save(reader.weights(), tmp_path / "model.safetensors")
    card = {"diseases": [], "findings": list(world.findings), "temperature": 1.0, "lora": {"scale": 2.0}}
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    read = {f.finding: f.probability for f in TextModel.load(encoder, tmp_path).read(texts[0], 0.0)}
    expected = 1 / (1 + np.exp(-findings_again[0]))
    assert [read[f] for f in world.findings] == pytest.approx(list(expected), abs=0.02)


def test_of_many_cases_the_longer_are_drawn_oftener() -> None:
    cases = [Example("cough " * words, {}) for words in (1, 9) for _ in range(500)]
    few = drawn(cases, 200, np.random.default_rng(0))
    assert len(few) == 200 and len({id(case) for case in few}) == 200
    assert sum(len(case.text) > 10 for case in few) > 160
    assert drawn(cases, 0, np.random.default_rng(0)) is cases
