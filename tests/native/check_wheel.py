"""Builds the wheel of the project, installs it where nothing else is, and uses it from there.

Usage: check_wheel.py, with the Python whose environment has the build tools. Leaves nothing behind.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
NATIVE = ("lab/_native.", "lab/_extension.cpython", "lab/lab-kernel", "lab/lab-contain", "lab/include/lk/kernel.h")

# The memory layer alone: needs cffi and NumPy, nothing else.
USE_MEMORY = """
import sys
import lab.memory
with lab.memory.TaskBatch() as batch:
    batch.append("def f(): pass", "f.py")
    assert len(batch) == 1
assert "pandas" not in sys.modules and not lab.memory.__file__.startswith(sys.argv[1])
"""


def call(*command: str | Path, cwd: Path = ROOT) -> str:
    """Runs a command; its output, or an exit that shows it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def missing_from(wheel: Path) -> list[str]:
    """Files of the packages, and native parts, that the wheel should carry and does not."""
    carried = set(zipfile.ZipFile(wheel).namelist())
    tracked = call("git", "ls-files", "lab", "experiments").splitlines()
    return [name for name in tracked if name not in carried] + [
        stem for stem in NATIVE if not any(name.startswith(stem) for name in carried)
    ]


def main() -> None:
    """Builds, installs, uses."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        call(
            sys.executable,
            *PIP,
            "wheel",
            ".",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            work,
            "-C",
            f"build-dir={work}/build",
        )
        (wheel,) = work.glob("*.whl")
        missing = missing_from(wheel)
        if missing:
            sys.exit(f"{wheel.name} does not carry {', '.join(missing)}")
        print(f"ok {wheel.name} carries every file of its packages, {wheel.stat().st_size // 1024} KiB")

        call(sys.executable, "-m", "venv", work / "venv")
        python = work / "venv" / "bin" / "python"
        call(python, *PIP, "install", "--no-deps", wheel)
        call(python, *PIP, "install", "cffi", "numpy")
        call(python, "-c", USE_MEMORY, ROOT, cwd=work)
        print("ok lab.memory with cffi and NumPy alone")

        call(python, *PIP, "install", wheel)
        print("ok", call(work / "venv" / "bin" / "lab", "--version", cwd=work).strip())
        listed = call(work / "venv" / "bin" / "lab", "list", cwd=work)
        unlisted = [name for name in ("layout", "pooling", "alignment", "selftest") if name not in listed]
        if unlisted:
            sys.exit(f"lab list does not know {', '.join(unlisted)}:\n{listed}")
        print("ok lab list")


if __name__ == "__main__":
    main()
