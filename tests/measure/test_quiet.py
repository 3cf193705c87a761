"""How quiet a machine is: what is lost to others counts, what the processor does by itself spreads."""

import pytest

from lab.measure.limits import Limits
from lab.measure.quiet import Quiet, judge, look

NOTHING = Limits()


def test_passes_that_lost_time_are_interrupted_and_left_out_of_the_spread() -> None:
    elapsed = [1.0, 1.01, 1.0, 1.02, 1.01, 1.0, 9.0, 5.0]
    used = [1.0, 1.01, 0.99, 1.02, 1.0, 1.0, 1.0, 1.0]
    found = judge(elapsed, used, NOTHING, NOTHING)
    assert (found.passes, found.interrupted) == (8, 0.25)
    assert found.spread < 0.03
    assert not found.calm
    share = sum(used) / sum(elapsed)
    assert found.slow_down == pytest.approx(1 / 0.75**2 / share)


def test_a_frequency_that_changes_shows_in_the_spread() -> None:
    found = judge([1.0] * 50 + [1.3] * 50, [1.0] * 50 + [1.3] * 50, NOTHING, NOTHING)
    assert found.interrupted == 0
    assert found.spread > 0.2
    assert not found.calm


def test_an_idle_machine_is_calm() -> None:
    found = judge([1.0, 1.001, 1.002] * 20, [1.0, 1.001, 1.002] * 20, NOTHING, NOTHING)
    assert found.calm
    assert found.slow_down == 1


def test_throttled_periods_are_not_calm() -> None:
    found = judge([1.0] * 20, [1.0] * 20, NOTHING, Limits(periods=10, throttled=9))
    assert (found.throttled, found.periods, found.calm) == (9, 10, False)


def test_a_machine_that_interrupts_everything_has_an_estimate_too() -> None:
    found = judge([10.0] * 10, [1.0] * 10, NOTHING, NOTHING)
    assert (found.interrupted, found.spread, found.share) == (1.0, 0.0, 0.1)
    assert found.slow_down == pytest.approx(20 * 10)


def test_a_look_makes_passes() -> None:
    found = look(0.05)
    assert isinstance(found, Quiet)
    assert found.passes > 0
    assert 0 <= found.interrupted <= 1
