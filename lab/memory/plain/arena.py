"""One heap block per allocation: the plain stand-in for an arena."""

from bisect import bisect_right
from typing import Any

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.arena import ALIGNMENT_MAX_BYTES, Arena, ArenaMark, ArenaStats
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import Sizes, alignment, size, sizes
from lab.memory.boundary.texts import encode
from lab.memory.errors import StaleMarkError, check

_MALLOC_ALIGNMENT_BYTES = 16


class PlainArena(Arena):
    """An arena's interface over one heap block per allocation; the ledger counts each."""

    __slots__ = ("_blocks", "_epoch", "_figures")

    def __init__(self) -> None:
        self._blocks: list[tuple[int, int, Any]] = []  # address, bytes, the strings of one call that own the memory
        self._epoch = 0
        self._figures = dict.fromkeys(ArenaStats.__slots__, 0)
        Handle.__init__(self, self._blocks)

    def _end(self, pointer: Any) -> None:
        self._drop(0)

    def _drop(self, count: int) -> None:
        """Free all blocks but the first `count`."""
        for _, length, string in self._blocks[count:]:
            lib.pm_strbuf_deinit(string)
            self._figures["allocated_bytes"] -= length
        del self._blocks[count:]

    def _take(self, length: int, step: int) -> int:
        """One block, under the lock; returns its address."""
        surplus = step if step > _MALLOC_ALIGNMENT_BYTES else 0
        string = ffi.new("pm_strbuf *")
        status = lib.pm_strbuf_init(string, max(length, 1) + surplus)
        self._figures["failed_count"] += status != lib.PM_OK
        check(status, f"{length} bytes")
        address = -(-int(ffi.cast("uintptr_t", string.data)) // step) * step
        self._blocks.append((address, max(length, 1) + surplus, string))
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
        with self._lock:
            self._open()
            return self._view(self._take(length, step), length)

    def copy(self, data: bytes | str) -> npt.NDArray[np.uint8]:
        """As `Arena.copy`."""
        content = encode(data)
        block = self.alloc(len(content) + 1, alignment_bytes=1)
        block[:] = np.frombuffer(content + b"\0", np.uint8)
        return block[:-1]

    def alloc_many(self, block_sizes: Sizes, *, alignment_bytes: int = 8) -> npt.NDArray[np.uintp]:
        """As `Arena.alloc_many`, with a call of malloc for each block."""
        wanted, step = sizes(block_sizes, "block_sizes"), alignment(alignment_bytes, 1, ALIGNMENT_MAX_BYTES)
        with self._lock:
            self._open()
            before = len(self._blocks)
            try:
                return np.fromiter((self._take(int(length), step) for length in wanted), np.uintp, len(wanted))
            except MemoryError:
                self._drop(before)
                raise

    def view(self, address: int, size_bytes: int) -> npt.NDArray[np.uint8]:
        """As `Arena.view`."""
        first, length = size(address, "address"), size(size_bytes, "size_bytes")
        with self._lock:
            self._open()
            blocks = sorted((start, start + held) for start, held, _ in self._blocks)
            place = bisect_right(blocks, (first, 2**64)) - 1
            if place < 0 or first + length > blocks[place][1]:
                raise ValueError(f"the {length} bytes at {first:#x} are not in use in this arena")
            return self._view(first, length)

    def mark(self) -> ArenaMark:
        """As `Arena.mark`."""
        with self._lock:
            self._open()
            return ArenaMark(self, (self._epoch, len(self._blocks)))

    def rewind(self, mark: ArenaMark) -> None:
        """As `Arena.rewind`."""
        with self._lock:
            self._open()
            self._forbid_views("rewind")
            epoch, count = mark._mark if mark.arena is self else (-1, 0)
            if epoch != self._epoch or count > len(self._blocks):
                raise StaleMarkError("the mark's place is gone: take a new mark after each reset or rewind")
            self._drop(count)
            self._figures["rewind_count"] += 1

    def reset(self) -> None:
        """As `Arena.reset`; every block is freed."""
        with self._lock:
            self._open()
            self._forbid_views("reset")
            self._drop(0)
            self._epoch += 1
            self._figures["reset_count"] += 1

    def trim(self) -> None:
        """Nothing: no memory is kept that holds nothing."""
        with self._lock:
            self._open()

    def stats(self) -> ArenaStats:
        """The figures now; a block counts as a chunk."""
        with self._lock:
            self._open()
            held = self._figures["allocated_bytes"]
            figures = {**self._figures, "chunk_count": len(self._blocks), "capacity_bytes": held}
            return ArenaStats(**figures)

    def huge_bytes(self) -> int:
        """0: heap blocks ask for no huge pages."""
        with self._lock:
            self._open()
            return 0
