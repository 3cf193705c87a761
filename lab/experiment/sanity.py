"""Whether this machine's clock can be trusted to measure with."""

import time
from collections.abc import Callable

MOST_READS = 2_000_000  # about half a second: a clock that has not moved by then stands still
STEADY_READS = 20_000
COARSEST = 50  # a sample must last this many steps of the clock


def clock_trouble(sample_s: float, read: Callable[[], int] = time.monotonic_ns) -> str | None:
    """What is wrong with the clock, in one sentence with what to do; None if nothing is.

    Args:
        sample_s: shortest sample, in seconds.
        read: the clock, in nanoseconds.
    """
    first = last = read()
    steps = 0
    finest = 1 << 62
    for number in range(MOST_READS):
        now = read()
        if now < last:
            return (
                f"the clock jumped back by {(last - now) * 1e-9:.3g} s: nothing can be timed; choose another clock"
                " source (/sys/devices/system/clocksource/clocksource0/current_clocksource)"
            )
        if now > last:
            steps, finest = steps + 1, min(finest, now - last)
        last = now
        if number >= STEADY_READS and steps:
            break
    if last == first:
        return (
            "the clock stands still: nothing can be timed; restart the machine or its container, or choose another one"
        )
    if finest * COARSEST > sample_s * 1e9:
        return (
            f"the clock moves in steps of {finest * 1e-6:.3g} ms, too coarse for samples of {sample_s * 1e3:.3g} ms;"
            " choose another clock source, or run the lab on another machine"
        )
    return None


def slept_s() -> float:
    """Seconds that the machine has spent suspended since it was started; 0 where the system does not say."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if boot is None else time.clock_gettime(boot) - time.monotonic()
