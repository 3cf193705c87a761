"""The exceptions of the memory layer, and what becomes of a status of the C library.

::

    LabError
    └── LayerError
        ├── BoundError                             the bound that was asked for is reached
        ├── ClosedError         (also ValueError)  used after close or release
        ├── ForeignObjectError  (also ValueError)  released into a pool that it does not come from
        ├── StaleIdError        (also ValueError)  an interner's id of before a clear
        ├── StaleMarkError      (also ValueError)  rewound to a place that is gone
        └── UnsupportedError                       the system cannot do or tell it

Beside them: ValueError for an argument out of its range, OverflowError for a size that cannot be represented,
MemoryError where the system refuses memory, BufferError while a view is out. After any of them the object is unchanged.
"""

from lab._ffi import ffi, lib
from lab.core.errors import LabError


class LayerError(LabError):
    """Anything that the memory layer itself refuses."""


class BoundError(LayerError):
    """The bound that was asked for is reached."""


class ClosedError(LayerError, ValueError):
    """The object was closed or released before."""


class ForeignObjectError(LayerError, ValueError):
    """The object belongs to another pool."""


class StaleIdError(LayerError, ValueError):
    """The id was handed out before the interner was cleared."""


class StaleMarkError(LayerError, ValueError):
    """The mark's place in the arena is gone."""


class UnsupportedError(LayerError):
    """The system cannot do or tell this."""


_ERRORS: dict[int, type[Exception]] = {
    lib.PM_INVALID: ValueError,
    lib.PM_NO_MEMORY: MemoryError,
    lib.PM_OVERFLOW: OverflowError,
    lib.PM_NOT_FOUND: KeyError,
    lib.PM_BUSY: BufferError,
    lib.PM_FOREIGN: ForeignObjectError,
    lib.PM_DOUBLE_RELEASE: ClosedError,
    lib.PM_UNSUPPORTED: UnsupportedError,
    lib.PM_STALE: StaleIdError,
    lib.PM_FULL: BoundError,
}


def check(status: int, what: str) -> None:
    """Raise the exception that a status stands for; nothing for PM_OK.

    Args:
        status: What a function of the C library returned.
        what: What was asked for, and what helps: it follows the words of the status.
    """
    if status != lib.PM_OK:
        words = ffi.string(lib.pm_status_text(status)).decode()
        raise _ERRORS[status](f"{words}: {what}")
