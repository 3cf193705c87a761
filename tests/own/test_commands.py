"""Whole commands: time, memory and faults of processes, in pairs."""

import json
import sys
from pathlib import Path

import pytest

from lab.experiment.commands import CommandFailed, CommandSpec, Launch, argv_of, output_of, spec_of
from lab.experiment.subjects import Command, words_of
from lab.measure.native import find_native
from tests.own.conftest import Lab

PYTHON = [sys.executable, "-S", "-E", "-c"]
SPEC = CommandSpec(argv=("{argv}",), prepare="", warmup=0, ignore_failure=False, check=True)


@pytest.fixture
def launch(folder: Path) -> Launch:
    launcher = find_native().launcher
    assert launcher is not None
    return Launch(launcher=launcher, folder=folder, timeout_s=60.0)


def used(launch: Launch, code: str, spec: CommandSpec = SPEC):  # type: ignore[no-untyped-def]
    return output_of(launch, "arm", [*PYTHON, code], spec)


def test_slower_and_hungrier_command_is_found(lab: Lab) -> None:
    slow = "import time; time.sleep(0.1); data = bytearray(64 << 20); print(1)"
    done = lab("compare", "--json", "--budget", "120", "--", *PYTHON, "print(1)", "::", *PYTHON, slow)
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["comparisons"]
    assert (one["verdict"], one["item"]) == ("worse", "run")
    assert one["arm_seconds"][0] > one["baseline_seconds"][0]
    counts = {count["metric"]: count for count in one["counts"]}
    more = counts["process_peak_bytes"]["arm"] - counts["process_peak_bytes"]["baseline"]
    assert 60 << 20 < more < 70 << 20
    assert counts["process_minor_faults"]["arm"] > counts["process_minor_faults"]["baseline"]


def test_memory_is_that_of_the_command_and_not_of_the_lab(launch: Launch) -> None:
    _, small = used(launch, "pass")
    _, large = used(launch, "data = bytearray(100 << 20)")
    assert 1 << 20 < small.peak_bytes < 40 << 20
    assert 95 << 20 < large.peak_bytes - small.peak_bytes < 110 << 20
    assert large.minor_faults > small.minor_faults
    assert (small.code, small.signal) == (0, None)


def test_time_covers_the_whole_process(launch: Launch) -> None:
    _, found = used(launch, "import time; time.sleep(0.3)")
    assert found.ns >= 0.3e9
    assert found.user_ns + found.system_ns < found.ns


def test_same_output_has_the_same_hash(launch: Launch) -> None:
    assert used(launch, "print(12)")[0] == used(launch, "print(3 * 4)")[0]
    assert used(launch, "print(12)")[0] != used(launch, "print(13)")[0]


def test_data_is_standard_input_and_the_folder_is_kept(launch: Launch, folder: Path) -> None:
    (folder / "data").write_text("hello")
    fed = Launch(launcher=launch.launcher, folder=folder, data=folder / "data")
    shown = "import os, sys; print(sys.stdin.read(), os.getcwd())"
    assert used(fed, shown)[0] == used(launch, f"print('hello', {str(folder)!r})")[0]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (
            "import sys; sys.stderr.write('first\\nlast words\\n'); sys.exit(7)",
            ["exit code 7: last words", "--ignore-failure"],
        ),
        ("import os; os.abort()", ["killed by signal 6"]),
    ],
)
def test_failure_says_how_the_command_ended(launch: Launch, code: str, words: list[str]) -> None:
    with pytest.raises(CommandFailed) as error:
        used(launch, code)
    assert [word for word in words if word not in str(error.value)] == []


def test_exit_code_can_be_ignored(launch: Launch) -> None:
    spec = CommandSpec(argv=("{argv}",), prepare="", warmup=0, ignore_failure=True, check=True)
    assert used(launch, "import sys; sys.exit(7)", spec)[1].code == 7


def test_command_that_never_ends_is_killed_with_its_children(folder: Path, launch: Launch) -> None:
    short = Launch(launcher=launch.launcher, folder=folder, timeout_s=1.0)
    code = "import subprocess, sys; subprocess.run(['sleep', '600'])"
    with pytest.raises(CommandFailed, match=r"ran for more than 1 s, killed"):
        used(short, code)


def test_program_that_is_not_there_is_told(launch: Launch) -> None:
    with pytest.raises(CommandFailed, match="cannot start no-such-program: No such file"):
        output_of(launch, "arm", ["no-such-program"], SPEC)


def test_prepare_runs_before_each_run(launch: Launch, folder: Path) -> None:
    spec = CommandSpec(argv=("{argv}",), prepare="echo x >> log", warmup=0, ignore_failure=False, check=True)
    used(launch, "pass", spec)
    used(launch, "pass", spec)
    assert (folder / "log").read_text() == "x\nx\n"
    broken = CommandSpec(argv=("{argv}",), prepare="echo no >&2; false", warmup=0, ignore_failure=False, check=True)
    with pytest.raises(CommandFailed, match="--prepare ended with exit code 1: no"):
        used(launch, "pass", broken)


def test_placeholders_stand_for_words(tmp_path: Path) -> None:
    spec = spec_of(Command(["prog", "--size={size}", "{rest}", "{{size}}"]).kernel)
    args = {"size": "3", "rest": words_of(["a b", "c"])}
    assert argv_of(spec, args) == ["prog", "--size=3", "a b", "c", "{3}"]
    assert argv_of(spec_of(Command(["{size}"]).kernel), {"size": "[not json"}) == ["[not json"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([*PYTHON, "print(1)", "::", *PYTHON, "print(2)"], 3, "write different things"),
        ([*PYTHON, "print(1)", "::", *PYTHON, "raise SystemExit(3)"], 3, "exit code 3"),
        ([*PYTHON, "print(1)", "::"], 2, "a command is empty"),
        (["::"], 2, "a command is empty"),
    ],
)
def test_commands_that_cannot_be_compared_are_told(
    lab: Lab, folder: Path, words: list[str], code: int, said: str
) -> None:
    done = lab("compare", "--", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert not list((folder / "reports").glob("runs/*"))
