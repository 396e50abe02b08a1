"""Weights on disk: what is read is what was written, nearly; and nothing else is read at all."""

from pathlib import Path

import pytest

from torch_pair import torch
from vision import WeightsMissing
from vision.saved import BUILTIN, load_weights, read_card, read_tensors, save_weights
from vision.tasks import tasks

BUILT_IN = sorted(BUILTIN.rglob("*.safetensors"))


class Net(torch.nn.Module):
    """A large kernel, a small one, and normalisations."""

    def __init__(self) -> None:
        super().__init__()
        self.large = torch.nn.Conv2d(64, 96, 3)
        self.small = torch.nn.Linear(20, 5)
        self.norm = torch.nn.BatchNorm2d(96)
        self.norm.running_var.uniform_(0.01, 400)  # type: ignore[union-attr]


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Net, Path, dict[str, str]]:
    torch.manual_seed(0)
    net = Net()
    path = tmp_path / "deep" / "w.safetensors"
    return net, path, {"sha256": save_weights(net, path)}


def test_round_trip(saved: tuple[Net, Path, dict[str, str]]) -> None:
    net, path, card = saved
    other = Net()
    load_weights(other, path, card)
    assert not other.training
    before, after = net.state_dict(), other.state_dict()
    step = before["large.weight"].flatten(1).abs().amax(1) / 127
    off = (after["large.weight"] - before["large.weight"]).abs().flatten(1).amax(1)
    assert (off <= step / 2 + 1e-7).all() and off.max() > 0
    torch.testing.assert_close(after["small.weight"], before["small.weight"], rtol=1e-3, atol=1e-6)
    for key in ("norm.running_var", "norm.weight", "large.bias", "norm.num_batches_tracked"):
        assert torch.equal(after[key], before[key]), key


def test_the_file_is_a_quarter_and_anyone_may_read_it(saved: tuple[Net, Path, dict[str, str]]) -> None:
    net, path, _ = saved
    assert path.stat().st_size < 0.3 * 4 * sum(value.numel() for value in net.state_dict().values())
    assert path.stat().st_mode & 0o777 == 0o644


def test_writing_again_what_was_read_changes_nothing(
    saved: tuple[Net, Path, dict[str, str]], tmp_path: Path
) -> None:
    _, path, card = saved
    other = Net()
    load_weights(other, path, card)
    save_weights(other, tmp_path / "again.safetensors")
    for key, value in read_tensors(tmp_path / "again.safetensors").items():
        torch.testing.assert_close(value, read_tensors(path)[key], rtol=1e-6, atol=1e-7)


def test_exchanged_weights_are_refused(saved: tuple[Net, Path, dict[str, str]]) -> None:
    _, path, card = saved
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(WeightsMissing, match="not the file that its card describes"):
        load_weights(Net(), path, card)


def test_weights_of_another_network_are_refused(saved: tuple[Net, Path, dict[str, str]]) -> None:
    _, path, card = saved
    with pytest.raises(WeightsMissing, match="does not fit this version"):
        load_weights(torch.nn.Linear(3, 3), path, card)


def test_no_file_and_no_weights(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="make them with `aetia train image`"):
        load_weights(Net(), tmp_path / "w.safetensors", {"sha256": ""})
    (tmp_path / "w.safetensors").write_bytes(b"no tensors")
    with pytest.raises(WeightsMissing, match="not a readable file of weights"):
        read_tensors(tmp_path / "w.safetensors")


def test_a_card_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="no card at"):
        read_card(tmp_path / "w.safetensors")
    (tmp_path / "w.json").write_text("{", encoding="utf-8")
    with pytest.raises(WeightsMissing, match="is not JSON"):
        read_card(tmp_path / "w.safetensors")
    (tmp_path / "w.json").write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsMissing, match="lacks sha256, task"):
        read_card(tmp_path / "w.safetensors")


@pytest.mark.parametrize("path", BUILT_IN, ids=lambda path: path.stem)
def test_built_in_weights_say_what_they_are(path: Path) -> None:
    card = read_card(path)
    assert card["task"] == path.stem and path.stat().st_size < 5e6
    assert card["sha256"] in path.with_suffix(".md").read_text(encoding="utf-8")
    restricted = path.stem not in tasks() or tasks()[path.stem].restricted
    assert restricted == (path.parent.name == "restricted")
    if "spec" in card:
        assert card["spec"]["labels"] == list(tasks()[path.stem].labels)
        assert "CC BY 4.0" in card["spec"]["source"]["licence"] or restricted
