"""Texts from Arrow: arrays, series, tables and frames of pyarrow, polars and pandas.

Whatever has `__arrow_c_array__` or `__arrow_c_stream__` comes in. A source consists of parts, one per chunk:

- string and large_string (and binary, large_binary): a `Column` over Arrow's own memory;
- string_view, which polars uses: `Views`, read where they lie, some thousand rows at a time;
- dictionary arrays, which categories of pandas and polars are: `Coded`, indices into a part that holds each text once;
- the null type, which a series without values has: rows that are all null.

`column` and `columns` give all of them as columns, for which views are gathered and dictionaries are spelled out. The
Arrow C data interface carries no sizes of buffers, except those of views: offsets are checked against each other, but
that the data reaches to the last offset is the producer's word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lab._extension import (
    ArrowArray,
    arrow_read_array,
    arrow_read_schema,
    arrow_read_stream,
    arrow_view,
    codes_order,
    offsets_rise,
    views_bytes,
    views_copy,
    views_texts,
)
from lab._ffi import ffi
from lab.memory.boundary.column import Column
from lab.memory.boundary.handle import look

Nulls = Literal["error", "empty"]
_OFFSETS: Final[dict[str, type[np.integer]]] = {"u": np.int32, "z": np.int32, "U": np.int64, "Z": np.int64}
_VIEWS: Final = ("vu", "vz")
_INDICES: Final[dict[str, str]] = dict(zip("cCsSiIlL", ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"), strict=True))
_NULL: Final = "n"
_BUFFERS: Final = 3  # validity, offsets, data
_CODED_BUFFERS: Final = 2  # validity, indices
_STRUCT: Final = "+s"
_VIEWS_AT_ONCE: Final = 16384  # as pointers and lengths they stay in the cache; a multiple of 8 for masks of bits
_Read = tuple[Any, list[ArrowArray]]


def is_arrow(source: object) -> bool:
    """Whether an object speaks the Arrow C data interface."""
    return hasattr(source, "__arrow_c_array__") or hasattr(source, "__arrow_c_stream__")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Texts of an Arrow array as C sees them: for one call, without NumPy arrays over them.

    Attributes:
        view: C's `pm_column_view *`; its offsets are not checked.
        count: Rows.
        array: The owner of the memory.
    """

    view: Any
    count: int
    array: ArrowArray

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Rows of an array of string views, none of them null.

    Attributes:
        array: The owner of the memory.
        first: Its first row that counts.
        count: Rows.
    """

    array: ArrowArray
    first: int
    count: int

    def __len__(self) -> int:
        return self.count

    def pieces(self, at_once: int = _VIEWS_AT_ONCE) -> Iterator[tuple[int, Any, int]]:
        """First row of each piece, its texts as a `pm_text *` that holds until the next piece, and their number.

        Raises:
            ValueError: A view leaves its buffer.
        """
        texts = ffi.new("pm_text[]", min(at_once, self.count) or 1)
        place = int(ffi.cast("uintptr_t", texts))
        for first in range(0, self.count, at_once):
            count = min(at_once, self.count - first)
            views_texts(self.array, self.first + first, self.first + first + count, place)
            yield first, texts, count

    def column(self) -> Column:
        """The texts copied end to end."""
        rows = self.array.length
        offsets, data = np.empty(rows + 1, np.int64), np.empty(views_bytes(self.array), np.uint8)
        views_copy(self.array, offsets, data)
        return Column(offsets[self.first : self.first + self.count + 1], data)


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Rows of a dictionary array, none of them null.

    Attributes:
        indices: Shape (rows,), whole numbers; each is a row of the values.
        values: The texts.
    """

    indices: npt.NDArray[np.integer]
    values: "Column | Views"

    def __len__(self) -> int:
        return len(self.indices)

    def column(self) -> Column:
        """The text of each row, copied."""
        values = self.values if isinstance(self.values, Column) else self.values.column()
        offsets = values.offsets.astype(np.int64)
        lengths = np.diff(offsets)[self.indices]
        ends = np.zeros(len(self.indices) + 1, np.int64)
        np.cumsum(lengths, out=ends[1:])
        starts = offsets[:-1][self.indices]
        places = np.arange(ends[-1]) + np.repeat(starts - ends[:-1], lengths)
        return Column(ends, values.data[places])

    def used(self) -> tuple[npt.NDArray[np.int64], Column]:
        """The values that rows have, by first appearance: their places among the values, and their texts."""
        order = np.empty(len(self.values), np.int64)
        order = order[: codes_order(self.indices, order)]
        return order, Coded(order, self.values).column()

    def spread(self, answers: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        """Write the answer of each row, given those of the values."""
        np.take(answers, self.indices, out=out, mode="clip")  # they are in range, and "raise" makes a copy


Part = Column | Views | Coded


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The rows of a source, part after part."""

    parts: tuple[Part, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def placed(self) -> Iterator[tuple[int, Part]]:
        """First row of each part, and the part."""
        first = 0
        for part in self.parts:
            yield first, part
            first += len(part)


def seen(source: Any) -> Seen | Parts:
    """The texts of an Arrow object for C: as one view of memory where they are one array of the usual kind, else parts.

    Raises:
        TypeError, ValueError: As `column`.
    """
    if hasattr(source, "__arrow_c_array__"):
        schema, capsule = source.__arrow_c_array__()
        array, view = arrow_read_array(capsule), ffi.new("pm_column_view *")
        if arrow_view(array, schema, int(ffi.cast("uintptr_t", view))):
            return Seen(view, array.length, array)
        return Parts((_part(arrow_read_schema(schema), array, 0, array.length, "error"),))
    return Parts(tuple(parts(source)))


def parts(source: Any, *, nulls: Nulls = "error") -> list[Part]:
    """The texts as they lie in memory, one part per chunk; raises as `column`."""
    if isinstance(source, Column):
        return [source]
    schema, arrays = _read(source)
    return [_part(schema, array, 0, array.length, nulls) for array in arrays]


def column(source: Any, *, nulls: Nulls = "error") -> Column:
    """The texts of an Arrow array, series or chunked array; the views keep its memory alive.

    Several chunks are joined, which copies; `columns` gives them as they are.

    Args:
        source: What has `__arrow_c_array__` or `__arrow_c_stream__`.
        nulls: What becomes of a row without a value: ValueError, or an empty text.

    Raises:
        TypeError: It is no Arrow object, or its type is no text.
        ValueError: There are nulls, or offsets that decrease or lie outside their buffers.
    """
    return join(columns(source, nulls=nulls))


def columns(source: Any, *, nulls: Nulls = "error") -> list[Column]:
    """The same, one column per chunk, not joined."""
    return [_spelled(part) for part in parts(source, nulls=nulls)]


def each(source: Any) -> list[bytes]:
    """The texts, each an object of its own; raises as `column`."""
    return [text for part in columns(source) for text in part]


def fields(table: Any, *, nulls: Nulls = "error") -> dict[str, Column]:
    """The columns of a table, record batch, frame or struct array by name, as `column` gives each.

    Raises:
        TypeError: It is no Arrow object, no struct, or the type of a column is no text.
        ValueError: As `column`, or a row of the struct itself is null.
    """
    (kind, _, _, _, fields_of), arrays = _read(table)
    if kind != _STRUCT:
        raise TypeError(f"expected a table or struct array, got Arrow format {kind!r}: use column for one column")
    found: dict[str, list[Column]] = {field[1]: [] for field in fields_of}
    for array in arrays:
        validity = array.buffers[0] if array.buffers else 0
        if _nulls(array, validity, array.offset, array.length) is not None:
            raise ValueError("rows of the struct are null: fill or drop them first")
        children = array.children
        if len(children) != len(fields_of):
            raise ValueError(f"the Arrow array has {len(children)} children, its schema {len(fields_of)}")
        for field, child in zip(fields_of, children, strict=True):
            if child.length < array.offset + array.length:
                raise ValueError(f"the Arrow array of {field[1]!r} is shorter than its struct")
            found[field[1]].append(_spelled(_part(field, child, array.offset, array.length, nulls)))
    return {name: join(chunks) for name, chunks in found.items()}


def join(chunks: list[Column]) -> Column:
    """One column of several; a copy unless there is only one."""
    if len(chunks) == 1:
        return chunks[0]
    if not chunks:
        return Column(np.zeros(1, np.int64), np.empty(0, np.uint8))
    data = np.concatenate([chunk.data[chunk.offsets[0] : chunk.offsets[-1]] for chunk in chunks])
    offsets = np.zeros(sum(map(len, chunks)) + 1, np.int64)
    np.cumsum(np.concatenate([np.diff(chunk.offsets) for chunk in chunks]), dtype=np.int64, out=offsets[1:])
    return Column(offsets, data)


def _read(source: Any) -> _Read:
    if hasattr(source, "__arrow_c_array__"):
        schema, array = source.__arrow_c_array__()
        return arrow_read_schema(schema), [arrow_read_array(array)]
    if hasattr(source, "__arrow_c_stream__"):
        return arrow_read_stream(source.__arrow_c_stream__())
    raise TypeError(
        f"{type(source).__name__} has neither __arrow_c_array__ nor __arrow_c_stream__: it is no Arrow data"
    )


def _spelled(part: Part) -> Column:
    return part if isinstance(part, Column) else part.column()


def _part(schema: Any, array: ArrowArray, first: int, count: int, nulls: Nulls) -> Part:
    """Rows first .. first + count - 1 of an array of texts."""
    if nulls not in ("error", "empty"):
        raise ValueError(f"nulls must be 'error' or 'empty', got {nulls!r}")
    kind, _, _, dictionary, _ = schema
    if dictionary is not None:
        return _coded(schema, array, first, count, nulls)
    if kind == _NULL:
        _refuse_nulls(np.ones(count, np.bool_), nulls)
        return Column(np.zeros(count + 1, np.int64), np.empty(0, np.uint8))
    if kind not in (*_OFFSETS, *_VIEWS):
        raise TypeError(f"Arrow format {kind!r} holds no texts: cast it to string, large_string or string_view first")
    buffers = array.buffers
    if len(buffers) < _BUFFERS or (kind in _OFFSETS and len(buffers) != _BUFFERS):
        raise ValueError(f"an Arrow array of format {kind!r} has {_BUFFERS} buffers, this one {len(buffers)}")
    missing = _nulls(array, buffers[0], array.offset + first, count)
    _refuse_nulls(missing, nulls)
    if kind in _VIEWS:
        views = Views(array, first, count)
        return views if missing is None else views.column()
    found = _in_place(array, _OFFSETS[kind], first, count)
    return found if missing is None else _emptied(found, missing)


def _coded(schema: Any, array: ArrowArray, first: int, count: int, nulls: Nulls) -> Part:
    """Rows of a dictionary array. A row is null by itself, or because its text is."""
    kind, values_schema, values_array = schema[0], schema[3], array.dictionary
    buffers = array.buffers
    if kind not in _INDICES or len(buffers) != _CODED_BUFFERS or values_array is None:
        raise ValueError(f"an Arrow dictionary array has indices and a dictionary, this one format {kind!r}")
    indices: npt.NDArray[np.integer] = np.empty(0, np.int64)
    if count:
        dtype = np.dtype(_INDICES[kind])
        if buffers[1] == 0:
            raise ValueError("the Arrow dictionary array lacks its indices")
        place = buffers[1] + (array.offset + first) * dtype.itemsize
        indices = look(array, place, count * dtype.itemsize, dtype, readonly=True)
    missing = _nulls(array, buffers[0], array.offset + first, count)
    valid = indices if missing is None else indices[~missing]
    if valid.size and not 0 <= int(valid.min()) <= int(valid.max()) < values_array.length:
        raise ValueError(f"an index of the Arrow dictionary array is none of its {values_array.length} values")
    absent = None if values_schema[0] == _NULL else _own_nulls(values_array)
    if absent is not None or values_schema[0] == _NULL:
        gone = np.ones(values_array.length, np.bool_) if absent is None else absent
        lost = np.zeros(count, np.bool_) if missing is None else missing.copy()
        lost[~lost] |= gone[valid]
        missing = lost if lost.any() else None
    _refuse_nulls(missing, nulls)
    values = _part(values_schema, values_array, 0, values_array.length, "empty")
    if isinstance(values, Coded):
        values = values.column()
    if missing is None:
        return Coded(indices, values)
    spelled = _spelled(Coded(np.where(missing, 0, indices), values)) if len(values) else _nothing(count)
    return _emptied(spelled, missing)


def _nothing(count: int) -> Column:
    return Column(np.zeros(count + 1, np.int64), np.empty(0, np.uint8))


def _own_nulls(array: ArrowArray) -> npt.NDArray[np.bool_] | None:
    """Which rows of an array are null; None where none is."""
    return _nulls(array, array.buffers[0] if array.buffers else 0, array.offset, array.length)


def _refuse_nulls(missing: npt.NDArray[np.bool_] | None, nulls: Nulls) -> None:
    if missing is not None and missing.size and nulls == "error":
        raise ValueError(
            f"{np.count_nonzero(missing)} of {missing.size} rows are null, the first is row {int(missing.argmax())}: "
            "pass nulls='empty', or fill them first"
        )


def _nulls(array: ArrowArray, validity: int, first: int, count: int) -> npt.NDArray[np.bool_] | None:
    """Which rows are null, shape (count,); None where none is."""
    if array.null_count == 0 or validity == 0 or count == 0:
        return None
    skipped = first % 8
    packed = look(array, validity + first // 8, (skipped + count + 7) // 8, np.uint8, readonly=True)
    missing: npt.NDArray[np.bool_] = np.unpackbits(packed, count=skipped + count, bitorder="little")[skipped:] == 0
    return missing if missing.any() else None


def _in_place(array: ArrowArray, kind: type[np.integer], first: int, count: int) -> Column:
    """Views of the offsets and of the data up to the last of them."""
    _, ends, text = array.buffers
    if ends == 0:
        if count:
            raise ValueError("the Arrow array lacks its offsets")
        return Column(np.zeros(1, kind), np.empty(0, np.uint8))
    item = np.dtype(kind).itemsize
    place = ends + (array.offset + first) * item
    offsets = look(array, place, (count + 1) * item, kind, readonly=True)
    if not offsets_rise(offsets):
        raise ValueError("the offsets of the Arrow array are negative or decrease")
    size = int(offsets[-1])
    if text == 0 and size:
        raise ValueError("the Arrow array lacks its data")
    return Column(offsets, look(array, text, size, np.uint8, readonly=True))


def _emptied(found: Column, missing: npt.NDArray[np.bool_]) -> Column:
    """A column with empty texts in the rows that are null; a copy only where such a row has bytes."""
    lengths = np.diff(found.offsets)
    if not lengths[missing].any():
        return found
    kept = np.repeat(~missing, lengths)
    lengths[missing] = 0
    offsets = np.zeros_like(found.offsets)
    np.cumsum(lengths, out=offsets[1:])
    return Column(offsets, found.data[found.offsets[0] : found.offsets[-1]][kept])
