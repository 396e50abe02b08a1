"""Smaller forms of the text model's network: the same scores, or nearly, and told when it cannot be."""

import copy
from pathlib import Path

import pytest

from assistant.onnx_network import OnnxNetwork, OnnxUnusable, export
from assistant.pruning import pruned
from assistant.text_network import CaseNetwork
from torch_pair import torch

TOKENS = {
    "input_ids": torch.tensor([[2, 9, 17, 40, 3], [2, 11, 3, 0, 0]]),
    "attention_mask": torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]),
}


@pytest.fixture(scope="module")
def network() -> CaseNetwork:
    """A BERT of two thin layers with heads."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=64, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    return CaseNetwork(BertModel(config, add_pooling_layer=False), 5, 8).eval()


def scores(network: CaseNetwork | OnnxNetwork, places: bool = True) -> tuple[torch.Tensor, ...]:
    with torch.inference_mode():
        found = network(TOKENS, places=places)
    return found.diseases, found.findings, found.denied, found.places


def apart(one: tuple[torch.Tensor, ...], other: tuple[torch.Tensor, ...]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(one, other, strict=True))


def test_neurons_that_do_nothing_leave_without_a_trace(network: CaseNetwork) -> None:
    idle = copy.deepcopy(network)
    with torch.no_grad():
        for layer in idle.encoder.encoder.layer:
            layer.output.dense.weight[:, ::2] = 0.0
    smaller = pruned(idle, 0.5)
    assert smaller.encoder.encoder.layer[0].intermediate.dense.out_features == 32
    assert apart(scores(smaller), scores(idle)) < 1e-6
    assert network.encoder.encoder.layer[0].intermediate.dense.out_features == 64


def test_what_is_pruned_is_what_weighs_least(network: CaseNetwork) -> None:
    little, much = pruned(network, 0.1), pruned(network, 0.9)
    assert 0 < apart(scores(little), scores(network)) < apart(scores(much), scores(network))
    with pytest.raises(ValueError, match="cannot be taken out"):
        pruned(network, 1.0)


@pytest.mark.parametrize(("int8", "most"), [(False, 1e-4), (True, 0.2)])
def test_onnx_gives_the_same_scores(network: CaseNetwork, tmp_path: Path, int8: bool, most: float) -> None:
    pytest.importorskip("onnxruntime", reason="install aetia[compress]")
    path = tmp_path / "text.onnx"
    export(network, path, int8)
    again = OnnxNetwork(path)
    assert apart(scores(again), scores(network)) < most
    assert again(TOKENS).places is None
    assert [p.name for p in tmp_path.iterdir()] == ["text.onnx"]


def test_a_reader_names_no_disease_in_onnx_either(network: CaseNetwork, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="install aetia[compress]")
    reader = CaseNetwork(network.encoder, 0, 8).eval()
    export(reader, tmp_path / "reader.onnx", int8=False)
    again, before = scores(OnnxNetwork(tmp_path / "reader.onnx")), scores(reader)
    assert again[0] is None and before[0] is None
    assert apart(again[1:], before[1:]) < 1e-4


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="install aetia[compress]")
    (tmp_path / "x.onnx").write_bytes(b"nothing")
    with pytest.raises(OnnxUnusable, match="aetia compress"):
        OnnxNetwork(tmp_path / "x.onnx")
