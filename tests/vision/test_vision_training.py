"""Training: the loss moves what it should, a cut run goes on to the same end, the card is whole."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from torch_pair import torch
from vision import WeightsMissing, training
from vision.augment import shaken
from vision.classify import OpacityModel
from vision.datasets import part_of
from vision.geometry import Box
from vision.models import Backbone, BackboneFault, OpacityNet, start_backbone, stretched, unfold_normalisation
from vision.opacity_training import Example, Settings, fit, location_loss, predicted
from vision.scope_head import KINDS, Seen, features, fit_head, with_turned

pytestmark = pytest.mark.usefixtures("one_thread")

SETTINGS = Settings(epochs=2, batch=4, half=False, patience=9)


def _examples(count: int, side: int = 64) -> list[Example]:
    """Even ones dark, odd ones with a bright patch low on the left."""
    rng = np.random.default_rng(count)
    found = []
    for i in range(count):
        pixels = rng.integers(40, 80, (side, side), dtype=np.uint8)
        if i % 2:
            pixels[side // 2 : -4, 4 : side // 2] += 120
        found.append(Example(pixels, bool(i % 2), "child", (Box(0.1, 0.5, 0.4, 0.4),) if i % 2 else ()))
    return found


def _fit(checkpoint: Path, settings: Settings) -> OpacityNet:
    torch.manual_seed(0)
    net = OpacityNet()
    fit(net, _examples(8), _examples(6), "random", settings, checkpoint)
    return net


def test_a_cut_run_goes_on_to_the_same_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _fit(tmp_path / "whole", SETTINGS)
    from vision import opacity_training

    epoch = opacity_training._epoch

    def power_cut(*arguments: object) -> float:
        if arguments[-1] == 1:
            raise KeyboardInterrupt
        return epoch(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(opacity_training, "_epoch", power_cut)
    with pytest.raises(KeyboardInterrupt):
        _fit(tmp_path / "cut", SETTINGS)
    monkeypatch.setattr(opacity_training, "_epoch", epoch)
    torch.manual_seed(99)  # whatever else happened in between
    resumed = _fit(tmp_path / "cut", SETTINGS)
    for key, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[key], value, msg=key)


def test_early_stopping_keeps_the_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([0.9, 0.8, 0.7, 0.6, 0.5])
    monkeypatch.setattr("vision.opacity_training.population_auc", lambda *_: next(scores))
    monkeypatch.setattr("vision.opacity_training._epoch", lambda *_: 0.0)
    torch.manual_seed(0)
    progress = fit(
        OpacityNet(),
        _examples(4),
        _examples(4),
        "random",
        replace(SETTINGS, epochs=5, patience=2),
        tmp_path / "c",
    )
    assert progress.best_epoch == 0 and progress.epoch == 3


def test_location_loss_draws_the_map_into_the_box_and_leaves_the_score() -> None:
    where = torch.zeros(1, 7, 7, requires_grad=True)
    marked = torch.zeros(1, 1, 28, 28)
    marked[0, 0, 16:24, 4:12] = 1
    location_loss(where, marked).backward()
    assert where.grad is not None
    assert where.grad[0, 4:6, 1:3].max() < 0 < where.grad[0, 0, 6]
    assert where.grad.mean().abs() < 1e-6


def test_location_loss_without_regions_is_nothing() -> None:
    assert location_loss(torch.ones(2, 7, 7), torch.zeros(2, 1, 28, 28)) == 0


def test_shaking_moves_regions_with_the_picture() -> None:
    torch.manual_seed(1)
    x = torch.zeros(8, 1, 64, 64)
    x[:, :, 10:30, 12:30] = 1
    moved, marked = shaken(x, x.clone())
    for picture, region in zip(moved[:, 0], marked[:, 0], strict=True):
        assert picture[region > 0.9].mean() - picture[region < 0.1].mean() > 0.3


def test_unfolding_leaves_the_function_as_it_was() -> None:
    torch.manual_seed(0)
    net = Backbone()
    x = torch.rand(4, 1, 64, 64)
    before = net.eval()(x)
    unfold_normalisation(net, [x])
    torch.testing.assert_close(net.eval()(x), before, rtol=1e-3, atol=1e-4)
    norm = net.features[0][1]
    assert norm.running_mean.abs().sum() > 0 and (norm.running_var != 1).any()


def test_stretching_forgets_exposure() -> None:
    square = np.random.default_rng(0).integers(0, 100, (1, 32, 32), dtype=np.uint8)
    torch.testing.assert_close(stretched(square), stretched(square * 2 + 20))
    assert stretched(np.full((1, 8, 8), 9, np.uint8)).abs().max() == 0


def test_a_backbone_that_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(BackboneFault, match="no backbone weights at"):
        start_backbone(Backbone(), tmp_path / "none.pt")
    torch.save({"features.0.0.weight": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(BackboneFault, match="does not hold"):
        start_backbone(Backbone(), tmp_path / "other.pt")


def test_scope_head_tells_kinds_apart() -> None:
    class Pixels(torch.nn.Module):
        """Features so plain that only the head can be at fault."""

        head = torch.nn.Linear(64, len(KINDS))

        def pooled(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.adaptive_avg_pool2d(x, 8).flatten(1)

    ramp = np.tile(np.linspace(0, 255, 32).astype(np.uint8)[:, None], (1, 32))
    rng = np.random.default_rng(0)
    chests = [
        Seen(np.clip(ramp + rng.integers(-9, 9, ramp.shape), 0, 255).astype(np.uint8), "chest", "a")
    ] * 12
    others = [Seen(rng.integers(0, 256, (32, 32), dtype=np.uint8), "other", "b") for _ in range(12)]
    seen = [*with_turned(chests, 0), *others]
    assert {picture.kind for picture in seen} == set(KINDS)
    net = Pixels()
    fit_head(net, features(net, seen), [picture.kind for picture in seen], 1e-3, 0)  # type: ignore[arg-type]
    said = net.head(features(net, seen)).argmax(1)  # type: ignore[arg-type]
    right = [KINDS[i] == picture.kind for i, picture in zip(said.tolist(), seen, strict=True)]
    assert (
        np.mean([r for r, picture in zip(right, seen, strict=True) if picture.kind in ("chest", "other")])
        == 1
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Path:
    """Weights of a run on forty made-up pictures."""
    folder = tmp_path_factory.mktemp("trained")
    rows = ["path,label,group"]
    with zipfile.ZipFile(folder / "chest_xray_children.zip", "w") as archive:
        for i, example in enumerate(_examples(40)):
            buffer = io.BytesIO()
            Pil.fromarray(example.pixels).save(buffer, "PNG")
            archive.writestr(f"{i}.png", buffer.getvalue())
            rows.append(f"{i}.png,{'pneumonia' if example.opacity else 'normal'},p{i}")
        archive.writestr("index.csv", "\n".join(rows))
    options = {"init": "random", "epochs": 1, "batch": 16, "half": False}
    return training.train("pneumonia_children", folder, folder / "out", **options)  # type: ignore[arg-type]


def test_the_card_says_it_all(trained: Path) -> None:
    card = json.loads(trained.with_suffix(".json").read_text())
    assert card["finding"] == "opacity_on_chest_imaging" and card["seed"] == 7
    expected = sum(part_of(f"chest_xray_children/p{i}", 7) == "test" for i in range(40))
    assert card["test"]["child"]["n"] == expected
    assert card["data"]["chest_xray_children"]["licence"] == "CC BY 4.0"
    assert {"ece", "ece_uncalibrated", "auc_95", "confusion"} <= card["test"]["child"].keys()
    text = trained.with_suffix(".md").read_text()
    assert "CC BY 4.0" in text and "## Limits" in text and card["sha256"] in text


def test_weights_load_and_repeat(trained: Path) -> None:
    model = OpacityModel.load(trained)
    grey = _examples(4)[1].pixels
    score, cells = model.logits(grey)
    assert cells.shape == (7, 7) and score == pytest.approx(cells.mean(), abs=1e-5)
    assert OpacityModel.load(trained).logits(grey)[0] == score


def test_no_checkpoint_is_left(trained: Path) -> None:
    assert not list(trained.parent.glob("*.checkpoint"))


def test_weights_that_were_exchanged(trained: Path, tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(trained.read_bytes() + b" ")
    weights.with_suffix(".json").write_text(trained.with_suffix(".json").read_text())
    with pytest.raises(WeightsMissing, match="not the file that its card describes"):
        OpacityModel.load(weights)


def test_predictions_do_not_depend_on_company() -> None:
    torch.manual_seed(0)
    net = OpacityNet()
    squares = [example.pixels for example in _examples(5)]
    together, _ = predicted(net, squares)
    alone = np.concatenate([predicted(net, [square])[0] for square in squares])
    np.testing.assert_allclose(together, alone, atol=1e-4)
