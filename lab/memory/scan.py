"""Searching and counting in bytes with vectors: in one text, and in all rows of a column at once.

A column is a `Column`, a pair of offsets and data in the Arrow layout, or anything that speaks the Arrow C data
interface (pyarrow, polars, pandas); a list of str or bytes is read in place. Texts are compared as UTF-8 bytes. Nothing
is read outside of the arrays; offsets that are not sound are a ValueError.

Any thread may call, and arrays must not be changed until the call is over. The GIL is free meanwhile, but for lists:
some thousand of their texts are read and searched at a time, and between these other threads may go on.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lab._extension import list_scan
from lab._ffi import ffi, lib
from lab.memory.boundary import lists
from lab.memory.boundary.arrow import Coded, Part, Parts, Seen, Views, is_arrow, seen
from lab.memory.boundary.arrow import column as arrow_column
from lab.memory.boundary.arrow_out import Mask
from lab.memory.boundary.column import Column, fill_view
from lab.memory.boundary.texts import Text, encode, join
from lab.memory.errors import check

Data = str | bytes | bytearray | memoryview | npt.NDArray[Any]
Pair = tuple[npt.NDArray[np.integer], Data]
Rows = Column | Pair | Sequence[Text] | Any  # or an Arrow object
Test = Literal["contains", "equals", "starts with"]
Counts = npt.NDArray[np.uint64]

_TESTS: Final[dict[Test, int]] = {
    "contains": lib.PM_SCAN_CONTAINS,
    "equals": lib.PM_SCAN_EQUALS,
    "starts with": lib.PM_SCAN_STARTS_WITH,
}
_SCAN_TEXTS: Final = lists.address(ffi.addressof(lib, "pm_scan_texts"))
_NARROW_BYTES: Final = 1 << 32  # positions in texts up to this fit in 32 bits
_UNSOUND: Final = "offsets must not be negative, decrease, or pass the end of the data"


def contains(rows: Rows, needle: Text) -> npt.NDArray[np.bool_]:
    """Whether each row contains the needle, which never stands across two rows; shape (rows,).

    Raises:
        TypeError: The rows or the needle are no texts, or arrays are of the wrong type.
        ValueError: Offsets are not sound, or arrays not flat and contiguous.
        UnicodeEncodeError: A text holds a lone surrogate.
    """
    return _flags(rows, "contains", needle)


def equals(rows: Rows, needle: Text) -> npt.NDArray[np.bool_]:
    """Whether each row is the needle; shape (rows,). Raises as `contains` does."""
    return _flags(rows, "equals", needle)


def starts_with(rows: Rows, needle: Text) -> npt.NDArray[np.bool_]:
    """Whether each row begins with the needle; shape (rows,). Raises as `contains` does."""
    return _flags(rows, "starts with", needle)


def mask(rows: Rows, test: Test, needle: Text) -> Mask:
    """The answers of a test as bits, which go to Arrow without a copy.

    Raises:
        ValueError: There is no such test; or as `contains`.
        TypeError, UnicodeEncodeError: As `contains`.
    """
    source = _given(rows)
    rows_count = len(source)
    bits = np.empty((rows_count + 7) // 8, np.uint8)
    _test(source, rows_count, test, needle, bits=bits)
    return Mask(bits, rows_count)


def count(rows: Rows, test: Test, needle: Text) -> int:
    """For how many rows a test holds. Raises as `mask` does."""
    source = _given(rows)
    return _test(source, len(source), test, needle)


def count_byte_in_rows(rows: Rows, byte: bytes) -> Counts:
    """How often a byte occurs in each row; shape (rows,). Raises as `contains`, and ValueError for several bytes."""
    column = as_column(rows)
    counts = np.empty(len(column), np.uint64)
    view = ffi.new("pm_column_view *")
    keep = fill_view(view, column)
    check(lib.pm_scan_rows_count_byte(view, _one(byte), _out(counts, "uint64_t[]")), _UNSOUND)
    del keep
    return counts


def count_characters_in_rows(rows: Rows) -> Counts:
    """Characters of UTF-8 in each row, which is not checked; shape (rows,). Raises as `contains` does."""
    column = as_column(rows)
    counts = np.empty(len(column), np.uint64)
    view = ffi.new("pm_column_view *")
    keep = fill_view(view, column)
    check(lib.pm_scan_rows_count_chars(view, _out(counts, "uint64_t[]")), _UNSOUND)
    del keep
    return counts


def find(data: Data, needle: Text) -> int | None:
    """Where the needle first stands in the data, in bytes; None where nowhere.

    Raises:
        TypeError: The data is no text, no buffer of bytes, or not contiguous.
    """
    text, wanted = as_bytes(data), encode(needle)
    place = int(lib.pm_scan_find(_in(text), len(text), wanted, len(wanted)))
    return place if place < len(text) or not wanted else None


def count_byte(data: Data, byte: bytes) -> int:
    """How often a byte occurs. Raises as `find`, and ValueError for several bytes."""
    text = as_bytes(data)
    return int(lib.pm_scan_count_byte(_in(text), len(text), _one(byte)))


def count_characters(data: Data) -> int:
    """Characters of UTF-8, which is not checked. Raises as `find` does."""
    text = as_bytes(data)
    return int(lib.pm_scan_count_chars(_in(text), len(text)))


def positions(data: Data, byte: bytes = b"\n") -> npt.NDArray[np.uint32] | npt.NDArray[np.uint64]:
    """Where a byte, such as the newline, stands, ascending; 32 bits wide in data up to 4 GiB, beyond that 64.

    Raises as `find`, and ValueError for several bytes.
    """
    text, wanted = as_bytes(data), _one(byte)
    source = _in(text)
    found = int(lib.pm_scan_count_byte(source, len(text), wanted))
    if len(text) > _NARROW_BYTES:
        wide = np.empty(found, np.uint64)
        again = int(lib.pm_scan_index_u64(source, len(text), wanted, _out(wide, "uint64_t[]"), found))
        return wide[: min(found, again)]
    narrow = np.empty(found, np.uint32)
    out = ffi.new("size_t *")
    check(
        lib.pm_scan_index_u32(source, len(text), wanted, _out(narrow, "uint32_t[]"), found, out), f"{len(text)} bytes"
    )
    return narrow[: min(found, out[0])]  # fewer only where another thread changed the data


def histogram(data: Data) -> Counts:
    """How often each of the 256 bytes occurs; shape (256,). Raises as `find` does."""
    text = as_bytes(data)
    counts = np.empty(256, np.uint64)
    lib.pm_scan_histogram(_in(text), len(text), _out(counts, "uint64_t[]"))
    return counts


def as_bytes(data: Data) -> npt.NDArray[np.uint8]:
    """The bytes of a text or buffer as an array of shape (bytes,), copied only for a str.

    Raises:
        TypeError: It is neither, or not contiguous.
    """
    if isinstance(data, str):
        data = data.encode()
    try:
        view = memoryview(data)  # type: ignore[arg-type]  # NumPy arrays are buffers, though not to the type checker
    except TypeError:
        raise TypeError(f"expected str, bytes or a buffer, got {type(data).__name__}") from None
    if not view.c_contiguous:
        raise TypeError("the data is not contiguous: copy it first")
    return np.frombuffer(view, np.uint8) if view.nbytes else np.empty(0, np.uint8)


def as_column(rows: Rows) -> Column:
    """The rows as a column, copied only where they are a sequence of texts.

    Raises:
        TypeError: They are none of the kinds of rows, or arrays are of the wrong type.
        ValueError: Arrays are not flat and contiguous, or Arrow rows have nulls.
        UnicodeEncodeError: A text holds a lone surrogate.
    """
    source = _source(rows)
    if isinstance(source, Column):
        return source
    data, offsets = join(source)
    return Column(offsets, as_bytes(data))


def _given(rows: Rows) -> Column | Seen | Parts | list[Any] | tuple[Any, ...]:
    """The rows for one call."""
    return seen(rows) if is_arrow(rows) and not isinstance(rows, Column) else _source(rows)


def _source(rows: Rows) -> Column | list[Any] | tuple[Any, ...]:
    """A column where the rows are one, otherwise the texts."""
    if isinstance(rows, Column):
        return rows
    if isinstance(rows, tuple) and rows and isinstance(rows[0], np.ndarray):
        offsets, data = rows
        return Column(offsets, as_bytes(data))
    return arrow_column(rows) if is_arrow(rows) else lists.listed(rows)


def _flags(rows: Rows, test: Test, needle: Text) -> npt.NDArray[np.bool_]:
    source = _given(rows)
    flags = np.empty(len(source), np.bool_)
    _test(source, len(flags), test, needle, flags=flags)
    return flags


def _test(
    source: Column | Seen | Parts | list[Any] | tuple[Any, ...],
    rows: int,
    test: Test,
    needle: Text,
    *,
    bits: npt.NDArray[np.uint8] | None = None,
    flags: npt.NDArray[np.bool_] | None = None,
) -> int:
    """Test all rows, of which there were `rows` when the outputs were sized: a list may grow meanwhile."""
    if test not in _TESTS:
        raise ValueError(f"no test {test!r}: take one of {', '.join(_TESTS)}")
    if isinstance(source, Parts):
        return _test_parts(source, test, needle, bits, flags)
    kind, wanted, hits = _TESTS[test], encode(needle), ffi.new("size_t *")
    answer = ffi.new("pm_scan_mask *")
    out_bits = ffi.NULL if bits is None else _out(bits, "unsigned char[]")
    out_flags = ffi.NULL if flags is None else _out(flags.view(np.uint8), "unsigned char[]")
    if isinstance(source, Column | Seen):
        view = source.view if isinstance(source, Seen) else ffi.new("pm_column_view *")
        keep = source if isinstance(source, Seen) else fill_view(view, source)
        answer.bits, answer.bytes = out_bits, out_flags
        check(lib.pm_scan_rows(view, kind, wanted, len(wanted), answer, hits), _UNSOUND)
        del keep
        return int(hits[0])
    for first, stop in lists.ranges(rows):
        answer.bits = ffi.NULL if bits is None else out_bits + first // 8
        answer.bytes = ffi.NULL if flags is None else out_flags + first
        status = list_scan(_SCAN_TEXTS, kind, wanted, lists.address(answer), lists.address(hits), source, first, stop)
        check(status, f"{rows} texts")
    return int(hits[0])


def _test_parts(
    source: Parts, test: Test, needle: Text, bits: npt.NDArray[np.uint8] | None, flags: npt.NDArray[np.bool_] | None
) -> int:
    """Test part after part; a mask of bits is packed at the end, because parts begin anywhere in a byte."""
    found = np.empty(len(source), np.bool_) if flags is None else flags
    hits = 0
    for first, part in source.placed():
        hits += _test_part(part, test, needle, found[first : first + len(part)])
    if bits is not None:
        bits[:] = np.packbits(found, bitorder="little")
    return hits


def _test_part(part: Part, test: Test, needle: Text, flags: npt.NDArray[np.bool_]) -> int:
    """Test the rows of a part; of a dictionary array each text once."""
    if isinstance(part, Coded):
        answers = np.empty(len(part.values), np.bool_)
        _test_part(part.values, test, needle, answers)
        part.spread(answers, flags)
        return int(np.count_nonzero(flags))
    if isinstance(part, Column):
        return _test(part, len(part), test, needle, flags=flags)
    return _test_views(part, test, needle, flags)


def _test_views(part: Views, test: Test, needle: Text, flags: npt.NDArray[np.bool_]) -> int:
    kind, wanted, hits, total = _TESTS[test], encode(needle), ffi.new("size_t *"), 0
    answer = ffi.new("pm_scan_mask *")
    for first, texts, count in part.pieces():
        out = _out(flags[first : first + count].view(np.uint8), "unsigned char[]")
        answer.bytes = out
        check(lib.pm_scan_texts(texts, count, kind, wanted, len(wanted), answer, hits), f"{count} texts")
        total += int(hits[0])
    return total


def _in(data: npt.NDArray[np.uint8]) -> Any:
    return ffi.from_buffer(data)


def _out(array: npt.NDArray[Any], kind: str) -> Any:
    return ffi.from_buffer(kind, array, require_writable=True)


def _one(byte: bytes) -> int:
    if len(byte) != 1:
        raise ValueError(f"expected one byte, got {byte!r}")
    return byte[0]
