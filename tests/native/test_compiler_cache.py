"""A second clone of the same sources compiles nothing where ccache is installed, and a broken ccache stops nobody."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OBJECT = "memory/CMakeFiles/pm.dir/src/arena.c.o"

pytestmark = pytest.mark.skipif(shutil.which("ccache") is None, reason="ccache is not installed")


def clone(folder: Path) -> Path:
    """As much of the sources as the memory layer needs."""
    (folder / "native").mkdir(parents=True)
    shutil.copy(ROOT / "native" / "CMakeLists.txt", folder / "native")
    for name in ("cmake", "memory"):
        shutil.copytree(ROOT / "native" / name, folder / "native" / name)
    return folder


def run(cache: Path, *command: str | Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CCACHE", "CMAKE_C_"))}
    environment["CCACHE_DIR"] = str(cache)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"  # its cmake and ninja
    done = subprocess.run(
        [str(word) for word in command], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(cache: Path, folder: Path) -> tuple[Path, str]:
    """One object of the memory layer, and what CMake said."""
    into = folder / "build"
    said = run(
        cache, "cmake", "-S", folder / "native", "-B", into, "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
        "-DLAB_MEMORY_ONLY=ON", "-DLAB_TESTS=OFF", "-G", "Ninja",
    )  # fmt: skip
    run(cache, "cmake", "--build", into, "--target", OBJECT)
    return into / OBJECT, said


def hits(cache: Path) -> int:
    counters = dict(line.split("\t") for line in run(cache, "ccache", "--print-stats").splitlines())
    return int(counters["direct_cache_hit"]) + int(counters["preprocessed_cache_hit"])


def test_a_second_clone_takes_its_objects_from_the_cache(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first, _ = build(cache, clone(tmp_path / "one"))
    before = hits(cache)
    second, _ = build(cache, clone(tmp_path / "another, longer"))
    assert hits(cache) > before
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path).encode() not in first.read_bytes()


def test_a_cache_that_cannot_be_written_is_not_used(tmp_path: Path) -> None:
    cache = tmp_path / "a file"
    cache.touch()
    made, said = build(cache, clone(tmp_path / "one"))
    assert made.is_file()
    assert "does not work here: compiling without it" in said
