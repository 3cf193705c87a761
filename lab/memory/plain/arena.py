"""One heap block per allocation: the plain stand-in for an arena."""

from bisect import bisect_right
from typing import Any

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.arena import ALIGNMENT_MAX_BYTES, ArenaBase, ArenaMark, ArenaStats
from lab.memory.boundary.sizes import Sizes, alignment, size, sizes
from lab.memory.boundary.texts import readable
from lab.memory.errors import StaleMarkError, check
from lab.memory.plain.buffer import MALLOC_ALIGNMENT_BYTES

_Block = tuple[int, int, Any]  # address, bytes, the pm_strbuf that owns the memory


class PlainArena(ArenaBase):
    """A heap block per allocation, with the calls of `Arena`; the ledger counts each. Threads take turns."""

    __slots__ = ("_epoch", "_figures")

    def __init__(self) -> None:
        self._epoch = 0
        self._figures = dict.fromkeys(ArenaStats.__slots__, 0)
        super().__init__([])

    def _free(self) -> None:
        self._drop(self._open(), 0)
        self._pointer = None

    def _drop(self, blocks: list[_Block], count: int) -> None:
        """Free all blocks but the first `count`."""
        ended = blocks[count:]
        del blocks[count:]
        for _, length, string in ended:
            ffi.release(string)
            self._figures["allocated_bytes"] -= length

    def _take(self, length: int, step: int) -> int:
        """One block, with the turn; returns its address."""
        blocks: list[_Block] = self._open()
        surplus = step if step > MALLOC_ALIGNMENT_BYTES else 0
        string = ffi.gc(ffi.new("pm_strbuf *"), lib.pm_strbuf_deinit)
        status = lib.pm_strbuf_init(string, max(length, 1) + surplus)
        self._figures["failed_count"] += status != lib.PM_OK
        check(status, f"{length} bytes")
        address = -(-int(ffi.cast("uintptr_t", string.data)) // step) * step
        blocks.append((address, max(length, 1) + surplus, string))
        figures = self._figures
        figures["allocation_count"] += 1
        figures["requested_bytes"] += max(length, 1)
        figures["padding_bytes"] += surplus
        figures["allocated_bytes"] += max(length, 1) + surplus
        figures["peak_bytes"] = max(figures["peak_bytes"], figures["allocated_bytes"])
        return address

    def alloc(self, size_bytes: int, *, alignment_bytes: int = 8) -> npt.NDArray[np.uint8]:
        """As `Arena.alloc`."""
        length, step = size(size_bytes, "size_bytes"), alignment(alignment_bytes, 1, ALIGNMENT_MAX_BYTES)
        with self._turn:
            self._settle()
            return self._given(self._take(length, step), length)

    def copy(self, data: bytes | str) -> npt.NDArray[np.uint8]:
        """As `Arena.copy`."""
        content, length = readable(data)
        with self._turn:
            self._settle()
            place = self._take(length + 1, 1)
            ffi.memmove(ffi.cast("char *", place), bytes(ffi.buffer(content)) + b"\0", length + 1)
            return self._given(place, length)

    def alloc_many(self, block_sizes: Sizes, *, alignment_bytes: int = 8) -> npt.NDArray[np.uintp]:
        """As `Arena.alloc_many`, with a call of malloc for each block."""
        wanted, step = sizes(block_sizes, "block_sizes"), alignment(alignment_bytes, 1, ALIGNMENT_MAX_BYTES)
        with self._turn:
            self._settle()
            blocks = self._open()
            before = len(blocks)
            try:
                return np.fromiter((self._take(int(length), step) for length in wanted), np.uintp, len(wanted))
            except MemoryError:
                self._drop(blocks, before)
                raise

    def view(self, address: int, size_bytes: int) -> npt.NDArray[np.uint8]:
        """As `Arena.view`."""
        first, length = size(address, "address"), size(size_bytes, "size_bytes")
        with self._turn:
            blocks = sorted((start, start + held) for start, held, _ in self._open())
            place = bisect_right(blocks, (first, 2**64)) - 1
            if place < 0 or first + length > blocks[place][1]:
                raise ValueError(f"the {length} bytes at {first:#x} are not in use in this arena")
            return self._given(first, length)

    def _mark(self) -> ArenaMark:
        return ArenaMark(self, (self._epoch, len(self._open())))

    def _rewind(self, mark: ArenaMark) -> None:
        blocks = self._open()
        epoch, count = mark._mark if mark.arena is self else (-1, 0)
        if epoch != self._epoch or count > len(blocks):
            raise StaleMarkError("the mark's place is gone: take a new mark after each reset or rewind")
        self._drop(blocks, count)
        self._figures["rewind_count"] += 1

    def reset(self) -> None:
        """As `Arena.reset`; every block is freed."""
        with self._turn:
            blocks = self._open()
            self._forbid_use("reset")
            self._drop(blocks, 0)
            self._epoch += 1
            self._figures["reset_count"] += 1

    def trim(self) -> None:
        """Nothing: no memory is kept that holds nothing."""
        with self._turn:
            self._open()

    def stats(self) -> ArenaStats:
        """The figures now; a block counts as a chunk."""
        with self._turn:
            count, held = len(self._open()), self._figures["allocated_bytes"]
            return ArenaStats(**{**self._figures, "chunk_count": count, "capacity_bytes": held})

    def huge_bytes(self) -> int:
        """0: heap blocks ask for no huge pages."""
        with self._turn:
            self._open()
            return 0
