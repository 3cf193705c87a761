"""Texts from strangers: random changes of configurations and of the workers' plan are taken or refused, never a crash.

LAB_ATTACK_TEXTS says how many changes of each kind are tried; LAB_ATTACK_DRIVER names another build of the worker,
such as one with sanitizers.
"""

import os
import random
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

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
subject\ta\tselftest.cache\t-\tcopy=same\tplant=0\tworking_set=512\trounds=1
subject\tb\tselftest.cache\t-\tcopy=again\tplant=0\tworking_set=512\trounds=1
ready\tx\ta\t0
pair\ty\ta\tb\t0\t0\twarm\t2\t1000\t0\t1\t1000000\t1
alone\tz\ta\t0\tcold\t1\t1000\t4096\t1\t1000000
count\tc\ta\t0\t1\t--resident
drop
"""
PIECES = [
    "\t", "\n", "\r\n", "\0", "=", "[", "]", '"', "'", "#", "-1", "0", "1e9", "nan", "99999999999999999999", "true",
    "\x1b[31m", "\ufeff", "\u00e9", "\ud800", "x" * 5000, "[" * 2000, "a.b", "[[memory]]", "[memory", "inf", "../../",
    "/dev/null", "selftest.heap", "working_set=18446744073709551615", "sizes=", "list\t7", "sweep\ts\t1\t1", "events",
]  # fmt: skip


def changed(text: str, chance: random.Random) -> bytes:
    """The text with a few random changes: cut, repeated, exchanged, with hostile pieces."""
    for _ in range(chance.randint(1, 4)):
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


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")
def test_plans_are_answered_or_refused(tmp_path: Path) -> None:
    """A worker answers a changed plan or refuses it with status 2 and the line; it never crashes or hangs."""
    native = find_native()
    command = [os.environ["LAB_ATTACK_DRIVER"]] if "LAB_ATTACK_DRIVER" in os.environ else native.driver_command()
    library = os.environ.get("LAB_ATTACK_KERNELS", str(native.kernels[0]))
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:abort_on_error=1"}
    ends: Counter[int] = Counter()
    for number in range(CHANGES):
        plan = changed(PLAN.format(library=library), random.Random(number))
        try:
            done = subprocess.run(
                command, input=plan, capture_output=True, timeout=60, check=False, cwd=tmp_path, env=environment
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"a plan hung: {plan!r}")
        said = done.stderr.decode(errors="replace")
        assert done.returncode in (0, 2), f"status {done.returncode} for {plan!r}: {said[-2000:]}"
        assert done.returncode == 0 or "plan line" in said, f"refused without the line: {plan!r}: {said}"
        ends[done.returncode] += 1
    print(f"\nattack plans: {CHANGES} executions ({ends[0]} answered, {ends[2]} refused)")
    assert ends[2] > 0
