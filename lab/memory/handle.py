"""What every object over a C handle has in common: one lock, an end, and counted views.

cffi calls run without the GIL, and the C objects are for one thread at a time: each call is made under the lock of its
object. A NumPy view of C memory rests on an `Export`, which keeps the owner alive and counts: while one lives the owner
can neither end nor move or give up that memory, and says so with BufferError.
"""

from threading import RLock
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lab.memory.errors import ClosedError


class Handle:
    """Owner of a C object. Safe to share between threads: calls take turns.

    Use it in a `with` statement, or call `close`. An object that is forgotten is freed with its last reference.
    """

    __slots__ = ("__weakref__", "_exports", "_lock", "_pointer")

    def __init__(self, pointer: Any) -> None:
        self._lock = RLock()  # reentrant: a view may die, and count down, inside a call of the same thread
        self._exports = 0
        self._pointer: Any | None = pointer

    @property
    def closed(self) -> bool:
        """Whether the object has ended."""
        return self._pointer is None

    @property
    def exports(self) -> int:
        """Views of the object's memory that are alive."""
        return self._exports

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

    def _end(self, pointer: Any) -> None:
        """Give the C object back."""
        raise NotImplementedError

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
        if self._exports:
            raise BufferError(
                f"cannot {action} this {type(self).__name__} while {self._exports} view(s) of its memory are alive: "
                "delete them first, or copy what you need"
            )

    def _view(self, address: int, size_bytes: int, *, readonly: bool = False) -> npt.NDArray[np.uint8]:
        """A view of the object's memory that keeps the object alive and is counted; call it under the lock."""
        if size_bytes == 0:
            return np.empty(0, np.uint8)
        return np.asarray(Export(self, address, size_bytes, readonly))

    def _count_export(self, step: int) -> None:
        with self._lock:
            self._exports += step


class Export:
    """The base of one NumPy view: keeps its owner alive, and counts itself out when the last array on it dies."""

    __slots__ = ("__array_interface__", "_owner")

    def __init__(self, owner: Handle, address: int, size_bytes: int, readonly: bool) -> None:
        self.__array_interface__ = {
            "version": 3,
            "shape": (size_bytes,),
            "typestr": "|u1",
            "data": (address, readonly),
        }
        self._owner = owner
        owner._count_export(+1)

    def __del__(self) -> None:
        self._owner._count_export(-1)
