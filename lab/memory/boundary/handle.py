"""What every object over a C handle has in common: turns, an end, and counted views.

A call of an object takes the object's `Turn` and holds whatever else it uses (`Hold`). A view of C memory rests on an
`Export`, which keeps the owner alive and counts itself in `exports`. While a view or another call uses an object, it
can neither end nor move or give up that memory, and says so with BufferError. native/extension/turn.c has the rules,
which exclude deadlocks too: a thread waits for a turn only while it has none.

Arguments are converted before a turn is taken and before any pointer is read, because conversions run Python code.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lab._extension import Export, Exporter, Turn, fork_count
from lab._ffi import ffi
from lab.memory.errors import ClosedError


class Handle(Exporter):
    """Owner of a C object. Safe to share between threads: calls take turns.

    Use it in a `with` statement, or call `close`. An object that is forgotten is freed with its last reference.

    Args:
        pointer: The C object.
        has_threads: It has threads of its own, so a child process cannot use it; see `threaded`.
    """

    __slots__ = ("__weakref__", "_pointer", "_turn")

    def __init__(self, pointer: Any, *, has_threads: bool = False) -> None:
        self._turn = Turn(type(self).__name__, has_threads)
        self._pointer: Any | None = pointer

    @property
    def closed(self) -> bool:
        """Whether the object has ended."""
        return self._pointer is None

    def close(self) -> None:
        """End the object and give its memory back; again is allowed.

        In a child process, an object that only its parent can use is dropped: its memory ends with the child.

        Raises:
            BufferError: A view is out, or a call uses the object; nothing is changed.
        """
        if self._turn.lost:
            self._abandon()
            return
        with self._turn:
            if self._pointer is not None:
                self._forbid_use("close")
                self._end()

    def _end(self) -> None:
        """Give the C object back; called with the turn, while nothing uses the object.

        The pointer goes first: an exception of a signal handler must not leave one to memory that is free.
        """
        pointer, self._pointer = self._pointer, None
        ffi.release(pointer)

    def _abandon(self) -> None:
        """Drop the C object without a call into it."""
        pointer, self._pointer = self._pointer, None
        if isinstance(pointer, ffi.CData):
            ffi.gc(pointer, None)

    def __enter__(self) -> Self:
        with self._turn:
            self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except BufferError:
            if error is None:  # otherwise the block's own error is the one to report; the last view frees the memory
                raise

    def _open(self) -> Any:
        """The C handle; to be called with the turn.

        Raises:
            ClosedError: The object has ended.
        """
        if self._pointer is None:
            raise ClosedError(f"this {type(self).__name__} is closed: make a new one")
        return self._pointer

    def _forbid_use(self, action: str) -> None:
        """Raise BufferError while a view is out or a call uses the object; to be called with the turn."""
        if self.exports:
            raise BufferError(
                f"cannot {action} this {type(self).__name__} while {self.exports} view(s) of its memory are alive: "
                "delete them first, or copy what you need"
            )
        if self._turn.uses:
            raise BufferError(
                f"cannot {action} this {type(self).__name__} while {self._turn.uses} call(s) use it: wait for them"
            )

    def _view(
        self, address: int, size_bytes: int, *, readonly: bool = False, dtype: npt.DTypeLike = np.uint8
    ) -> npt.NDArray[Any]:
        """A view of the object's memory that keeps the object alive and is counted; call it with the turn."""
        return look(self, address, size_bytes, dtype, readonly=readonly)


def threaded(pointer: Any, free: Callable[[Any], None]) -> Any:
    """A C object with threads, which `free` ends with the last reference, but only in the process that made it.

    A forked child has no such threads, and would wait for them for ever.
    """
    made_at = fork_count()

    def end(found: Any) -> None:
        if fork_count() == made_at:
            free(found)

    return ffi.gc(pointer, end)


def look(owner: Exporter, address: int, size_bytes: int, dtype: npt.DTypeLike, *, readonly: bool) -> npt.NDArray[Any]:
    """A view, shape (n,), of memory that the owner holds; it keeps the owner, and is counted unless it is empty."""
    if size_bytes == 0:
        return np.empty(0, dtype)
    memory: Any = Export(owner, address, size_bytes, readonly)
    return np.frombuffer(memory, dtype)
