"""Plain allocation behind the interface of each optimisation, for where one is switched off or could not be built.

What is taken is the ordinary way that the optimisation replaces: a heap block per node, a vector that malloc aligns, a
list of rows, each text an object of its own. Pools have none here: one that retains nothing is plain allocation.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory import arrow
from lab.memory.arena import ALIGNMENT_MAX_BYTES, Arena, ArenaMark, ArenaStats
from lab.memory.batch import NAMES, ColumnName, Given, TaskBatch
from lab.memory.buffer import AlignedBuffer
from lab.memory.column import Column
from lab.memory.errors import StaleIdError, StaleMarkError, check
from lab.memory.handle import Handle
from lab.memory.interner import MISSING, Ids, Interner, InternerStats, Texts
from lab.memory.sizes import Sizes, alignment, size, sizes
from lab.memory.texts import Text, encode, join, raw

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


class PlainBuffer(AlignedBuffer):
    """A buffer's interface over a vector that lies where malloc puts it. As `AlignedBuffer` otherwise."""

    __slots__ = ()

    def __init__(self, dtype: npt.DTypeLike = np.uint8, count: int = 0) -> None:
        self._dtype = np.dtype(dtype)
        if self._dtype.hasobject or self._dtype.itemsize == 0:
            raise TypeError(f"{self._dtype} cannot live in a buffer: take a type of fixed size without Python objects")
        vector = ffi.gc(ffi.new("pm_vec *"), lib.pm_vec_deinit)
        check(lib.pm_vec_init(vector, self._dtype.itemsize, 0), "a buffer")
        Handle.__init__(self, vector)
        if count:
            self.resize(count)

    @property
    def alignment_bytes(self) -> int:
        """What malloc aligns to."""
        with self._lock:
            self._open()
            return _MALLOC_ALIGNMENT_BYTES

    def extend(self, values: npt.ArrayLike) -> None:
        """As `AlignedBuffer.extend`."""
        elements = self._convert(np.asarray(values))
        with self._lock:
            pointer = self._open()
            self._forbid_views("extend")
            if elements.size:
                check(lib.pm_vec_append(pointer, raw(elements), elements.size), f"{elements.size} more elements")

    def resize(self, count: int) -> None:
        """As `AlignedBuffer.resize`."""
        self._change("resize", lib.pm_vec_resize, count)

    def reserve(self, count: int) -> None:
        """As `AlignedBuffer.reserve`."""
        self._change("reserve in", lib.pm_vec_reserve, count)

    def huge_bytes(self) -> int:
        """0: heap blocks ask for no huge pages."""
        with self._lock:
            self._open()
            return 0


class PlainBatch(TaskBatch):
    """A batch's interface over a list of rows, each text an object of its own. `column` copies."""

    __slots__ = ("_large", "_rows")

    def __init__(self, *, large: bool = True, rows: int = 0, bytes_per_row: int = 0) -> None:
        size(rows, "rows"), size(bytes_per_row, "bytes_per_row")
        self._large = large
        self._rows: list[tuple[bytes, bytes, bytes]] = []
        Handle.__init__(self, self._rows)

    def _end(self, pointer: Any) -> None:
        self._rows.clear()

    def __len__(self) -> int:
        with self._lock:
            self._open()
            return len(self._rows)

    def extend(self, rows: Iterable[tuple[Text, Text, Text]]) -> None:
        """As `TaskBatch.extend`."""
        listed = [tuple(map(encode, row)) for row in rows]
        if any(len(row) != len(NAMES) for row in listed):
            raise ValueError("each row must be (source, path, config)")
        self._add([(source, path, config) for source, path, config in listed])

    def extend_columns(self, sources: Given, paths: Given, configs: Given | Text) -> None:
        """As `TaskBatch.extend_columns`."""
        if any(map(arrow.is_arrow, (sources, paths, configs))):
            super().extend_columns(sources, paths, configs)
            return
        shared = [configs] * len(sources) if isinstance(configs, str | bytes) else configs
        columns = [[encode(text) for text in column] for column in (sources, paths, shared)]
        if len({len(column) for column in columns}) != 1:
            raise ValueError(f"columns must be of one length, got {', '.join(str(len(column)) for column in columns)}")
        self._add(list(zip(*columns, strict=True)))

    def _append_columns(self, columns: list[Column]) -> None:
        if len({len(column) for column in columns}) != 1:
            raise ValueError(f"columns must be of one length, got {', '.join(str(len(column)) for column in columns)}")
        self._add(list(zip(*columns, strict=True)))

    def _add(self, rows: list[Any]) -> None:
        with self._lock:
            self._open()
            self._rows += rows

    def column(self, name: ColumnName) -> Column:
        """As `TaskBatch.column`, but a copy."""
        if name not in NAMES:
            raise ValueError(f"no column {name!r}: the columns are {', '.join(NAMES)}")
        with self._lock:
            self._open()
            data, offsets = join([row[NAMES.index(name)] for row in self._rows])
        return _readonly(offsets if self._large else offsets.astype(np.int32), data)

    def row(self, index: int) -> tuple[bytes, bytes, bytes]:
        """As `TaskBatch.row`."""
        with self._lock:
            self._open()
            return self._rows[range(len(self._rows))[index]]

    def reset(self) -> None:
        """No rows."""
        with self._lock:
            self._open()
            self._rows.clear()

    @property
    def capacity_bytes(self) -> int:
        """Bytes of the texts."""
        with self._lock:
            self._open()
            return sum(len(text) for row in self._rows for text in row)


class PlainInterner(Interner):
    """An interner's interface over a list: every string is stored again, and found by looking at each."""

    __slots__ = ("_cleared", "_strings")

    def __init__(self) -> None:
        self._strings: list[bytes] = []
        self._cleared = 0
        Handle.__init__(self, self._strings)

    def _end(self, pointer: Any) -> None:
        self._strings.clear()

    def __len__(self) -> int:
        with self._lock:
            self._open()
            return len(self._strings)

    @property
    def generation(self) -> int:
        """As `Interner.generation`."""
        with self._lock:
            self._open()
            return self._cleared + 1

    def intern(self, text: Text) -> int:
        """A new id for the string, whether it is there or not."""
        with self._lock:
            self._open()
            self._strings.append(encode(text))
            return len(self._strings) - 1

    def intern_many(self, texts: Texts, *, threads: int = 1) -> Ids:
        """A new id for each string; threads is read and not used."""
        size(threads, "threads")
        encoded = _each(texts)
        with self._lock:
            self._open()
            first = len(self._strings)
            self._strings += encoded
            return np.arange(first, len(self._strings), dtype=np.uint32)

    def lookup(self, text: Text) -> int | None:
        """The first id of a string, or None."""
        wanted = encode(text)
        with self._lock:
            self._open()
            return self._strings.index(wanted) if wanted in self._strings else None

    def lookup_many(self, texts: Texts) -> Ids:
        """The first ids of many strings; MISSING where one is not held."""
        found = [self.lookup(text) for text in _each(texts)]
        return np.array([MISSING if number is None else number for number in found], np.uint32)

    def encoded(self, number: int, *, generation: int | None = None) -> bytes:
        """As `Interner.encoded`."""
        with self._lock:
            self._open()
            if generation not in (None, self.generation):
                raise StaleIdError(
                    f"id {number} is of generation {generation}, this is {self.generation}: intern again"
                )
            if not 0 <= number < len(self._strings):
                raise IndexError(f"no id {number}: there are {len(self._strings)}")
            return self._strings[number]

    def texts(self) -> Column:
        """As `Interner.texts`, made anew by each call."""
        with self._lock:
            self._open()
            data, offsets = join(self._strings)
        return _readonly(offsets, data)

    def stats(self) -> InternerStats:
        """Counts and memory now; nothing is ever deduplicated."""
        with self._lock:
            self._open()
            total = sum(map(len, self._strings))
            figures = dict.fromkeys(InternerStats.__slots__, 0)
            figures |= {"string_count": len(self._strings), "interned_count": len(self._strings)}
            figures |= {"clear_count": self._cleared, "string_bytes": total, "footprint_bytes": total}
            return InternerStats(**figures)

    def clear(self) -> None:
        """As `Interner.clear`."""
        with self._lock:
            self._open()
            self._strings.clear()
            self._cleared += 1


def _each(texts: Any) -> list[bytes]:
    """The strings of any form that an interner takes."""
    if isinstance(texts, tuple) and len(texts) == 2 and isinstance(texts[0], np.ndarray):
        return list(Column(texts[0], np.frombuffer(texts[1], np.uint8)))
    if not isinstance(texts, Column) and arrow.is_arrow(texts):
        return list(arrow.column(texts))
    return [encode(text) for text in texts]


def _readonly(offsets: npt.NDArray[Any], data: bytes) -> Column:
    bytes_view = np.frombuffer(data, np.uint8)
    offsets.flags.writeable = bytes_view.flags.writeable = False
    return Column(offsets, bytes_view)
