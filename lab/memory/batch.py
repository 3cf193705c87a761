"""A batch of translation tasks as columns: sources, paths, configs.

Each column is contiguous in the Arrow layout (offsets and bytes, 64-byte aligned and padded), and goes to NumPy as
views without a copy. Fill it with whole lists: `extend` makes one call for all rows.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self, overload

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.errors import check
from lab.memory.handle import Handle
from lab.memory.sizes import size
from lab.memory.texts import Text, encode, join, offsets_pointer

ColumnName = Literal["source", "path", "config"]
_COLUMNS: Final[dict[str, int]] = {
    "source": lib.PM_BATCH_SOURCE,
    "path": lib.PM_BATCH_PATH,
    "config": lib.PM_BATCH_CONFIG,
}


@dataclass(frozen=True, slots=True, eq=False)
class Column(Sequence[bytes]):
    """Read-only views of one column; they keep the batch alive and unchanged. As a sequence: the texts, copied out.

    Attributes:
        offsets: Shape (rows + 1,), int32 or int64, in bytes; text i is data[offsets[i]:offsets[i + 1]].
        data: Shape (bytes,), the texts end to end.
    """

    offsets: npt.NDArray[np.integer]
    data: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, row: int) -> bytes: ...
    @overload
    def __getitem__(self, row: slice) -> list[bytes]: ...
    def __getitem__(self, row: int | slice) -> bytes | list[bytes]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        index = range(len(self))[row]
        return self.data[self.offsets[index] : self.offsets[index + 1]].tobytes()


class TaskBatch(Handle):
    """Rows of (source, path, config), kept by column. Threads take turns.

    Args:
        large: Offsets of 64 bits (Arrow large_string); otherwise of 32 bits (string), and a column ends at 2 GiB.
        rows: Rows to reserve room for.
        bytes_per_row: Bytes of text to reserve per row and column.

    Raises:
        ValueError: A number is negative.
        OverflowError: The size cannot be represented.
        MemoryError: The system refuses memory.
    """

    __slots__ = ()

    def __init__(self, *, large: bool = True, rows: int = 0, bytes_per_row: int = 0) -> None:
        out = ffi.new("pm_batch **")
        room = size(rows, "rows"), size(bytes_per_row, "bytes_per_row")
        check(lib.pm_batch_new(8 if large else 4, *room, out), f"a batch with room for {rows} rows")
        super().__init__(ffi.gc(out[0], lib.pm_batch_free))

    @classmethod
    def from_files(cls, paths: Iterable[str | os.PathLike[str]], config: Text = b"", *, large: bool = True) -> Self:
        """One row per file: its bytes, its path, and the same config for all.

        Raises:
            OSError: A file cannot be read.
            OverflowError: The offsets are too narrow for the files: take large=True.
            MemoryError: The system refuses memory.
        """
        listed = [Path(path) for path in paths]
        batch = cls(large=large)
        batch.extend_columns([path.read_bytes() for path in listed], [os.fsencode(path) for path in listed], config)
        return batch

    def _end(self, pointer: Any) -> None:
        ffi.release(pointer)

    def __len__(self) -> int:
        with self._lock:
            return int(lib.pm_batch_row_count(self._open()))

    def append(self, source: Text, path: Text, config: Text = b"") -> None:
        """Add one row. For many rows `extend` is faster by far.

        Raises:
            As `extend` does.
        """
        self.extend([(source, path, config)])

    def extend(self, rows: Iterable[tuple[Text, Text, Text]]) -> None:
        """Add rows of (source, path, config), all or none. Texts are taken as UTF-8, bytes as they are.

        Raises:
            TypeError: A text is neither str nor bytes.
            ValueError: A row has not three texts.
            BufferError: A view is out.
            OverflowError: A column would outgrow its offsets.
            MemoryError: The system refuses memory.
        """
        listed = list(rows)
        if any(len(row) != len(_COLUMNS) for row in listed):
            raise ValueError("each row must be (source, path, config)")
        self.extend_columns(*(zip(*listed, strict=True) if listed else ((), (), ())))

    def extend_columns(self, sources: Sequence[Text], paths: Sequence[Text], configs: Sequence[Text] | Text) -> None:
        """Add rows given as columns, all or none; a single config stands for every row.

        Raises:
            As `extend` does; ValueError where the columns differ in length.
        """
        if isinstance(configs, str | bytes):
            text, rows = encode(configs), len(sources)
            shared = text * rows, np.arange(rows + 1, dtype=np.int64) * len(text)
        else:
            rows, shared = len(configs), join(configs)
        if not len(sources) == len(paths) == rows:
            raise ValueError(f"columns must be of one length, got {len(sources)}, {len(paths)} and {rows}")
        joined = [join(sources), join(paths), shared]
        views = ffi.new("pm_column_view[3]")
        keep = []
        for view, (data, offsets) in zip(views, joined, strict=True):
            keep += [offsets_pointer(offsets), ffi.from_buffer("unsigned char[]", data)]
            view.offsets, view.data = keep[-2:]
            view.row_count, view.data_bytes, view.offset_bytes = len(sources), len(data), offsets.itemsize
        with self._lock:
            pointer = self._open()
            self._forbid_views("extend")
            check(lib.pm_batch_append_columns(pointer, views), f"{len(sources)} more rows (take large=True past 2 GiB)")

    def column(self, name: ColumnName) -> Column:
        """One column as read-only views, without a copy.

        Raises:
            ValueError: There is no such column.
        """
        if name not in _COLUMNS:
            raise ValueError(f"no column {name!r}: the columns are {', '.join(_COLUMNS)}")
        view = ffi.new("pm_column_view *")
        with self._lock:
            check(lib.pm_batch_view(self._open(), _COLUMNS[name], view), name)
            ends = int(ffi.cast("uintptr_t", view.offsets)), (view.row_count + 1) * view.offset_bytes
            text = int(ffi.cast("uintptr_t", view.data)), view.data_bytes
            kind = np.int32 if view.offset_bytes == np.dtype(np.int32).itemsize else np.int64
            return Column(self._view(*ends, readonly=True).view(kind), self._view(*text, readonly=True))

    def row(self, index: int) -> tuple[bytes, bytes, bytes]:
        """(source, path, config) of one row, copied out; a negative index counts from the end.

        Raises:
            IndexError: There is no such row.
        """
        out = ffi.new("pm_text *")
        texts = []
        with self._lock:
            pointer = self._open()
            position = range(len(self))[index]
            for column in _COLUMNS.values():
                check(lib.pm_batch_text(pointer, column, position, out), f"row {index}")
                texts.append(bytes(ffi.buffer(out.data, out.bytes)) if out.bytes else b"")
        source, path, config = texts
        return source, path, config

    def __iter__(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        return iter(zip(self.column("source"), self.column("path"), self.column("config"), strict=True))

    def reset(self) -> None:
        """No rows; the memory is kept for reuse.

        Raises:
            BufferError: A view is out.
        """
        with self._lock:
            pointer = self._open()
            self._forbid_views("reset")
            lib.pm_batch_reset(pointer)

    @property
    def capacity_bytes(self) -> int:
        """Bytes of memory that the columns hold."""
        with self._lock:
            return int(lib.pm_batch_capacity_bytes(self._open()))
