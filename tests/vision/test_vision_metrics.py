"""Metrics and calibration against independent computations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as rival
from sklearn.linear_model import LogisticRegression

from vision import metrics
from vision.calibration import CLIP, Calibration, fitted


@pytest.fixture
def scores() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    truth = (rng.random(400) < 0.3).astype(float)
    return np.round(np.clip(0.25 * truth + rng.random(400) * 0.75, 0, 1), 2), truth  # rounded: ties


def test_measures_agree_with_scikit_learn(scores: tuple[np.ndarray, np.ndarray]) -> None:
    probability, truth = scores
    said = probability > 0.5
    assert metrics.auc(probability, truth) == pytest.approx(rival.roc_auc_score(truth, probability))
    assert metrics.accuracy(probability, truth) == pytest.approx(rival.accuracy_score(truth, said))
    assert metrics.macro_f1(probability, truth) == pytest.approx(rival.f1_score(truth, said, average="macro"))
    assert metrics.balanced_accuracy(probability, truth) == pytest.approx(
        rival.balanced_accuracy_score(truth, said)
    )
    assert metrics.confusion(probability, truth) == rival.confusion_matrix(truth, said).tolist()


def test_interval_holds_the_value(scores: tuple[np.ndarray, np.ndarray]) -> None:
    low, high = metrics.interval(metrics.auc, *scores)
    assert low < metrics.auc(*scores) < high and high - low < 0.15


def test_one_class_has_no_auc() -> None:
    assert np.isnan(metrics.auc(np.array([0.1, 0.2]), np.array([1.0, 1.0])))


def test_calibration_error_of_known_gap() -> None:
    truth = np.tile([1.0, 0.0], 150)
    assert metrics.calibration_error(np.full(300, 0.8), truth) == pytest.approx(0.3, abs=0.02)


def test_fit_agrees_with_logistic_regression() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, 5000)
    truth = (rng.random(5000) < 1 / (1 + np.exp(-(logits / 2 + 0.7)))).astype(float)
    calibration = fitted(logits, truth)
    other = LogisticRegression(C=1e6).fit(logits[:, None], truth)
    assert 1 / calibration.temperature == pytest.approx(other.coef_[0, 0], rel=0.01)
    assert calibration.offset == pytest.approx(other.intercept_[0], abs=0.01)
    assert metrics.calibration_error(calibration.probability(logits), truth) < 0.03


def test_fit_survives_separable_classes() -> None:
    calibration = fitted(np.array([-5.0, -4.0, 4.0, 5.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert np.isfinite([calibration.temperature, calibration.offset]).all()


@given(st.floats(0, 1), st.floats(0.05, 0.95))
def test_ratio_moves_the_prior_to_the_probability(probability: float, prior: float) -> None:
    ratio = Calibration(1.0, 0.0, prior).likelihood_ratio(probability)
    assert 1 / CLIP <= ratio <= CLIP
    if 1 / CLIP < ratio < CLIP:
        odds = ratio * prior / (1 - prior)
        assert odds / (1 + odds) == pytest.approx(probability, abs=1e-6)
