"""A pool of Python objects of your own: what one caller gives back, the next one gets.

It pays where making an object costs much more than a microsecond: parsers, connections, buffers of megabytes. For
strings, vectors and hash maps in C memory take `StringPool`, `VectorPool` and `MapPool`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Self, SupportsIndex, TypeVar

from lab._extension import Turn
from lab.memory.boundary.sizes import size
from lab.memory.errors import ClosedError, ForeignObjectError

Item = TypeVar("Item")
MAX_SIZE = 64


@dataclass(frozen=True, slots=True)
class ObjectPoolStats:
    """Figures of an `ObjectPool`.

    Attributes:
        hit_count: Acquires served by a retained object.
        miss_count: Acquires that made an object.
        return_count: Releases whose object was retained.
        discard_count: Releases whose object was dropped: max_size were waiting, or `clear` failed.
        live_count: Objects acquired and not released.
        retained_count: Objects waiting for reuse.
    """

    hit_count: int
    miss_count: int
    return_count: int
    discard_count: int
    live_count: int
    retained_count: int


class ObjectPool(Generic[Item]):
    """Recycles objects. Safe to share between threads; `factory` and `clear` run on the threads of the callers.

    An object that is acquired is held by the pool until it is released, so forgetting it is a leak: use `lease`.

    Args:
        factory: Makes an object.
        max_size: Objects kept for reuse at most; never exceeded.
        clear: Called with each object that comes back, so that nothing of one use is seen by the next.

    Raises:
        ValueError: max_size is negative.
    """

    def __init__(
        self,
        factory: Callable[[], Item],
        *,
        max_size: SupportsIndex = MAX_SIZE,
        clear: Callable[[Item], object] | None = None,
    ) -> None:
        self._factory, self._clear = factory, clear
        self._max_size = size(max_size, "max_size")
        self._turn = Turn("ObjectPool")
        self._waiting: list[Item] = []
        self._out: dict[int, Item] = {}
        self._counts = dict.fromkeys(("hit_count", "miss_count", "return_count", "discard_count"), 0)
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the pool has ended."""
        return self._closed

    def acquire(self) -> Item:
        """An object; give it back with `release`.

        Raises:
            ClosedError: The pool is closed.
            Whatever `factory` raises.
        """
        with self._turn:
            self._forbid_closed()
            if self._waiting:
                item = self._waiting.pop()
                self._out[id(item)] = item
                self._counts["hit_count"] += 1
                return item
        item = self._factory()
        with self._turn:
            if id(item) in self._out:
                raise ValueError("factory gave an object that is in use: it must make a new one for each call")
            self._out[id(item)] = item
            self._counts["miss_count"] += 1
        return item

    def release(self, item: Item) -> None:
        """Take an object back, cleared.

        Raises:
            ForeignObjectError: The object is not from this pool, or was released before.
            Whatever `clear` raises; the object is dropped then.
        """
        with self._turn:
            if self._out.get(id(item)) is not item:
                raise ForeignObjectError("the object is not from this pool, or was released before")
            del self._out[id(item)]
            self._counts["discard_count"] += 1  # until it is back
        if self._clear is not None:
            self._clear(item)
        with self._turn:
            if not self._closed and len(self._waiting) < self._max_size:
                self._waiting.append(item)
                self._counts["return_count"] += 1
                self._counts["discard_count"] -= 1

    @contextmanager
    def lease(self) -> Iterator[Item]:
        """An object for a `with` block, released at its end."""
        item = self.acquire()
        try:
            yield item
        finally:
            self.release(item)

    def stats(self) -> ObjectPoolStats:
        """The figures now."""
        with self._turn:
            return ObjectPoolStats(**self._counts, live_count=len(self._out), retained_count=len(self._waiting))

    def close(self) -> None:
        """Drop the objects that wait; those that are out are dropped when they come back. Again is allowed."""
        with self._turn:
            self._closed = True
            waiting, self._waiting = self._waiting, []
        waiting.clear()  # outside of the turn: the end of an object may run code

    def __enter__(self) -> Self:
        self._forbid_closed()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _forbid_closed(self) -> None:
        if self._closed:
            raise ClosedError("this ObjectPool is closed: make a new one")
