"""A list of rows: the plain stand-in for a batch of columns."""

import operator
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.memory.batch import NAMES, BatchBase, ColumnName, Given, TaskBatch
from lab.memory.boundary import arrow, lists
from lab.memory.boundary.column import Column
from lab.memory.boundary.sizes import size
from lab.memory.boundary.texts import Text, encode_all, join

Row = tuple[bytes, bytes, bytes]


class PlainBatch(BatchBase):
    """Rows of (source, path, config) in a list, each text an object of its own, with the calls of `TaskBatch`.

    `column` copies, and so does a native call, which needs columns. Threads take turns.

    Args:
        large: Offsets of the columns, of 64 bits or of 32.
        rows: Read and not used.
        bytes_per_row: Read and not used.
    """

    __slots__ = ("_large",)

    def __init__(self, *, large: bool = True, rows: int = 0, bytes_per_row: int = 0) -> None:
        size(rows, "rows"), size(bytes_per_row, "bytes_per_row")
        self._large = large
        super().__init__([])

    def _end(self) -> None:
        self._pointer = None

    def __len__(self) -> int:
        with self._turn:
            return len(self._open())

    def extend(self, rows: Iterable[tuple[Text, Text, Text]]) -> None:
        """As `TaskBatch.extend`."""
        made = []
        for number, row in enumerate(lists.listed(rows)):
            if not isinstance(row, tuple | list):
                raise TypeError(f"row {number} must be a tuple or list, got {type(row).__name__}")
            if len(row) != len(NAMES):
                raise ValueError(f"row {number} must have {len(NAMES)} texts, got {len(row)}")
            made.append(tuple(encode_all(row, f" of row {number}")))
        self._add(made)

    def extend_columns(self, sources: Given, paths: Given, configs: Given | Text) -> None:
        """As `TaskBatch.extend_columns`."""
        shared = [configs] * len(sources) if isinstance(configs, str | bytes) else configs
        self._append_columns([_texts(column) for column in (sources, paths, shared)])

    def _append_columns(self, columns: list[Any]) -> None:
        listed = [list(column) for column in columns]
        if len({len(column) for column in listed}) != 1:
            raise ValueError(f"columns must be of one length, got {', '.join(str(len(column)) for column in listed)}")
        self._add(list(zip(*listed, strict=True)))

    def _add(self, rows: list[Any]) -> None:
        with self._turn:
            held = self._open()
            self._forbid_use("extend")
            held += rows

    def column(self, name: ColumnName) -> Column:
        """As `TaskBatch.column`, but a copy."""
        if name not in NAMES:
            raise ValueError(f"no column {name!r}: the columns are {', '.join(NAMES)}")
        with self._turn:
            return self._columns()[NAMES.index(name)]

    def _columns(self) -> list[Column]:
        rows = self._open()
        columns = zip(*rows, strict=True) if rows else ((), (), ())
        return [readonly_column(*join(column), np.int64 if self._large else np.int32) for column in columns]

    def row(self, index: int) -> Row:
        """As `TaskBatch.row`."""
        wanted = operator.index(index)
        with self._turn:
            rows = self._open()
            row: Row = rows[range(len(rows))[wanted]]
            return row

    def reset(self) -> None:
        """No rows."""
        with self._turn:
            rows = self._open()
            self._forbid_use("reset")
            rows.clear()

    @property
    def capacity_bytes(self) -> int:
        """Bytes of the texts."""
        with self._turn:
            return sum(len(text) for row in self._open() for text in row)

    @contextmanager
    def native(self) -> Iterator[Any]:
        """As `TaskBatch.native`: the rows as they are now, copied into columns for the call."""
        with self._turn:
            rows = list(self._open())
        with TaskBatch(large=self._large) as copied:
            copied.extend(rows)
            with copied.native() as pointer:
                yield pointer


def _texts(given: Any) -> list[bytes]:
    return list(arrow.column(given)) if arrow.is_arrow(given) else encode_all(lists.listed(given))


def readonly_column(data: bytes, offsets: npt.NDArray[Any], kind: type[np.integer] = np.int64) -> Column:
    """A column that nobody can change."""
    ends, text = offsets.astype(kind, copy=False), np.frombuffer(data, np.uint8)
    ends.flags.writeable = text.flags.writeable = False
    return Column(ends, text)
