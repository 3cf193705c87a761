"""Syntax trees as columns: a row for each node, handed to Arrow without an object for any."""

import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab._extension import arrow_array, arrow_schema
from lab._ffi import ffi, lib
from lab.memory.boundary.column import NULLABLE, Column
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.texts import join
from lab.memory.errors import check

NUMBERS: Final = ("parent", "index", "lineno", "col_offset", "end_lineno", "end_col_offset")
_TEXTS: Final = ("name", "value")
NO_FIELD: Final = 255


class NodeColumns(Handle):
    """Owner of columns that C fills."""

    __slots__ = ()

    def __init__(self) -> None:
        out = ffi.new("fe_columns **")
        if lib.fe_columns_new(out) != lib.FE_OK:
            raise MemoryError("columns for the nodes of a tree")
        super().__init__(ffi.gc(out[0], lib.fe_columns_free))

    @property
    def pointer(self) -> Any:
        """The fe_columns of C, for as long as this object lives."""
        with self._turn:
            return self._open()

    def table(self, files: Sequence[str]) -> "NodeTable":
        """What they hold; they must be filled no more. As `read_table`."""
        with self._turn:
            return read_table(self, self._open(), files)


class NodeTable:
    """The nodes of one source or several: a row each, in the order of ast.dump; speaks the Arrow C data interface.

    `file`, `kind`, `field`, `name` and `value` are dictionaries of strings, the others int32. `kind` is the node's
    class, `field` the one of its parent that holds it and `index` its place there where that is a list, `parent` the
    row of its parent counted from its root, `name` its first identifier (Name.id, Attribute.attr ...), `value` the repr
    of a constant. What a node does not have is null.
    """

    __slots__ = ("_numbers", "_sources", "_starts", "_texts", "files")

    def __init__(
        self,
        files: tuple[str, ...],
        sources: npt.NDArray[np.int32],
        starts: npt.NDArray[np.int64],
        numbers: dict[str, npt.NDArray[Any]],
        texts: dict[str, Column],
    ) -> None:
        self.files = files  # the names of sources, by number
        self._sources, self._starts = sources, starts  # numbers of those in the table, and where the rows of each begin
        self._numbers, self._texts = numbers, texts

    def __len__(self) -> int:
        return int(self._starts[-1] - self._starts[0])

    def split(self) -> Iterator[tuple[int, "NodeTable"]]:
        """The number of each source, and a table of it alone, with no other's strings."""
        for place, source in enumerate(self._sources.tolist()):
            rows = slice(self._starts[place], self._starts[place + 1])
            numbers = {name: values[rows] for name, values in self._numbers.items()}
            texts = {}
            for name in _TEXTS:
                numbers[name], texts[name] = _narrowed(numbers[name], self._texts[name])
            one = np.zeros(1, np.int32)
            yield source, NodeTable((self.files[source],), one, np.array([0, rows.stop - rows.start]), numbers, texts)

    def numbers(self, name: str) -> npt.NDArray[Any]:
        """The numbers of a column, shape (rows,): codes, or -1 where there is no value; views of C memory.

        Raises:
            KeyError: There is no such column.
        """
        if name == "file":
            return np.repeat(self._sources, np.diff(self._starts))
        return self._numbers[name]

    def strings(self, name: str) -> Column:
        """What the numbers of `file`, `kind`, `field`, `name` or `value` stand for.

        Raises:
            KeyError: The column has none.
        """
        return self._dictionary(name)

    def _dictionary(self, name: str) -> Column:
        match name:
            case "file":
                # Always UTF-8, so that all tables have one schema: a byte of a name that is none is shown as \\xff.
                return _column([os.fsencode(file).decode(errors="backslashreplace").encode() for file in self.files])
            case "kind" | "field":
                return codes(name)
        return self._texts[name]

    def __arrow_c_schema__(self) -> object:
        """A capsule "arrow_schema": a struct of the columns."""
        return arrow_schema("+s", "", 0, tuple(schema for schema, _ in self._children()), None)

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Capsules of schema and array, over the columns' own memory but for the bitmaps of nulls."""
        schemas, arrays = zip(*self._children(), strict=True)
        return arrow_schema("+s", "", 0, schemas, None), arrow_array(len(self), 0, (None,), arrays, None)

    def _children(self) -> Iterator[tuple[object, object]]:
        for name in ("file", "kind", "field", *NUMBERS, *_TEXTS):
            numbers = self.numbers(name)
            missing = numbers == NO_FIELD if name == "field" else numbers < 0
            nulls = int(np.count_nonzero(missing))
            validity = np.packbits(~missing, bitorder="little") if nulls else None
            letter = "C" if numbers.dtype == np.uint8 else "i"
            if name in NUMBERS:
                yield (
                    arrow_schema(letter, name, NULLABLE, (), None),
                    arrow_array(len(self), nulls, (validity, numbers), (), None),
                )
            else:
                words = self._dictionary(name)
                if nulls:  # readers may look up the index of a null: it must be one that the dictionary has
                    numbers = np.where(missing, 0, numbers).astype(numbers.dtype)
                yield (
                    arrow_schema(letter, name, NULLABLE, (), words.__arrow_c_schema__()),
                    arrow_array(len(self), nulls, (validity, numbers), (), words.arrow_memory()),
                )


def read_table(owner: Handle, columns: Any, files: Sequence[str]) -> NodeTable:
    """What columns hold, without a copy of the numbers.

    Args:
        owner: Whose memory it is; the table keeps it alive.
        columns: An fe_columns of C, which is filled no more.
        files: The name of each source, by its number.

    Raises:
        MemoryError: The system refuses memory.
    """
    rows, sources = int(columns.row_count), int(columns.file_count)

    def array(name: str, count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        address = int(ffi.cast("uintptr_t", getattr(columns, name)))
        return owner._view(address, count * np.dtype(dtype).itemsize, readonly=True, dtype=dtype)

    codes = {name: array(name, rows, np.uint8) for name in ("kind", "field")}
    return NodeTable(
        tuple(files),
        array("file", sources, np.uint32).astype(np.int32),
        array("first_row", sources + 1, np.uint64).astype(np.int64) if sources else np.zeros(1, np.int64),
        codes | {name: array(name, rows, np.int32) for name in (*NUMBERS, *_TEXTS)},
        {name: _strings(getattr(columns, f"{name}s")) for name in _TEXTS},
    )


@cache
def codes(name: str) -> Column:
    """What the codes of `kind` or `field` stand for, in the order of the codes."""
    function = getattr(lib, f"fe_columns_{name}")
    words = [b"" if function(0) == ffi.NULL else ffi.string(function(0))]  # the first code may mean nothing
    while (word := function(len(words))) != ffi.NULL:
        words.append(ffi.string(word))
    return _column(words)


def _column(words: Sequence[bytes]) -> Column:
    data, offsets = join(words)
    return Column(offsets, np.frombuffer(data, np.uint8))


def _narrowed(ids: npt.NDArray[np.int32], texts: Column) -> tuple[npt.NDArray[np.int32], Column]:
    """Ids and texts without the texts that no id names."""
    used = np.unique(ids[ids >= 0])
    numbers = np.where(ids < 0, -1, np.searchsorted(used, ids)).astype(np.int32)
    return numbers, _column([texts[number] for number in used.tolist()])


def _strings(interner: Any) -> Column:
    """The strings of an interner, copied out."""
    stats = ffi.new("pm_interner_stats *")
    lib.pm_interner_read_stats(interner, stats)
    count = int(lib.pm_interner_count(interner))
    offsets, data = np.zeros(count + 1, np.int64), np.empty(int(stats.string_bytes), np.uint8)
    out = ffi.from_buffer("int64_t[]", offsets), 8, ffi.from_buffer("unsigned char[]", data), data.size
    check(lib.pm_interner_export(interner, 0, count, *out), f"{count} strings")
    return Column(offsets, data)
