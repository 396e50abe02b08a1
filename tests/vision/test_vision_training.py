"""Training: the losses move what they should, a cut run goes on to the same end, the card is whole."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from torch_pair import torch
from vision import WeightsMissing, fitting
from vision.datasets import Labelled, read_set
from vision.fitting import Settings, fit, location_loss, outline_loss, predicted, validation_score
from vision.geometry import Box
from vision.models import PictureNet
from vision.reading import PictureModel
from vision.tasks import Task, own_task
from vision.training import train

pytestmark = pytest.mark.usefixtures("one_thread")

TASK = own_task("shapes", ("left", "right")).model_copy(
    update={"size": (64, 64), "colour": False, "masks": {"patch": ("patch",)}, "batch": 4}
)
SETTINGS = Settings(epochs=2, batch=4, half=False, patience=9)

TinyZip = Callable[..., Path]


def pictures(path: Path, tiny_zip: TinyZip, count: int = 8) -> list[Labelled]:
    return read_set(tiny_zip(path / f"{count}.zip", count, ("left", "right"), masks=True), TASK)


def fitted(found: list[Labelled], checkpoint: Path) -> PictureNet:
    torch.manual_seed(0)
    net = PictureNet(2, 1)
    fit(net, found, found[:4], TASK, "random", SETTINGS, checkpoint)
    return net


def test_a_cut_run_goes_on_to_the_same_end(
    tmp_path: Path, tiny_zip: TinyZip, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = pictures(tmp_path, tiny_zip)
    whole = fitted(found, tmp_path / "whole")
    epoch = fitting._epoch

    def power_cut(*arguments: object) -> float:
        if arguments[-1] == 1:
            raise KeyboardInterrupt
        return epoch(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(fitting, "_epoch", power_cut)
    with pytest.raises(KeyboardInterrupt):
        fitted(found, tmp_path / "cut")
    monkeypatch.undo()
    resumed = fitted(found, tmp_path / "cut")
    for one, two in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        torch.testing.assert_close(one, two)


def test_early_stopping_keeps_the_best(
    tmp_path: Path, tiny_zip: TinyZip, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.5, 0.9, 0.1, 0.1, 0.1, 0.1])
    monkeypatch.setattr(fitting, "validation_score", lambda *_: next(scores))
    found = pictures(tmp_path, tiny_zip)
    net = PictureNet(2, 1)
    settings = Settings(epochs=6, batch=4, half=False, patience=1)
    progress = fit(net, found, found, TASK, "random", settings, tmp_path / "checkpoint")
    assert (progress.best_epoch, progress.epoch) == (1, 3)


def test_location_loss_draws_the_map_into_the_box_and_leaves_the_score() -> None:
    where = torch.zeros(1, 4, 4, requires_grad=True)
    marked = torch.zeros(1, 1, 8, 8)
    marked[:, :, :4, :4] = 1
    location_loss(where, marked).backward()  # type: ignore[no-untyped-call]
    assert where.grad is not None
    assert (where.grad[0, :2, :2] < 0).all() and (where.grad[0, 2:, 2:] > 0).all()
    assert float(where.grad.sum()) == pytest.approx(0, abs=1e-6)
    assert location_loss(torch.ones(2, 4, 4), torch.zeros(2, 1, 8, 8)) == 0


def test_outline_loss_is_least_where_the_outline_is_right() -> None:
    true = torch.zeros(1, 1, 8, 8)
    true[..., 2:6, 2:6] = 1
    right, wrong = 20 * (true - 0.5), 20 * (0.5 - true)
    assert outline_loss(right, true) < 0.05 < 1 < outline_loss(wrong, true)


def test_rare_labels_are_shown_as_often_as_the_task_says() -> None:
    blank = np.zeros((64, 64), np.uint8)
    found = [Labelled(blank, "left" if i % 10 else "right", f"g{i}", "p", (1, 1)) for i in range(400)]
    as_they_come, _ = fitting._order(found, TASK, np.random.default_rng(0))
    assert sorted(as_they_come) == list(range(400))
    even = Task.model_validate({**TASK.model_dump(), "rare": 1.0})
    order, log_shares = fitting._order(found, even, np.random.default_rng(0))
    assert np.mean([found[i].label == "right" for i in order]) == pytest.approx(0.5, abs=0.08)
    torch.testing.assert_close(log_shares.exp(), torch.tensor([0.5, 0.5]))


def test_predictions_do_not_depend_on_company(tmp_path: Path, tiny_zip: TinyZip) -> None:
    found = pictures(tmp_path, tiny_zip)
    torch.manual_seed(1)
    net = PictureNet(2, 1)
    together = predicted(net, found, TASK).logits
    alone = predicted(net, found[:1], TASK).logits
    np.testing.assert_allclose(together[:1], alone, atol=1e-4)
    assert 0 <= validation_score(predicted(net, found, TASK), found, TASK) <= 2


def test_boxes_become_cells() -> None:
    picture = Labelled(np.zeros((8, 8), np.uint8), "left", "g", "p", (8, 8), boxes=(Box(0.5, 0.0, 0.5, 0.5),))
    maps = fitting._boxes([picture], (4, 8))
    assert maps[0, 0].sum() == 8 and maps[0, 0, :2, 4:].all()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory, tiny_zip: TinyZip) -> Path:
    """A set of one's own, with a folder for nothing but an index, trained for one epoch."""
    folder = tmp_path_factory.mktemp("own")
    data = tiny_zip(folder / "wounds.zip", 60, ("clean", "infected"))
    return train("wounds", data, folder / "out", init="random", epochs=1, half=False)


def test_a_set_of_ones_own_gives_weights_and_a_card_that_says_it_all(weights: Path) -> None:
    card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    assert weights.parent.name == "restricted" and card["spec"]["labels"] == ["clean", "infected"]
    assert {"accuracy", "auc", "ece", "confusion", "recall", "reliability"} <= card["test"].keys()
    assert sum(part["pictures"] for part in card["split"].values()) == 60
    text = weights.with_suffix(".md").read_text(encoding="utf-8")
    assert all(part in text for part in ("## Data", "## Limits", "infected", card["sha256"]))
    assert weights.with_suffix(".svg").read_text(encoding="utf-8").startswith("<svg")
    assert not list(weights.parent.parent.glob("*.checkpoint"))


def test_the_model_reads_with_them_and_refuses_others(weights: Path, tmp_path: Path) -> None:
    assert PictureModel.load(weights).task.labels == ("clean", "infected")
    for suffix in (".safetensors", ".json"):
        (tmp_path / weights.with_suffix(suffix).name).write_bytes(weights.with_suffix(suffix).read_bytes())
    with (tmp_path / weights.name).open("ab") as file:
        file.write(b"0")
    with pytest.raises(WeightsMissing, match="not the file that its card describes"):
        PictureModel.load(tmp_path / weights.name)
