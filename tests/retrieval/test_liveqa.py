"""The measures of the question retrieval benchmark, worked out by hand."""

import pytest

from benchmarks.liveqa import evaluate

QRELS = {"1": {"a": 4, "b": 1, "c": 3}, "2": {"d": 2}}


def test_measures_by_hand() -> None:
    found = evaluate({"1": ["x", "a", "b", "c"], "2": ["d"]}, QRELS)
    assert found["avgScore"]["mean"] == pytest.approx((0 + 1) / 2)
    assert found["MRR@10"]["mean"] == pytest.approx((1 / 2 + 0) / 2)
    assert found["MAP@10"]["mean"] == pytest.approx((1 / 2 + 2 / 4) / 2 / 2)
    assert found["succ@2+"]["mean"] == 0.5
    assert found["succ@4+"]["mean"] == 0
    assert found["share_judged_at_10"] == pytest.approx(4 / 5)
    condensed = found["condensed"]
    assert condensed["avgScore"]["mean"] == 2
    assert condensed["MAP@10"]["mean"] == pytest.approx(((1 + 2 / 3) / 2 + 0) / 2, abs=1e-3)
