"""What Python kernels allocate: one pass under memray, and its growth of resident memory, in processes of their own.

Every kernel first runs a pass unseen, so that what the interpreter and libraries allocate at first use is in no figure.
Allocations are those of Python's own allocators and of C alike. Resident memory is what the high-water mark grows by
over the pass, from a fresh process each time; Linux folds its counts in batches, so that it varies by a few pages.
"""

import importlib.util
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import psutil

from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.experiment.subjects import PYTHON_MEMORY
from lab.measure.probe import Job, absent, row
from lab.measure.process import Workers, python_command, run_lines

NAME = PYTHON_MEMORY
ALLOCATIONS = Metric("python_allocations", "count", "allocations", NAME, exact=True)
ALLOCATED_BYTES = Metric("python_allocated_bytes", "B", "bytes allocated", NAME, exact=True)
PEAK_BYTES = Metric("python_peak_bytes", "B", "peak memory", NAME, exact=True)
RESIDENT = Metric("python_resident_growth_bytes", "B", "growth of resident memory", NAME, context=True)
TRACED = (ALLOCATIONS, ALLOCATED_BYTES, PEAK_BYTES)
REPLICATES = 3
ENOUGH_S = 3.0  # after which an arm gets no further process for its resident memory
IDLE_TIMEOUT_S = 180.0


class MemoryOrder(msgspec.Struct, frozen=True):
    """What the worker is to do: trace a pass, or watch its resident memory."""

    kernel: str
    args: dict[str, str]
    input_path: str | None
    traced: bool


class MemoryAnswer(msgspec.Struct, frozen=True):
    """What the worker found. `reason` is "" where it worked; `resident` is None where the system does not say."""

    reason: str = ""
    unsupported: bool = False
    iterations: int = 0
    items: int = 0
    figures: dict[str, int] = {}
    resident: int | None = None


class PythonMemoryProbe:
    """See the module."""

    name = NAME
    metrics: tuple[Metric, ...] = (*TRACED, RESIDENT)
    provenance: Provenance = "traced"
    deterministic = False

    def __init__(self, *, replicates: int = REPLICATES) -> None:
        self._replicates = replicates
        self._workers = Workers()

    def unavailable(self) -> str | None:
        """Why there are no figures here."""
        if importlib.util.find_spec("memray") is None:
            return "memray is not installed (it exists for Linux and macOS); pip install memray"
        return None

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """One arm at a time."""
        return [[job] for job in jobs]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """A trace per job, and resident memory several times."""
        del artifacts
        for job in batch:
            answer = self._ask(job, traced=True)
            if answer.reason:
                for metric in self.metrics:
                    status = "unavailable" if answer.unsupported else "failed"
                    yield absent(job, metric, self.provenance, answer.reason, status)  # type: ignore[arg-type]
                continue
            for metric in TRACED:
                items = 0 if metric is PEAK_BYTES else answer.items
                yield row(
                    job, metric, answer.figures[metric.name], self.provenance,
                    iterations=answer.iterations, items=items,
                )  # fmt: skip
            yield from self._resident(job)

    def stop(self) -> None:
        """Kill the worker."""
        self._workers.stop()

    def _resident(self, job: Job) -> Iterator[Measurement]:
        begun = time.monotonic()
        for replicate in range(self._replicates):
            answer = self._ask(job, traced=False)
            if answer.reason or answer.resident is None:
                reason = answer.reason or "the system does not say how much memory is resident (it takes Linux's /proc)"
                yield absent(job, RESIDENT, "kernel", reason, "failed" if answer.reason else "unavailable")
                return
            yield row(job, RESIDENT, answer.resident, "kernel", iterations=answer.iterations, replicate=replicate)
            if time.monotonic() - begun > ENOUGH_S:
                return

    def _ask(self, job: Job, *, traced: bool) -> MemoryAnswer:
        order = MemoryOrder(
            job.case.kernel, dict(job.arm.args), str(job.input_path) if job.input_path else None, traced
        )
        answers: list[MemoryAnswer] = []
        outcome = run_lines(
            python_command("lab.experiment.python_memory_worker"),
            stdin_text=msgspec.json.encode(order).decode(),
            answers=True,
            environment={"PYTHONHASHSEED": "0"},
            inherit=True,
            folder=job.folder,
            idle_timeout_s=IDLE_TIMEOUT_S,
            memory_bytes=psutil.virtual_memory().total * 3 // 4,  # as of the workers that measure
            on_line=partial(_take, answers),
            workers=self._workers,
        )
        if outcome.trouble is not None:
            return MemoryAnswer(reason=outcome.trouble)
        return answers[0] if answers else MemoryAnswer(reason="the worker said nothing")


def _take(answers: list[MemoryAnswer], line: str) -> None:
    answers.append(msgspec.json.decode(line, type=MemoryAnswer))
