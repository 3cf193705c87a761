"""How quiet this machine is just now: a fixed loop, again and again, for a few seconds.

The loop hashes a buffer that stays in the first cache: its time depends on the processor alone, so whatever makes
passes differ (other programs, the hypervisor, a changing frequency) will make samples differ too.
"""

import hashlib
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.measure.facts import ROOT
from lab.measure.limits import Limits, read_limits

LOOK_S = 2.0
PASS_S = 1e-3  # about so long a pass: long for the clock, short beside a scheduler's slice
BUFFER = bytes(16 << 10)
MOST_LOST = 0.02  # of a pass's time, as lp_disturbance_preempted has it
CALM_INTERRUPTED = 0.05
CALM_SPREAD = 0.03
LEAST_KEPT = LEAST_SHARE = 0.05  # below these shares of passes and of time the estimate says nothing


@dataclass(frozen=True, slots=True)
class Quiet:
    """What the passes showed.

    Attributes:
        passes: made.
        interrupted: share of them that lost more than MOST_LOST of their time to others.
        share: of the wall time that the passes needed of a processor; the rest went to others.
        spread: interquartile range of the others, as a share of their median.
        stolen: share of the processors' time that the hypervisor took meanwhile.
        throttled, periods: of this process's cgroup meanwhile.
    """

    passes: int
    interrupted: float
    share: float
    spread: float
    stolen: float
    throttled: int
    periods: int

    @property
    def calm(self) -> bool:
        """Whether verdicts come about as fast here as on an idle machine."""
        return self.interrupted <= CALM_INTERRUPTED and self.spread <= CALM_SPREAD and not self.throttled

    @property
    def slow_down(self) -> float:
        """How many times as long a verdict takes: waiting takes time, and an interrupted sample spoils its pair."""
        return 1 / (self.share * max(LEAST_KEPT, (1 - self.interrupted) ** 2))


def look(seconds: float = LOOK_S, root: Path = ROOT) -> Quiet:
    """Run the loop for so many seconds, on the calling thread.

    Args:
        seconds: wall time.
        root: of the file system that tells of quota and hypervisor.
    """
    before = read_limits(root)
    repeats = _repeats()
    elapsed: list[float] = []
    used: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        cpu, start = time.thread_time(), time.perf_counter()
        for _ in range(repeats):
            hashlib.sha256(BUFFER)
        elapsed.append(time.perf_counter() - start)
        used.append(time.thread_time() - cpu)
    return judge(elapsed, used, before, read_limits(root))


def judge(elapsed: Sequence[float], used: Sequence[float], before: Limits, after: Limits) -> Quiet:
    """What passes of so many seconds by the clock, and on a processor, amount to."""
    kept = [wall for wall, cpu in zip(elapsed, used, strict=True) if wall - cpu <= MOST_LOST * wall]
    spread = 0.0
    if len(kept) >= 4:
        low, middle, high = statistics.quantiles(kept, n=4)
        spread = (high - low) / middle
    throttled, periods = after.throttled_since(before)
    return Quiet(
        passes=len(elapsed),
        interrupted=1 - len(kept) / len(elapsed) if elapsed else 1.0,
        share=min(1.0, max(sum(used) / sum(elapsed), LEAST_SHARE)) if elapsed else LEAST_SHARE,
        spread=spread,
        stolen=after.stolen_since(before),
        throttled=throttled,
        periods=periods,
    )


def _repeats() -> int:
    """How many hashes take about PASS_S: by the fastest of a few, which the others disturb least."""
    fastest = sys.float_info.max
    for _ in range(20):
        start = time.perf_counter()
        hashlib.sha256(BUFFER)
        fastest = min(fastest, time.perf_counter() - start)
    return max(1, round(PASS_S / max(fastest, 1e-7)))


__all__ = ["Quiet", "judge", "look"]
