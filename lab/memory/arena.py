"""Memory that is handed out by advancing a pointer and given back all at once.

One call of `alloc_many` serves a thousand nodes at about a nanosecond each. A call per node costs a hundred
nanoseconds of Python, more than `bytes(n)`: the scalar methods are for convenience.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import Sizes, alignment, size, sizes
from lab.memory.errors import LayerError, StaleMarkError, check

ALIGNMENT_MAX_BYTES: Final[int] = lib.PM_ARENA_ALIGNMENT_MAX
CAPACITY_BYTES: Final[int] = lib.PM_ARENA_CAPACITY_BYTES


@dataclass(frozen=True, slots=True)
class ArenaStats:
    """Figures of an arena, all exact.

    Attributes:
        allocation_count: Allocations served since the arena was made.
        requested_bytes: Bytes asked for by them; 0 bytes count as 1.
        padding_bytes: Bytes spent on their alignment.
        tail_bytes: Bytes left unused in chunks that were too short for the next allocation.
        failed_count: Allocations refused.
        reset_count: Resets.
        rewind_count: Rewinds.
        chunk_count: Chunks held now, unused ones included.
        refill_count: Times an allocation had to go to the next chunk.
        allocated_bytes: Bytes in use now, padding and tails included.
        peak_bytes: Highest allocated_bytes.
        capacity_bytes: Bytes held from the system now.
    """

    allocation_count: int
    requested_bytes: int
    padding_bytes: int
    tail_bytes: int
    failed_count: int
    reset_count: int
    rewind_count: int
    chunk_count: int
    refill_count: int
    allocated_bytes: int
    peak_bytes: int
    capacity_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class ArenaMark:
    """A place in an arena to come back to; ends with a reset, or a rewind to an earlier mark."""

    arena: "Arena"
    _mark: Any


class Arena(Handle):
    """A bump allocator. Threads take turns; give each thread its own where it matters.

    Args:
        capacity_bytes: Size of a chunk; reserved on first use, its pages touched only as they are used.
        limit_bytes: Most that all chunks together may take; 0 for no limit.
        huge_pages: Ask the kernel for 2 MiB pages; `huge_bytes` tells what it gave.

    Raises:
        ValueError: capacity_bytes is negative or beyond a quarter of the address space.
        MemoryError: The system refuses memory.
    """

    __slots__ = ()

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES, *, limit_bytes: int = 0, huge_pages: bool = False) -> None:
        options = ffi.new("pm_arena_options *")
        options.capacity_bytes = size(capacity_bytes, "capacity_bytes")
        options.limit_bytes = size(limit_bytes, "limit_bytes")
        options.huge_pages = huge_pages
        out = ffi.new("pm_arena **")
        check(lib.pm_arena_new(options, out), f"an arena with chunks of {capacity_bytes} bytes")
        super().__init__(ffi.gc(out[0], lib.pm_arena_free))

    def _end(self, pointer: Any) -> None:
        ffi.release(pointer)

    def alloc(self, size_bytes: int, *, alignment_bytes: int = 8) -> npt.NDArray[np.uint8]:
        """One block, as a writable view of shape (size_bytes,); its content is not cleared.

        Raises:
            ValueError: size_bytes is negative, or alignment_bytes no power of two up to 65536.
            MemoryError: The system, or limit_bytes, refuses memory.
        """
        length = size(size_bytes, "size_bytes")
        step = alignment(alignment_bytes, 1, ALIGNMENT_MAX_BYTES)
        with self._lock:
            place = lib.pm_arena_alloc_call(self._open(), length, step)
            if place == ffi.NULL:
                raise MemoryError(f"the arena cannot get {length} bytes: raise limit_bytes or allocate less")
            return self._view(int(ffi.cast("uintptr_t", place)), length)

    def array(self, count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """`count` elements of a NumPy type at its alignment, as a writable view of shape (count,); not cleared.

        Raises:
            ValueError: count is negative.
            TypeError: The type holds Python objects.
            MemoryError: The system, or limit_bytes, refuses memory.
        """
        kind = np.dtype(dtype)
        if kind.hasobject:
            raise TypeError(f"{kind} holds Python objects, which cannot live in an arena")
        return self.alloc(size(count, "count") * kind.itemsize, alignment_bytes=max(8, kind.alignment)).view(kind)

    def copy(self, data: bytes | str) -> npt.NDArray[np.uint8]:
        """A copy of bytes, or of a text in UTF-8, as a view of shape (n,); a NUL follows it in memory.

        Raises:
            MemoryError: The system, or limit_bytes, refuses memory.
        """
        content = data.encode() if isinstance(data, str) else data
        with self._lock:
            place = lib.pm_arena_copy(self._open(), ffi.from_buffer(content), len(content))
            if place == ffi.NULL:
                raise MemoryError(f"the arena cannot get {len(content)} bytes: raise limit_bytes or allocate less")
            return self._view(int(ffi.cast("uintptr_t", place)), len(content))

    def alloc_many(self, block_sizes: Sizes, *, alignment_bytes: int = 8) -> npt.NDArray[np.uintp]:
        """One block per size, all or none, in one call: the fast way.

        Args:
            block_sizes: Sizes in bytes, shape (n,); an array of numpy.uintp is read in place.
            alignment_bytes: Of each block; a power of two up to 65536.

        Returns:
            The addresses, shape (n,). They hold until the arena is reset, rewound or closed; `view` reaches them.

        Raises:
            ValueError: A size is negative, or the alignment is wrong.
            MemoryError: The system, or limit_bytes, refuses memory; no block is allocated.
        """
        wanted = sizes(block_sizes, "block_sizes")
        step = alignment(alignment_bytes, 1, ALIGNMENT_MAX_BYTES)
        addresses = np.empty(len(wanted), np.uintp)
        if len(wanted):
            source = ffi.from_buffer("size_t[]", wanted)
            target = ffi.from_buffer("uintptr_t[]", addresses, require_writable=True)
            with self._lock:
                status = lib.pm_arena_alloc_many(self._open(), source, len(wanted), step, target)
            check(status, f"{len(wanted)} blocks from an arena")
        return addresses

    def view(self, address: int, size_bytes: int) -> npt.NDArray[np.uint8]:
        """A writable view, shape (size_bytes,), of memory that this arena handed out.

        Raises:
            ValueError: Some of it is not memory in use of this arena.
        """
        first, length = size(address, "address"), size(size_bytes, "size_bytes")
        with self._lock:
            if not lib.pm_arena_contains(self._open(), ffi.cast("void *", first), length):
                raise ValueError(f"the {length} bytes at {first:#x} are not in use in this arena")
            return self._view(first, length)

    def mark(self) -> ArenaMark:
        """The current place, to rewind to."""
        with self._lock:
            return ArenaMark(self, lib.pm_arena_mark_now(self._open()))

    def rewind(self, mark: ArenaMark) -> None:
        """End everything allocated since the mark; the chunks are kept.

        Raises:
            StaleMarkError: The mark is of another arena, of before a reset, or beyond what is in use.
            BufferError: A view is out.
        """
        with self._lock:
            pointer = self._open()
            self._forbid_views("rewind")
            if mark.arena is not self or lib.pm_arena_rewind(pointer, mark._mark) != lib.PM_OK:
                raise StaleMarkError("the mark's place is gone: take a new mark after each reset or rewind")

    @contextmanager
    def scope(self) -> Iterator["Arena"]:
        """End at the end of a `with` block what was allocated inside it."""
        mark = self.mark()
        try:
            yield self
        except BaseException:
            with suppress(BufferError, LayerError):  # the block's own error is the one to report
                self.rewind(mark)
            raise
        self.rewind(mark)

    def reset(self) -> None:
        """End everything allocated; the chunks are kept for reuse.

        Raises:
            BufferError: A view is out.
        """
        with self._lock:
            pointer = self._open()
            self._forbid_views("reset")
            lib.pm_arena_reset(pointer)

    def trim(self) -> None:
        """Give back the chunks that hold nothing now."""
        with self._lock:
            lib.pm_arena_trim(self._open())

    def stats(self) -> ArenaStats:
        """The figures now."""
        out = ffi.new("pm_arena_stats *")
        with self._lock:
            lib.pm_arena_read_stats(self._open(), out)
        return ArenaStats(**{name: getattr(out, name) for name in ArenaStats.__slots__})

    def huge_bytes(self) -> int:
        """Bytes of the chunks that the kernel backs with huge pages now, by its own report; slow.

        Raises:
            UnsupportedError: The system does not tell.
        """
        out = ffi.new("size_t *")
        with self._lock:
            check(lib.pm_arena_huge_bytes(self._open(), out), "huge pages of an arena")
        return int(out[0])
