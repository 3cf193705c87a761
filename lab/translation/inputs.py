"""Which sources are meant: files, folders, lists of them, streams; and where each result belongs.

A name is bytes that a stranger chose. What a source is (a file, standard input, bytes in memory) is decided once, from
how it was given, and stored beside its name. A name is never parsed.
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Final

from lab.core.errors import EnvironmentFailure, UsageError
from lab.core.printable import printable

STANDARD_INPUT: Final = "-"
STANDARD_INPUT_NAME: Final = "<stdin>"
STREAM_BYTES_MAX: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Source:
    """One source.

    Attributes:
        name: What messages and tables call it.
        place: Where its result belongs below the output folder, without a suffix; never leads out of that folder.
        path: Of a file that C reads by itself; None for a stream or bytes.
        stream: Path of a pipe or device, or STANDARD_INPUT; None for a file or bytes.
        data: The source itself where it was given as bytes.
    """

    name: str
    place: PurePath
    path: str | None = None
    stream: str | None = None
    data: bytes | None = None

    def read(self) -> bytes:
        """The bytes of a file or stream, to its end, or those that were given.

        Raises:
            OSError: It cannot be read, or is longer than STREAM_BYTES_MAX.
        """
        if self.data is not None:
            return self.data
        if self.stream == STANDARD_INPUT:
            return _read_stream(sys.stdin.buffer)
        with Path(str(self.stream if self.path is None else self.path)).open("rb") as file:
            return _read_stream(file)


def _read_stream(file: IO[bytes]) -> bytes:
    data = file.read(STREAM_BYTES_MAX + 1)
    if len(data) > STREAM_BYTES_MAX:
        raise OSError(f"the stream is longer than {STREAM_BYTES_MAX >> 30} GiB")
    return data


def sources_of(inputs: Iterable[str | os.PathLike[str] | bytes]) -> list[Source]:
    """All sources, in the order of the inputs.

    Args:
        inputs: Paths of files, folders, pipes or devices; `-` for standard input; bytes are a source themselves.

    Raises:
        UsageError: There is none, a folder holds no .py file, a path is empty or holds a NUL, or standard input is
            named twice.
    """
    found: list[Source] = []
    standard = 0
    for given in inputs:
        if isinstance(given, bytes):
            found.append(Source(f"<source {len(found)}>", PurePath(f"source {len(found)}"), data=given))
            continue
        for path in find_sources([given]):
            if path == STANDARD_INPUT:
                standard += 1
                found.append(Source(STANDARD_INPUT_NAME, PurePath("stdin"), stream=STANDARD_INPUT))
            elif is_stream(path):
                found.append(Source(path, _below(path), stream=path))
            else:
                found.append(Source(path, _below(path), path=path))
    if standard > 1:
        raise UsageError("standard input can be read once; give - once")
    if not found:
        raise UsageError("nothing to convert; name files, folders, or - for standard input")
    return found


def find_sources(inputs: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Paths of all sources, in the order of the inputs; a folder stands for every .py file below it, sorted.

    A path that does not exist stays: it fails when it is read, and no other with it.

    Raises:
        UsageError: A folder holds no .py file, a path is empty or holds a NUL, or there is no input at all.
    """
    found: list[str] = []
    for given in inputs:
        path = os.fspath(given)
        if path == "":
            raise UsageError("an input has an empty path; name a file or folder")
        if "\0" in path:
            raise UsageError(f"an input has a NUL in its path, which no file's name can hold: {printable(path)}")
        if path != STANDARD_INPUT and Path(path).is_dir():
            below = sorted(str(one) for one in python_files(Path(path)))
            if not below:
                raise UsageError(f"{printable(path)}: the folder holds no .py file; name another one, or files")
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
    """The paths that a file lists, one per line; empty lines are skipped.

    A path in a list is a path: one that is `-` means the file of that name.

    Args:
        path: Of the list; `-` reads it from standard input.
        null: Whether a NUL ends each path, as `find -print0` writes them, and not a line end.

    Raises:
        UsageError: The file cannot be read, or a line holds a NUL.
    """
    name = printable(os.fspath(path))
    try:
        data = sys.stdin.buffer.read() if os.fspath(path) == STANDARD_INPUT else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"list {name}: {error.strerror}; give a file with one path per line") from error
    if null:
        lines = data.split(b"\0")
    elif b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise UsageError(
            f"list {name}: line {line} holds a NUL, which no path can; "
            "for a list with a NUL behind each path, as find -print0 writes it, pass --null"
        )
    else:
        lines = [line.removesuffix(b"\r") for line in data.split(b"\n")]
        lines = [line for line in lines if line.strip()]
    paths = [os.fsdecode(line) for line in lines if line]
    return [os.path.join(".", one) if one == STANDARD_INPUT else one for one in paths]  # noqa: PTH118


def is_stream(path: str) -> bool:
    """Whether a path is a pipe, a socket or a device, which can be read once."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 (a path that cannot be one fails when it is read)
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def place_outputs(sources: Sequence[Source], suffix: str) -> list[PurePath]:
    """Where each result belongs below the output folder, with the suffix (".ast") appended.

    Raises:
        UsageError: Two different sources would have one place.
    """
    taken: dict[PurePath, Source] = {}
    places = []
    for source in sources:
        place = source.place.with_name(f"{source.place.name}{suffix}") if source.place.name else PurePath(suffix)
        other = taken.setdefault(place, source)
        if other != source and not _same(other, source):
            names = f"{printable(other.name)} and {printable(source.name)}"
            where = printable(str(place))
            raise UsageError(f"{names} would both be written to {where}; convert them into two folders")
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
        where = printable(str(place))
        raise EnvironmentFailure(f"{where}: {error.strerror}; choose a writable folder with --output") from error


def _below(path: str) -> PurePath:
    """A path as one that stays below a folder: an absolute one with all its parts, `../x.py` as its absolute path."""
    pure = PurePath(os.path.normpath(path))
    if pure.parts[:1] == ("..",):
        pure = PurePath(os.path.abspath(path))  # noqa: PTH100 (resolve would follow links)
    if not pure.anchor:
        return pure
    drive = pure.drive.replace(":", "").strip("\\/")
    return PurePath(drive, *pure.parts[1:])


def _same(one: Source, other: Source) -> bool:
    if one.path is None or other.path is None:
        return False
    try:
        return os.path.samefile(one.path, other.path)  # noqa: PTH121 (either may be no path)
    except (OSError, ValueError):
        return False
