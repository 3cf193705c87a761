"""Kernels that end or misbehave in every way we could think of; the argument `how` names the way."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__)


def _daemon() -> None:
    """Leave a process of its own session behind, detached in the classic way, and write down its number."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            Path(os.environ["ROUGH_PIDS"]).open("a").write(f"{os.getpid()}\n")  # noqa: SIM115
            time.sleep(600)
        os._exit(0)
    time.sleep(0.2)


def _flood() -> None:
    while True:
        os.write(1, b"x" * 65536)


def _eat() -> None:
    held = []
    while True:
        held.append(bytearray(64 << 20))


def _hang() -> None:
    while True:
        pass


def _channel(data: bytes) -> Callable[[], object]:
    """Write on whatever descriptor the answers go to."""

    def write() -> None:
        for number in range(3, 256):
            with contextlib.suppress(OSError):
                os.write(number, data)

    return write


def _close() -> None:
    os.closerange(0, 4096)


def _threads() -> None:
    for _ in range(3):
        threading.Thread(target=time.sleep, args=(600,)).start()


def _kill_parents_group() -> None:
    os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)
    time.sleep(5)


def _leave_files() -> None:
    Path("left-behind").write_text("x")


# What a call of run does before it works, by mood.
WAYS: dict[str, Callable[[], object]] = {
    "exits": lambda: sys.exit(0),
    "exits hard": lambda: os._exit(0),
    "exits with words": lambda: sys.exit("enough"),
    "raises": lambda: 1 / 0,
    "interrupts": lambda: (_ for _ in ()).throw(KeyboardInterrupt()),
    "kills itself": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "kills its parent's group": _kill_parents_group,
    "prints a line": lambda: print("hello"),
    "prints []": lambda: print("[]"),
    "prints for ever": _flood,
    "hangs": _hang,
    "eats memory": _eat,
    "forks": os.fork,
    "leaves a daemon": _daemon,
    "starts threads": _threads,
    "closes all descriptors": _close,
    "writes []": _channel(b"[]\n"),
    "writes no line end": _channel(b"\xff"),
    "writes an answer": _channel(b'{"id":"0","status":"ok"}\n{"begin":["x"]}\n'),
    "writes to 3": lambda: os.write(3, b"[]\n"),
    "changes the folder": lambda: os.chdir("/"),
    "leaves files": _leave_files,
    "reads its input": sys.stdin.read,
    "listens": lambda: socket.socket().listen(),
}
WRONG: dict[str, object] = {
    "returns nothing": None,
    "returns a float": (1.5, 1),
    "returns one number": 3,
    "returns negative items": (0, -1),
    "returns endless items": (0, 10**30),
    "returns text": "ab",
}


class Rough:
    pass_iterations = 4

    def __init__(self, how: str) -> None:
        self.how = how

    def run(self, first: int, count: int) -> object:
        WAYS.get(self.how, lambda: None)()
        if self.how in WRONG:
            return WRONG[self.how]
        if self.how == "ignores count":
            return 0, count
        return sum(range(2000 * count)) * 0, count


class NoPass(Rough):
    pass_iterations = 0


def rough(args: Mapping[str, str], data: memoryview | None) -> Rough:
    how = args["mood"]
    if how.startswith("factory "):
        WAYS[how.removeprefix("factory ")]()
    if how == "has no pass":
        return NoPass(how)
    return Rough(how)
