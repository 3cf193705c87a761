"""Allocation calls of one pass, counted by a preloaded library, and the kernel's own ledger beside them.

Calls and bytes are those of one warm pass that reach the backing allocator. The peaks are the highest live bytes from
before setup to the end of that pass: as reserved (the allocator's usable sizes and the program's own mappings; what
promises are judged on, for the bytes asked for hide the slack of an arena or a pool), and as asked for.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import structs

from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.measure.counting import INTERPOSER, Answer, CountRequest, count_jobs, refused
from lab.measure.identity import identity_of
from lab.measure.native import INTERPOSER_NAME, Native
from lab.measure.probe import Job, row, whole_cases
from lab.measure.process import Workers

NAME = "allocations"
LEDGER = "ledger"  # the `probe` of the kernel's own counters
PER_PASS = (
    Metric("allocations", "count", "allocations", NAME, exact=True),
    Metric("frees", "count", "frees", NAME, exact=True),
    Metric("allocated_bytes", "B", "bytes allocated", NAME, exact=True),
    Metric("maps", "count", "memory mappings made", NAME, exact=True),
)
PEAKS = (
    Metric("peak_live_bytes", "B", "peak memory, as reserved", NAME, exact=True),
    Metric("peak_requested_bytes", "B", "peak memory, as asked for", NAME, exact=True),
)
BATCH_JOBS = 32


class AllocationsProbe:
    """See the module.

    Args:
        native: the driver, the kernels and the counter that is preloaded.
    """

    name = NAME
    metrics: tuple[Metric, ...] = (*PER_PASS, *PEAKS)
    provenance: Provenance = "traced"
    deterministic = True

    def __init__(self, native: Native) -> None:
        self._native = native
        self._workers = Workers()

    def unavailable(self) -> str | None:
        """Why allocations cannot be counted here."""
        if self._native.interposer is None:
            where = "is missing beside the compiled module: make setup" if sys.platform == "linux" else "needs Linux"
            return f"{INTERPOSER_NAME} {where}"
        return None

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """Many jobs per process, each in a child of its own."""
        return whole_cases(jobs, BATCH_JOBS)

    def identity(self, job: Job) -> Sequence[str]:
        """What its figures depend on."""
        return [self.name, *identity_of(self._native, job, "allocations.py")]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """One counted pass of every job."""
        del artifacts
        request = CountRequest(
            native=self._native,
            workers=self._workers,
            options=("--apart", "--allocations"),
            environment={"LD_PRELOAD": f"./{INTERPOSER}"},
        )
        for job, answer in count_jobs(request, batch):
            yield from self._rows(job, answer)

    def stop(self) -> None:
        """Kill the driver."""
        self._workers.stop()

    def _rows(self, job: Job, answer: Answer) -> Iterator[Measurement]:
        counts = answer.allocations
        if answer.status == "ok" and counts is None:
            why = f"{INTERPOSER_NAME} was not loaded; a program that is setuid takes no LD_PRELOAD"
            answer = structs.replace(answer, status="failed", reason=why)
        elif counts is not None and counts["untracked"]:
            why = "the counter ran out of memory for its table of blocks"
            answer = structs.replace(answer, status="failed", reason=why)
        if counts is None or answer.status != "ok":
            yield from refused(job, self.metrics, self.provenance, answer)
        else:
            for metric in PER_PASS:
                calls = counts[metric.name]
                yield row(job, metric, calls, self.provenance, iterations=answer.iterations, items=answer.items)
            for metric in PEAKS:
                yield row(job, metric, counts[metric.name], self.provenance, iterations=answer.iterations)
        for name, (value, unit) in answer.counters.items():
            yield row(job, Metric(name, unit, name, LEDGER, exact=True), value, "ledger", iterations=answer.iterations)
