"""Workers: their lines arrive, and whatever goes wrong is said and leaves no process behind."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from lab.core.errors import EnvironmentFailure
from lab.measure.process import Outcome, Workers, run_lines


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A killed process that nobody has waited for yet (its parent is gone) is dead all the same.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


def test_lines_arrive_in_order_and_the_last_needs_no_line_end() -> None:
    """Every line of standard output is handed on, also one without a line end."""
    lines: list[str] = []
    outcome = run_lines(
        python("import sys; sys.stdout.write(sys.stdin.read().upper())"),
        stdin_text="one\ntwo",
        idle_timeout_s=20,
        on_line=lines.append,
    )
    assert lines == ["ONE", "TWO"]
    assert outcome.trouble is None


def test_a_long_plan_does_not_block() -> None:
    """A plan longer than a pipe holds reaches a worker that answers before it has read everything."""
    lines: list[str] = []
    code = "import sys\nfor line in sys.stdin: print(len(line))"
    run_lines(python(code), stdin_text=("x" * 99 + "\n") * 20_000, idle_timeout_s=20, on_line=lines.append)
    assert len(lines) == 20_000


def test_an_exit_code_is_told_with_the_last_words() -> None:
    """A worker that fails is quoted."""
    outcome = run_lines(python("import sys; sys.exit('no such kernel')"), idle_timeout_s=20)
    assert outcome.trouble == "ended with exit code 1: no such kernel"


def test_a_signal_is_named() -> None:
    """A crash names its signal."""
    outcome = run_lines(python("import os; os.kill(os.getpid(), 11)"), idle_timeout_s=20)
    assert outcome.trouble == "killed by signal 11 (Segmentation fault)"


def test_a_kill_hints_at_memory() -> None:
    """A worker killed from outside was most likely out of memory."""
    assert "out of memory" in str(Outcome(code=None, signal=signal.SIGKILL, log="").trouble)


def test_silence_ends_the_worker_and_its_children() -> None:
    """A hanging worker is killed with the processes that it started."""
    lines: list[str] = []
    code = "import os, time; child = os.fork(); print(os.getpid(), flush=True); time.sleep(600)"
    outcome = run_lines(python(code), idle_timeout_s=1.0, on_line=lines.append)
    assert outcome.trouble == "no sign of life for 1 s, killed"
    assert len(lines) == 2
    assert all(gone(int(pid)) for pid in lines)


def test_a_worker_that_closes_its_output_and_stays_is_killed() -> None:
    """The end of output is not the end of the worker."""
    outcome = run_lines(python("import os, time; os.close(1); time.sleep(600)"), idle_timeout_s=0.5)
    assert outcome.stopped == "no sign of life for 0 s, killed"


def test_an_exception_in_the_listener_kills_the_worker() -> None:
    """Whoever stops listening leaves no worker behind."""
    pids: list[int] = []

    def listen(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_lines(
            python("import os, time; print(os.getpid(), flush=True); time.sleep(600)"),
            idle_timeout_s=20,
            on_line=listen,
        )
    assert gone(pids[0])


def test_stop_kills_from_another_thread_and_lets_nothing_start_again() -> None:
    """A stopped owner's workers end at once, and new ones are refused."""
    workers = Workers()
    timer = threading.Timer(0.0, workers.stop)
    outcome = run_lines(
        python("import time; print(1, flush=True); time.sleep(600)"),
        idle_timeout_s=60,
        on_line=lambda _line: timer.start(),
        workers=workers,
    )
    timer.join()
    assert outcome.signal == signal.SIGKILL
    with pytest.raises(EnvironmentFailure, match="resume"):
        run_lines(python("pass"), idle_timeout_s=20, workers=workers)


def test_the_environment_is_fixed() -> None:
    """A worker sees its own variables and not the user's."""
    lines: list[str] = []
    code = "import os; print(os.environ.get('HOME', '-'), os.environ.get('LAB_PADDING'))"
    run_lines(python(code), environment={"LAB_PADDING": "xx"}, idle_timeout_s=20, on_line=lines.append)
    assert lines == ["- xx"]


def test_memory_is_limited() -> None:
    """A worker cannot take more address space than it may."""
    code = "import sys, time; sys.stdin.read(); time.sleep(0.2); bytearray(4 << 30)"
    outcome = run_lines(python(code), idle_timeout_s=20, memory_bytes=1 << 30)
    assert outcome.trouble is not None
    assert "MemoryError" in outcome.trouble


def test_a_missing_program_is_an_environment_failure() -> None:
    """What cannot be started is named."""
    with pytest.raises(EnvironmentFailure, match="cannot start /nowhere/tool"):
        run_lines(["/nowhere/tool"], idle_timeout_s=20)
