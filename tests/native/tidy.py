"""Runs clang-tidy on each C file of a CMake build once, in parallel, and remembers the files that were clean.

Usage: tidy.py CLANG_TIDY BUILD

A file is looked at again when it, a header of native/, its compile command, .clang-tidy or clang-tidy itself changed.
"""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]


def commands(build: Path) -> dict[str, str]:
    """File -> compile command, one for each source: of files that are compiled in variants, the last one."""
    entries = json.loads((build / "compile_commands.json").read_text())
    native = str(ROOT / "native")
    return {entry["file"]: entry["command"] for entry in entries if entry["file"].startswith(native)}


def common_digest(tidy: str) -> bytes:
    """Of everything that every file depends on."""
    digest = hashlib.sha256(subprocess.run([tidy, "--version"], capture_output=True, check=True).stdout)
    for path in [
        ROOT / ".clang-tidy",
        *sorted((ROOT / "native").rglob("*.h")),
        *sorted((ROOT / "native").rglob("*.def")),
    ]:
        digest.update(path.read_bytes())
    return digest.digest()


def main(tidy: str, build_folder: str) -> int:
    """Look at every file; 1 where one has a finding."""
    build = Path(build_folder)
    cache = build / "tidy"
    cache.mkdir(exist_ok=True)
    common = common_digest(tidy)

    def look(file: str, command: str) -> str:
        key = hashlib.sha256(common + command.encode() + Path(file).read_bytes()).hexdigest()
        if (cache / key).exists():
            return ""
        done = subprocess.run(
            [tidy, "--quiet", "-p", str(build), file], capture_output=True, text=True, check=False, cwd=ROOT
        )
        if done.returncode == 0:
            (cache / key).touch()
            return ""
        return done.stdout or done.stderr

    found = commands(build)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = [report for report in pool.map(look, found, found.values()) if report]
    print("".join(reports), end="")
    print(f"clang-tidy: {len(found)} files, {len(reports)} with findings")
    return int(bool(reports))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
