"""Allocation traces by memray: every allocation of one pass with its C frames, and a flame graph to open in a browser.

A Python worker loads the same kernel library as the driver and runs setup and one pass under the tracker. What memray
sees is this process's allocations, those of the C library's own start-up excluded. Setup is traced alone as well, so
that what a trace has more than the pass can be told; and it runs once before that, so that what the interpreter
and the library allocate at first use is in neither.
"""

import hashlib
import importlib.util
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from lab.core.schema import Artifact, Measurement, Metric, Provenance, Status
from lab.measure.identity import identity_of
from lab.measure.native import Native
from lab.measure.probe import Job, absent, row
from lab.measure.process import BadAnswer, Outcome, Workers, python_command, run_lines

NAME = "memray"
ALLOCATIONS = Metric("traced_allocations", "count", "allocations, setup and one pass (memray)", NAME, context=True)
ALLOCATED_BYTES = Metric(
    "traced_allocated_bytes", "B", "bytes allocated, setup and one pass (memray)", NAME, context=True
)
PEAK_BYTES = Metric("traced_peak_bytes", "B", "peak memory, setup and one pass (memray)", NAME, context=True)
# An aligned block may be larger than what the program wanted: it is asked for in multiples of its alignment.
ALIGNED = Metric("traced_aligned_blocks", "count", "aligned blocks allocated (memray)", NAME, aside=True)
PEAK_ALIGNED = Metric("traced_peak_aligned_blocks", "count", "aligned blocks at the peak (memray)", NAME, aside=True)
SETUP_ALLOCATIONS = Metric("traced_setup_allocations", "count", "allocations of setup (memray)", NAME, aside=True)
SETUP_BYTES = Metric("traced_setup_bytes", "B", "bytes allocated by setup (memray)", NAME, aside=True)
SETUP_KEPT_BYTES = Metric("traced_setup_kept_bytes", "B", "bytes that setup keeps (memray)", NAME, aside=True)
IDLE_TIMEOUT_S = 180.0
MOST_NAME_CHARACTERS = 120


class MemrayOrder(msgspec.Struct, frozen=True):
    """What the worker is to do; JSON on its standard input. Paths are absolute.

    Attributes:
        trace: file to write: memray's capture. Setup's own is written beside it.
    """

    library: str
    kernel: str
    args: dict[str, str]
    input_path: str | None
    trace: str


class MemrayAnswer(msgspec.Struct, frozen=True):
    """What the worker found; one line of JSON. `reason` is "" where it worked, `figures` is metric -> value."""

    reason: str = ""
    unsupported: bool = False
    iterations: int = 0
    figures: dict[str, int] = {}


class MemrayProbe:
    """See the module.

    Args:
        native: the kernels.
        python: interpreter of the worker.
    """

    name = NAME
    metrics: tuple[Metric, ...] = (
        ALLOCATIONS,
        ALLOCATED_BYTES,
        PEAK_BYTES,
        ALIGNED,
        PEAK_ALIGNED,
        SETUP_ALLOCATIONS,
        SETUP_BYTES,
        SETUP_KEPT_BYTES,
    )
    provenance: Provenance = "traced"
    deterministic = True

    def __init__(self, native: Native, *, python: str = sys.executable) -> None:
        self._native = native
        self._python = python
        self._workers = Workers()

    def unavailable(self) -> str | None:
        """Why there are no traces here."""
        if importlib.util.find_spec("memray") is None:
            return "memray is not installed (it exists for Linux and macOS); pip install memray"
        return None

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """One trace at a time: each takes seconds."""
        return [[job] for job in jobs]

    def identity(self, job: Job) -> Sequence[str]:
        """What its figures and its flame graph depend on; the page is named after the case and the arm."""
        versions = (sys.version, version("memray"), job.case.id, job.arm.name)
        return [self.name, *versions, *identity_of(self._native, job, "memray.py", "memray_worker.py")]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """A trace per job; its flame graph goes to `artifacts`."""
        artifacts.mkdir(parents=True, exist_ok=True)
        for job in batch:
            page = artifacts / page_name(job)
            with tempfile.TemporaryDirectory(prefix="lab-memray-") as folder:
                capture = Path(folder) / "capture.bin"
                answer = self._trace(job, capture)
                trouble = self._draw(capture, page) if not answer.reason else None
            if answer.reason:
                for metric in self.metrics:
                    status: Status = "unavailable" if answer.unsupported else "failed"
                    yield absent(job, metric, self.provenance, answer.reason, status)
                continue
            for metric in self.metrics:
                note = f"no flame graph: {trouble}" if trouble and metric == PEAK_BYTES else ""
                value = answer.figures[metric.name]
                yield row(job, metric, value, self.provenance, iterations=answer.iterations, reason=note)
            if not trouble:
                title = f"Memory flame graph: {job.case.id}, {job.arm.name}"
                yield Artifact(f"{artifacts.name}/{page.name}", title, job.case.id, job.arm.name, NAME)

    def stop(self) -> None:
        """Kill the worker."""
        self._workers.stop()

    def _trace(self, job: Job, capture: Path) -> MemrayAnswer:
        order = MemrayOrder(
            library=str((job.library or self._native.kernels[0]).resolve()),
            kernel=job.case.kernel,
            args=dict(job.arm.args),
            input_path=str(job.input_path.resolve()) if job.input_path else None,
            trace=str(capture),
        )
        answers: list[MemrayAnswer] = []

        def take(line: str) -> None:
            try:
                answers.append(msgspec.json.decode(line, type=MemrayAnswer))
            except msgspec.MsgspecError as error:
                raise BadAnswer(f"the kernel wrote into the worker's answers ({error})") from error

        command = python_command("lab.measure.memray_worker", python=self._python)
        outcome = self._run(command, stdin_text=msgspec.json.encode(order).decode(), answers=True, on_line=take)
        if outcome.trouble is not None:
            return MemrayAnswer(reason=f"the memray worker: {outcome.trouble}")
        return answers[0] if answers else MemrayAnswer(reason="the memray worker said nothing")

    def _draw(self, capture: Path, page: Path) -> str | None:
        """Write the flame graph; why there is none, or None."""
        with tempfile.TemporaryDirectory(prefix=".drawing-", dir=page.parent) as folder:
            new = Path(folder) / page.name
            # --no-web: everything inside the page, so that it opens offline.
            command = [self._python, "-m", "memray", "flamegraph", "--no-web", "--output", str(new), str(capture)]
            outcome = self._run(command)
            if outcome.trouble is not None or not new.is_file():
                return outcome.trouble or "memray wrote none"
            new.replace(page)
        return None

    def _run(
        self,
        command: Sequence[str],
        *,
        stdin_text: str = "",
        answers: bool = False,
        on_line: Callable[[str], object] = lambda _line: None,
    ) -> Outcome:
        return run_lines(
            command,
            stdin_text=stdin_text,
            answers=answers,
            environment={"PYTHONHASHSEED": "0"},
            inherit=True,
            idle_timeout_s=IDLE_TIMEOUT_S,
            on_line=on_line,
            workers=self._workers,
        )


def page_name(job: Job) -> str:
    """File name of a job's flame graph: readable, short enough for any file system, and its own."""
    whole = f"{job.case.id}-{job.arm.name}"
    readable = re.sub(r"[^A-Za-z0-9]+", "-", whole).strip("-")[:MOST_NAME_CHARACTERS]
    return f"{NAME}-{readable}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}.html"
