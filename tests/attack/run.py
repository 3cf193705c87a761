"""The machine that attacks: runs every attack on this checkout and prints one table of executions and findings.

Usage: python -m tests.attack.run [--short] [--seconds N] [--examples N]

Needs the builds that `make attack` makes first: build/native-asan, build/native-tsan, build/py-asan, and with clang
build/native-fuzz. `--short` uses what is built: fuzz targets then replay changes of their corpora. Exit status 1 where
anything was found; what an attack said is in build/attack/.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
LOGS = BUILD / "attack"
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "allocator_may_return_null=1:detect_leaks=1",
    "TSAN_OPTIONS": "allocator_may_return_null=1:detect_deadlocks=1:second_deadlock_stack=1",
}
THREADED = ("pool", "parallel", "interner_threads", "cow", "linear", "ledger", "translate")
FENCED = (("scan", "--complete"), ("stream",), ("prefetch",), ("interner",))


@dataclass(frozen=True, slots=True)
class Attack:
    """A row of the table; executions 0: not run, and `note` says why."""

    name: str
    executions: int
    findings: int
    seconds: float
    note: str = ""


def run(name: str, command: list[str], environment: Mapping[str, str] | None = None) -> tuple[int, str, float]:
    """Status, output and seconds of a command.

    The output is kept in build/attack/NAME.log as it comes; lines of progress are shown at once.
    """
    began = time.monotonic()
    lines = []
    with (
        (LOGS / f"{name.replace(' ', '-')}.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **SANITIZER_OPTIONS, **(environment or {})},
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            lines.append(line)
            log.write(line)
            log.flush()
            if re.match(r"attack \w+: \d+ of ", line):
                print(line, end="", flush=True)
    return process.returncode, "".join(lines), time.monotonic() - began


def total(pattern: str, text: str) -> int:
    """Sum of all numbers that a pattern finds."""
    return sum(int(number) for number in re.findall(pattern, text))


def fuzz(seconds: int, changes: int) -> list[Attack]:
    """Each fuzz target: by libFuzzer where it was built, else by replaying changes of its corpus."""
    attacks = []
    for source in sorted((ROOT / "native/fuzz").glob("fuzz_*.c")):
        name, corpus = source.stem, ROOT / "native/fuzz/corpus" / source.stem.removeprefix("fuzz_")
        fuzzer, replay = BUILD / "native-fuzz/fuzz" / name, BUILD / "native-asan/fuzz" / name
        title = f"fuzz {source.stem.removeprefix('fuzz_')}"
        if seconds and fuzzer.exists():
            kept = BUILD / "fuzz" / source.stem.removeprefix("fuzz_")
            kept.mkdir(parents=True, exist_ok=True)
            limits = [f"-max_total_time={seconds}", "-max_len=4096", f"-artifact_prefix={LOGS}/{name}-"]
            command = [str(fuzzer), *limits, "-print_final_stats=1", str(kept), str(corpus)]
            status, text, took = run(title, command)
            executions = total(r"stat::number_of_executed_units:\s*(\d+)", text)
            attacks.append(Attack(title, executions, int(status != 0), took, "libFuzzer, ASan, UBSan"))
        elif replay.exists():
            status, text, took = run(title, [str(replay), "-changes", str(changes), str(corpus)])
            executions = total(r"(\d+) inputs", text) + total(r"(\d+) changes", text)
            attacks.append(Attack(title, executions, int(status != 0), took, "replay, ASan, UBSan"))
        else:
            attacks.append(Attack(title, 0, 0, 0, "not built"))
    return attacks


def c_tests(kind: str, note: str, tests: tuple[tuple[str, ...], ...], preset: str) -> list[Attack]:
    """C tests of the memory layer out of one build."""
    attacks = []
    for name, *options in tests:
        program = BUILD / f"native-{preset}/memory/tests/pm_test_{name}"
        if not program.exists():
            attacks.append(Attack(f"{kind} {name}", 0, 0, 0, f"build/native-{preset} is missing"))
            continue
        status, text, took = run(f"{kind} {name}", [str(program), *options])
        paths = re.search(r"^paths: (.*)$", text, re.M)
        attacks.append(
            Attack(
                f"{kind} {name}",
                len(re.findall(r"(?m)^ok ", text)),
                int(status != 0),
                took,
                f"{note}; paths {paths[1]}" if paths else note,
            )
        )
    return attacks


def python_tests(examples: int, seconds: int, texts: int, *, sanitized: bool) -> list[Attack]:
    """The stateful property test, which begins no program after `seconds`, and the texts, in Python."""
    modules = BUILD / "py-asan"
    sanitized = sanitized and modules.exists()
    command = [sys.executable, "-m", "pytest", "tests/attack", "-q", "-s", "-p", "no:cacheprovider"]
    if sanitized:
        command = [str(ROOT / "tests/native/sanitized/run.sh"), str(modules), *command]
    settings = {
        "LAB_ATTACK_EXAMPLES": str(examples),
        "LAB_ATTACK_STEPS": "25",
        "LAB_ATTACK_SECONDS": str(seconds),
        "LAB_ATTACK_TEXTS": str(texts),
        "ASAN_OPTIONS": "",
    }
    driver, kernels = BUILD / "native-asan/driver/lab-kernel", BUILD / "native-asan/kernels/lab_kernels_0.so"
    if driver.exists() and kernels.exists():
        settings |= {"LAB_ATTACK_DRIVER": str(driver), "LAB_ATTACK_KERNELS": str(kernels)}
    status, text, took = run("python", command, settings)
    note = "ASan, UBSan" if sanitized else "no sanitizer"
    found = re.findall(r"attack (\w+): (\d+) (?:calls|executions) \((.*)\)", text)
    attacks = [Attack(name, int(count), 0, 0, f"{note}; {what}") for name, count, what in found]
    failed = total(r"(\d+) failed", text) or int(status != 0)
    return [*attacks, Attack("python tests", len(found), failed, took, note)]


def show(attacks: list[Attack]) -> None:
    """Print the table."""
    print(f"{'attack':<26}{'executions':>12}{'findings':>10}{'seconds':>9}  how")
    for each in attacks:
        print(f"{each.name:<26}{each.executions:>12}{each.findings:>10}{each.seconds:>9.1f}  {each.note}")
    print(f"{'total':<26}{sum(a.executions for a in attacks):>12}{sum(a.findings for a in attacks):>10}")


def main() -> int:
    """Run the attacks; 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--short", action="store_true", help="about a minute, with what is built")
    parser.add_argument("--seconds", type=int, default=60, help="of libFuzzer, for each target; ten times for objects")
    parser.add_argument("--examples", type=int, default=10_000, help="programs of the stateful test, at most")
    asked = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    attacks = fuzz(0, 1000) if asked.short else fuzz(asked.seconds, 20_000)
    fenced = tuple((name, *([] if asked.short else options)) for name, *options in FENCED)
    attacks += c_tests("page edges", "fences on both sides", fenced, "asan")
    attacks += c_tests("threads", "TSan, lock order", tuple((name,) for name in THREADED), "tsan")
    if asked.short:
        attacks += python_tests(min(asked.examples, 40), 20, 60, sanitized=False)
    else:
        attacks += python_tests(asked.examples, 10 * asked.seconds, 1000, sanitized=True)
    show(attacks)
    return int(any(each.findings for each in attacks))


if __name__ == "__main__":
    sys.exit(main())
