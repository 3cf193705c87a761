"""docs/your-own-code.md: its commands run as they are in docs/examples."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ")
    for block in BLOCK.findall((DOCS / "your-own-code.md").read_text())
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(DOCS / "examples", tmp_path_factory.mktemp("docs") / "examples"))


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    scripts = os.pathsep.join([sysconfig.get_path("scripts"), str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        command, shell=True, cwd=folder, env={**os.environ, "PATH": scripts}, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[:60])
def test_command_runs_as_it_is_written(folder: Path, command: str) -> None:
    done = run(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    if command.startswith("lab compare") and "--print" not in command:
        assert [line.partition(":")[0] for line in done.stdout.splitlines()[1:]] == ["why", "more"]


def test_tutorial_has_commands_of_every_kind() -> None:
    assert len(COMMANDS) >= 10
    for part in ("old.py:parse", "variants.c", "--header", " :: ", "lab new", "pytest"):
        assert any(part in command for command in COMMANDS), part


@pytest.mark.parametrize(("source", "compiler"), [("total.c", "cc"), ("total.cpp", "c++"), ("total.rs", "rustc")])
def test_library_of_each_language_is_built_and_compared(folder: Path, source: str, compiler: str) -> None:
    """Against the C build: the answers are the same; which is faster is the compilers' affair."""
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    build = re.search(rf"{re.escape(compiler)} .*", (folder / source).read_text())
    assert build is not None
    command = build[0].removesuffix("*/").strip()
    done = run(command, folder)
    assert done.returncode == 0, done.stderr
    library = command.split()[-1]
    run("cc -O2 -fPIC -shared total.c -o libtotal_base.so", folder)
    done = run(
        f"lab compare libtotal_base.so:total {library}:total --header total.h --data sample.txt"
        " --call 'total(data, bytes / 4)' --budget 10",
        folder,
    )
    assert done.returncode == 0, done.stderr
    assert f"{library}:total" in done.stdout
