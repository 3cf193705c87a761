"""Pools that recycle objects which are expensive to create: strings, vectors, hash maps.

`acquire_many` and `release_many` move a list in one call. A single object costs several hundred nanoseconds of Python,
more than a `bytearray`; what pays from Python is the memory that is not asked for again (`PoolStats.hit_count`,
`ledger`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import size
from lab.memory.errors import ForeignObjectError, check
from lab.memory.pool_items import PooledMap, PooledObject, PooledString, PooledVector

Item = TypeVar("Item", bound=PooledObject)


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Figures of a pool, summed over all threads.

    Attributes:
        hit_count: Acquires served by a retained object.
        miss_count: Acquires that built an object.
        failed_count: Acquires that could not: memory was refused.
        return_count: Releases whose object was retained.
        discard_count: Releases whose object was destroyed: no slot left, or grown too large.
        misuse_count: Releases refused by the C library.
        live_count: Objects acquired and not released.
        retained_count: Objects waiting for reuse, those in the threads' magazines included.
        retained_max: Bound on retained_count, never exceeded.
        magazine_slots: Objects that one magazine takes.
        magazine_count: Magazines made.
        thread_count: Threads that hold magazines now.
    """

    hit_count: int
    miss_count: int
    failed_count: int
    return_count: int
    discard_count: int
    misuse_count: int
    live_count: int
    retained_count: int
    retained_max: int
    magazine_slots: int
    magazine_count: int
    thread_count: int

    @property
    def hit_rate(self) -> float | None:
        """Hits per acquire, or None before the first."""
        acquires = self.hit_count + self.miss_count
        return self.hit_count / acquires if acquires else None


class NativePool(Handle, Generic[Item]):
    """What the pools of each kind have in common. Threads take turns; C magazines serve native threads without a lock.

    Args:
        retained_max: Objects kept for reuse at most, wherever they wait; the kind's default where None.
        initial: What an object holds room for from the start, in bytes, or in entries for maps.
        retained_bytes: An object that grew beyond this is destroyed on release; 0 keeps any size. Where None: 64 times
            the default size of the kind.
        wipe: Overwrite old content with zeros on release.

    Raises:
        ValueError: A number is negative.
        MemoryError: The system refuses memory.
    """

    __slots__ = ("_forgotten",)

    _describe: ClassVar[Any]
    _default_retained: ClassVar[int]
    _object_class: ClassVar[type[PooledObject]]
    _pointer_type: ClassVar[str]

    def __init__(
        self,
        retained_max: int | None = None,
        *,
        initial: int | None = None,
        retained_bytes: int | None = None,
        wipe: bool = False,
    ) -> None:
        kind = ffi.new("pm_pool_type *")
        self._describe(kind)
        if initial is not None:
            kind.initial = size(initial, "initial")
        if retained_bytes is not None:
            kind.retained_bytes = size(retained_bytes, "retained_bytes")
        kind.wipe = wipe
        bound = self._default_retained if retained_max is None else size(retained_max, "retained_max")
        out = ffi.new("pm_pool **")
        check(lib.pm_pool_new(kind, bound, out), f"a {type(self).__name__}")
        super().__init__(ffi.gc(out[0], lib.pm_pool_free))
        self._forgotten: list[Any] = []  # C objects that nobody has, and that are not back yet

    def _open(self) -> Any:
        pointer = super()._open()
        while self._forgotten:
            taken = self._forgotten[:]
            del self._forgotten[: len(taken)]  # others only ever append
            check(lib.pm_pool_release_many(pointer, len(taken), ffi.new("void *[]", taken)), "objects of a pool")
        return pointer

    def _end(self) -> None:
        live = _stats(self._open()).live_count
        if live:
            raise BufferError(f"{live} object(s) of this {type(self).__name__} are still out: release them first")
        super()._end()

    def acquire(self) -> Item:
        """An empty object; release it with a `with` statement, its `release`, or by forgetting it.

        Raises:
            MemoryError: The system refuses memory.
        """
        return self.acquire_many(1)[0]

    def acquire_many(self, count: int) -> list[Item]:
        """`count` empty objects, all or none, in one call.

        Raises:
            ValueError: count is negative.
            MemoryError: The system refuses memory.
        """
        wanted = size(count, "count")
        objects = ffi.new("void *[]", wanted)
        with self._turn:
            check(lib.pm_pool_acquire_many(self._open(), wanted, objects), f"{wanted} objects of a pool")
        make: Any = self._object_class
        return [make(self, ffi.cast(self._pointer_type, pointer)) for pointer in objects]

    def release(self, item: Item) -> None:
        """Take an object back.

        Raises:
            ForeignObjectError: It comes from another pool.
            ClosedError: It was released before.
            BufferError: A view of it is out.
        """
        if item.pool is not self:
            raise ForeignObjectError("the object belongs to another pool: release it there, or call its release()")
        item.release()

    def release_many(self, items: Iterable[Item]) -> None:
        """Take objects back, all or none, in one call.

        Raises:
            ForeignObjectError: One comes from another pool.
            ClosedError: One was released before, or stands in the list twice.
            BufferError: A view of one is out.
        """
        listed = list(items)
        if any(item.pool is not self for item in listed):
            raise ForeignObjectError("an object of the list belongs to another pool: nothing was released")
        PooledObject.forget_all(listed)
        self._settle()

    def _settle(self) -> None:
        """Take back what was forgotten, now, or with the next call where this pool is in the middle of one.

        Never waits: an object that ends may end anywhere, in any call of any thread.
        """
        if self._turn.try_enter():
            try:
                if self._pointer is not None:
                    self._open()
            finally:
                self._turn.__exit__()

    def prefill(self, count: int) -> None:
        """Build objects ahead of use until `count` wait in the depot, or the bound is reached.

        Raises:
            ValueError: count is negative.
            MemoryError: The system refuses memory.
        """
        wanted = size(count, "count")
        with self._turn:
            check(lib.pm_pool_prefill(self._open(), wanted), f"{wanted} objects ahead of use")

    def trim(self) -> int:
        """Destroy what waits in the depot; returns how many objects went."""
        with self._turn:
            return int(lib.pm_pool_trim(self._open()))

    def stats(self) -> PoolStats:
        """The figures now."""
        with self._turn:
            return _stats(self._open())


def _stats(pointer: Any) -> PoolStats:
    """To be called with the turn."""
    out = ffi.new("pm_pool_stats *")
    lib.pm_pool_read_stats(pointer, out)
    return PoolStats(**{name: getattr(out, name) for name in PoolStats.__slots__})


class StringPool(NativePool[PooledString]):
    """A pool of growable byte strings of 256 bytes; keeps 1000 unless told otherwise."""

    __slots__ = ()
    _describe: ClassVar = lib.pm_strbuf_pool_type
    _default_retained: ClassVar = lib.PM_STRBUF_RETAINED
    _object_class: ClassVar = PooledString
    _pointer_type: ClassVar = "pm_strbuf *"


class VectorPool(NativePool[PooledVector]):
    """A pool of growable vectors of 1024 bytes; keeps 500 unless told otherwise."""

    __slots__ = ()
    _describe: ClassVar = lib.pm_vec_pool_type
    _default_retained: ClassVar = lib.PM_VEC_RETAINED
    _object_class: ClassVar = PooledVector
    _pointer_type: ClassVar = "pm_vec *"


class MapPool(NativePool[PooledMap]):
    """A pool of hash maps of 32 entries; keeps 100 unless told otherwise."""

    __slots__ = ()
    _describe: ClassVar = lib.pm_map_pool_type
    _default_retained: ClassVar = lib.PM_MAP_RETAINED
    _object_class: ClassVar = PooledMap
    _pointer_type: ClassVar = "pm_map *"
