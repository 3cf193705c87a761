"""A clock that cannot measure is found before anything is timed, and the message says what to do."""

import itertools

import pytest

from lab.experiment import sanity
from lab.experiment.sanity import clock_trouble, slept_s


def test_clock_of_this_machine_is_trusted() -> None:
    assert clock_trouble(100e-6) is None


def test_clock_that_stands_still_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanity, "MOST_READS", 1000)
    assert "stands still" in (clock_trouble(100e-6, lambda: 5) or "")


def test_clock_that_jumps_back_is_found() -> None:
    times = itertools.chain([0, 100, 200, 50], itertools.count(60))
    assert "jumped back by 1.5e-07 s" in (clock_trouble(100e-6, lambda: next(times)) or "")


def test_clock_that_is_too_coarse_for_the_samples_is_found() -> None:
    reads = itertools.count()
    trouble = clock_trouble(100e-6, lambda: next(reads) // 1000 * 10_000_000)
    assert "steps of 10 ms, too coarse for samples of 0.1 ms" in (trouble or "")
    assert clock_trouble(1.0, lambda: next(reads) // 1000 * 10_000_000) is None


def test_machine_that_was_never_suspended_slept_for_no_negative_time() -> None:
    assert slept_s() > -1
