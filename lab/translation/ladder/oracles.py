"""Other CPythons as oracles: interpreters that are installed, and pyodide's under Node.js. Found when they are needed.

A grammar's oracle is, in this order: the running interpreter; `python3.N` on the PATH or below pyenv's versions; a
`pyodide` package of npm whose CPython is 3.N, in `node_modules` of this folder or of one above it, of the cache folder,
or where the environment variable LAB_PYODIDE says. Such a package is CPython itself, compiled to WebAssembly.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lab.core.errors import EnvironmentFailure
from lab.translation.ladder.answers import Answer, Mode, Oracle, ThisPython, codes_of, made
from lab.translation.ladder.cache import cache_folder

_HERE: Final = Path(__file__).parent
_SCRIPT: Final = _HERE / "cpython.py"
_DECODING: Final = _HERE.parent / "decoding.py"
_OLD_PYODIDE: Final = {26: 12, 27: 12, 28: 13, 29: 13}  # 0.N: the minor version of its CPython; from 314 on it says so
_START_S: Final = 60


@dataclass(frozen=True, slots=True)
class Found:
    """Where an oracle is.

    Attributes:
        minor: Of its Python's version.
        command: That starts it; empty for the running interpreter.
    """

    minor: int
    command: tuple[str, ...]

    def start(self) -> Oracle:
        """An oracle to ask; close it.

        Raises:
            EnvironmentFailure: It does not start.
        """
        return Process(self) if self.command else ThisPython()


def find(minor: int) -> Found:
    """An oracle for the grammar of Python 3.minor.

    Raises:
        EnvironmentFailure: There is none; the message says what to install.
    """
    if minor == sys.version_info.minor:
        return Found(minor, ())
    for path in _interpreters(minor):
        return Found(minor, (str(path), "-I", "-X", "utf8", str(_SCRIPT)))
    node = shutil.which("node")
    for package in _packages(minor) if node else ():
        return Found(minor, (str(node), str(_HERE / "oracle.mjs"), str(package), str(_SCRIPT), str(_DECODING)))
    raise EnvironmentFailure(
        f"no CPython 3.{minor} to compare with: install python3.{minor}, or Node.js and a pyodide package of npm that "
        f"holds it (npm install pyodide@3{minor} in {cache_folder()}, for 3.14 and later)"
    )


class Process:
    """A CPython in a process of its own, asked line by line.

    Raises:
        EnvironmentFailure: It does not start.
    """

    def __init__(self, found: Found) -> None:
        self.minor = found.minor
        self._process = subprocess.Popen(
            found.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        kinds, fields = codes_of()
        said = self._ask({"do": "codes", "kinds": kinds, "fields": fields})
        self.version = ".".join(map(str, said["version"]))
        if said["version"][:2] != [3, found.minor]:
            self.close()
            raise EnvironmentFailure(f"{found.command[0]} is Python {self.version}, not 3.{found.minor}")

    def answer(self, source: bytes, mode: Mode) -> Answer:
        """See `Oracle.answer`."""
        return made(self._ask({"do": "answer", "source": base64.b64encode(source).decode(), "mode": mode}))

    def detail(self, source: bytes, what: str) -> Any:
        """See `Oracle.detail`."""
        return self._ask({"do": what, "source": base64.b64encode(source).decode()})

    def close(self) -> None:
        """See `Oracle.close`."""
        self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]
        self._process.stderr.close()  # type: ignore[union-attr]

    def _ask(self, request: dict[str, Any]) -> Any:
        process = self._process
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            words = process.stderr.read().strip().splitlines()
            raise EnvironmentFailure(f"the CPython to compare with ended: {words[-1] if words else 'without a word'}")
        said = json.loads(line)
        if isinstance(said, dict) and "failed" in said:
            raise EnvironmentFailure(f"the CPython to compare with failed: {said['failed']}")
        return said


def _interpreters(minor: int) -> Iterator[Path]:
    path = shutil.which(f"python3.{minor}")
    if path is not None and _is_version(path, minor):
        yield Path(path)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for folder in sorted(root.glob(f"3.{minor}.*"), key=lambda one: [int(n) for n in re.findall(r"\d+", one.name)]):
        if (path_of := folder / "bin" / f"python3.{minor}").is_file() and _is_version(str(path_of), minor):
            yield path_of


def _is_version(path: str, minor: int) -> bool:
    """Whether it runs and is what its name says; a shim of pyenv may be neither."""
    asked = "import sys; print(sys.version_info[1], sys.implementation.name)"
    try:
        said = subprocess.run([path, "-I", "-c", asked], capture_output=True, text=True, timeout=_START_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.stdout.split() == [str(minor), "cpython"]


def _packages(minor: int) -> Iterator[Path]:
    """The pyodide.mjs of each package that holds this version."""
    folders = [Path(os.environ["LAB_PYODIDE"])] if os.environ.get("LAB_PYODIDE") else []
    here = Path.cwd()
    folders += [place / "node_modules" / "pyodide" for place in (here, *here.parents, cache_folder())]
    for folder in folders:
        try:
            version = json.loads((folder / "package.json").read_text())["version"]
        except (OSError, ValueError, KeyError):
            continue
        first, second = (int(part) for part in version.split(".")[:2])
        if minor == (_OLD_PYODIDE.get(second) if first == 0 else first - 300):
            yield folder / "pyodide.mjs"
