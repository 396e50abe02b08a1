"""Properties of the trend of home readings."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

from assistant.trend import off_target, trend_of
from knowledge.concepts import Rule

# A busy machine is slow, which is no fault of what is tested.
unhurried = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
_POINTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(60, 220)), min_size=3, max_size=14, unique_by=lambda p: p[0]
)


@unhurried
@given(points=_POINTS)
def test_the_slope_is_that_of_theil_and_sen(points: list[tuple[float, float]]) -> None:
    slope = theilslopes([y for _, y in points], [x for x, _ in points]).slope
    assert trend_of(points, 1).a_week == pytest.approx(7 * slope, abs=1e-9)


@unhurried
@given(points=_POINTS)
def test_time_run_backwards_turns_the_verdict(points: list[tuple[float, float]]) -> None:
    turned = {"improving": "worsening", "worsening": "improving"}
    there = trend_of(points, 3, "lower").direction
    back = trend_of([(-x, y) for x, y in points], 3, "lower").direction
    assert back == turned.get(there, there)


@unhurried
@given(points=_POINTS, shift=st.integers(-30, 30))
def test_a_constant_moves_no_trend_without_a_target(points: list[tuple[float, float]], shift: int) -> None:
    moved = [(x, y + shift) for x, y in points]
    assert trend_of(points, 3, "higher").direction == trend_of(moved, 3, "higher").direction


@unhurried
@given(value=st.floats(0, 300), low=st.floats(0, 150), width=st.floats(0, 100))
def test_only_what_lies_outside_is_off_target(value: float, low: float, width: float) -> None:
    limits = [Rule(quantity="systolic_bp", at_least=low, at_most=low + width)]
    inside = low <= value <= low + width
    assert (off_target(value, limits) == 0) == inside


def test_noise_is_stable_and_a_fall_to_the_target_improves() -> None:
    limits = [Rule(quantity="systolic_bp", below=135)]
    noise = [(float(d), 130 + 6 * (-1) ** d) for d in range(12)]
    assert trend_of(noise, 5, limits=limits).direction == "stable"
    fall = [(float(d), 160.0 - 2 * d) for d in range(12)]
    assert trend_of(fall, 5, limits=limits).direction == "improving"
    assert trend_of([(x, 300 - y) for x, y in fall], 5, limits=limits).direction == "worsening"
    assert trend_of([(0, 150), (1, 140)], 5, limits=limits).direction == "too_few"
