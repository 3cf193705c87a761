"""What every object over a C handle has in common: one lock, an end, and counted views.

cffi calls run without the GIL, and the C objects are for one thread at a time: each call is made under the lock of its
object. A view of C memory rests on an `Export`, which keeps the owner alive and counts itself in `exports`: while one
lives the owner can neither end nor move or give up that memory, and says so with BufferError.
"""

from abc import abstractmethod
from threading import RLock
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lab._extension import Export, Exporter
from lab.memory.errors import ClosedError


class Handle(Exporter):
    """Owner of a C object. Safe to share between threads: calls take turns.

    Use it in a `with` statement, or call `close`. An object that is forgotten is freed with its last reference.
    """

    __slots__ = ("__weakref__", "_lock", "_pointer")

    def __init__(self, pointer: Any) -> None:
        self._lock = RLock()  # reentrant: a view may die, and count down, inside a call of the same thread
        self._pointer: Any | None = pointer

    @property
    def closed(self) -> bool:
        """Whether the object has ended."""
        return self._pointer is None

    def close(self) -> None:
        """End the object and give its memory back; again is allowed.

        Raises:
            BufferError: A view is out; nothing is changed.
        """
        with self._lock:
            if self._pointer is not None:
                self._forbid_views("close")
                self._end(self._pointer)
                self._pointer = None

    @abstractmethod
    def _end(self, pointer: Any) -> None:
        """Give the C object back."""

    def __enter__(self) -> Self:
        with self._lock:
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
        """The C handle; to be called under the lock.

        Raises:
            ClosedError: The object has ended.
        """
        if self._pointer is None:
            raise ClosedError(f"this {type(self).__name__} is closed: make a new one")
        return self._pointer

    def _forbid_views(self, action: str) -> None:
        """Raise BufferError while a view is out; to be called under the lock."""
        if self.exports:
            raise BufferError(
                f"cannot {action} this {type(self).__name__} while {self.exports} view(s) of its memory are alive: "
                "delete them first, or copy what you need"
            )

    def _view(
        self, address: int, size_bytes: int, *, readonly: bool = False, dtype: npt.DTypeLike = np.uint8
    ) -> npt.NDArray[Any]:
        """A view of the object's memory that keeps the object alive and is counted; call it under the lock."""
        return look(self, address, size_bytes, dtype, readonly=readonly)


def look(owner: Exporter, address: int, size_bytes: int, dtype: npt.DTypeLike, *, readonly: bool) -> npt.NDArray[Any]:
    """A view, shape (n,), of memory that the owner holds; it keeps the owner, and is counted unless it is empty."""
    if size_bytes == 0:
        return np.empty(0, dtype)
    memory: Any = Export(owner, address, size_bytes, readonly)
    return np.frombuffer(memory, dtype)
