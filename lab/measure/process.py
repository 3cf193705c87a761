"""The one way in which the lab starts a worker process.

A worker runs code of others. It gets its whole plan on standard input and answers, line by line, on a descriptor of its
own; what it prints is kept as its log and decides nothing. It runs below `lab-contain` (native/driver/contain), which
ends every process that the worker started, even one that moved to another group or session. Whatever goes wrong (an
error here, Ctrl-C, silence, too much output, a malformed answer) ends the worker, and its Outcome says why.

Programs that are not workers (`valgrind --version`) run in the same way, with their standard output as the answers.
"""

import contextlib
import errno
import importlib.util
import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lab.core.errors import EnvironmentFailure
from lab.core.printable import printable, shortened

PADDING = "LAB_PADDING"  # a variable that only takes room
TOKEN = "LAB_WORKER"
ANSWERS_FD = 3  # in the worker; see lab-contain
CONTAINER = "lab-contain"
MOST_LINE_BYTES = 4 << 20
MOST_LOG_BYTES = 64 << 20
KEPT_LOG_BYTES = 32 << 10  # of its beginning, and as much of its end
SHOWN_LOG_CHARACTERS = 300
END_TIMEOUT_S = 15.0  # of the container, which gives up after 10 s itself
_READ_BYTES = 1 << 16
_KEPT_VARIABLES = ("PATH", "TMPDIR", "VALGRIND_LIB", "LD_LIBRARY_PATH")


class BadAnswer(Exception):
    """Raised by a listener for a line that is no answer; the worker is ended and the message is told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a worker ended.

    Attributes:
        code: exit code, None if a signal ended it.
        signal: number of the signal, None if it exited.
        log: what it printed, or the beginning and the end of that.
        stopped: why it was ended before its time, "" if it was not.
    """

    code: int | None
    signal: int | None
    log: str = ""
    stopped: str = ""

    @property
    def trouble(self) -> str | None:
        """Why the worker did not end well, in one line with the end of its log; None if it did."""
        if self.stopped:
            return f"{self.stopped}{self.last_words}"
        if self.signal is not None:
            hint = "; the system may be out of memory" if self.signal == signal.SIGKILL else ""
            return f"killed by signal {self.signal} ({signal.strsignal(self.signal)}){hint}{self.last_words}"
        if self.code:
            last = self.log.strip().splitlines()[-1:] or ["it said nothing"]
            return f"ended with exit code {self.code}: {shortened(last[0], SHOWN_LOG_CHARACTERS)}"
        return None

    @property
    def last_words(self) -> str:
        """The last line of its log, to be put behind a message; "" if it printed nothing."""
        lines = self.log.strip().splitlines()
        return f"; it printed last: {shortened(lines[-1], SHOWN_LOG_CHARACTERS)}" if lines else ""


class Workers:
    """The live workers of one owner, which any thread may stop; none can be started after that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: dict[int, _Process] = {}
        self.stopped = False

    def start(self, launch: Callable[[], "_Process"]) -> "_Process":
        """Start a worker and remember it.

        Raises:
            EnvironmentFailure: `stop` was called.
        """
        with self._lock:
            if self.stopped:
                raise EnvironmentFailure("stopped; resume the run to continue")
            process = launch()
            self._live[process.pid] = process
            return process

    def forget(self, process: "_Process") -> None:
        """The worker has been waited for."""
        with self._lock:
            self._live.pop(process.pid, None)

    def stop(self) -> None:
        """End every live worker with all that it started."""
        with self._lock:
            self.stopped = True
            for process in self._live.values():
                process.interrupt()


def run_lines(
    argv: Sequence[str],
    *,
    stdin_text: str = "",
    answers: bool = False,
    environment: Mapping[str, str] | None = None,
    inherit: bool = False,
    environment_bytes: int = 0,
    folder: Path | None = None,
    idle_timeout_s: float,
    memory_bytes: int = 0,
    on_line: Callable[[str], object] = lambda _line: None,
    workers: Workers | None = None,
) -> Outcome:
    """Run a worker to its end, and end all that it started.

    Args:
        argv: command and arguments.
        stdin_text: what it reads; may be long.
        answers: it answers on descriptor ANSWERS_FD, and its output is its log; else its standard output is the answer.
        environment: added to the fixed one (PATH and what the loader needs, LC_ALL=C).
        inherit: start from this process's whole environment instead of the fixed one.
        environment_bytes: pad the environment to this size (counted as on the stack of a new process), 0 for none, so
            that what lies below it on the stack does not move with the length of a path.
        folder: where it runs; this process's current folder if None.
        idle_timeout_s: longest time without an answer, and from the last answer to its end.
        memory_bytes: address space that each of its processes may take, 0 for no limit.
        on_line: called with each line of its answers, without the line end; may raise BadAnswer.
        workers: registers the worker there while it lives.

    Raises:
        EnvironmentFailure: it could not be started.
    """
    workers = workers or Workers()
    token = secrets.token_hex(8)
    variables = _variables(environment or {}, token, inherit=inherit, size=environment_bytes)
    with tempfile.TemporaryFile() as stdin:
        stdin.write(stdin_text.encode(errors="surrogateescape"))
        stdin.seek(0)
        process = workers.start(
            lambda: _Process(argv, stdin.fileno(), variables, folder, token, answers=answers, memory_bytes=memory_bytes)
        )
        try:
            stopped = process.follow(idle_timeout_s, on_line)
        finally:
            process.end()
            workers.forget(process)
    return process.outcome(stopped)


def _variables(own: Mapping[str, str], token: str, *, inherit: bool, size: int) -> dict[str, str]:
    kept = os.environ if inherit else {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    variables = {**kept, **({} if inherit else {"LC_ALL": "C"}), **own, TOKEN: token}
    if size:
        variables[PADDING] = "x" * max(0, size - _stack_bytes({**variables, PADDING: ""}))
    return variables


def _stack_bytes(variables: Mapping[str, str]) -> int:
    """What an environment takes of a new process's stack: NAME=VALUE and its end, and a pointer, each."""
    pointer = 8
    return sum(len(os.fsencode(name)) + len(os.fsencode(value)) + 2 + pointer for name, value in variables.items())


@cache
def container() -> Path | None:
    """The program lab-contain; None where the native part is not installed."""
    spec = importlib.util.find_spec("lab._native")
    path = Path(spec.origin).parent / CONTAINER if spec is not None and spec.origin is not None else None
    return path if path is not None and path.is_file() else None


class _Log:
    """The beginning and the end of what a worker prints."""

    def __init__(self) -> None:
        self.bytes = 0
        self._head = b""
        self._tail = b""

    def add(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        room = KEPT_LOG_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail = (self._tail + chunk[max(room, 0) :])[-KEPT_LOG_BYTES:]

    def text(self) -> str:
        left_out = self.bytes - len(self._head) - len(self._tail)
        middle = f"\n... ({left_out} bytes left out)\n".encode() if left_out else b""
        return printable((self._head + middle + self._tail).decode(errors="backslashreplace"), lines=True)


class _Process:
    """A started worker: its container (or itself where there is none), and the pipes from it."""

    def __init__(
        self,
        argv: Sequence[str],
        stdin: int,
        variables: Mapping[str, str],
        folder: Path | None,
        token: str,
        *,
        answers: bool,
        memory_bytes: int,
    ) -> None:
        self._name, self._token, self._log = argv[0], token, _Log()
        self._pipes: dict[str, int] = {}
        self._status = self._unread = b""
        contain = container()
        if answers and contain is None:
            raise EnvironmentFailure(f"{CONTAINER} is missing beside the compiled module; make setup")
        given: dict[str, int] = {}
        try:
            for name in ("answers", "log", "status"):
                self._pipes[name], given[name] = os.pipe()
                os.set_blocking(self._pipes[name], False)
            if contain is not None:
                numbers = (os.getpid(), memory_bytes, given["answers"] if answers else -1, given["status"])
                argv = [str(contain), *map(str, numbers), "--", *argv]
            self._contained = contain is not None
            self._popen = subprocess.Popen(
                list(argv),
                stdin=stdin,
                stdout=given["log"] if answers else given["answers"],
                stderr=given["log"],
                env=variables,
                cwd=folder,
                pass_fds=(given["answers"], given["status"]) if contain is not None else (),
                start_new_session=True,
            )
        except OSError as error:
            self._close()
            raise EnvironmentFailure(f"cannot start {self._name}: {error.strerror}; run `lab doctor`") from error
        finally:
            status = given.pop("status", -1)
            for descriptor in given.values():
                os.close(descriptor)
            if contain is not None or not hasattr(self, "_popen"):
                os.close(status)
        self.pid = self._popen.pid
        if contain is None:
            threading.Thread(target=self._watch, args=(status,), daemon=True).start()

    def _watch(self, status: int) -> None:
        """Say how the worker ended, where there is no container to do it."""
        code = self._popen.wait()
        os.write(status, f"exit {code}\n".encode() if code >= 0 else f"signal {-code}\n".encode())
        os.close(status)

    def follow(self, idle_timeout_s: float, on_line: Callable[[str], object]) -> str:
        """Pass its lines on until it has ended; return why it must be killed, or "" if it ended by itself."""
        deadline = time.monotonic() + idle_timeout_s
        with selectors.DefaultSelector() as selector:
            for name, descriptor in self._pipes.items():
                selector.register(descriptor, selectors.EVENT_READ, name)
            while True:
                ready = {key.data for key, _ in selector.select(max(0.0, deadline - time.monotonic()))}
                ended = "status" in ready
                for name in ("log", "answers") if ended else ready:
                    if self._drain(name, everything=ended) and not ended:
                        selector.unregister(self._pipes[name])
                lines = self._lines(ended)
                if trouble := self._excess() or _hand_on(lines, on_line):
                    return trouble
                if ended:
                    return ""
                if lines:
                    deadline = time.monotonic() + idle_timeout_s
                if time.monotonic() >= deadline:
                    return f"no sign of life for {idle_timeout_s:.0f} s, killed"

    def _drain(self, name: str, *, everything: bool) -> bool:
        """Read one chunk of a pipe, or everything; return whether it has ended."""
        while True:
            try:
                chunk = os.read(self._pipes[name], _READ_BYTES)
            except BlockingIOError:
                return False
            if name == "log":
                self._log.add(chunk)
            else:
                self._unread += chunk
            if not chunk or not everything or self._excess():
                return not chunk

    def _lines(self, ended: bool) -> list[bytes]:
        """The whole lines among the answers, and what is left behind the last one when the worker has ended."""
        *lines, self._unread = self._unread.split(b"\n")
        return [*lines, self._unread] if ended and self._unread else lines

    def _excess(self) -> str:
        """What the worker has too much of, "" if nothing."""
        if self._log.bytes > MOST_LOG_BYTES:
            return f"printed more than {MOST_LOG_BYTES >> 20} MiB, killed"
        if len(self._unread) > MOST_LINE_BYTES:
            return f"answered with a line of more than {MOST_LINE_BYTES >> 20} MiB, killed"
        return ""

    def interrupt(self) -> None:
        """Ask for its end, from any thread, without waiting."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._contained:
                os.kill(self.pid, signal.SIGTERM)
                os.kill(self.pid, signal.SIGCONT)  # it may have been stopped
            else:
                os.killpg(self.pid, signal.SIGKILL)

    def end(self) -> None:
        """End it and all that it started, and wait for that."""
        try:
            if self._popen.returncode is None:
                self.interrupt()
            try:
                self._popen.wait(END_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
            with contextlib.suppress(BlockingIOError):
                self._status = os.read(self._pipes["status"], _READ_BYTES)
            if not self._contained:
                self.interrupt()
            elif not self._status:
                kill_marked(self._token)  # somebody killed the container
        finally:
            self._close()

    def _close(self) -> None:
        for descriptor in self._pipes.values():
            os.close(descriptor)
        self._pipes = {}

    def outcome(self, stopped: str) -> Outcome:
        """How it ended.

        Raises:
            EnvironmentFailure: the command could not be started.
        """
        word, _, number = self._status.partition(b"\n")[0].decode().partition(" ")
        if word == "cannot":
            why = os.strerror(int(number))
            raise EnvironmentFailure(f"cannot start {self._name}: {why}; run `lab doctor`")
        code = int(number) if word == "exit" else None
        ended_by = int(number) if word == "signal" else None
        if code is None and ended_by is None:
            ended_by = signal.SIGKILL  # the container was killed, and the worker with it
        return Outcome(code=code, signal=ended_by, log=self._log.text(), stopped=stopped)


def _hand_on(lines: Sequence[bytes], on_line: Callable[[str], object]) -> str:
    """Call the listener; what is wrong with a line, "" if nothing is."""
    try:
        for line in lines:
            on_line(line.decode(errors="replace"))
    except BadAnswer as error:
        return f"{error}; killed"
    return ""


def kill_marked(token: str) -> None:
    """Kill every process whose environment names a worker's token; for when its container was killed."""
    mark = f"{TOKEN}={token}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            marked = mark in (folder / "environ").read_bytes().split(b"\0")
            if marked and int(folder.name) != os.getpid():
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ESRCH):
                raise


def python_command(module: str, *arguments: str, python: str = sys.executable) -> list[str]:
    """The command line of a module's `main(arguments)` in a new interpreter that finds what this one finds.

    The worker gets this interpreter's sys.path word for word; PYTHONPATH cannot hold every path.
    """
    start = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
        "import importlib; importlib.import_module(sys.argv[2]).main(sys.argv[3:])"
    )
    return [python, "-P", "-c", start, json.dumps([path or os.getcwd() for path in sys.path]), module, *arguments]  # noqa: PTH109
