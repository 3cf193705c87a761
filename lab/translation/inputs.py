"""Which sources are meant: files, folders, a list of them, standard input; and where the result of each belongs."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Final

from lab.core.errors import EnvironmentFailure, UsageError

STANDARD_INPUT: Final = "-"
STANDARD_INPUT_NAME: Final = "<stdin>"


def find_sources(inputs: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Paths of all sources, in the order of the inputs; a folder stands for every .py file below it, sorted.

    A path that does not exist stays: it fails when it is read, and no other with it.

    Raises:
        UsageError: A folder holds no .py file, or there is no input at all.
    """
    found: list[str] = []
    for given in inputs:
        path = os.fspath(given)
        if path == "":
            raise UsageError("an input has an empty path; name a file or folder")
        if "\0" in path:
            raise UsageError(f"an input has a NUL in its path, which no file's name can hold: {path!r}")
        if path != STANDARD_INPUT and Path(path).is_dir():
            below = sorted(str(one) for one in python_files(Path(path)))
            if not below:
                raise UsageError(f"{path}: the folder holds no .py file; name another one, or files")
            found += below
        else:
            found.append(path)
    if not found:
        raise UsageError("nothing to convert; name files, folders, or - for standard input")
    return found


def python_files(folder: Path) -> Iterator[Path]:
    """Every .py file below a folder; links to folders are not followed."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith(".py"):
                yield Path(place) / name


def read_list(path: str | os.PathLike[str], *, null: bool = False) -> list[str]:
    """The inputs that a file lists, one per line; empty lines are skipped.

    Args:
        path: Of the list; `-` reads it from standard input.
        null: Whether a NUL ends each input, as `find -print0` writes them, and not a line end.

    Raises:
        UsageError: The file cannot be read, or a line holds a NUL.
    """
    try:
        data = sys.stdin.buffer.read() if os.fspath(path) == STANDARD_INPUT else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"list {os.fspath(path)}: {error.strerror}; give a file with one path per line") from error
    if null:
        return [os.fsdecode(name) for name in data.split(b"\0") if name]
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise UsageError(
            f"list {os.fspath(path)}: line {line} holds a NUL, which no path can; "
            "for a list with a NUL behind each path, as find -print0 writes it, pass --null"
        )
    return [os.fsdecode(line) for line in data.splitlines() if line.strip()]


def is_stream(path: str) -> bool:
    """Whether a path is a pipe, a socket or a device, which can be read once."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 (a path that cannot be one fails when it is read)
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def place_outputs(sources: Iterable[str], folder: Path, suffix: str) -> list[Path]:
    """Where each result belongs: at its source's path below a folder, an absolute source with its whole path.

    A source above the current folder (`../x.py`) counts as absolute.

    Args:
        sources: Paths, or names in angle brackets of what has none: `<stdin>` goes to `stdin`.
        folder: Of the results.
        suffix: What is appended to each path, such as ".ast".

    Raises:
        UsageError: Two different sources would have one place.
    """
    taken: dict[Path, str] = {}
    places = []
    for source in sources:
        place = folder / f"{_below(source)}{suffix}"
        if (other := taken.setdefault(place, source)) != source and not _same(other, source):
            raise UsageError(f"{other} and {source} would both be written to {place}; convert them into two folders")
        places.append(place)
    return places


def make_folder(place: Path) -> None:
    """Make a folder for results.

    Raises:
        EnvironmentFailure: It cannot be made.
    """
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFailure(f"{place}: {error.strerror}; choose a writable folder with --output") from error


def _below(source: str) -> PurePath:
    if source.startswith("<") and source.endswith(">"):
        return PurePath(source[1:-1])
    path = PurePath(os.path.normpath(source))
    if path.parts[:1] == ("..",):
        path = PurePath(os.path.abspath(source))  # noqa: PTH100 (resolve would follow links)
    if not path.anchor:
        return path
    drive = path.drive.replace(":", "").strip("\\/")
    return PurePath(drive, *path.parts[1:])


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)  # noqa: PTH121 (either may be no path)
    except OSError:
        return False
