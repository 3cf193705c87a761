"""Writes a file so that a reader sees the old content or the new content, never a mixture."""

import errno
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

from lab.core.errors import StoreError

_PIECE_BYTES = 1 << 20


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: temporary file beside it, fsync, rename, fsync of the folder.

    Raises:
        StoreError: the disk is full or the folder cannot be written. An old file is left unchanged.
    """
    _replace(path, lambda file: file.write(data))


def copy_atomically(source: Path, path: Path) -> None:
    """Make `path` a copy of another file in the same way, a piece at a time.

    Raises:
        StoreError: as for `write_atomically`, or the source cannot be read.
    """

    def copy(file: IO[bytes]) -> None:
        with source.open("rb") as given:
            shutil.copyfileobj(given, file, _PIECE_BYTES)

    _replace(path, copy)


def _replace(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = str(path.with_name(f".{secrets.token_hex(8)}.tmp"))
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)  # less the umask
        with os.fdopen(descriptor, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise StoreError(f"cannot write {path}: {_remedy(error)}") from error


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space and resume the run"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.strerror}; choose a writable folder with --reports"
    return f"{error.strerror or error}; choose another place"
