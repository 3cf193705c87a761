"""One worker process in Python: reads the driver's plan, measures Python kernels, answers as the driver does.

The protocol is that of native/driver/main.c (subject, ready, pair, alone, drop, life; lib and keep mean nothing here),
and the loop is the driver's own: see lab.measure.python_pairs.

Whatever a kernel does is its own failure: it raises anything, SystemExit included, returns what is no answer, forks,
changes the folder. It cannot reach the answers by printing.

Started by `lab.measure.process.python_command`, with the plan on standard input.
"""

import contextlib
import gc
import json
import mmap
import operator
import os
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.core.errors import UsageError
from lab.experiment.callables import AnswersDiffer, CallableArm
from lab.experiment.python_kernel import PythonKernel, Unsupported, load_factory
from lab.measure.answering import Channel
from lab.measure.python_pairs import Arm, LoopFailed, Timing, measure_alone, measure_pair

STARTED_NS = time.perf_counter_ns()
MOST_ITERATIONS = 2**62
OWNER = os.getpid()


class WrongAnswer(Exception):
    """The arms differ, or what a kernel returns is no answer."""


class BrokenArm(Exception):
    """An arm could not be made; the message says which, why and where."""


@dataclass(slots=True)
class Subject:
    """A kernel with its arguments; made when first used."""

    kernel: str
    digest: str
    args: dict[str, str]
    ready: PythonKernel | None = None
    broken: Exception | None = None  # why it cannot be made; it is not tried again


class Bench:
    """The subjects and inputs that a plan has named so far."""

    def __init__(self) -> None:
        self._subjects: dict[str, Subject] = {}
        self._inputs: dict[str, memoryview] = {}

    def input(self, digest: str, path: str) -> None:
        """Map an input file."""
        with Path(path).open("rb") as file:
            self._inputs[digest] = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def subject(self, name: str, kernel: str, digest: str, *args: str) -> None:
        """Name a kernel with its arguments."""
        pairs = (arg.partition("=") for arg in args)
        self._subjects[name] = Subject(kernel, digest, {key: value for key, _, value in pairs})

    def ready(self, *names: str) -> list[PythonKernel]:
        """Make subjects unless they are made.

        Raises:
            Unsupported: one cannot run here.
            BrokenArm: some cannot be made; it names each with its own reason.
        """
        for name in names:
            self._make(name, self._subjects[name])
        broken = {name: subject.broken for name in names if (subject := self._subjects[name]).broken is not None}
        for error in broken.values():
            if isinstance(error, Unsupported):
                raise error
        if broken:
            raise BrokenArm("; ".join(f"arm {name.rpartition('#')[2]}: {error}" for name, error in broken.items()))
        return [subject.ready for name in names if (subject := self._subjects[name]).ready is not None]

    def _make(self, name: str, subject: Subject) -> None:
        if subject.ready is not None or subject.broken is not None:
            return
        try:
            kernel = load_factory(subject.kernel)(subject.args, self._inputs.get(subject.digest))
            length = getattr(kernel, "pass_iterations", None)
            if type(length) is not int or not 1 <= length <= MOST_ITERATIONS or not callable(kernel.run):
                raise WrongAnswer(
                    f"the kernel's pass_iterations is {length!r:.80}; it must be a whole number, 1 or more"
                )
            subject.ready = kernel
        except Unsupported as error:
            subject.broken = error
        except BaseException as error:  # of the kernel: whatever it raises ends only its arm
            subject.broken = BrokenArm(told(error, f"making {name}"))

    def drop(self) -> None:
        """Let go of everything that was made."""
        for subject in self._subjects.values():
            subject.ready = subject.broken = None
        gc.collect()

    def pair(self, fields: list[str]) -> dict[str, object]:
        """The command `pair`."""
        start = time.perf_counter_ns()
        baseline, treatment = self.ready(fields[2], fields[3])
        ready = time.perf_counter_ns()
        check(baseline, treatment, whole_pass=fields[13] == "pass")
        checked = time.perf_counter_ns()
        timing, per_order = _timing(fields[6:13])
        found = measure_pair(_arm(baseline), _arm(treatment), timing, per_order)
        return {
            "iterations": found.iterations,
            "items": found.items,
            "baseline_ns": found.times[0],
            "treatment_ns": found.times[1],
            "flags": found.flags,
            "spent_ns": [ready - start, checked - ready, *found.spent_ns],
        }

    def alone(self, fields: list[str]) -> dict[str, object]:
        """The command `alone`."""
        start = time.perf_counter_ns()
        (subject,) = self.ready(fields[2])
        ready = time.perf_counter_ns()
        timing, samples = _timing(fields[4:11])
        found = measure_alone(_arm(subject), timing, samples)
        return {
            "iterations": found.iterations,
            "items": found.items,
            "ns": found.times[0],
            "flags": found.flags,
            "spent_ns": [ready - start, 0, *found.spent_ns],
        }


def _timing(fields: list[str]) -> tuple[Timing, int]:
    """The fields warm|cold, COUNT, SAMPLE_NS, EVICT_BYTES, SEED, MOST_NS, ITERATIONS: see native/driver/main.c."""
    count, sample_ns, evict_bytes, seed, most_ns, iterations = map(int, fields[1:])
    timing = Timing(
        cold=fields[0] == "cold", sample_ns=sample_ns, evict_bytes=evict_bytes, seed=seed, most_ns=most_ns,
        iterations=iterations,
    )  # fmt: skip
    return timing, count


def _arm(kernel: PythonKernel) -> Arm:
    run = kernel.run

    def checked(first: int, count: int) -> tuple[int, int]:
        found = run(first, count)
        # This is part of what is timed, of every arm alike: only what is no plain answer is looked at closely.
        plain = type(found) is tuple and len(found) == 2 and type(found[0]) is int and type(found[1]) is int
        return found if plain and found[1] >= 0 and os.getpid() == OWNER else whole(found)

    return Arm(checked, kernel.pass_iterations)


def compare_answers(one: tuple[int, int], two: tuple[int, int]) -> None:
    """Compare checksum and items of both arms.

    Raises:
        WrongAnswer: they differ.
    """
    if one != two:
        raise WrongAnswer(f"the arms give different answers: checksum and items {one} and {two}")


def check(baseline: PythonKernel, treatment: PythonKernel, *, whole_pass: bool) -> None:
    """Compare the length of the arms' passes, and where `whole_pass` their answers over one.

    Raises:
        WrongAnswer: they differ.
    """
    if baseline.pass_iterations != treatment.pass_iterations:
        raise WrongAnswer(
            f"the arms differ in the length of a pass: {baseline.pass_iterations} and {treatment.pass_iterations}"
        )
    if not whole_pass:
        return
    if isinstance(baseline, CallableArm) and isinstance(treatment, CallableArm):
        try:
            baseline.compare(treatment)
        except AnswersDiffer as error:
            raise WrongAnswer(str(error)) from error
    else:
        compare_answers(*(whole(arm.run(0, baseline.pass_iterations)) for arm in (baseline, treatment)))


def whole(found: object) -> tuple[int, int]:
    """What a kernel's `run` returned, as checksum and items.

    Raises:
        WrongAnswer: it is not two whole numbers, or the items are negative.
    """
    if os.getpid() != OWNER:
        raise WrongAnswer("a process that the kernel forked returned from it")
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise WrongAnswer(f"run must return (checksum, items), two whole numbers; it returned {found!r:.80}")
    try:
        checksum, items = map(operator.index, found)
    except TypeError as error:
        raise WrongAnswer(f"run must return (checksum, items), two whole numbers; it returned {found!r:.80}") from error
    if not 0 <= items <= MOST_ITERATIONS:
        raise WrongAnswer(f"run must return the number of items that it processed; it returned {items:.6g}")
    return checksum, items


def told(error: BaseException, doing: str) -> str:
    """An exception of a kernel in one line, with the place in its code; the whole traceback goes to the log."""
    print(f"--- {doing}", file=sys.stderr)
    traceback.print_exception(error)
    if isinstance(error, WrongAnswer | LoopFailed):
        return str(error)
    error = error.__cause__ if isinstance(error, UsageError) and error.__cause__ is not None else error
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_ours(frame.filename)]
    if isinstance(error, SyntaxError) and error.filename:
        place = f" ({Path(error.filename).name}:{error.lineno})"
    else:
        place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno}, in {frames[-1].name})" if frames else ""
    words = str(error) or "a kernel must not end the process" if isinstance(error, SystemExit) else str(error)
    return f"{type(error).__name__}: {words}{place}"


def _is_ours(file: str) -> bool:
    """Whether a frame is of the lab or of the machinery of imports, and not of a kernel."""
    return file.startswith("<frozen") or Path(file).is_relative_to(Path(__file__).parents[1])


class Worker:
    """Answers a plan on a channel, one command after another."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._bench = Bench()
        self._home = os.open(".", os.O_RDONLY)  # a kernel may change the folder; the next case finds this one

    def answer(self, **fields: object) -> None:
        """One line of JSON, out at once, so that the runner knows how far a crashed worker had come."""
        if not self._channel.is_ours:
            # A child that a kernel forked has come back from it. It must not measure.
            self._channel.write(json.dumps({"broken": "a process that the kernel forked returned from it"}).encode())
            os._exit(0)
        self._channel.write(json.dumps(fields).encode())

    def obey(self, fields: list[str]) -> None:
        """Do one command."""
        verb = fields[0]
        if verb == "input":
            self._bench.input(*fields[1:])
        elif verb == "subject":
            self._bench.subject(*fields[1:])
        elif verb == "drop":
            self._bench.drop()
        elif verb in ("ready", "pair", "alone"):
            self.answer(begin=fields[1])
            self.answer(id=fields[1], **self._measured(fields))
            os.fchdir(self._home)
        elif verb == "life":
            self.answer(life_ns=[0, 0, 0, time.perf_counter_ns() - STARTED_NS])
        elif verb not in ("lib", "keep"):
            sys.exit(f"python worker: unknown command {verb}")

    def _measured(self, fields: list[str]) -> dict[str, object]:
        try:
            found: dict[str, object] = {}
            if fields[0] == "ready":
                start = time.perf_counter_ns()
                self._bench.ready(fields[2])
                found = {"spent_ns": [time.perf_counter_ns() - start, 0, 0, 0, 0]}
            else:
                found = self._bench.pair(fields) if fields[0] == "pair" else self._bench.alone(fields)
        except Unsupported as error:
            return {"status": "unsupported", "reason": str(error)}
        except BrokenArm as error:
            return {"status": "failed", "reason": str(error)}
        except BaseException as error:  # of a kernel: whatever it raises costs its own case
            return {"status": "failed", "reason": told(error, f"measuring {' '.join(fields[2:4])}")}
        return {"status": "ok", **found}


def main(arguments: Sequence[str] = ()) -> None:
    """Read the plan on standard input and answer it; does not return."""
    del arguments
    plan = sys.stdin.buffer.read().decode(errors="surrogateescape")
    worker = Worker(Channel())
    for line in plan.splitlines():
        if line:
            worker.obey(line.split("\t"))
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(0)  # threads that a kernel left, and what it registered for the end, do not matter any more


if __name__ == "__main__":
    main()
