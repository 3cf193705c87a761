"""Runs clang-tidy on the C files of a CMake build, in parallel, and remembers the files that were clean.

Usage: tidy.py CLANG_TIDY BUILD FOLDER...

Looks at the files below the folders of native/ that are named, once each, however often they are compiled; not at C
tests, which mean to do what the checks warn of, and which the sanitizers run. A file is
looked at again when it, a header that it includes, its compile command, .clang-tidy or clang-tidy itself has changed:
an unchanged run reads the sources and starts nothing. Exit status 1 where a file has a finding.
"""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Unit:
    """A C file and the command that compiles it, run in `folder`."""

    file: Path
    command: str
    folder: Path

    def headers(self) -> list[str]:
        """The headers that the file includes, but those of the system; the compiler says so."""
        words = iter(shlex.split(self.command))
        kept = [word for word in words if word != "-c" and not (word == "-o" and next(words))]
        rule = subprocess.run([*kept, "-MM"], capture_output=True, text=True, check=True, cwd=self.folder).stdout
        return sorted(set(shlex.split(rule.replace("\\\n", " ").split(":", 1)[1])))


def units(build: Path, folders: list[str]) -> list[Unit]:
    """One for each file: of a file that is compiled in variants, the last one."""
    native = ROOT / "native"
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = Path(entry["file"])
        inside = any(file.is_relative_to(native / folder) for folder in folders)
        if inside and "tests" not in file.relative_to(native).parts:
            found[file] = Unit(file, entry["command"], Path(entry["directory"]))
    return list(found.values())


class Cache:
    """What was clean: for each file the headers that it had then, and a digest of all that decides the outcome."""

    def __init__(self, folder: Path, tidy: str) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        version = subprocess.run([tidy, "--version"], capture_output=True, check=True).stdout
        self._common = version + (ROOT / ".clang-tidy").read_bytes()

    def _place(self, unit: Unit) -> Path:
        return self._folder / (hashlib.sha256(str(unit.file).encode()).hexdigest() + ".json")

    def _digest(self, unit: Unit, headers: list[str]) -> str:
        digest = hashlib.sha256(self._common + unit.command.encode())
        for path in [str(unit.file), *headers]:
            digest.update(hashlib.sha256((unit.folder / path).read_bytes()).digest())
        return digest.hexdigest()

    def knows(self, unit: Unit) -> bool:
        """Whether the file was clean as it is now."""
        try:
            was = json.loads(self._place(unit).read_bytes())
            return bool(was["digest"] == self._digest(unit, was["headers"]))
        except (OSError, ValueError, KeyError):
            return False

    def keep(self, unit: Unit) -> None:
        """The file is clean."""
        headers = unit.headers()
        self._place(unit).write_text(json.dumps({"headers": headers, "digest": self._digest(unit, headers)}))


def main(tidy: str, build_folder: str, *folders: str) -> int:
    """Look at every file; 1 where one has a finding."""
    build = Path(build_folder)
    cache = Cache(build / "clean", tidy)
    found = units(build, list(folders))
    if not found:
        print(f"no file of native/{{{','.join(folders)}}} is compiled in {build}")
        return 1

    def look(unit: Unit) -> str:
        command = [tidy, "--quiet", "-p", str(build), str(unit.file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode != 0:
            return done.stdout or done.stderr
        cache.keep(unit)
        return ""

    changed = [unit for unit in found if not cache.knows(unit)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = [report for report in pool.map(look, changed) if report]
    print("".join(reports), end="")
    print(f"clang-tidy: {len(found)} files, {len(changed)} looked at, {len(reports)} with findings")
    return int(bool(reports))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
