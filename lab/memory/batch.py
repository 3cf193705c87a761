"""A batch of translation tasks as columns: sources, paths, configs.

Each column is contiguous in the Arrow layout (offsets and bytes, 64-byte aligned and padded), and goes to NumPy,
pyarrow, pandas and polars as views without a copy. Fill it with whole lists: `extend` makes one call for all rows.
"""

import operator
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

import numpy as np

from lab._extension import Hold, TextArray, arrow_array, arrow_schema
from lab._ffi import ffi, lib
from lab.memory.boundary import arrow, lists
from lab.memory.boundary.column import NULLABLE, Column, fill_view
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import size
from lab.memory.boundary.texts import Text, encode, join
from lab.memory.errors import check

__all__ = ["Column", "TaskBatch"]

ColumnName = Literal["source", "path", "config"]
NAMES: Final[tuple[ColumnName, ...]] = get_args(ColumnName)
Given = Sequence[Text] | Column | Any  # lists of texts, or what has __arrow_c_array__ or __arrow_c_stream__
_COLUMNS: Final[dict[str, int]] = {
    "source": lib.PM_BATCH_SOURCE,
    "path": lib.PM_BATCH_PATH,
    "config": lib.PM_BATCH_CONFIG,
}


class BatchBase(Handle):
    """What rests on the calls of a batch, however it keeps its rows."""

    __slots__ = ()

    def __init__(self, pointer: Any = None, *, large: bool = True) -> None:
        super().__init__(pointer)

    def extend(self, rows: Iterable[tuple[Text, Text, Text]]) -> None:
        """As `TaskBatch.extend`."""
        raise NotImplementedError

    def extend_columns(self, sources: Given, paths: Given, configs: Given | Text) -> None:
        """As `TaskBatch.extend_columns`."""
        raise NotImplementedError

    def _append_columns(self, columns: list[Column]) -> None:
        raise NotImplementedError

    def column(self, name: ColumnName) -> Column:
        """As `TaskBatch.column`."""
        raise NotImplementedError

    def row(self, index: int) -> tuple[bytes, bytes, bytes]:
        """As `TaskBatch.row`."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def reset(self) -> None:
        """As `TaskBatch.reset`."""
        raise NotImplementedError

    @property
    def capacity_bytes(self) -> int:
        """As `TaskBatch.capacity_bytes`."""
        raise NotImplementedError

    def native(self) -> AbstractContextManager[Any]:
        """As `TaskBatch.native`."""
        raise NotImplementedError

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

    def append(self, source: Text, path: Text, config: Text = b"") -> None:
        """Add one row. For many rows `extend` is faster by far.

        Raises:
            As `extend` does.
        """
        self.extend([(source, path, config)])

    def extend_arrow(self, table: Any, *, nulls: arrow.Nulls = "error") -> None:
        """Add the rows of an Arrow table, record batch or frame with the columns source, path and, if it likes, config.

        Each column is copied once, into the batch's own memory; to look at Arrow's memory in place take
        `lab.memory.boundary.arrow.fields`.

        Raises:
            ValueError: A column is missing, has nulls (see `nulls`), or offsets that contradict themselves.
            TypeError: It is no Arrow data, or a column holds no texts.
            BufferError, OverflowError, MemoryError: As `extend` does.
        """
        found = arrow.fields(table, nulls=nulls)
        missing = [name for name in ("source", "path") if name not in found]
        if missing:
            raise ValueError(
                f"the Arrow table lacks {' and '.join(missing)}: it has {', '.join(found) or 'no columns'}"
            )
        rows = len(found["source"])
        self._append_columns([_as_column(found.get(name, b""), rows) for name in _COLUMNS])

    @classmethod
    def from_arrow(cls, table: Any, *, nulls: arrow.Nulls = "error", large: bool = True) -> Self:
        """A batch of the rows of an Arrow table, as `extend_arrow` takes them."""
        batch = cls(large=large)
        batch.extend_arrow(table, nulls=nulls)
        return batch

    def __iter__(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        return iter(zip(self.column("source"), self.column("path"), self.column("config"), strict=True))

    def __arrow_c_schema__(self) -> object:
        """A capsule "arrow_schema": a struct of source, path and config."""
        return _struct_schema([(name, self.column(name).arrow_format()) for name in NAMES])

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Capsules of schema and array; what Arrow makes of them keeps their memory as views do."""
        with self._turn:  # all columns of one moment
            columns = self._columns()
        formats = [(name, column.arrow_format()) for name, column in zip(NAMES, columns, strict=True)]
        memory = arrow_array(len(columns[0]), 0, (None,), tuple(column.arrow_memory() for column in columns), None)
        return _struct_schema(formats), memory

    def _columns(self) -> list[Column]:
        """All columns; to be called with the turn."""
        raise NotImplementedError


class TaskBatch(BatchBase):
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

    def __len__(self) -> int:
        with self._turn:
            return int(lib.pm_batch_row_count(self._open()))

    def extend(self, rows: Iterable[tuple[Text, Text, Text]]) -> None:
        """Add rows of (source, path, config), all or none. Texts are taken as UTF-8, bytes as they are.

        Raises:
            TypeError: A row is no tuple or list, or a text neither str nor bytes; the message tells which.
            ValueError: A row has not three texts.
            UnicodeEncodeError: A text holds a lone surrogate.
            BufferError: A view is out.
            OverflowError: A column would outgrow its offsets.
            MemoryError: The system refuses memory.
        """
        texts = TextArray()
        texts.read_rows(lists.listed(rows), len(_COLUMNS))
        self._append(texts)

    def extend_columns(self, sources: Given, paths: Given, configs: Given | Text) -> None:
        """Add rows given as columns, all or none: lists of texts, or Arrow arrays and series.

        A single config stands for every row.

        Raises:
            As `extend` does; ValueError where the columns differ in length.
        """
        given = sources, paths, configs
        if any(map(arrow.is_arrow, given)):
            rows = len(sources)
            self._append_columns([_as_column(column, rows) for column in given])
            return
        shared = isinstance(configs, str | bytes)
        listed = [lists.listed(column) for column in (given[:2] if shared else given)]
        if len({len(column) for column in listed}) != 1:
            raise ValueError(f"columns must be of one length, got {', '.join(str(len(column)) for column in listed)}")
        texts = TextArray()
        texts.read_columns((*listed, configs) if shared else tuple(listed), len(listed[0]))
        self._append(texts)

    def _append(self, texts: TextArray) -> None:
        """Append texts that were read row after row."""
        rows = len(texts) // len(_COLUMNS)
        with self._turn:
            pointer = self._open()
            self._forbid_use("extend")
            status = lib.pm_batch_append(pointer, lists.pointer(texts, "pm_batch_row[]"), rows)
        check(status, f"{rows} more rows (take large=True past 2 GiB)")

    def _append_columns(self, columns: list[Column]) -> None:
        rows = len(columns[0])
        if any(len(column) != rows for column in columns):
            raise ValueError(f"columns must be of one length, got {', '.join(str(len(column)) for column in columns)}")
        views = ffi.new("pm_column_view[3]")
        keep = [fill_view(view, column) for view, column in zip(views, columns, strict=True)]
        with self._turn:
            pointer = self._open()
            self._forbid_use("extend")
            status = lib.pm_batch_append_columns(pointer, views)
        del keep
        check(status, f"{rows} more rows (take large=True past 2 GiB)")

    def column(self, name: ColumnName) -> Column:
        """One column as read-only views, without a copy.

        Raises:
            ValueError: There is no such column.
        """
        if name not in _COLUMNS:
            raise ValueError(f"no column {name!r}: the columns are {', '.join(_COLUMNS)}")
        with self._turn:
            return self._column(self._open(), name)

    def _column(self, pointer: Any, name: ColumnName) -> Column:
        """To be called with the turn."""
        view = ffi.new("pm_column_view *")
        check(lib.pm_batch_view(pointer, _COLUMNS[name], view), name)
        kind = np.dtype(f"i{view.offset_bytes}")
        ends = int(ffi.cast("uintptr_t", view.offsets)), (view.row_count + 1) * view.offset_bytes
        text = int(ffi.cast("uintptr_t", view.data)), view.data_bytes
        return Column(self._view(*ends, readonly=True, dtype=kind), self._view(*text, readonly=True))

    def row(self, index: int) -> tuple[bytes, bytes, bytes]:
        """(source, path, config) of one row, copied out; a negative index counts from the end.

        Raises:
            IndexError: There is no such row.
        """
        out = ffi.new("pm_text *")
        texts = []
        wanted = operator.index(index)
        with self._turn:
            pointer = self._open()
            position = range(int(lib.pm_batch_row_count(pointer)))[wanted]
            for column in _COLUMNS.values():
                check(lib.pm_batch_text(pointer, column, position, out), f"row {index}")
                texts.append(bytes(ffi.buffer(out.data, out.bytes)) if out.bytes else b"")
        source, path, config = texts
        return source, path, config

    def reset(self) -> None:
        """No rows; the memory is kept for reuse.

        Raises:
            BufferError: A view is out.
        """
        with self._turn:
            pointer = self._open()
            self._forbid_use("reset")
            lib.pm_batch_reset(pointer)

    @property
    def capacity_bytes(self) -> int:
        """Bytes of memory that the columns hold."""
        with self._turn:
            return int(lib.pm_batch_capacity_bytes(self._open()))

    def _columns(self) -> list[Column]:
        pointer = self._open()
        return [self._column(pointer, name) for name in NAMES]

    @contextmanager
    def native(self) -> Iterator[Any]:
        """A context that gives the rows as C has them, a `pm_batch *`, which neither change nor end meanwhile."""
        with Hold(self) as (pointer,):
            yield pointer


def _as_column(given: Any, rows: int) -> Column:
    """Texts in the Arrow layout, whatever they came as; one text stands for each of the rows."""
    if isinstance(given, str | bytes):
        text = encode(given)
        return Column(np.arange(rows + 1, dtype=np.int64) * len(text), np.frombuffer(text * rows, np.uint8))
    if arrow.is_arrow(given):
        return arrow.column(given)
    data, offsets = join(lists.listed(given))
    return Column(offsets, np.frombuffer(data, np.uint8))


def _struct_schema(formats: list[tuple[ColumnName, str]]) -> object:
    parts = tuple(arrow_schema(letter, name, NULLABLE, (), None) for name, letter in formats)
    return arrow_schema("+s", "", 0, parts, None)
