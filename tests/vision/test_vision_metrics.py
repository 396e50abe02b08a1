"""Measures agree with scikit-learn; calibration makes probabilities of leaning logits."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score

from vision import metrics
from vision.calibration import CLIP, Calibration, fitted, softmax

RNG = np.random.default_rng(3)
TRUTH = RNG.integers(0, 3, 300)
LOGITS = RNG.normal(size=(300, 3)) + 1.5 * np.eye(3)[TRUTH]


def test_measures_agree_with_scikit_learn() -> None:
    p = softmax(LOGITS)
    found = metrics.measured(p, p.argmax(1), TRUTH, ["a", "b", "c"], None, ordinal=True)
    assert found["accuracy"] == pytest.approx(accuracy_score(TRUTH, p.argmax(1)), abs=1e-4)
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(TRUTH, p.argmax(1)), abs=1e-4)
    assert found["macro_f1"] == pytest.approx(f1_score(TRUTH, p.argmax(1), average="macro"), abs=1e-4)
    assert found["auc"] == pytest.approx(roc_auc_score(TRUTH, p, multi_class="ovr"), abs=1e-4)
    low, high = found["accuracy_95"]
    assert low < found["accuracy"] < high
    assert found["within_one_grade"] == pytest.approx(np.mean(abs(p.argmax(1) - TRUTH) <= 1), abs=1e-4)
    assert np.array(found["confusion"]).sum() == 300


def test_one_label_can_be_told_from_the_others() -> None:
    p = softmax(LOGITS)
    found = metrics.measured(p, p.argmax(1), TRUTH, ["a", "b", "c"], "c", ordinal=False)
    assert found["auc"] == pytest.approx(roc_auc_score(TRUTH == 2, p[:, 2]), abs=1e-4)


def test_dice_and_auc_at_the_edges() -> None:
    empty, full = np.zeros((4, 4), bool), np.ones((4, 4), bool)
    half = full.copy()
    half[:2] = False
    assert metrics.dice(empty, empty) == 1 and metrics.dice(full, empty) == 0
    assert metrics.dice(full, half) == pytest.approx(2 / 3)
    assert np.isnan(metrics.auc(np.array([0.1, 0.2]), np.array([True, True])))


def test_calibration_error_of_a_known_gap() -> None:
    p = np.tile([0.8, 0.2], (100, 1))
    truth = np.r_[np.zeros(60, int), np.ones(40, int)]
    assert metrics.calibration_error(p, truth, bins=1) == pytest.approx(0.2)


def test_fitting_undoes_a_temperature_and_a_leaning() -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice(2, 4000, p=[0.3, 0.7])
    logits = rng.normal(size=(4000, 2)) + 1.2 * np.eye(2)[truth]
    found = fitted(logits * 3 + [2.0, 0.0], truth, np.array([0.3, 0.7]))
    p = found.probability(logits * 3 + [2.0, 0.0])
    assert metrics.calibration_error(p, truth) < 0.03
    assert (found.called(logits * 3 + [2.0, 0.0]) == truth).mean() > 0.75
    assert metrics.calibration_error(softmax(logits * 3 + [2.0, 0.0]), truth) > 0.1


def test_a_balanced_call_makes_up_for_rarity() -> None:
    prior = (0.95, 0.05)
    scale = Calibration(1.0, tuple(np.log(prior)), prior, "balanced")
    logits = np.array([0.0, 1.0])
    assert scale.called(logits) == 1 and scale.probability(logits).argmax() == 0


@pytest.mark.parametrize(("probability", "prior"), [(0.6, 0.3), (0.2, 0.5), (0.9, 0.8)])
def test_the_ratio_moves_the_prior_to_the_probability(probability: float, prior: float) -> None:
    odds = prior / (1 - prior) * Calibration.likelihood_ratio(probability, prior)
    assert odds / (1 + odds) == pytest.approx(probability)
    assert Calibration.likelihood_ratio(1.0, prior) == CLIP
    assert Calibration.likelihood_ratio(0.0, prior) == 1 / CLIP
