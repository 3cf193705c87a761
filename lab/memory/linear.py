"""A pool of linear memories: address space reserved once, memory that grows in place, nothing left for the next tenant.

`lab.memory.wasm` gives them to the instances of wasmtime.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import SIZE_MAX, size
from lab.memory.errors import check

SLOT_COUNT: Final[int] = lib.PM_LINEAR_SLOT_COUNT
MAXIMUM_BYTES: Final[int] = lib.PM_LINEAR_MAXIMUM_BYTES
KEEP_RESIDENT_BYTES: Final[int] = lib.PM_LINEAR_KEEP_RESIDENT_BYTES
GUARD_BYTES: Final[int] = 65536

ResetMethod = Literal["auto", "scan", "renew"]
METHODS: Final[dict[ResetMethod, int]] = {
    "auto": lib.PM_LINEAR_AUTO,
    "scan": lib.PM_LINEAR_SCAN,
    "renew": lib.PM_LINEAR_RENEW,
}
_NAMES: Final[dict[int, ResetMethod]] = {number: name for name, number in METHODS.items()}


@dataclass(frozen=True, slots=True)
class LinearStats:
    """Figures of a pool of linear memories.

    Attributes:
        slot_count: Memories that can be in use at once.
        in_use_count: Those in use.
        peak_count: Slots that were ever used; the lowest free one is always taken.
        acquire_count: Memories handed out.
        release_count: Memories that came back.
        refused_count: Acquires that found no free slot, or were refused memory.
        grow_count: Growths done.
        reset_count: Times a memory was made as new.
        cleared_pages: Pages cleared in place by that.
        renewed_count: Times pages were given back to the kernel by that.
        scan_failed_count: Resets that fell back from clearing to giving back.
        kept_bytes: Resident in memories that nobody uses.
        committed_bytes: Bytes that may be read and written now.
        reserved_bytes: Address space of the pool.
        slot_bytes: Address space of one memory.
        guard_bytes: Forbidden before and after it.
        retained_max_bytes: Bound on kept_bytes.
        method: How memories are made as new: "scan" or "renew".
        image_shared: Whether memories share the pages of the image until they write to them.
    """

    slot_count: int
    in_use_count: int
    peak_count: int
    acquire_count: int
    release_count: int
    refused_count: int
    grow_count: int
    reset_count: int
    cleared_pages: int
    renewed_count: int
    scan_failed_count: int
    kept_bytes: int
    committed_bytes: int
    reserved_bytes: int
    slot_bytes: int
    guard_bytes: int
    retained_max_bytes: int
    method: ResetMethod
    image_shared: bool


class LinearMemoryPool(Handle):
    """Linear memories, reserved ahead. Any thread may acquire; the work is done in C without a lock.

    Args:
        slot_count: Memories that can be in use at once.
        maximum_bytes: What a memory may grow to.
        reserved_bytes: Address space of each; maximum_bytes where None. With 4 GiB, wasmtime leaves bounds checks out
            of the code of 32-bit modules.
        guard_bytes: Forbidden before and after each memory, 1 at least.
        keep_resident_bytes: Of a memory that nobody uses, 1 at least; what was touched beyond goes back to the kernel.
        image: What every memory begins with, instead of zeros.
        method: "scan" clears the touched pages in place (Linux 6.7), "renew" gives all back to the kernel; "auto" scans
            where the kernel can.

    Raises:
        ValueError: A number is out of its range, or the image does not fit.
        OverflowError: The address space cannot be represented.
        MemoryError: The system refuses it.
        UnsupportedError: Scanning was demanded and the kernel cannot.
    """

    __slots__ = ()

    def __init__(
        self,
        slot_count: int = SLOT_COUNT,
        maximum_bytes: int = MAXIMUM_BYTES,
        *,
        reserved_bytes: int | None = None,
        guard_bytes: int = GUARD_BYTES,
        keep_resident_bytes: int = KEEP_RESIDENT_BYTES,
        image: bytes | bytearray | memoryview | None = None,
        method: ResetMethod = "auto",
    ) -> None:
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
        options = ffi.new("pm_linear_options *")
        options.slot_count = _positive(slot_count, "slot_count")
        options.maximum_bytes = _positive(maximum_bytes, "maximum_bytes")
        options.reserved_bytes = _positive(
            maximum_bytes if reserved_bytes is None else reserved_bytes, "reserved_bytes"
        )
        options.guard_bytes = _positive(guard_bytes, "guard_bytes")
        options.keep_resident_bytes = _positive(keep_resident_bytes, "keep_resident_bytes")
        options.method = METHODS[method]
        content = ffi.from_buffer("unsigned char[]", b"" if image is None else image)
        options.image = content
        options.image_bytes = len(content)
        out = ffi.new("pm_linear_pool **")
        what = f"{slot_count} linear memories of {maximum_bytes} bytes (at most {lib.PM_LINEAR_SLOT_COUNT_MAX} slots, "
        check(lib.pm_linear_pool_new(options, out), what + "no less reserved than the maximum, an image that fits)")
        super().__init__(ffi.gc(out[0], lib.pm_linear_pool_drop))

    def _end(self) -> None:
        pointer, self._pointer = self._pointer, None
        ffi.gc(pointer, None)
        status = lib.pm_linear_pool_free(pointer)
        if status != lib.PM_OK:
            self._pointer = ffi.gc(pointer, lib.pm_linear_pool_drop)
            what = "a pool of linear memories: release them, and close the engines, modules, stores and traps on it"
            check(status, what)

    def acquire(self, size_bytes: int = 0, maximum_bytes: int | None = None) -> "LinearMemory":
        """A memory of so many bytes, zero or the image and then zero.

        Args:
            size_bytes: Its length to begin with.
            maximum_bytes: What it may grow to; the pool's maximum where None or more.

        Raises:
            BufferError: All slots are in use.
            ValueError: The size is negative, or less than the image.
            OverflowError: The size is more than the maximum.
            MemoryError: The system refuses memory.
        """
        maximum = SIZE_MAX if maximum_bytes is None else size(maximum_bytes, "maximum_bytes")
        length = size(size_bytes, "size_bytes")
        out = ffi.new("pm_linear **")
        with self._turn:
            pool = self._open()
            check(lib.pm_linear_acquire(pool, length, maximum, out), f"a linear memory of {length} bytes")
            return LinearMemory(pool, out[0])

    def stats(self) -> LinearStats:
        """The figures now."""
        out = ffi.new("pm_linear_stats *")
        with self._turn:
            lib.pm_linear_read_stats(self._open(), out)
        figures = {name: getattr(out, name) for name in LinearStats.__slots__}
        return LinearStats(**{**figures, "method": _NAMES[out.method]})


class LinearMemory(Handle):
    """One memory in use; `LinearMemoryPool.acquire` makes it. Threads take turns.

    `close`, or the end of its `with` block, clears it and gives it back; one that is forgotten goes back with its last
    reference. It never moves: views stay right when it grows.
    """

    __slots__ = ("_pool",)

    def __init__(self, pool: Any, pointer: Any) -> None:
        self._pool = pool
        super().__init__(ffi.gc(pointer, lambda memory: lib.pm_linear_release(pool, memory)))

    def __len__(self) -> int:
        with self._turn:
            return int(self._open().bytes)

    @property
    def address(self) -> int:
        """Where the memory begins; it stays there."""
        with self._turn:
            return int(ffi.cast("uintptr_t", self._open().data))

    def array(self, dtype: npt.DTypeLike = np.uint8) -> npt.NDArray[Any]:
        """The memory, as long as it is now, as a view; it keeps the memory from going back.

        Raises:
            ValueError: The length is no multiple of the type's size.
        """
        with self._turn:
            memory = self._open()
            return self._view(int(ffi.cast("uintptr_t", memory.data)), memory.bytes).view(dtype)

    def grow(self, size_bytes: int) -> None:
        """Make the memory so many bytes long, in place; new ones are zero. Views of it may be out.

        Raises:
            ValueError: That is less than it has.
            OverflowError: That is more than its maximum.
            MemoryError: The system refuses memory.
        """
        length = size(size_bytes, "size_bytes")
        with self._turn:
            check(lib.pm_linear_grow(self._open(), length), f"a linear memory of {length} bytes")

    def reset(self, size_bytes: int) -> None:
        """Make the memory as new, so many bytes long, for the next use by the same holder.

        Raises:
            BufferError: A view is out.
            ValueError: The size is negative, or less than the image.
            OverflowError: That is more than its maximum.
            MemoryError: The system refuses memory.
        """
        length = size(size_bytes, "size_bytes")
        with self._turn:
            pointer = self._open()
            self._forbid_use("reset")
            check(lib.pm_linear_reset(pointer, length), f"a linear memory of {length} bytes")


def _positive(value: int, name: str) -> int:
    """A size of 1 at least.

    Raises:
        ValueError: It is 0 or negative.
        OverflowError: It does not fit.
    """
    number = size(value, name)
    if number == 0:
        raise ValueError(f"{name} must be 1 at least")
    return number
