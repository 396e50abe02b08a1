"""The networks: a score is the mean of its map, both ways are one, a folded backbone unfolds."""

from pathlib import Path

import numpy as np
import pytest

from torch_pair import torch
from vision.models import (
    Backbone,
    BackboneFault,
    PictureNet,
    inputs,
    seen_both_ways,
    start_backbone,
    turned_back,
    unfold_normalisation,
)
from vision.saved import save_weights

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def net() -> PictureNet:
    torch.manual_seed(0)
    return PictureNet(labels=3, masks=2).eval()


@pytest.fixture
def batch() -> torch.Tensor:
    return torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(5))


@torch.no_grad()
def test_a_score_is_the_mean_of_its_map(net: PictureNet, batch: torch.Tensor) -> None:
    seen = net(batch)
    assert (
        seen.logits.shape == (2, 3)
        and seen.cells.shape == (2, 3, 2, 3)
        and seen.masks.shape == (2, 2, 16, 24)
    )
    torch.testing.assert_close(seen.logits, seen.cells.mean((2, 3)))
    assert seen.cells.std() > 0


@torch.no_grad()
def test_seen_both_ways_equals_its_mirror_image(net: PictureNet, batch: torch.Tensor) -> None:
    seen, mirrored = seen_both_ways(net, batch, True), seen_both_ways(net, batch.flip(-1), True)
    close = {"rtol": 1e-3, "atol": 1e-5}
    torch.testing.assert_close(seen.logits, mirrored.logits, **close)
    torch.testing.assert_close(seen.cells, mirrored.cells.flip(-1), **close)
    torch.testing.assert_close(seen.masks, mirrored.masks.flip(-1), **close)
    torch.testing.assert_close(seen.logits, seen.cells.mean((2, 3)), **close)
    once = seen_both_ways(net, batch, False)
    torch.testing.assert_close(once.logits, net(batch).logits, **close)


@torch.no_grad()
def test_a_network_that_only_outlines_or_only_names(batch: torch.Tensor) -> None:
    outlines, names = PictureNet(0, masks=1).eval()(batch), PictureNet(2).eval()(batch)
    assert outlines.logits.shape == (2, 0) and outlines.masks.shape == (2, 1, 16, 24)
    assert names.logits.shape == (2, 2) and names.masks.shape[1] == 0


def test_grey_is_stretched_and_forgets_exposure() -> None:
    square = np.random.default_rng(0).integers(0, 100, (32, 48), dtype=np.uint8)
    torch.testing.assert_close(inputs([square]), inputs([square * 2 + 20]))
    assert inputs([square]).shape == (1, 3, 32, 48)
    assert inputs([np.full((8, 8), 9, np.uint8)]).abs().max() == 0


def test_each_picture_is_stretched_by_itself() -> None:
    rng = np.random.default_rng(0)
    dark, light = rng.integers(0, 50, (8, 8), dtype=np.uint8), rng.integers(100, 250, (8, 8), dtype=np.uint8)
    torch.testing.assert_close(inputs([dark, light])[1:], inputs([light]))


def test_colour_is_left_as_it_is() -> None:
    colours = np.random.default_rng(0).integers(50, 100, (4, 6, 3), dtype=np.uint8)
    x = inputs([colours])
    assert x.shape == (1, 3, 4, 6) and x[0, 2, 1, 4] == pytest.approx(colours[1, 4, 2] / 255)


def test_unfolding_leaves_the_function_as_it_was() -> None:
    torch.manual_seed(0)
    net = Backbone()
    x = torch.rand(4, 3, 64, 64)
    before = net.eval()(x)
    unfold_normalisation(net, [x])
    torch.testing.assert_close(net.eval()(x), before, rtol=1e-3, atol=1e-4)
    norm = net.features[0][1]
    assert norm.running_mean.abs().sum() > 0 and (norm.running_var != 1).any()
    kept = norm.running_mean.clone()
    unfold_normalisation(net, [torch.zeros(4, 3, 64, 64)])
    assert torch.equal(norm.running_mean, kept), "what was never folded is left alone"


def test_a_backbone_that_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(BackboneFault, match="no backbone weights at"):
        start_backbone(Backbone(), tmp_path / "none.pt")
    torch.save({"features.0.0.weight": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(BackboneFault, match="does not hold"):
        start_backbone(Backbone(), tmp_path / "other.pt")


def test_a_backbone_is_turned_back_and_starts_another(tmp_path: Path) -> None:
    torch.manual_seed(0)
    source = Backbone()
    torch.save(turned_back(source.state_dict()), tmp_path / "b.pt")
    target = Backbone()
    start_backbone(target, tmp_path / "b.pt")
    assert all(torch.equal(value, source.state_dict()[key]) for key, value in target.state_dict().items())


def test_our_own_weights_start_a_backbone(net: PictureNet, tmp_path: Path) -> None:
    save_weights(net, tmp_path / "w.safetensors")
    target = Backbone()
    start_backbone(target, tmp_path / "w.safetensors")
    ours = net.backbone.state_dict()["features.18.0.weight"]
    torch.testing.assert_close(target.state_dict()["features.18.0.weight"], ours, rtol=0, atol=0.01)
