"""The entry point as a process of its own: help, streams that are closed, full or break, folders that are gone."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lab.cli.main import COMMANDS as TABLE
from lab.cli.main import cli
from tests.cli.conftest import Lab
from tests.cli.project import RealRun, lab_command, run_lab

COMMANDS = cli.list_commands(click.Context(cli))


def shell(real_run: RealRun, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A shell that starts `lab` with arguments as `"$@"`."""
    return subprocess.run(
        ["sh", "-c", script, "sh", *lab_command(*arguments)],
        cwd=real_run.project, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_command_is_installed_and_its_help_names_every_command(real_run: RealRun) -> None:
    answer = run_lab("--help", cwd=real_run.project)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [name for name in COMMANDS if f"\n  {name} " not in answer.stdout] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_list_is_the_first_sentence_of_the_command(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert TABLE[name].line == command.get_short_help_str(limit=200)


def test_the_list_of_commands_imports_nothing_but_click() -> None:
    script = "import sys, click\nbefore = set(sys.modules)\nsys.argv = ['lab', '--help']\nfrom lab.cli import main\n"
    script += "try:\n    main()\nfinally:\n    print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    loaded = {name.partition(".")[0] for name in answer.stderr.split()}
    assert loaded - set(sys.stdlib_module_names) - {"click"} == {"lab"}
    assert not {name for name in answer.stderr.split() if name.startswith("lab.cli.commands")}


def test_the_module_is_the_command(real_run: RealRun) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "lab", "--help"], cwd=real_run.project, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert answer.stdout == run_lab("--help", cwd=real_run.project).stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_says_what_each_option_is_for(lab: Lab, name: str) -> None:
    answer = lab(name, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"Usage: lab {name} ")
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_nothing_asked_prints_the_help_as_wrong_usage(lab: Lab) -> None:
    answer = lab()
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Usage: lab ")


def test_unknown_command_is_one_line(lab: Lab) -> None:
    assert lab("measure").refused(2, "No such command 'measure'")


def test_reader_that_goes_away_is_told_to_the_shell_and_no_one_else(real_run: RealRun) -> None:
    process = subprocess.Popen(
        lab_command("show", "--json"), cwd=real_run.project, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait()) == (b"", 141)
    process.stderr.close()


def test_closed_output_changes_no_exit_code(real_run: RealRun) -> None:
    good = shell(real_run, 'exec "$@" >&- 2>&- <&-', "show")
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    assert shell(real_run, 'exec "$@" >&- 2>&-', "show", "nothing").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_full_output_is_an_environment_failure(real_run: RealRun) -> None:
    answer = shell(real_run, 'exec "$@" >/dev/full', "show", "--json")
    assert (answer.returncode, answer.stderr) == (4, "lab: the disk is full; free some space and resume the run\n")
    assert shell(real_run, 'exec "$@" 2>/dev/full', "show", "nothing").returncode == 2


def test_folder_that_is_gone_is_one_line(real_run: RealRun, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    answer = shell(real_run, f'cd "{gone}" && rmdir "{gone}" && exec "$@"', "list")
    assert answer.returncode == 4
    # Some shells have a word of their own to say about it first.
    own = [line for line in answer.stderr.splitlines() if not line.startswith("sh:")]
    assert own == ["lab: the current directory no longer exists; change to another one"]


def test_plainest_environment_suffices(real_run: RealRun) -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    answer = run_lab("show", "--all", cwd=real_run.project, env={**plain, "HOME": os.devnull})
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "small/scan" not in answer.stdout.splitlines()[0]
    assert answer.stdout.isascii()


def test_defect_is_shown_where_asked_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("some\nkey")

    monkeypatch.setattr("lab.api.open_run", broken)
    assert lab("show").refused(70, "KeyError", "LAB_TRACEBACK=1")
