"""How good probabilities and outlines are: discrimination, calibration, overlap, and their uncertainty."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Metric = Callable[[Floats, Whole, Whole], float]
"""Of probabilities (N, C), the labels called (N,) and the true labels (N,)."""


def auc(score: Floats, truth: NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties counted half; nan when only one class is there."""
    from scipy.stats import rankdata  # type: ignore[import-untyped]

    n, m = int(truth.sum()), int((~truth).sum())
    if not n or not m:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[truth].sum() - n * (n + 1) / 2) / (n * m))


def mean_auc(probability: Floats, truth: Whole) -> float:
    """Each label against all others, averaged over those that occur."""
    each = [auc(probability[:, c], truth == c) for c in range(probability.shape[1])]
    return float(np.nanmean(each)) if not np.all(np.isnan(each)) else float("nan")


def confusion(called: Whole, truth: Whole, labels: int) -> list[list[int]]:
    """Rows: the true label; columns: what was called."""
    return [[int(((truth == t) & (called == c)).sum()) for c in range(labels)] for t in range(labels)]


def recalls(called: Whole, truth: Whole) -> Floats:
    """The share of each occurring label that was called so."""
    return np.array([float((called[truth == c] == c).mean()) for c in np.unique(truth)])


def macro_f1(called: Whole, truth: Whole) -> float:
    """Mean over the occurring labels of the harmonic mean of precision and recall."""
    scores = []
    for c in np.unique(truth):
        right = int(((called == c) & (truth == c)).sum())
        scores.append(2 * right / max(int((called == c).sum() + (truth == c).sum()), 1))
    return float(np.mean(scores))


def calibration_error(probability: Floats, truth: Whole, bins: int = 15) -> float:
    """Expected calibration error of the most probable label over equally filled bins (Nixon et al., 2019)."""
    parts = reliability(probability, truth, bins)
    return float(sum(n * abs(said - right) for n, said, right in parts) / len(truth))


def reliability(probability: Floats, truth: Whole, bins: int = 15) -> list[tuple[int, float, float]]:
    """(pictures, mean probability said, share right) of each bin, least sure first."""
    said = probability.max(axis=1)
    right = probability.argmax(axis=1) == truth
    order = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [(len(part), float(said[part].mean()), float(right[part].mean())) for part in parts]


def dice(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Overlap of two outlines, 0 to 1; 1 when both are empty (Dice, 1945)."""
    both = int(said.sum() + true.sum())
    return 2 * int((said & true).sum()) / both if both else 1.0


def interval(values: Callable[[NDArray[np.intp]], float], count: int, seed: int = 0) -> list[float]:
    """95 % interval by 1,000 bootstrap samples of the pictures; `values` measures those of the indices."""
    rng = np.random.default_rng(seed)
    found = np.array([values(rng.integers(count, size=count)) for _ in range(1000)])
    low, high = np.nanpercentile(found, (2.5, 97.5))
    return [round(float(low), 4), round(float(high), 4)]


def measured(
    probability: Floats, called: Whole, truth: Whole, labels: Sequence[str], auc_of: str | None, ordinal: bool
) -> dict[str, Any]:
    """Every measure with its 95 % interval, each label's recall, and the confusion matrix.

    auc_of: the label that `auc` tells from the others; of two labels the second; else the mean over labels.
    """
    one = labels.index(auc_of) if auc_of else 1 if len(labels) == 2 else None

    def area(p: Floats, c: Whole, t: Whole) -> float:
        return mean_auc(p, t) if one is None else auc(p[:, one], t == one)

    measures: dict[str, Metric] = {
        "accuracy": lambda p, c, t: float((c == t).mean()),
        "balanced_accuracy": lambda p, c, t: float(recalls(c, t).mean()),
        "auc": area,
        "macro_f1": lambda p, c, t: macro_f1(c, t),
    }
    if ordinal:
        measures["within_one_grade"] = lambda p, c, t: float((np.abs(c - t) <= 1).mean())
    report: dict[str, Any] = {"n": len(truth)}
    for name, metric in measures.items():
        report[name] = round(metric(probability, called, truth), 4)
        report[f"{name}_95"] = interval(
            lambda draw, m=metric: m(probability[draw], called[draw], truth[draw]),  # type: ignore[misc]
            len(truth),
        )
    report["ece"] = round(calibration_error(probability, truth), 4)  # resampling would bias it upwards
    report["labels"] = list(labels)
    report["recall"] = {
        label: _recall(called[truth == c] == c) for c, label in enumerate(labels) if (truth == c).any()
    }
    report["confusion"] = confusion(called, truth, len(labels))
    return report


def _recall(right: NDArray[np.bool_]) -> dict[str, Any]:
    """A label's recall with Wilson's 95 % interval."""
    n, share, z = len(right), float(right.mean()), 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return {
        "n": n,
        "recall": round(share, 4),
        "recall_95": [round(middle - half, 4), round(middle + half, 4)],
    }
