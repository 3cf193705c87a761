"""Memory that is handed out by advancing a pointer and given back all at once.

One call of `alloc_many` serves a thousand nodes at about a nanosecond each. A call per node costs a hundred
nanoseconds of Python, more than `bytes(n)`: the scalar methods are for convenience.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.scopes import Region
from lab.memory.boundary.sizes import Sizes, alignment, size, sizes
from lab.memory.boundary.texts import readable
from lab.memory.errors import StaleMarkError, check

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

    arena: "ArenaBase"
    _mark: Any


class ArenaBase(Handle):
    """What rests on the calls of an arena, however it gets its memory.

    A scope ends what was allocated inside it. Arrays that a scope gave become `EndedArray`s when it is left: any use of
    them raises LeftScopeError. Their memory is used again once nobody has such an array, or a view of one, any more.
    """

    __slots__ = ("_left", "_open_scopes", "_pending")

    def __init__(self, pointer: Any) -> None:
        super().__init__(pointer)
        self._open_scopes: list[Region] = []  # the innermost last
        self._left: list[Region] = []  # scopes that were left, and whose arrays someone still has
        self._pending: tuple[ArenaMark, list[Region]] | None = None  # a rewind that waits for the arrays of scopes

    def alloc(self, size_bytes: int, *, alignment_bytes: int = 8) -> npt.NDArray[np.uint8]:
        """As `Arena.alloc`."""
        raise NotImplementedError

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

    def _given(self, address: int, size_bytes: int) -> npt.NDArray[np.uint8]:
        """A view of memory just allocated, which the innermost scope ends; to be called with the turn."""
        if not self._open_scopes:
            return self._view(address, size_bytes)
        return self._open_scopes[-1].view(address, size_bytes)

    def _forbid_use(self, action: str) -> None:
        super()._forbid_use(action)
        if not self._open_scopes and not self._left:
            return
        scopes = self._open_scopes if action == "close" else [*self._open_scopes, *self._left]
        count = sum(region.exports for region in scopes)
        if count:
            raise BufferError(
                f"cannot {action} this {type(self).__name__} while {count} array(s) of its scopes are referred to: "
                "delete them first"
            )

    def _end(self) -> None:
        lingering = self.lingering
        self._left, self._pending = [], None
        if lingering:
            self._pointer = None  # ends with the last of the arrays, which keep it
        else:
            self._free()

    def _free(self) -> None:
        super()._end()

    @property
    def lingering(self) -> int:
        """Ended arrays, and views of them, that someone still has: their memory cannot be used again yet."""
        return sum(region.exports for region in self._left)

    def mark(self) -> ArenaMark:
        """The current place, to rewind to."""
        with self._turn:
            self._open()
            return self._mark()

    def _mark(self) -> ArenaMark:
        raise NotImplementedError

    def rewind(self, mark: ArenaMark) -> None:
        """End everything allocated since the mark; the memory is kept.

        Raises:
            StaleMarkError: The mark is of another arena, of before a reset, or beyond what is in use.
            BufferError: A view is out.
        """
        with self._turn:
            self._open()
            self._forbid_use("rewind")
            self._rewind(mark)

    def _rewind(self, mark: ArenaMark) -> None:
        raise NotImplementedError

    @contextmanager
    def scope(self) -> Iterator[Self]:
        """End at the end of a `with` block what was allocated inside it, and the arrays that show it.

        A mark from before the scope holds after it. Views that NumPy made of an array without its type
        (`np.asarray`, `memoryview`) cannot be ended: they keep the memory as it is as long as they live.
        """
        with self._turn:
            region = Region(self._open())
            self._settle()
            mark = self._mark()
            self._open_scopes.append(region)
        try:
            yield self
        finally:
            with self._turn:
                if not self.closed:
                    self._leave(mark, region)

    def _leave(self, mark: ArenaMark, region: Region) -> None:
        """Leave a scope, and those inside it that were not left; to be called with the turn."""
        left = []
        while region in self._open_scopes:
            left.append(self._open_scopes.pop())
        for inner in left:
            inner.end_arrays()
        self._left = [known for known in (*self._left, *left) if known.exports]
        self._pending = mark, self._left if self._pending is None else [*self._pending[1], *left]
        self._settle(keep=True)

    def _settle(self, *, keep: bool = False) -> None:
        """Rewind to the begin of a scope that was left, if nobody has its arrays any more; with the turn.

        Called before each allocation: what is allocated later lies behind the arrays, so there is no second chance.
        """
        if self._pending is None:
            return
        mark, regions = self._pending
        if not any(region.exports for region in regions):
            self._pending = None
            with suppress(StaleMarkError):  # reset, or rewound further, meanwhile
                self._rewind(mark)
        elif not keep:
            self._pending = None
        self._left = [region for region in self._left if region.exports]


class Arena(ArenaBase):
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

    def alloc(self, size_bytes: int, *, alignment_bytes: int = 8) -> npt.NDArray[np.uint8]:
        """One block, as a writable view of shape (size_bytes,); its content is not cleared.

        Raises:
            ValueError: size_bytes is negative, or alignment_bytes no power of two up to 65536.
            MemoryError: The system, or limit_bytes, refuses memory.
        """
        length = size(size_bytes, "size_bytes")
        step = alignment(alignment_bytes, 1, ALIGNMENT_MAX_BYTES)
        with self._turn:
            pointer = self._open()
            if self._pending is not None:
                self._settle()
            place = lib.pm_arena_alloc_call(pointer, length, step)
            if place == ffi.NULL:
                raise MemoryError(f"the arena cannot get {length} bytes: raise limit_bytes or allocate less")
            return self._given(int(ffi.cast("uintptr_t", place)), length)

    def copy(self, data: bytes | str) -> npt.NDArray[np.uint8]:
        """A copy of bytes, or of a text in UTF-8, as a view of shape (n,); a NUL follows it in memory.

        Raises:
            MemoryError: The system, or limit_bytes, refuses memory.
        """
        content, length = readable(data)
        with self._turn:
            pointer = self._open()
            if self._pending is not None:
                self._settle()
            place = lib.pm_arena_copy(pointer, content, length)
            if place == ffi.NULL:
                raise MemoryError(f"the arena cannot get {length} bytes: raise limit_bytes or allocate less")
            return self._given(int(ffi.cast("uintptr_t", place)), length)

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
            with self._turn:
                pointer = self._open()
                if self._pending is not None:
                    self._settle()
                status = lib.pm_arena_alloc_many(pointer, source, len(wanted), step, target)
            check(status, f"{len(wanted)} blocks from an arena")
        return addresses

    def view(self, address: int, size_bytes: int) -> npt.NDArray[np.uint8]:
        """A writable view, shape (size_bytes,), of memory that this arena handed out.

        Raises:
            ValueError: Some of it is not memory in use of this arena.
        """
        first, length = size(address, "address"), size(size_bytes, "size_bytes")
        with self._turn:
            if not lib.pm_arena_contains(self._open(), ffi.cast("void *", first), length):
                raise ValueError(f"the {length} bytes at {first:#x} are not in use in this arena")
            return self._view(first, length)

    def _mark(self) -> ArenaMark:
        return ArenaMark(self, lib.pm_arena_mark_now(self._open()))

    def _rewind(self, mark: ArenaMark) -> None:
        if mark.arena is not self or lib.pm_arena_rewind(self._open(), mark._mark) != lib.PM_OK:
            raise StaleMarkError("the mark's place is gone: take a new mark after each reset or rewind")

    def reset(self) -> None:
        """End everything allocated; the chunks are kept for reuse.

        Raises:
            BufferError: A view is out.
        """
        with self._turn:
            pointer = self._open()
            self._forbid_use("reset")
            lib.pm_arena_reset(pointer)

    def trim(self) -> None:
        """Give back the chunks that hold nothing now."""
        with self._turn:
            lib.pm_arena_trim(self._open())

    def stats(self) -> ArenaStats:
        """The figures now."""
        out = ffi.new("pm_arena_stats *")
        with self._turn:
            lib.pm_arena_read_stats(self._open(), out)
        return ArenaStats(**{name: getattr(out, name) for name in ArenaStats.__slots__})

    def huge_bytes(self) -> int:
        """Bytes of the chunks that the kernel backs with huge pages now, by its own report; slow.

        Raises:
            UnsupportedError: The system does not tell.
        """
        out = ffi.new("size_t *")
        with self._turn:
            check(lib.pm_arena_huge_bytes(self._open(), out), "huge pages of an arena")
        return int(out[0])
