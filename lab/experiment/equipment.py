"""What a run works with: gathered by the caller, used by the clock and by the probe passes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lab.core.schema import Measurement
from lab.core.standing import Standing
from lab.experiment.observer import Observer
from lab.measure.native import Native
from lab.measure.probe import Probe


class Judge(Protocol):
    """Decides, by the rule fixed in the plan, when enough has been measured."""

    def observe(self, rows: Sequence[Measurement]) -> None:
        """Take in the rows of one clock worker."""

    def settled(self, case: str, arm: str, mode: str) -> bool:
        """Whether the comparison of this arm needs no further process."""

    def standing(self, case: str, arm: str, mode: str) -> Standing:
        """What is known of the comparison of this arm so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What a run works with.

    Attributes:
        native: the driver and the kernel builds.
        inputs: folder of input files named by digest.
        judge: see Judge.
        probes: what looks besides the clock, in this order.
        observer: hears of progress.
        memory_bytes: address space that one worker may take; 0 for no limit.
        started: time.monotonic() at which the command began; its budget counts from there.
        publish: writes a report of what is known so far; called between workers, from the runner's thread.
    """

    native: Native
    inputs: Path
    judge: Judge
    probes: Sequence[Probe]
    observer: Observer
    memory_bytes: int = 0
    started: float = field(default_factory=time.monotonic)
    publish: Callable[[], object] = lambda: None
