"""How progress leaves the runner: it knows no terminal, it calls an observer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lab.core.schema import Verdict


@dataclass(frozen=True, slots=True)
class AnswerSoFar:
    """A priority comparison while the run is measured.

    Attributes:
        experiment, arm, baseline: which.
        where: the case's group and levels, in a few words.
        verdict: so far.
        ratio, low, high: arm / baseline with its 95 % interval; NaN, 0 and inf where there is none yet.
        processes: that gave a value.
        failed: its case failed, or this machine cannot run it.
    """

    experiment: str
    arm: str
    baseline: str
    where: str
    verdict: Verdict
    ratio: float
    low: float
    high: float
    processes: int
    failed: bool


@dataclass(frozen=True, slots=True)
class ClockProgress:
    """How far the clock has come.

    Attributes:
        spent_s: seconds so far, an interrupted beginning of the run included.
        left_s: seconds that the clock will still take, at most.
        settled, failed, open: comparisons; open ones may still be settled or be left out.
        answers: the priority comparisons, in the plan's order.
    """

    spent_s: float
    left_s: float
    settled: int
    failed: int
    open: int
    answers: Sequence[AnswerSoFar]


class Observer(Protocol):
    """Told what happens, from the runner's thread, in order."""

    def phase(self, name: str, total: float, unit: str) -> None:
        """A phase begins; `total` of `unit` ("s" or "batches") lie ahead."""

    def advance(self, done: float, detail: str) -> None:
        """`done` of the phase's total is behind us."""

    def clock(self, progress: ClockProgress) -> None:
        """A clock worker has finished."""

    def note(self, text: str) -> None:
        """Something that the user should know; the run goes on."""

    def trouble(self, text: str) -> None:
        """A case failed; the run goes on."""


class Silent:
    """Hears everything and says nothing."""

    def phase(self, name: str, total: float, unit: str) -> None:
        """See Observer."""

    def advance(self, done: float, detail: str) -> None:
        """See Observer."""

    def clock(self, progress: ClockProgress) -> None:
        """See Observer."""

    def note(self, text: str) -> None:
        """See Observer."""

    def trouble(self, text: str) -> None:
        """See Observer."""
