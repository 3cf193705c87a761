"""Texts from Arrow, and what else goes there: masks and dictionaries.

Whatever has `__arrow_c_array__` or `__arrow_c_stream__` comes in: arrays, series, tables and frames of pyarrow, polars
and pandas. Texts of string and large_string (and binary, large_binary) come in without a copy; string_view, which
polars uses by itself, has no offsets, so its texts are gathered once. The Arrow C data interface tells no sizes of
buffers: offsets are checked against each other, but that the data reaches to the last one is the producer's word.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lab._extension import (
    ArrowArray,
    arrow_array,
    arrow_read_array,
    arrow_read_schema,
    arrow_read_stream,
    arrow_schema,
    arrow_view,
    offsets_rise,
    views_bytes,
    views_copy,
)
from lab._ffi import ffi
from lab.memory.boundary.column import NULLABLE, Column
from lab.memory.boundary.handle import look

Nulls = Literal["error", "empty"]
_OFFSETS: Final[dict[str, type[np.integer]]] = {"u": np.int32, "z": np.int32, "U": np.int64, "Z": np.int64}
_VIEWS: Final = ("vu", "vz")
_BUFFERS: Final = 3  # validity, offsets, data
_STRUCT: Final = "+s"
_Read = tuple[Any, list[ArrowArray]]


def is_arrow(source: object) -> bool:
    """Whether an object speaks the Arrow C data interface."""
    return hasattr(source, "__arrow_c_array__") or hasattr(source, "__arrow_c_stream__")


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Texts of an Arrow array as C sees them: for one call, without arrays of NumPy's over them.

    Attributes:
        view: C's `pm_column_view *`; its offsets are not checked.
        count: Rows.
        array: What owns the memory.
    """

    view: Any
    count: int
    array: ArrowArray

    def __len__(self) -> int:
        return self.count


def seen(source: Any) -> Seen | Column:
    """The texts of an Arrow object for C; a column unless they lie in one array without nulls, ready to be read.

    Raises:
        TypeError, ValueError: As `column`.
    """
    if hasattr(source, "__arrow_c_array__"):
        schema, capsule = source.__arrow_c_array__()
        array, view = arrow_read_array(capsule), ffi.new("pm_column_view *")
        if arrow_view(array, schema, int(ffi.cast("uintptr_t", view))):
            return Seen(view, array.length, array)
        return _texts(arrow_read_schema(schema), array, 0, array.length, "error")
    return column(source)


def column(source: Any, *, nulls: Nulls = "error") -> Column:
    """The texts of an Arrow array, series or chunked array; the views keep its memory alive.

    Several chunks are joined, which copies; `columns` gives them as they are.

    Args:
        source: What has `__arrow_c_array__` or `__arrow_c_stream__`.
        nulls: What becomes of a row without a value: ValueError, or an empty text.

    Raises:
        TypeError: It is no Arrow object, or not of a string or binary type.
        ValueError: There are nulls, or offsets that decrease or lie outside their buffers.
    """
    return join(columns(source, nulls=nulls))


def columns(source: Any, *, nulls: Nulls = "error") -> list[Column]:
    """The same, one column per chunk, not joined."""
    if isinstance(source, Column):
        return [source]
    schema, arrays = _read(source)
    return [_texts(schema, array, 0, array.length, nulls) for array in arrays]


def fields(table: Any, *, nulls: Nulls = "error") -> dict[str, Column]:
    """The columns of a table, record batch, frame or struct array by name, as `column` gives each.

    Raises:
        TypeError: It is no Arrow object, no struct, or a column is not of a string or binary type.
        ValueError: As `column`, or a row of the struct itself is null.
    """
    (kind, _, _, _, parts), arrays = _read(table)
    if kind != _STRUCT:
        raise TypeError(f"expected a table or struct array, got Arrow format {kind!r}: use column for one column")
    found: dict[str, list[Column]] = {part[1]: [] for part in parts}
    for array in arrays:
        validity = array.buffers[0] if array.buffers else 0
        if _nulls(array, validity, array.offset, array.length) is not None:
            raise ValueError("rows of the struct are null: fill or drop them first")
        children = array.children
        if len(children) != len(parts):
            raise ValueError(f"the Arrow array has {len(children)} children, its schema {len(parts)}")
        for part, child in zip(parts, children, strict=True):
            if child.length < array.offset + array.length:
                raise ValueError(f"the Arrow array of {part[1]!r} is shorter than its struct")
            found[part[1]].append(_texts(part, child, array.offset, array.length, nulls))
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


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """An answer per row, as Arrow packs it; goes out as a boolean array without a copy.

    Attributes:
        bits: Shape ((count + 7) // 8,), uint8; row i in bit i % 8 of byte i // 8.
        count: Rows.

    Raises:
        ValueError: There are not as many bits as rows.
    """

    bits: npt.NDArray[np.uint8]
    count: int

    def __post_init__(self) -> None:
        if self.bits.dtype != np.uint8 or self.bits.shape != ((self.count + 7) // 8,) or self.count < 0:
            raise ValueError(f"{self.count} rows need {(self.count + 7) // 8} bytes of bits, shape {self.bits.shape}")

    def __len__(self) -> int:
        return self.count

    def array(self) -> npt.NDArray[np.bool_]:
        """The answers, shape (count,), unpacked."""
        return np.unpackbits(self.bits, count=self.count, bitorder="little").view(np.bool_)

    def __arrow_c_schema__(self) -> object:
        """A capsule "arrow_schema" of bool."""
        return arrow_schema("b", "", NULLABLE, (), None)

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Capsules of schema and array."""
        return self.__arrow_c_schema__(), arrow_array(self.count, 0, (None, self.bits), (), None)


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """Texts by number, as an interner gives them; goes out as a dictionary array of int32 without a copy.

    Attributes:
        ids: Shape (rows,), uint32 or int32; the largest of their type, or a negative one, stands for no text: null.
        strings: The text of each number.

    Raises:
        TypeError: The ids are of another type.
        ValueError: One of them is no number of a text.
    """

    ids: npt.NDArray[np.integer]
    strings: Column

    def __post_init__(self) -> None:
        if self.ids.dtype not in (np.uint32, np.int32):
            raise TypeError(f"ids are uint32 or int32, got {self.ids.dtype}")
        if self.ids.ndim != 1 or not self.ids.flags.c_contiguous:
            raise ValueError("ids are flat and contiguous: copy them first")
        signed = self.ids.view(np.int32)
        if signed.size and int(signed.max()) >= len(self.strings):
            raise ValueError(f"id {int(signed.max())} is none of the {len(self.strings)} strings")

    def __len__(self) -> int:
        return len(self.ids)

    def __arrow_c_schema__(self) -> object:
        """A capsule "arrow_schema" of dictionary<int32, string>."""
        return arrow_schema("i", "", NULLABLE, (), self.strings.__arrow_c_schema__())

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Capsules of schema and array."""
        signed = self.ids.view(np.int32)
        missing = signed < 0
        null_count = int(np.count_nonzero(missing))
        validity = np.packbits(~missing, bitorder="little") if null_count else None
        array = arrow_array(len(signed), null_count, (validity, signed), (), self.strings.arrow_memory())
        return self.__arrow_c_schema__(), array


def _read(source: Any) -> _Read:
    if hasattr(source, "__arrow_c_array__"):
        schema, array = source.__arrow_c_array__()
        return arrow_read_schema(schema), [arrow_read_array(array)]
    if hasattr(source, "__arrow_c_stream__"):
        return arrow_read_stream(source.__arrow_c_stream__())
    raise TypeError(
        f"{type(source).__name__} has neither __arrow_c_array__ nor __arrow_c_stream__: it is no Arrow data"
    )


def _texts(schema: Any, array: ArrowArray, first: int, count: int, nulls: Nulls) -> Column:
    """Rows first .. first + count - 1 of an array of texts."""
    if nulls not in ("error", "empty"):
        raise ValueError(f"nulls must be 'error' or 'empty', got {nulls!r}")
    kind, _, _, has_dictionary, _ = schema
    if has_dictionary or kind not in (*_OFFSETS, *_VIEWS):
        what = "a dictionary" if has_dictionary else f"format {kind!r}"
        raise TypeError(f"Arrow {what} holds no texts: cast it to string, large_string or string_view first")
    buffers = array.buffers
    if len(buffers) < _BUFFERS or (kind in _OFFSETS and len(buffers) != _BUFFERS):
        raise ValueError(f"an Arrow array of format {kind!r} has {_BUFFERS} buffers, this one {len(buffers)}")
    missing = _nulls(array, buffers[0], array.offset + first, count)
    if missing is not None and nulls == "error":
        raise ValueError(
            f"{np.count_nonzero(missing)} of {count} rows are null, the first is row {int(missing.argmax())}: "
            "pass nulls='empty', or fill them first"
        )
    if kind in _VIEWS:
        return _gathered(array, first, count)
    found = _in_place(array, _OFFSETS[kind], first, count)
    return found if missing is None else _emptied(found, missing)


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


def _gathered(array: ArrowArray, first: int, count: int) -> Column:
    """String views, nulls empty, copied end to end."""
    offsets, data = np.empty(array.length + 1, np.int64), np.empty(views_bytes(array), np.uint8)
    views_copy(array, offsets, data)
    return Column(offsets[first : first + count + 1], data)


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
