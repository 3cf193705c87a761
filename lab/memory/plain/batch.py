"""A list of rows: the plain stand-in for a batch of columns."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.memory.batch import NAMES, ColumnName, Given, TaskBatch
from lab.memory.boundary import arrow
from lab.memory.boundary.column import Column
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import size
from lab.memory.boundary.texts import Text, encode, join

_MALLOC_ALIGNMENT_BYTES = 16


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


def _readonly(offsets: npt.NDArray[Any], data: bytes) -> Column:
    bytes_view = np.frombuffer(data, np.uint8)
    offsets.flags.writeable = bytes_view.flags.writeable = False
    return Column(offsets, bytes_view)
