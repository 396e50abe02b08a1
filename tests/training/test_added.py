"""A disease that a text model has never heard of is learnt, and nothing else changes."""

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from assistant.text_model import BUILTIN, TextModel
from assistant.training.added import train
from assistant.training.bank import bank
from knowledge.base import KnowledgeBase
from retrieval.embedding import Encoder
from torch_pair import torch

UNHEARD = "gout"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a text model that does not know a disease."""
    copy = tmp_path_factory.mktemp("text")
    card = json.loads((BUILTIN / "card.json").read_text(encoding="utf-8"))
    kept = [i for i, disease in enumerate(card["diseases"]) if disease != UNHEARD]
    stored = load_file(BUILTIN / "model.safetensors")
    stored |= {name: value[kept] for name, value in stored.items() if name.startswith("diseases.")}
    save_file(stored, copy / "model.safetensors")
    card["diseases"] = [card["diseases"][i] for i in kept]
    (copy / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return copy


def test_an_unheard_disease_is_learnt_and_nothing_else_changes(folder: Path, core: KnowledgeBase) -> None:
    before = load_file(folder / "model.safetensors")
    assert "diseases added" in train([folder], others=300, base=core)
    model = TextModel.load(Encoder.load(), folder)
    assert UNHEARD in model.diseases[-len(model.diseases) + len(before["diseases.bias"]) :]
    after = load_file(folder / "model.safetensors")
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert torch.equal(after[name][: len(value)] if name.startswith("diseases.") else after[name], value)
    told = [case.text for case in bank("test") if case.diagnosis == UNHEARD]
    first = [model.diseases[int(row.argmax())] for row in model.log_probabilities(told)]
    assert UNHEARD in first
    assert UNHEARD in (folder / "README.md").read_text(encoding="utf-8")
    assert train([folder], base=core) == "Every disease of the pack is known to the text models."
