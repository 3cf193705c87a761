"""Texts from strangers: random changes of configurations and of the workers' plan are taken or refused, never a crash.

LAB_ATTACK_TEXTS says how many changes of each kind are tried; LAB_ATTACK_DRIVER names another build of the worker,
such as one with sanitizers.
"""

import json
import os
import random
import subprocess
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lab.measure.native import find_native
from lab.memory import ConfigError, MemoryConfig, SharedConfig

CHANGES = int(os.environ.get("LAB_ATTACK_TEXTS", "150"))
TOML = """\
[memory]
enable_pools = true
intern_keywords = false
arena_capacity_mb = 4
[memory.pools]
string_pool_size = 1000
[memory.numa]
enabled = false
strategy = "local"
[memory.wasm]
pool_size = 10
max_memory_mb = 64
"""
PLAN = """\
lib\t0\t{library}
list\t0
input\tabc\t{file}
subject\ta\tselftest.cache\t-\tcopy=same\tplant=0\tworking_set=512\trounds=1
subject\tb\tselftest.cache\t-\tcopy=again\tplant=0\tworking_set=512\trounds=1
ready\tx\ta\t0
keep
pair\ty\ta\tb\t0\t0\twarm\t2\t1000\t0\t1\t1000000\t0\tpass
pair\ty2\ta\tb\t0\t0\tcold\t1\t1000\t4096\t1\t1000000\t1\tpairs
alone\tz\ta\t0\tcold\t1\t1000\t4096\t1\t1000000\t0
count\tc\ta\t0\t1\t--resident\t--allocations
sweep\ts\t16384\t1
events
life
drop
"""
# What the plan above is answered with, by the identifiers of its lines, where nothing is changed.
ANSWERED = {"x", "y", "y2", "z", "c", "s"}
PIECES = [
    "\t", "\n", "\r\n", "\0", "=", "[", "]", '"', "'", "#", "-1", "0", "1e9", "nan", "99999999999999999999", "true",
    "\x1b[31m", "\ufeff", "\u00e9", "\ud800", "x" * 5000, "[" * 2000, "a.b", "[[memory]]", "[memory", "inf", "../../",
    "/dev/null", "selftest.heap", "working_set=18446744073709551615", "sizes=", "list\t7", "sweep\ts\t1\t1", "events",
]  # fmt: skip


def changed(text: str, chance: random.Random) -> bytes:
    """The text with a few random changes: cut, repeated, exchanged, with hostile pieces."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        kind = chance.randrange(5)
        if kind == 0:
            text = text[:at] + text[end if end - at < 40 else at + 1 :]
        elif kind == 1:
            text = text[:end] + text[at:end] + text[end:]
        elif kind == 2:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind == 3:
            lines = text.split("\n")
            chance.shuffle(lines)
            text = "\n".join(lines)
        else:
            text = text[:at] + chr(chance.randrange(1, 256)) + text[at + 1 :]
        text = text[:20_000] or "x"
    return text.encode("utf-8", "surrogatepass")


def test_configurations_are_taken_or_refused(tmp_path: Path) -> None:
    """A changed portalis.toml makes a configuration or a ConfigError."""
    ends: Counter[str] = Counter()
    for number in range(CHANGES):
        content = changed(TOML, random.Random(number))
        file = tmp_path / "portalis.toml"
        file.write_bytes(content)
        try:
            MemoryConfig.from_toml(file)
            ends["taken"] += 1
        except ConfigError:
            ends["refused"] += 1
        try:
            with SharedConfig.from_toml(content) as config:
                bytes(config)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, ValueError, RecursionError):
            pass
    print(f"\nattack configurations: {CHANGES} executions ({ends['taken']} taken, {ends['refused']} refused)")
    assert ends["refused"] > 0


class Worker:
    """Runs plans as the lab does: a process for each, whose answers come through a descriptor of their own."""

    def __init__(self, folder: Path) -> None:
        native = find_native()
        self._driver = os.environ.get("LAB_ATTACK_DRIVER", str(native.driver))
        self._folder = folder
        self._environment = {
            **os.environ, "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:abort_on_error=1"
        }  # fmt: skip
        self.library = os.environ.get("LAB_ATTACK_KERNELS", str(native.kernels[0]))
        self.file = folder / "input"
        self.file.write_bytes(b"not the input of any kernel")

    def run(self, plan: bytes) -> tuple[int, list[dict[str, Any]], str]:
        """Status, answers and standard error; a plan that hangs or that is answered with anything but JSON fails."""
        answers = self._folder / "answers"
        with answers.open("wb") as channel:
            command = [self._driver, "--answers", str(channel.fileno())]
            try:
                done = subprocess.run(
                    command, input=plan, capture_output=True, timeout=120, check=False, cwd=self._folder,
                    env=self._environment, pass_fds=[channel.fileno()],
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                pytest.fail(f"a plan hung: {plan!r}")
        said = done.stderr.decode(errors="replace")
        try:
            lines = [json.loads(line) for line in answers.read_bytes().splitlines()]
        except ValueError as error:
            pytest.fail(f"an answer is no JSON ({error}) for {plan!r}: {answers.read_bytes()!r}")
        return done.returncode, lines, said


def test_the_plan_that_is_changed_is_one_that_workers_know(tmp_path: Path) -> None:
    """Without a change each line of the plan is answered: what is attacked is the grammar of today."""
    worker = Worker(tmp_path)
    status, answers, said = worker.run(PLAN.format(library=worker.library, file=worker.file).encode())
    assert (status, said) == (0, "")
    assert {answer["id"] for answer in answers if answer.get("status") == "ok"} >= ANSWERED
    assert {key for answer in answers for key in answer} >= {"kernel", "life_ns"}


def test_plans_are_answered_or_refused(tmp_path: Path) -> None:
    """A worker answers a changed plan or refuses it with status 2 and the line; it never crashes or hangs."""
    worker = Worker(tmp_path)
    ends: Counter[int] = Counter()
    for number in range(CHANGES):
        plan = changed(PLAN.format(library=worker.library, file=worker.file), random.Random(number))
        status, _, said = worker.run(plan)
        assert status in (0, 2), f"status {status} for {plan!r}: {said[-2000:]}"
        assert status == 0 or "plan line" in said, f"refused without the line: {plan!r}: {said}"
        ends[status] += 1
    print(f"\nattack plans: {CHANGES} executions ({ends[0]} answered, {ends[2]} refused)")
    assert min(ends[0], ends[2]) > 0
