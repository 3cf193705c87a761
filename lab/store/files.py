"""Writes a file so that a reader sees the old content or the new content, never a mixture."""

import errno
import os
import secrets
from pathlib import Path

from lab.core.errors import StoreError


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: temporary file beside it, fsync, rename, fsync of the folder.

    Raises:
        StoreError: the disk is full or the folder cannot be written. An old file is left unchanged.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = str(path.with_name(f".{secrets.token_hex(8)}.tmp"))
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)  # less the umask
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
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
