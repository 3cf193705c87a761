"""Finding a library to preload by its file name."""

import os
import sys
from pathlib import Path

# Which Debian package brings a library.
_PACKAGES = {
    "libjemalloc.so.2": "libjemalloc2",
    "libmimalloc.so.2": "libmimalloc2.0",
    "libtcmalloc_minimal.so.4": "libtcmalloc-minimal4",
}
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


def why_missing(name: str) -> str:
    """One sentence for a library that was not found, with the package that brings it where that is known."""
    package = _PACKAGES.get(name)
    return f"{name} is not installed" + (f" (Debian: apt-get install {package})" if package else "")
