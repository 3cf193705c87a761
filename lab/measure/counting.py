"""Asking the driver to count: one process for a batch of jobs, each job in a forked child of its own.

The fork gives every job the same fresh heap, whatever ran before it, and keeps a crash from the others. Where the
driver itself dies (a tool around it crashed, it said nothing for too long) the job it was in is lost and the rest is
asked of a new process.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from lab.core.schema import Measurement, Metric, Provenance, Status
from lab.measure.native import Native
from lab.measure.probe import Job, absent
from lab.measure.process import BadAnswer, Workers, run_lines

WHOLE_PASS = 0
DRIVER, KERNELS, INTERPOSER = "lab-kernel", "kernels.so", "interpose.so"  # as they are named in `stage`
ENVIRONMENT_BYTES = 16384


class Event(msgspec.Struct, frozen=True):
    """A counter as the driver reports it; see lp/events.h."""

    name: str
    unit: str
    hardware: bool
    kernel: bool
    state: str
    error: int
    value: int
    enabled_ns: int
    running_ns: int


class EventStates(msgspec.Struct, frozen=True):
    """The answer to the driver's command `events`; `look_ns`: what one look at the signs of disturbance costs."""

    events: list[Event]
    look_ns: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What the driver says of one job; see native/driver/count.h."""

    id: str
    status: str
    reason: str = ""
    pid: int = 0
    threads: int = 0
    iterations: int = 0
    items: int = 0
    bytes: int = 0
    checksum: str = ""
    counters: dict[str, tuple[float, str]] = {}
    events: list[Event] = []
    minor_faults: int = 0
    major_faults: int = 0
    resident_peak_bytes: int | None = None
    allocations: dict[str, int] | None = None


class _Line(msgspec.Struct):
    begin: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRequest:
    """How to count.

    Attributes:
        native: the driver and the kernels; the first build is counted.
        workers: registers the processes.
        options: of the driver's `count` command: "--apart", "--events", "--resident", "--allocations".
        most_iterations: cap on the counted window, WHOLE_PASS for none.
        wrapper: a tool's command line in front of the driver's.
        environment: added to the fixed one.
        idle_timeout_s: for one job.
    """

    native: Native
    workers: Workers
    options: Sequence[str] = ()
    most_iterations: int = WHOLE_PASS
    wrapper: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    idle_timeout_s: float = 60.0


@contextmanager
def stage(request: CountRequest, jobs: Sequence[Job]) -> Iterator[Path]:
    """A folder in which everything that the driver opens has a short name of its own.

    Paths lie on the stack and the heap of the process that is counted: were they as long as those of this installation,
    simulated misses and usable sizes would differ from one clone of a project to the next.
    """
    with TemporaryDirectory(prefix="lab-count-") as name:
        folder = Path(name)
        (folder / DRIVER).symlink_to(request.native.driver.resolve())
        (folder / KERNELS).symlink_to(request.native.kernels[0].resolve())
        if request.native.interposer is not None:
            (folder / INTERPOSER).symlink_to(request.native.interposer.resolve())
        for digest, path in {job.case.input_digest: job.input_path for job in jobs if job.input_path}.items():
            (folder / digest).symlink_to(path.resolve())
        yield folder


def count_script(request: CountRequest, jobs: Mapping[str, Job]) -> str:
    """The driver's plan for jobs by id, in the names of `stage`."""
    lines = [f"lib\t0\t./{KERNELS}"]
    inputs = {job.case.input_digest for job in jobs.values() if job.input_path is not None}
    lines += [f"input\t{digest}\t./{digest}" for digest in sorted(inputs)]
    for name, job in jobs.items():
        args = [f"{key}={value}" for key, value in job.arm.args.items()]
        lines.append("\t".join(["subject", name, job.case.kernel, job.case.input_digest or "-", *args]))
    lines += ["\t".join(["count", name, name, "0", str(request.most_iterations), *request.options]) for name in jobs]
    return "\n".join(lines) + "\n"


def count_jobs(request: CountRequest, jobs: Sequence[Job]) -> Iterator[tuple[Job, Answer]]:
    """Count every job; a failed one has an answer whose status is "failed" or "unsupported" and a reason.

    Raises:
        EnvironmentFailure: the workers were stopped, or the driver cannot be started.
    """
    for library in dict.fromkeys(job.library for job in jobs):
        mine = [job for job in jobs if job.library == library]
        own = request if library is None else replace(request, native=replace(request.native, kernels=(library,)))
        with stage(own, mine) as folder:
            yield from _count_staged(own, mine, folder)


def _count_staged(request: CountRequest, jobs: Sequence[Job], folder: Path) -> Iterator[tuple[Job, Answer]]:
    pending = {str(number): job for number, job in enumerate(jobs)}
    driver = [f"./{DRIVER}", *request.native.driver_command()[1:]]
    while pending:
        answers: list[Answer] = []
        begun: list[str] = []

        def take(line: str, answers: list[Answer] = answers, begun: list[str] = begun) -> None:
            try:
                head = msgspec.json.decode(line, type=_Line)
                if head.begin is not None:
                    begun.append(head.begin)
                elif head.id is not None:
                    answers.append(msgspec.json.decode(line, type=Answer))
            except msgspec.MsgspecError as error:
                raise BadAnswer(f"the kernel wrote into the driver's answers ({error})") from error

        outcome = run_lines(
            [*request.wrapper, *driver],
            stdin_text=count_script(request, pending),
            answers=True,
            environment=request.environment,
            environment_bytes=ENVIRONMENT_BYTES,
            folder=folder,
            idle_timeout_s=request.idle_timeout_s,
            on_line=take,
            workers=request.workers,
        )
        for answer in answers:
            if answer.id in pending:
                yield pending.pop(answer.id), answer
        if not pending:
            return
        trouble = outcome.trouble or f"the driver ended before it had answered{outcome.last_words}"
        # Between two jobs go on, unless nothing was answered: then nothing would be the next time.
        lost = [] if answers else list(pending)
        if begun and begun[-1] in pending:
            lost = [begun[-1]]
        for name in lost:
            yield pending.pop(name), Answer(id=name, status="failed", reason=trouble)


def refused(job: Job, metrics: Sequence[Metric], provenance: Provenance, answer: Answer) -> Iterator[Measurement]:
    """The rows of a job that was not counted."""
    for metric in metrics:
        status: Status = "unavailable" if answer.status == "unsupported" else "failed"
        yield absent(job, metric, provenance, answer.reason, status)
