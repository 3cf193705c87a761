"""What a probe is: it looks at the arms of a case in passes of its own, so that it cannot disturb the clock.

A probe says whether it can work on this machine, cuts its jobs into batches (what one batch leaves is stored before
the next one counts as done), and yields measurements and artifacts. Whatever cannot be had is a row with its reason,
never a zero; one broken job costs only itself.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.core.schema import ArmPlan, Artifact, CasePlan, Measurement, Metric, Provenance, Status


@dataclass(frozen=True, slots=True)
class Job:
    """One arm of one case.

    Attributes:
        input_path: the kernel's input file, None where it needs none.
        library: the library that holds the kernel, None for the lab's own.
        folder: working directory of a Python kernel or a command; None for this process's own.
    """

    case: CasePlan
    arm: ArmPlan
    input_path: Path | None
    library: Path | None = None
    folder: Path | None = None


class Probe(Protocol):
    """See the module.

    Attributes:
        name: as in CasePlan.passes and the table's `probe` column.
        metrics: what it yields for every job.
        provenance: of its rows.
        deterministic: batches may run side by side without changing the figures.
    """

    name: str
    metrics: tuple[Metric, ...]
    provenance: Provenance
    deterministic: bool

    def unavailable(self) -> str | None:
        """Why it cannot work here and what would help, in one line; None if it can."""

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """The jobs, cut so that losing one batch costs little; the same jobs give the same batches."""

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """Look at a batch. May be called from several threads at a time where `deterministic`.

        Args:
            batch: one of `batches`.
            artifacts: folder for files that stay with the run, made when needed.

        Raises:
            EnvironmentFailure: `stop` was called, or a worker could not be started.
        """

    def stop(self) -> None:
        """Kill what is running, from any thread; `measure` then ends with an exception."""


def whole_cases(jobs: Sequence[Job], size: int) -> list[list[Job]]:
    """The jobs in order, about `size` at a time, the arms of a case always together.

    Arms that are counted in one process start from the same heap, so they stay comparable to the last miss.
    """
    batches: list[list[Job]] = []
    for _, group in itertools.groupby(jobs, key=lambda job: job.case.id):
        case = list(group)
        if not batches or len(batches[-1]) + len(case) > size:
            batches.append([])
        batches[-1] += case
    return batches


def chunks(jobs: Sequence[Job], size: int) -> list[list[Job]]:
    """The jobs in order, `size` at a time."""
    return [list(jobs[at : at + size]) for at in range(0, len(jobs), size)]


def row(
    job: Job,
    metric: Metric,
    value: float,
    provenance: Provenance,
    *,
    iterations: int = 0,
    items: int = 0,
    replicate: int = -1,
    reason: str = "",
) -> Measurement:
    """A measured figure. `items` is what the value is divided by; 0 for a figure of the whole pass, such as a peak."""
    return Measurement(
        experiment=job.case.experiment,
        group=job.case.group,
        case=job.case.id,
        arm=job.arm.name,
        metric=metric.name,
        unit=metric.unit,
        value=float(value),
        probe=metric.probe,
        provenance=provenance,
        iterations=iterations,
        items=items,
        replicate=replicate,
        reason=reason,
    )


def absent(job: Job, metric: Metric, provenance: Provenance, reason: str, status: Status) -> Measurement:
    """A figure that could not be had, `status` "unavailable" or "failed"."""
    return Measurement(
        experiment=job.case.experiment,
        group=job.case.group,
        case=job.case.id,
        arm=job.arm.name,
        metric=metric.name,
        unit=metric.unit,
        value=None,
        probe=metric.probe,
        provenance=provenance,
        status=status,
        reason=reason,
    )
