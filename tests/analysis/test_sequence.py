"""The confidence sequence against its definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.sequence import critical_count, interval, log_evidence, log_evidence_against, minimum_count

values_with_ties = st.lists(st.integers(-4, 4).map(float), min_size=1, max_size=40)


def evidence(above: int, count: int) -> float:
    """E_n from the definition, by the gamma function."""
    beta = math.gamma(above + 0.5) * math.gamma(count - above + 0.5) / math.gamma(count + 1)
    return 2.0**count * beta / math.pi


def excluded(values: list[float], theta: float, alpha: float) -> bool:
    """Whether theta is excluded however the values that tie with it are counted."""
    over, ties = sum(value > theta for value in values), sum(value == theta for value in values)
    return all(evidence(over + extra, len(values)) >= 1 / alpha for extra in range(ties + 1))


@pytest.mark.parametrize("count", [1, 2, 7, 30, 80])
def test_evidence_is_that_of_the_definition(count: int) -> None:
    expected = [evidence(above, count) for above in range(count + 1)]
    assert np.exp(log_evidence(range(count + 1), count)) == pytest.approx(expected)


@pytest.mark.parametrize("count", [1, 5, 20])
def test_evidence_has_mean_one_under_a_fair_coin(count: int) -> None:
    chances = [math.comb(count, above) / 2**count for above in range(count + 1)]
    assert float(np.exp(log_evidence(range(count + 1), count)) @ chances) == pytest.approx(1.0)


@pytest.mark.parametrize(("alpha", "fewest"), [(0.05, 7), (0.01, 10), (0.001, 13)])
def test_nothing_is_excluded_below_the_minimum_number_of_values(alpha: float, fewest: int) -> None:
    assert minimum_count(alpha) == fewest
    assert interval([1.0] * (fewest - 1), alpha) == (-math.inf, math.inf)
    assert interval([1.0] * fewest, alpha) == (1.0, 1.0)


def test_no_values_allow_everything() -> None:
    assert interval([], 0.05) == (-math.inf, math.inf)


@given(values_with_ties, st.sampled_from([0.2, 0.05, 0.01]))
def test_interval_holds_exactly_what_the_definition_does_not_exclude(values: list[float], alpha: float) -> None:
    low, high = interval(values, alpha)
    for theta in np.arange(-5.0, 5.01, 0.5):
        assert (low <= theta <= high) == (not excluded(values, float(theta), alpha)), theta


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=60), st.floats(-1, 1))
def test_interval_moves_with_the_values_and_turns_with_their_sign(values: list[float], shift: float) -> None:
    low, high = interval(values, 0.05)
    assert interval([-value for value in values], 0.05) == (-high, -low)
    assert interval([value + shift for value in values], 0.05) == pytest.approx((low + shift, high + shift))


@given(values_with_ties)
def test_a_smaller_alpha_never_narrows_the_interval(values: list[float]) -> None:
    wide, narrow = interval(values, 0.001), interval(values, 0.05)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1] or narrow == (-math.inf, math.inf)


@given(values_with_ties, st.integers(-4, 4), st.integers(0, 3))
def test_evidence_against_a_range_is_the_least_against_any_value_in_it(
    values: list[float], low: int, width: int
) -> None:
    count = len(values)
    least = math.inf
    for theta in np.arange(low, low + width + 0.01, 0.5):
        over, ties = sum(value > theta for value in values), sum(value == theta for value in values)
        least = min(least, *(evidence(over + extra, count) for extra in range(ties + 1)))
    assert math.exp(log_evidence_against(values, low, low + width)) == pytest.approx(least)


@given(st.lists(st.integers(-9, 9).map(float), min_size=7, max_size=40), st.integers(0, 3))
def test_interval_leaves_a_range_exactly_when_the_evidence_against_it_suffices(values: list[float], edge: int) -> None:
    low, high = interval(values, 0.05)
    outside = low > edge or high < -edge
    assert outside == (log_evidence_against(values, -edge, edge) >= -math.log(0.05))


@pytest.mark.parametrize("alpha", [0.05, 0.01, 1e-4])
def test_critical_count_is_the_first_that_reaches_the_evidence(alpha: float) -> None:
    for count in range(minimum_count(alpha), 100):
        needed = critical_count(count, alpha)
        assert needed is not None
        assert evidence(needed, count) >= 1 / alpha > evidence(needed - 1, count) or needed - 1 <= count / 2


@pytest.mark.parametrize("draw", ["normal", "skewed", "ties"])
def test_true_median_is_excluded_at_any_time_in_at_most_alpha_of_sequences(draw: str) -> None:
    random = np.random.default_rng(11)
    sequences, most, alpha = 2000, 80, 0.05
    values = {
        "normal": lambda: random.normal(size=(sequences, most)),
        "skewed": lambda: random.exponential(size=(sequences, most)) - math.log(2),
        "ties": lambda: random.integers(-1, 2, size=(sequences, most)).astype(float),
    }[draw]()
    over, not_under = np.cumsum(values > 0, axis=1), np.cumsum(values >= 0, axis=1)
    ever = np.zeros(sequences, dtype=bool)
    for count in range(1, most + 1):
        needed = critical_count(count, alpha)
        if needed is not None:
            ever |= (over[:, count - 1] >= needed) | (count - not_under[:, count - 1] >= needed)
    assert ever.mean() <= alpha
    looked_at = random.choice(sequences, 40, replace=False)
    for number in looked_at:
        ends = [interval(values[number, :count], alpha) for count in range(1, most + 1)]
        assert ever[number] == any(low > 0 or high < 0 for low, high in ends)
