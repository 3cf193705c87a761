"""Whole commands: each sample is a process of its own; samples of two arms are taken in adjacent pairs.

Half of the pairs of a piece of work start with the baseline, half with the arm, in random order. Time, peak resident
memory, page faults and processor time are those that the kernel reports of the ended process. Standard output goes
nowhere while a command is timed; before the first pair each arm runs once untimed and what it writes is compared.
"""

import contextlib
import errno
import hashlib
import os
import random
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import msgspec

from lab.core.errors import EnvironmentFailure
from lab.core.life import Cost
from lab.core.schema import NULL_SUFFIX, TIME, ArmPlan, CasePlan, Measurement, Metric, Plan
from lab.experiment.clock import Asked, Target, Work, absent
from lab.experiment.subjects import COMMAND_PREFIX

NAME = "command"
PEAK = Metric("process_peak_bytes", "B", "peak resident memory of the process", NAME)
MINOR_FAULTS = Metric("process_minor_faults", "count", "minor page faults of the process", NAME, context=True)
MAJOR_FAULTS = Metric("process_major_faults", "count", "major page faults of the process", NAME, context=True)
PROCESSOR_TIME = Metric("process_cpu_time", "s", "processor time of the process", NAME)
BESIDE_TIME = (PEAK, MINOR_FAULTS, MAJOR_FAULTS, PROCESSOR_TIME)
TIMEOUT_S = 600.0
# Samples of two commands cost the same in one piece of work or in several, and pieces are what verdicts count. So a
# piece takes one pair of each order, and more only of commands so short that the lab's own work would outweigh theirs.
ROUND_S = 0.2
SWITCH_S = 1e-4  # as in native/probes/include/lp/clock.h: more than 2 % lost to switches is preempted
MOST_LOST = 0.02
_TAIL_BYTES = 2000


class CommandFailed(Exception):
    """A command could not be measured; the message says which and why."""


class Used(msgspec.Struct, frozen=True):
    """What native/driver/launch/launch.c reports of one process."""

    ns: int
    code: int | None
    signal: int | None
    peak_bytes: int
    minor_faults: int
    major_faults: int
    user_ns: int
    system_ns: int
    switches: int


class _Report(msgspec.Struct):
    errno: int = 0


class CommandSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A Command as it is kept in CasePlan.kernel."""

    argv: tuple[str, ...]
    prepare: str
    warmup: int
    ignore_failure: bool
    check: bool


def spec_of(kernel: str) -> CommandSpec:
    """The command behind a case's kernel."""
    return msgspec.json.decode(kernel.removeprefix(COMMAND_PREFIX), type=CommandSpec)


def argv_of(spec: CommandSpec, args: Mapping[str, str]) -> list[str]:
    """The words of one arm's command line.

    Raises:
        CommandFailed: a placeholder has no value.
    """
    words: list[str] = []
    for word in spec.argv:
        name = word[1:-1] if word.startswith("{") and word.endswith("}") else ""
        if name in args:
            words += _several(args[name])
            continue
        for key, value in args.items():
            word = word.replace(f"{{{key}}}", value)  # noqa: PLW2901
        words.append(word)
    return words


def _several(value: str) -> list[str]:
    if value.startswith("["):
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(value, type=list[str])
    return [value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How commands are run.

    Attributes:
        launcher: the program lab-launch.
        folder: working directory.
        data: file on standard input; None for nothing.
        timeout_s: after which a command is killed.
    """

    launcher: Path
    folder: Path | None = None
    data: Path | None = None
    timeout_s: float = TIMEOUT_S

    def run(self, arm: str, argv: Sequence[str], spec: CommandSpec, stdout: IO[bytes] | int) -> Used:
        """Run a command once, `prepare` before it.

        Raises:
            CommandFailed: it could not be started, failed, or ran for too long.
        """
        if spec.prepare:
            self._prepare(spec.prepare)
        with tempfile.TemporaryFile() as errors, open(self.data or os.devnull, "rb") as stdin:  # noqa: PTH123
            used = self._launch(arm, argv, stdin, stdout, errors)
            if used.signal is not None:
                name = signal.strsignal(used.signal)
                raise CommandFailed(f"{arm}: killed by signal {used.signal} ({name}){_tail(errors)}")
            if used.code and not spec.ignore_failure:
                raise CommandFailed(
                    f"{arm}: ended with exit code {used.code}{_tail(errors)}; --ignore-failure measures it all the same"
                )
        return used

    def _prepare(self, command: str) -> None:
        done = subprocess.run(command, shell=True, cwd=self.folder, capture_output=True, check=False)
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise CommandFailed(
                f"--prepare ended with exit code {done.returncode}{': ' if last else ''}{''.join(last)}"
            )

    def _launch(
        self, arm: str, argv: Sequence[str], stdin: IO[bytes], stdout: IO[bytes] | int, errors: IO[bytes]
    ) -> Used:
        read, write = os.pipe()
        try:
            process = subprocess.Popen(
                [str(self.launcher), str(write), *argv],
                stdin=stdin, stdout=stdout, stderr=errors, cwd=self.folder, pass_fds=(write,), process_group=0,
            )  # fmt: skip
        except OSError as error:
            os.close(read)
            raise EnvironmentFailure(f"cannot start {self.launcher}: {error.strerror}; run `lab doctor`") from error
        finally:
            os.close(write)
        late = threading.Event()

        def stop() -> None:
            late.set()
            _kill(process.pid)

        timer = threading.Timer(self.timeout_s, stop)
        timer.start()
        try:
            with open(read, "rb") as report:  # noqa: PTH123 - a descriptor
                text = report.read()
            process.wait()
        finally:
            timer.cancel()
            _kill(process.pid)
            process.wait()
        if late.is_set():
            raise CommandFailed(f"{arm}: ran for more than {self.timeout_s:g} s, killed")
        if not text:
            raise CommandFailed(f"{arm}: the process that runs it was killed; the system may be out of memory")
        failed = msgspec.json.decode(text, type=_Report).errno
        if failed:
            hint = "; give its path, or check PATH" if failed == errno.ENOENT else ""
            raise CommandFailed(f"{arm}: cannot start {argv[0]}: {os.strerror(failed)}{hint}")
        return msgspec.json.decode(text, type=Used)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _tail(errors: IO[bytes]) -> str:
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - _TAIL_BYTES))
    last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
    return f": {last[0]}" if last else ""


def output_of(launch: Launch, arm: str, argv: Sequence[str], spec: CommandSpec) -> tuple[str, Used]:
    """Run a command once and return the hash of what it writes to standard output, and what it used.

    Raises:
        CommandFailed: see Launch.run.
    """
    with tempfile.TemporaryFile() as stdout:
        used = launch.run(arm, argv, spec, stdout)
        stdout.seek(0)
        return hashlib.file_digest(stdout, "sha256").hexdigest(), used


def run_commands(plan: Plan, work: Work, inputs: Path, launcher: Path | None) -> tuple[list[Measurement], list[Cost]]:
    """Measure the commands of one piece of work; what fails is a row that says why.

    Args:
        plan: of the run.
        work: one replicate of cases whose kernels are commands.
        inputs: folder of input files named by digest.
        launcher: the program lab-launch.

    Raises:
        EnvironmentFailure: the launcher is missing.
    """
    if launcher is None:
        raise EnvironmentFailure("lab-launch is missing beside the compiled module; build the native part: make setup")
    folder = Path(plan.folder) if plan.folder else None
    order = random.Random(f"{plan.seed}/{work.name}")
    rows: list[Measurement] = []
    costs: list[Cost] = []
    seen: set[tuple[str, str]] = set()
    for target in order.sample(work.targets, len(work.targets)):
        case = target.case
        data = inputs / case.input_digest if case.input_digest else None
        asked = work.asked.get(target.key, Asked(plan.clock.pairs))
        session = _Session(
            target, work.replicate, Launch(launcher=launcher, folder=folder, data=data), order, asked.pairs
        )
        begun = time.monotonic()
        try:
            rows += session.rows(seen)
        except CommandFailed as error:
            rows.append(absent(target, work.replicate, "failed", str(error)))
            continue
        spent = time.monotonic() - begun
        costs.append(
            Cost(
                case.id, target.arm, target.mode, check=session.first_s, timed=spent - session.first_s,
                pairs=session.pairs, iterations=1,
            )
        )  # fmt: skip
    return rows, costs


class _Session:
    """The pairs of one comparison in one replicate."""

    def __init__(self, target: Target, replicate: int, launch: Launch, order: random.Random, most: int) -> None:
        self._target = target
        self._case = target.case
        self._replicate = replicate
        self._launch = launch
        self._order = order
        self._most = most
        self.pairs = 0
        self.first_s = 0.0
        self._spec = spec_of(self._case.kernel)

    def rows(self, seen: set[tuple[str, str]]) -> Iterator[Measurement]:
        """Rows of time, and of the kernel's figures for arms that are not yet among `seen`."""
        treatment = self._target.arm
        plain = treatment.removesuffix(NULL_SUFFIX)
        words = {
            name: argv_of(self._spec, self._arm(own).args)
            for name, own in ((self._case.baseline, self._case.baseline), (treatment, plain))
        }
        if self._replicate == 0:
            begun = time.monotonic()
            self._first(words)
            self.first_s = time.monotonic() - begun
        found: dict[str, list[Used]] = {name: [] for name in words}
        samples: list[tuple[int, str, int, Used]] = []
        begun = time.monotonic()
        while len(samples) < 4 * self._most and (not samples or time.monotonic() - begun < ROUND_S):
            for baseline_first in self._order.sample([True, False], 2):
                block = len(samples) // 2
                names = [self._case.baseline, treatment]
                for position, name in enumerate(names if baseline_first else names[::-1]):
                    used = self._launch.run(name, words[name], self._spec, subprocess.DEVNULL)
                    found[name].append(used)
                    samples.append((block, name, position, used))
        self.pairs = len(samples) // 2
        for block, name, position, used in samples:
            other = treatment if name == self._case.baseline else self._case.baseline
            yield self._time(name, other, block, position, used)
        if self._target.mode != "null":
            for name in words:
                if (self._case.id, name) not in seen:
                    seen.add((self._case.id, name))
                    yield from self._beside(name, found[name])

    def _arm(self, name: str) -> ArmPlan:
        return next(arm for arm in self._case.arms if arm.name == name)

    def _first(self, words: Mapping[str, list[str]]) -> None:
        """Untimed runs before the first pair; what the arms write is compared."""
        written = {}
        for name, argv in words.items():
            for _ in range(self._spec.warmup):
                self._launch.run(name, argv, self._spec, subprocess.DEVNULL)
            written[name], _ = output_of(self._launch, name, argv, self._spec)
        if self._spec.check and len(set(written.values())) > 1:
            raise CommandFailed(differ(*words))

    def _time(self, arm: str, against: str, block: int, position: int, used: Used) -> Measurement:
        seconds = used.ns * 1e-9
        return Measurement(
            **_common(self._case), arm=arm, against=against, metric=TIME, unit="s", value=seconds, probe="clock",
            provenance="clock", iterations=1, items=1, replicate=self._replicate, mode=self._target.mode, block=block,
            position=position, preempted=used.switches * SWITCH_S > MOST_LOST * seconds,
        )  # fmt: skip

    def _beside(self, arm: str, used: Sequence[Used]) -> Iterator[Measurement]:
        for metric, values in (
            (PEAK, [one.peak_bytes for one in used]),
            (MINOR_FAULTS, [one.minor_faults for one in used]),
            (MAJOR_FAULTS, [one.major_faults for one in used]),
            (PROCESSOR_TIME, [(one.user_ns + one.system_ns) * 1e-9 for one in used]),
        ):
            yield Measurement(
                **_common(self._case), arm=arm, metric=metric.name, unit=metric.unit,
                value=float(statistics.median(values)), probe=NAME, provenance="kernel", iterations=1,
                replicate=self._replicate,
            )  # fmt: skip


def differ(one: str, two: str) -> str:
    """What to say of two commands that write different things."""
    return f"{one} and {two} write different things to standard output; give --no-check if that is meant"


def _common(case: CasePlan) -> dict[str, Any]:
    return {"experiment": case.experiment, "group": case.group, "case": case.id}
