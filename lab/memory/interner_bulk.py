"""Whole columns and lists into an interner: what they are read from, and how the ids of each kind are found."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary import arrow, lists
from lab.memory.boundary.column import Column, fill_view
from lab.memory.boundary.texts import Text
from lab.memory.errors import check

Ids = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.integer]
Texts = Sequence[Text] | Column | tuple[Offsets, bytes | npt.NDArray[np.uint8]] | Any  # Any: with __arrow_c_array__

MISSING: Final = 0xFFFFFFFF  # what `lookup_many` gives for a string that is not there; never an id
TEXTS_FOR_THREADS: Final = 1 << 20


def column_of(texts: Texts) -> Column | None:
    """A column, or what is given as offsets and bytes; None for anything else.

    Raises:
        TypeError: The offsets are not flat whole numbers.
    """
    match texts:
        case Column():
            return texts
        case (np.ndarray() as offsets, data):
            if offsets.dtype.kind not in "iu" or offsets.ndim != 1 or offsets.size == 0:
                raise TypeError(
                    f"offsets must be flat whole numbers, one at least, got {offsets.dtype} {offsets.shape}"
                )
            kind = offsets.dtype if offsets.dtype in (np.int32, np.int64) else np.dtype(np.int64)
            content: Any = data
            return Column(np.ascontiguousarray(offsets, kind), np.frombuffer(content, np.uint8))
    return None


def source_of(texts: Texts) -> Column | arrow.Seen | arrow.Parts | list[Any] | tuple[Any, ...]:
    """What to read the texts from."""
    column = column_of(texts)
    if column is not None:
        return column
    return arrow.seen(texts) if arrow.is_arrow(texts) else lists.listed(texts)


def intern_part(pointer: Any, part: arrow.Part | arrow.Seen, threads: int, ids: Ids) -> None:
    """Intern a part, and write its ids; to be called with the turn."""
    if isinstance(part, arrow.Coded):
        order, texts = part.used()
        distinct, by_value = np.empty(len(order), np.uint32), np.zeros(len(part.values), np.uint32)
        intern_part(pointer, texts, threads, distinct)
        by_value[order] = distinct
        part.spread(by_value, ids)
    elif isinstance(part, arrow.Views):
        for first, piece, count in part.pieces(*((TEXTS_FOR_THREADS,) if threads > 1 else ())):
            out = ffi.from_buffer("uint32_t[]", ids[first : first + count])
            check(lib.pm_interner_intern_texts(pointer, piece, count, 0, threads, out), f"{len(ids)} strings")
    else:
        _with_column(
            part,
            lambda view: lib.pm_interner_intern_column(pointer, view, threads, ffi.from_buffer("uint32_t[]", ids)),
            f"{len(ids)} strings (offsets must not decrease or leave the data)",
        )


def look_up_part(pointer: Any, part: arrow.Part | arrow.Seen, ids: Ids) -> None:
    """Write the ids of a part's texts; to be called with the turn."""
    if isinstance(part, arrow.Coded):
        distinct = np.empty(len(part.values), np.uint32)
        look_up_part(pointer, part.values, distinct)
        part.spread(distinct, ids)
    elif isinstance(part, arrow.Views):
        for first, texts, count in part.pieces():
            out = ffi.from_buffer("uint32_t[]", ids[first : first + count])
            check(lib.pm_interner_lookup_texts(pointer, texts, count, 0, MISSING, out), f"{len(ids)} strings")
    else:
        _with_column(
            part,
            lambda view: lib.pm_interner_lookup_column(pointer, view, MISSING, ffi.from_buffer("uint32_t[]", ids)),
            f"{len(ids)} strings",
        )


def _with_column(part: Column | arrow.Seen, call: Callable[[Any], int], what: str) -> None:
    """Call a C function with a column as C takes it, which lives until the function is done."""
    if isinstance(part, arrow.Seen):
        check(call(part.view), what)
        return
    view = ffi.new("pm_column_view *")
    keep = fill_view(view, part)
    check(call(view), what)
    del keep
