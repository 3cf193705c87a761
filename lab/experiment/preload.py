"""Finding a library to preload by its file name."""

import os
import sys
from pathlib import Path

_FOLDERS = ("/lib", "/usr/lib", "/usr/local/lib", "/lib64", "/usr/lib64")


def find_library(name: str) -> Path | None:
    """The first library of that file name in the loader's usual folders and in LD_LIBRARY_PATH; None if there is none.

    Preloading works on Linux only: elsewhere there never is one.
    """
    if not sys.platform.startswith("linux"):
        return None
    triplet = f"{os.uname().machine}-linux-gnu"
    own = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    for folder in (*own, *(place for base in _FOLDERS for place in (f"{base}/{triplet}", base))):
        if (path := Path(folder) / name).is_file():
            return path
    return None
