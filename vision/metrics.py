"""How good probabilities are: discrimination, calibration and their uncertainty."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats], float]


def auc(probability: Floats, truth: Floats) -> float:
    """Area under the ROC curve, ties counted half; nan when only one class is there."""
    from scipy.stats import rankdata  # type: ignore[import-untyped]

    positive = truth > 0.5
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    ranks = rankdata(probability)
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def accuracy(probability: Floats, truth: Floats) -> float:
    """Share that falls on the right side of one half."""
    return float(((probability > 0.5) == (truth > 0.5)).mean())


def confusion(probability: Floats, truth: Floats) -> list[list[int]]:
    """[[true negatives, false positives], [false negatives, true positives]]."""
    said, is_so = probability > 0.5, truth > 0.5
    return [
        [int((~said & ~is_so).sum()), int((said & ~is_so).sum())],
        [int((~said & is_so).sum()), int((said & is_so).sum())],
    ]


def balanced_accuracy(probability: Floats, truth: Floats) -> float:
    """Mean of sensitivity and specificity; nan when only one class is there."""
    (tn, fp), (fn, tp) = confusion(probability, truth)
    if not (tn + fp) or not (tp + fn):
        return float("nan")
    return (tn / (tn + fp) + tp / (tp + fn)) / 2


def macro_f1(probability: Floats, truth: Floats) -> float:
    """Mean of both classes' F1."""
    (tn, fp), (fn, tp) = confusion(probability, truth)
    scores = [2 * right / max(2 * right + fp + fn, 1) for right in (tn, tp)]
    return float(np.mean(scores))


def calibration_error(probability: Floats, truth: Floats, bins: int = 15) -> float:
    """Expected calibration error over equally filled bins (Nixon et al., 2019)."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [len(part) * abs(probability[part].mean() - truth[part].mean()) for part in parts]
    return float(sum(gaps) / len(probability))


def interval(metric: Metric, probability: Floats, truth: Floats, seed: int = 0) -> tuple[float, float]:
    """95 % interval of a metric by 1,000 bootstrap samples of the pictures."""
    rng = np.random.default_rng(seed)
    draws = rng.integers(len(truth), size=(1000, len(truth)))
    values = np.array([metric(probability[draw], truth[draw]) for draw in draws])
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)


MEASURES: dict[str, Metric] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "auc": auc,
    "macro_f1": macro_f1,
    "ece": calibration_error,
}


def measured(probability: Floats, truth: Floats) -> dict[str, object]:
    """Every measure with its 95 % interval, and the confusion matrix."""
    report: dict[str, object] = {"n": len(truth)}
    for name, metric in MEASURES.items():
        report[name] = round(metric(probability, truth), 4)
        if name != "ece":  # resampling with replacement biases it upwards
            report[f"{name}_95"] = [round(x, 4) for x in interval(metric, probability, truth)]
    report["confusion"] = confusion(probability, truth)
    return report
