"""`make setup` builds again what an edit changes, and nothing after an unrelated one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = (1_000_000_000, 1_100_000_000)  # dates of sources and of what was made from them


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which everything is up to date, with this interpreter for its environment."""
    for name in ("memory/src/arena.c", "memory/tests/test_arena.c", "fuzz/fuzz_arena.c", "frontend/tools/words.py"):
        path = tmp_path / "native" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / ".venv-made").touch()
    for path in tmp_path.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (OLD, OLD))
    make(tmp_path, ".venv/.requires")
    os.utime(tmp_path / ".venv" / ".requires", (OLD + 1, OLD + 1))
    (tmp_path / ".venv" / ".installed").touch()
    os.utime(tmp_path / ".venv" / ".installed", (NEW, NEW))
    assert up_to_date(tmp_path)
    return tmp_path


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=clone, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def up_to_date(clone: Path, *edited: str) -> bool:
    """Whether nothing would be installed if these files had just been edited."""
    asked = [word for name in edited for word in ("-W", name)]
    return make(clone, "-q", *asked, ".venv/.installed").returncode == 0


def test_an_edited_source_is_built_and_installed(clone: Path) -> None:
    assert not up_to_date(clone, "native/memory/src/arena.c")


@pytest.mark.parametrize(
    "name", ["native/memory/tests/test_arena.c", "native/fuzz/fuzz_arena.c", "native/frontend/tools/words.py"]
)
def test_an_edited_test_or_tool_installs_nothing(clone: Path, name: str) -> None:
    assert up_to_date(clone, name)


@pytest.mark.parametrize(
    ("old", "new", "installs"),
    [
        ("line-length = 120", "line-length = 100", False),
        ('"click>=8.1"', '"click>=8.2"', True),
        ('cmake.build-type = "RelWithDebInfo"', 'cmake.build-type = "Release"', True),
    ],
)
def test_only_what_decides_the_installation_counts_in_pyproject(
    clone: Path, old: str, new: str, installs: bool
) -> None:
    project = clone / "pyproject.toml"
    text = project.read_text()
    assert old in text
    project.write_text(text.replace(old, new))
    assert make(clone, ".venv/.requires").returncode == 0
    changed = (clone / ".venv" / ".requires").stat().st_mtime
    assert (changed > NEW) == installs


def test_the_packages_that_a_run_needs_are_all_listed(clone: Path) -> None:
    lines = (clone / ".venv" / ".requires").read_text().splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert "click>=8.1" in listed
    assert len(listed) > 5
