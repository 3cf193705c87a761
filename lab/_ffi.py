"""The gate to the compiled modules: `ffi` and `lib` as cffi made them from the C headers.

`lab._native` is the C library behind cffi; `lab._extension` (native/extension) does what needs Python's own objects.
Both are loaded here, so that whoever imports `ffi` knows that both are there.

cffi lets go of the GIL around every call, so whoever calls `lib` guards what is not thread-safe in C.
"""

import sys
from typing import Any

from lab.core.errors import EnvironmentFailure

__all__ = ["MissingNativeError", "ffi", "lib"]


class MissingNativeError(EnvironmentFailure, ImportError):
    """The compiled modules are not installed, cannot be loaded, or cannot work with this interpreter."""


if "free-threading" in sys.version:  # what Py_GIL_DISABLED says, without the import of sysconfig
    raise MissingNativeError(
        "lab.memory needs an interpreter with the GIL, and this one is a free-threaded build (Py_GIL_DISABLED): the "
        "counts that keep memory alive rely on the GIL. Use the standard build of the same Python version"
    )
try:
    import lab._extension  # noqa: F401 (loaded here so that a failure is reported here)
    from lab._native import ffi as _ffi
    from lab._native import lib as _lib
except ImportError as error:
    raise MissingNativeError(
        f"{error.name or 'a compiled module'} cannot be loaded ({error}): build it with `make setup`, or with "
        "`pip install -e .` in a clone (needs a C compiler)"
    ) from error

ffi: Any = _ffi
lib: Any = _lib
