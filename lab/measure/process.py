"""The one way in which the lab starts a worker process.

A worker gets a process group of its own, a fixed environment and its whole plan on standard input; it answers line by
line. Whatever happens (an error here, Ctrl-C, a worker that says nothing for too long) its group is killed.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.core.errors import EnvironmentFailure

STDERR_TAIL_BYTES = 2000
PADDING = "LAB_PADDING"  # a variable that only takes room
_READ_BYTES = 1 << 16
_KEPT_VARIABLES = ("PATH", "TMPDIR", "VALGRIND_LIB", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a worker ended.

    Attributes:
        code: exit code, None if a signal ended it.
        signal: number of the signal, None if it exited.
        stderr_tail: the end of what it wrote to standard error.
        silent_s: seconds without a line after which it was killed, None if it was not.
    """

    code: int | None
    signal: int | None
    stderr_tail: str
    silent_s: float | None = None

    @property
    def trouble(self) -> str | None:
        """Why the worker did not end well, in one line; None if it did."""
        if self.silent_s is not None:
            return f"no sign of life for {self.silent_s:.0f} s, killed"
        if self.signal is not None:
            hint = "; the system may be out of memory" if self.signal == signal.SIGKILL else ""
            return f"killed by signal {self.signal} ({signal.strsignal(self.signal)}){hint}"
        if self.code:
            last = self.stderr_tail.strip().splitlines()[-1:] or ["it said nothing"]
            return f"ended with exit code {self.code}: {last[0]}"
        return None


class Workers:
    """The live workers of one owner, which any thread may stop; none can be started after that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: set[int] = set()
        self.stopped = False

    def start(self, launch: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """Start a worker and remember it.

        Raises:
            EnvironmentFailure: `stop` was called.
        """
        with self._lock:
            if self.stopped:
                raise EnvironmentFailure("stopped; resume the run to continue")
            process = launch()
            self._live.add(process.pid)
            return process

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """The worker has been waited for."""
        with self._lock:
            self._live.discard(process.pid)

    def stop(self) -> None:
        """Kill every live worker with its group."""
        with self._lock:
            self.stopped = True
            for pid in self._live:
                _kill_group(pid)


def run_lines(
    argv: Sequence[str],
    *,
    stdin_text: str = "",
    environment: Mapping[str, str] | None = None,
    inherit: bool = False,
    environment_bytes: int = 0,
    folder: Path | None = None,
    idle_timeout_s: float,
    memory_bytes: int = 0,
    on_line: Callable[[str], object] = lambda _line: None,
    workers: Workers | None = None,
) -> Outcome:
    """Run a worker to its end.

    Args:
        argv: command and arguments.
        stdin_text: what it reads; may be long.
        environment: added to the fixed one (PATH and what the loader needs, LC_ALL=C).
        inherit: start from this process's whole environment instead of the fixed one.
        environment_bytes: pad the environment to this size (counted as on the stack of a new process), 0 for none, so
            that what lies below it on the stack does not move with the length of a path.
        folder: where it runs; this process's current folder if None.
        idle_timeout_s: longest time without a line, and from the last line to its end.
        memory_bytes: address space that it may take, 0 for no limit; where the system can limit another process.
        on_line: called with each line of its standard output, without the line end.
        workers: registers the worker there while it lives.

    Raises:
        EnvironmentFailure: it could not be started.
    """
    workers = workers or Workers()
    kept = os.environ if inherit else {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    variables = {**kept, "LC_ALL": "C", **(environment or {})}
    if environment_bytes:
        variables[PADDING] = "x" * max(0, environment_bytes - _stack_bytes({**variables, PADDING: ""}))
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.write(stdin_text.encode())
        stdin.seek(0)

        def launch() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                list(argv),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=variables,
                cwd=folder,
                process_group=0,
            )

        try:
            process = workers.start(launch)
        except OSError as error:
            raise EnvironmentFailure(f"cannot start {argv[0]}: {error.strerror}; run `lab doctor`") from error
        try:
            if memory_bytes:
                _limit_memory(process.pid, memory_bytes)
            silent = not _read_lines(process, idle_timeout_s, on_line)
        finally:
            _kill_group(process.pid)
            process.wait()
            workers.forget(process)
            if process.stdout is not None:
                process.stdout.close()
        stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - STDERR_TAIL_BYTES))
        tail = stderr.read().decode(errors="replace")
    ended = process.returncode
    return Outcome(
        code=ended if ended >= 0 else None,
        signal=-ended if ended < 0 else None,
        stderr_tail=tail,
        silent_s=idle_timeout_s if silent else None,
    )


def _stack_bytes(variables: Mapping[str, str]) -> int:
    """What an environment takes of a new process's stack: NAME=VALUE and its end, and a pointer, each."""
    pointer = 8
    return sum(len(os.fsencode(name)) + len(os.fsencode(value)) + 2 + pointer for name, value in variables.items())


def _read_lines(process: subprocess.Popen[bytes], idle_timeout_s: float, on_line: Callable[[str], object]) -> bool:
    """Feed lines until the worker has ended; False if it was silent for too long."""
    assert process.stdout is not None
    rest = b""
    deadline = time.monotonic() + idle_timeout_s
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return False
            chunk = os.read(process.stdout.fileno(), _READ_BYTES)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                on_line(line.decode(errors="replace"))
            if lines:
                deadline = time.monotonic() + idle_timeout_s
    if rest:
        on_line(rest.decode(errors="replace"))
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_group(pid: int) -> None:
    """Kill what is left of a worker's process group, which outlives its leader if that leaves children behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _limit_memory(pid: int, memory_bytes: int) -> None:
    try:
        import resource

        resource.prlimit(pid, resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    except (ImportError, AttributeError, ProcessLookupError, PermissionError, ValueError):
        return  # no such limit here, or the worker has ended already: it runs without
