"""Kernels written in Python, timed by the same loop in C as all others: native/probes/src/pair.c.

An arm is wrapped as a kernel whose `run` calls back into Python, once for each sample. Python's cyclic garbage
collector works in the untimed run before each sample and never in a timed one; all arms are treated alike.
"""

import contextlib
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lab._ffi import ffi, lib

ABI = 1
MOST_ITERATIONS = 10**14  # as many never take less than a second if each does anything
_MASK = 2**64 - 1
_BOOLS_PER_SAMPLE = 2  # as many samples may be taken as were asked for, and again as many in place of preempted ones
_PAIRS_PER_ORDER = 4  # see LP_PAIRS_ROOM

Run = Callable[[int, int], tuple[int, int]]


class LoopFailed(Exception):
    """The loop could not measure: the arms answer differently, or the clock does not move. The message says which."""


@dataclass(slots=True)
class Arm:
    """A Python kernel as the loop sees it.

    Attributes:
        run: does the iterations first .. first + count - 1 and returns (checksum, items).
        length: iterations of a pass.
    """

    run: Run
    length: int
    _next: int = -1
    _error: BaseException | None = None
    _kept: list[Any] = field(default_factory=list)

    def call(self, first: int, count: int, result: Any) -> int:
        """One call of the loop. A run that goes on where the one before ended is the timed one: see `sample`."""
        timed = first == self._next
        self._next = first + count
        try:
            if timed:
                checksum, items = self.run(first, count)
            else:
                if count > MOST_ITERATIONS:
                    raise LoopFailed(
                        f"{count:.0e} iterations take no longer than one; run(first, count) must do count of them"
                    )
                gc.enable()
                try:
                    checksum, items = self.run(first, count)
                finally:
                    gc.disable()
            result.checksum = checksum & _MASK
            result.items = items
            result.bytes = 0
        except BaseException as error:  # of the kernel; it must not pass through C
            self._error = error
            return int(lib.LK_FAILED)
        return int(lib.LK_OK)

    def subject(self) -> Any:
        """An lp_subject for this arm; it lives as long as the arm."""
        handle = ffi.new_handle(self)
        name, empty = ffi.new("char[]", b"python"), ffi.new("char[]", b"")
        kernel = ffi.new("lk_kernel *", {"abi": ABI, "name": name, "item": empty, "help": empty})
        kernel.run = lib.lab_run_python
        subject = ffi.new("lp_subject *", {"kernel": kernel, "state": handle, "pass": self.length})
        self._kept = [handle, name, empty, kernel, subject]
        return subject


@ffi.def_extern(name="lab_run_python", error=5)  # type: ignore[untyped-decorator]
def _run(state: Any, first: int, count: int, result: Any) -> int:
    arm: Arm = ffi.from_handle(state)
    return arm.call(first, count, result)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """As lp_timing: see native/probes/include/lp/pair.h."""

    cold: bool
    sample_ns: int
    evict_bytes: int
    seed: int
    most_ns: int
    iterations: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What the loop found, in the driver's words.

    Attributes:
        times: nanoseconds of each sample, of each arm.
        flags: one digit a pair (bits: baseline first, baseline preempted, treatment preempted) or sample (preempted).
        spent_ns: calibration, untimed runs, timed runs.
    """

    iterations: int
    items: int
    times: tuple[list[int], ...]
    flags: str
    spent_ns: tuple[int, int, int]


def measure_pair(baseline: Arm, treatment: Arm, timing: Timing, per_order: int) -> Measured:
    """Time two arms in adjacent pairs.

    Raises:
        LoopFailed: see there. What an arm raises passes through.
    """
    room = _PAIRS_PER_ORDER * per_order
    pairs = ffi.new("lp_pair[]", room)
    with _loop(baseline, treatment) as (subjects, outcome, message):
        status = lib.lp_pair_measure(*subjects, _timing(timing), per_order, pairs, outcome, message)
    _check(status, message, baseline, treatment)
    taken = [pairs[number] for number in range(outcome.count)]
    flags = "".join(
        str(pair.baseline_first + 2 * pair.baseline_preempted + 4 * pair.treatment_preempted) for pair in taken
    )
    times = [pair.baseline_ns for pair in taken], [pair.treatment_ns for pair in taken]
    return _measured(outcome, times, flags)


def measure_alone(arm: Arm, timing: Timing, samples: int) -> Measured:
    """Time one arm alone.

    Raises:
        LoopFailed: see there. What the arm raises passes through.
    """
    ns = ffi.new("uint64_t[]", _BOOLS_PER_SAMPLE * samples)
    preempted = ffi.new("bool[]", _BOOLS_PER_SAMPLE * samples)
    with _loop(arm) as (subjects, outcome, message):
        status = lib.lp_alone_measure(*subjects, _timing(timing), samples, ns, preempted, outcome, message)
    _check(status, message, arm)
    flags = "".join("1" if preempted[number] else "0" for number in range(outcome.count))
    return _measured(outcome, ([ns[number] for number in range(outcome.count)],), flags)


@contextlib.contextmanager
def _loop(*arms: Arm) -> Iterator[tuple[list[Any], Any, Any]]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield [arm.subject() for arm in arms], ffi.new("lp_pair_outcome *"), ffi.new("lk_message *")
    finally:
        if enabled:
            gc.enable()


def _timing(timing: Timing) -> Any:
    return ffi.new("lp_timing *", {name: getattr(timing, name) for name in Timing.__slots__})


def _check(status: int, message: Any, *arms: Arm) -> None:
    for arm in arms:
        if arm._error is not None:
            raise arm._error
    if status != lib.LK_OK:
        raise LoopFailed(ffi.string(message.text).decode(errors="replace"))


def _measured(outcome: Any, times: tuple[list[int], ...], flags: str) -> Measured:
    spent = (outcome.calibrate_ns, outcome.warm_ns, outcome.timed_ns)
    return Measured(outcome.iterations, outcome.items, times, flags, spent)
