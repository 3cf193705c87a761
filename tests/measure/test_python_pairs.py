"""Python kernels in the C loop: one call a sample, errors that pass through, a collector that keeps out of samples."""

import gc
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lab.measure.python_pairs import Arm, LoopFailed, Timing, measure_alone, measure_pair

TIMING = Timing(cold=False, sample_ns=20_000, evict_bytes=0, seed=1, most_ns=10**9, iterations=0)
LENGTH = 50
FROZEN_CLOCK = """
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    (void)id;
    now->tv_sec = 7;
    now->tv_nsec = 0;
    return 0;
}
"""
MEASURE = """
from lab.measure.python_pairs import Arm, LoopFailed, Timing, measure_alone
try:
    measure_alone(Arm(lambda first, count: (0, count), 1), Timing(cold=False, sample_ns=1000, evict_bytes=0, seed=1,
                  most_ns=10**9, iterations=0), 2)
except LoopFailed as error:
    print(error)
"""


class Counting:
    """Sums of a range, noting each call."""

    def __init__(self, factor: int = 1) -> None:
        self.calls: list[tuple[int, int, bool]] = []
        self.factor = factor

    def run(self, first: int, count: int) -> tuple[int, int]:
        self.calls.append((first, count, gc.isenabled()))
        return self.factor * sum(number % LENGTH for number in range(first, first + count)), count


def test_both_arms_run_the_same_iterations_in_pairs() -> None:
    one, two = Counting(), Counting()
    found = measure_pair(Arm(one.run, LENGTH), Arm(two.run, LENGTH), TIMING, 3)
    assert sorted(one.calls) == sorted(two.calls)
    assert len(found.flags) == len(found.times[0]) == len(found.times[1]) >= 6
    assert sum(int(flag) & 1 for flag in found.flags) >= 3
    assert min(*found.times[0], *found.times[1]) > 0
    assert found.items == found.iterations == one.calls[-1][1]
    assert all(part > 0 for part in found.spent_ns)


def test_collector_works_before_a_sample_and_never_in_it() -> None:
    arm = Counting()
    measure_alone(Arm(arm.run, LENGTH), TIMING, 4)
    warm, timed = arm.calls[-6::2], arm.calls[-5::2]
    for before, sample in zip(warm, timed, strict=True):
        assert before[0] + before[1] == sample[0]
        assert (before[2], sample[2]) == (True, False)
    assert gc.isenabled()


def test_known_iterations_are_used() -> None:
    arm = Counting()
    found = measure_alone(Arm(arm.run, LENGTH), replace(TIMING, iterations=100_000), 2)
    assert found.iterations == 100_000
    assert len(arm.calls) == 1 + 2 * len(found.flags)


def test_cold_sample_is_one_pass() -> None:
    arm = Counting()
    found = measure_alone(Arm(arm.run, LENGTH), replace(TIMING, cold=True, evict_bytes=1 << 16), 3)
    assert {count for _, count, _ in arm.calls} == {LENGTH} == {found.iterations}
    assert len(found.flags) == len(arm.calls) >= 3


def test_what_an_arm_raises_passes_through() -> None:
    calls: list[int] = []

    def breaks(first: int, count: int) -> tuple[int, int]:
        calls.append(first)
        if len(calls) == 4:
            raise ValueError("made to raise")
        return 0, count

    with pytest.raises(ValueError, match="made to raise") as error:
        measure_alone(Arm(breaks, LENGTH), TIMING, 4)
    assert any(frame.name == "breaks" for frame in error.traceback)
    assert gc.isenabled()
    with pytest.raises(SystemExit):
        measure_alone(Arm(lambda _first, _count: sys.exit(3), LENGTH), TIMING, 4)


def test_different_answers_in_a_pair_are_found() -> None:
    with pytest.raises(LoopFailed, match="the arms give different answers"):
        measure_pair(Arm(Counting().run, LENGTH), Arm(Counting(2).run, LENGTH), TIMING, 2)


def test_run_that_does_not_do_what_it_is_asked_is_told() -> None:
    with pytest.raises(LoopFailed, match="must do count of them"):
        measure_alone(Arm(lambda _first, _count: (0, 1), LENGTH), replace(TIMING, sample_ns=10**9), 2)


@pytest.mark.parametrize("checksum", [-1, 2**64 + 5, -(2**200)])
def test_checksums_of_any_size_are_answers(checksum: int) -> None:
    found = measure_alone(Arm(lambda _first, count: (checksum, count), LENGTH), replace(TIMING, sample_ns=1000), 2)
    assert found.items == found.iterations


def test_clock_that_stands_still_is_a_failure_that_says_so(tmp_path: Path) -> None:
    if sys.platform != "linux" or shutil.which("cc") is None:
        pytest.skip("takes a C compiler and LD_PRELOAD")
    (tmp_path / "frozen.c").write_text(FROZEN_CLOCK)
    library = tmp_path / "frozen.so"
    subprocess.run(["cc", "-shared", "-fPIC", tmp_path / "frozen.c", "-o", library], check=True)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], env={"LD_PRELOAD": str(library)}, capture_output=True, text=True, check=False
    )
    assert "the clock did not move" in done.stdout, done.stderr
