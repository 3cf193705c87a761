"""Reading small files that others wrote: bounded, and never waiting for a pipe. Needs the standard library alone."""

import os
import stat
import tomllib
from pathlib import Path
from typing import Any, Final

MOST_BYTES: Final = 64 << 20
_BOM: Final = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """A file cannot be read; the message says why, without the file's name."""


def read_file(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """The content of a regular file.

    Raises:
        Unreadable: There is none, it is a pipe, a device or a folder, it is too large, or the system refuses.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("cannot be read (not a regular file)")
            data = file.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if len(data) > most_bytes:
        raise Unreadable(f"cannot be read (larger than {most_bytes >> 20} MiB)")
    return data


def read_toml(path: Path) -> dict[str, Any]:
    """The document of a TOML file; a byte order mark before it is skipped.

    Raises:
        Unreadable: It cannot be read, is no UTF-8 or no TOML, nests too deeply, or holds a number that is too long.
    """
    data = read_file(path).removeprefix(_BOM)
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start}: TOML files are") from error
    except RecursionError as error:
        raise Unreadable("not TOML: its tables and arrays nest too deeply") from error
    except ValueError as error:  # TOMLDecodeError among them; a number of thousands of digits
        raise Unreadable(f"not TOML: {error}") from error
