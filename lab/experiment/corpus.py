"""The real input: every readable Python file of a tree, by default the running interpreter's standard library."""

import os
import sysconfig
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.core.errors import UsageError


class NotInCorpus(Exception):
    """An input cannot be made of this corpus; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One decodable file: `path` relative to the corpus with `/`, `data` its bytes as they stand on disk."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Corpus:
    """All files, sorted by path; `skipped` lists (path, reason) of those that could not be used."""

    root: str
    files: tuple[SourceFile, ...]
    skipped: tuple[tuple[str, str], ...]

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(len(file.data) for file in self.files)


def standard_library() -> Path:
    """The folder of the running interpreter's standard library."""
    return Path(sysconfig.get_path("stdlib"))


def _python_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*.py")):
        if "site-packages" not in path.relative_to(root).parts and path.is_file():
            yield path


def check_corpus(root: Path) -> None:
    """Say early, without reading anything, that there is no such corpus.

    Raises:
        UsageError: it is not a folder, or one that may not be listed.
    """
    try:
        next(root.iterdir(), None)
    except OSError as error:
        raise UsageError(f"corpus {root}: {error.strerror}; give --corpus a folder with .py files") from error


def read_corpus(root: Path | None = None) -> Corpus:
    """Read a tree of Python sources.

    Args:
        root: the folder; the standard library if None. `site-packages` folders inside are not part of it.

    Raises:
        UsageError: the folder does not exist, cannot be read, or holds no usable Python file.
    """
    root = standard_library() if root is None else root
    check_corpus(root)
    files, skipped = [], []
    for path in _python_files(root):
        name = path.relative_to(root).as_posix()
        try:
            name = os.fsencode(name).decode()  # part of what is measured: the same text in every locale
            data = path.read_bytes()
            with path.open("rb") as file:
                encoding, _ = tokenize.detect_encoding(file.readline)
            data.decode(encoding)
        except (OSError, SyntaxError, UnicodeError, LookupError) as error:
            skipped.append((ascii(name)[1:-1], f"{type(error).__name__}: {error}"))
            continue
        if data:
            files.append(SourceFile(name, data))
    if not files:
        reason = f"; {len(skipped)} could not be decoded" if skipped else ""
        raise UsageError(f"corpus {root}: no readable .py file{reason}; give --corpus another folder")
    return Corpus(str(root), tuple(files), tuple(skipped))
