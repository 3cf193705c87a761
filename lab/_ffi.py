"""The one gate to the compiled module: `ffi` and `lib` as cffi made them from the C headers.

cffi lets go of the GIL around every call, so whoever calls `lib` guards what is not thread-safe in C.
"""

from typing import Any

from lab.core.errors import EnvironmentFailure

__all__ = ["MissingNativeError", "ffi", "lib"]


class MissingNativeError(EnvironmentFailure, ImportError):
    """The compiled module is not installed or cannot be loaded."""


try:
    from lab._native import ffi as _ffi
    from lab._native import lib as _lib
except ImportError as error:
    raise MissingNativeError(
        f"lab._native cannot be loaded ({error}): build it with `make setup`, or with `pip install -e .` in a clone "
        "(needs a C compiler)"
    ) from error

ffi: Any = _ffi
lib: Any = _lib
