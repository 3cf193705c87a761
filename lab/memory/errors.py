"""The exceptions of the memory layer, and what becomes of a status of the C library.

::

    LabError
    └── LayerError
        ├── BoundError                             the bound that was asked for is reached
        ├── BusyError           (also BufferError) used inside a call of the same thread
        ├── ClosedError         (also ValueError)  used after close or release
        ├── ConfigError         (also UsageError, ValueError)  a key or a value of a configuration is wrong
        ├── ForeignObjectError  (also ValueError)  released into a pool that it does not come from
        ├── ForkedError                            made before a fork, and not usable in the child
        ├── LeftScopeError      (also ValueError)  an array used after the scope of its arena
        ├── NestedParallelError                    tasks begun inside a task
        ├── StaleIdError        (also ValueError)  an interner's id of before a clear
        ├── StaleMarkError      (also ValueError)  rewound to a place that is gone
        ├── TaskError                              a task failed; its number is `index`
        │   └── TaskCancelledError                 a task never began
        └── UnsupportedError                       the system cannot do or tell it

Beside them: ValueError for an argument out of its range, OverflowError for a size that cannot be represented,
MemoryError where the system refuses memory, BufferError while a view is out. After any of them the object is unchanged.
"""

from lab._ffi import ffi, lib
from lab.core.errors import LabError, UsageError


class LayerError(LabError):
    """Anything that the memory layer itself refuses."""


class BoundError(LayerError):
    """The bound that was asked for is reached."""


class BusyError(LayerError, BufferError):
    """The object is in the middle of a call, and this thread cannot wait for that call to end."""


class ClosedError(LayerError, ValueError):
    """The object was closed or released before."""


class ConfigError(LayerError, UsageError, ValueError):
    """A key or a value of a configuration is wrong; the message names place, key and what is allowed."""

    exit_code = UsageError.exit_code


class ForeignObjectError(LayerError, ValueError):
    """The object belongs to another pool."""


class ForkedError(LayerError):
    """The object was made before a fork, and cannot be used in the child process."""


class LeftScopeError(LayerError, ValueError):
    """The array came from a scope of an arena that was left."""


class NestedParallelError(LayerError):
    """Tasks were begun inside a task, which could wait for itself."""


class StaleIdError(LayerError, ValueError):
    """The id was handed out before the interner was cleared."""


class StaleMarkError(LayerError, ValueError):
    """The mark's place in the arena is gone."""


class TaskError(LayerError):
    """A task failed; its own exception is the cause, where it raised one.

    Attributes:
        index: The task's place in the input, from 0.
    """

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index

    def __reduce__(self) -> tuple[type["TaskError"], tuple[str, int]]:
        return type(self), (str(self), self.index)


class TaskCancelledError(TaskError):
    """The task never began: its batch was cancelled."""


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
