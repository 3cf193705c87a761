"""A column of texts in the Arrow layout, and its way to pyarrow, pandas and polars without a copy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt

from lab._extension import arrow_array, arrow_read_schema, arrow_schema, is_utf8
from lab._ffi import ffi

NULLABLE: Final = 2  # a field's flag: Arrow's own default, so that schemas compare equal
BINARY: Final = ("z", "Z")
_OFFSETS: Final = (np.dtype(np.int32), np.dtype(np.int64))
_BYTES: Final = np.dtype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Texts end to end. Length, items and iteration are those of a sequence of bytes, each copied out.

    It is no `collections.abc.Sequence`: Polars would take it for a list of bytes, and not ask for its Arrow form.

    Where the arrays are views of a batch they keep the batch alive and unchanged, and so does whatever Arrow makes of
    the column, which holds the arrays.

    Attributes:
        offsets: Shape (rows + 1,), int32 or int64, in bytes; text i is data[offsets[i]:offsets[i + 1]].
        data: Shape (bytes,), uint8.

    Raises:
        TypeError: The arrays are of other types.
        ValueError: They are not flat and contiguous, or there is no offset.
    """

    offsets: npt.NDArray[np.integer]
    data: npt.NDArray[np.uint8]

    def __post_init__(self) -> None:
        for name in ("offsets", "data"):  # a class derived from ndarray could say anything of its memory
            if type(getattr(self, name)) is not np.ndarray:
                object.__setattr__(self, name, np.asarray(getattr(self, name)))
        if self.offsets.dtype not in _OFFSETS or self.data.dtype != _BYTES:
            raise TypeError(f"a column takes int32 or int64, and uint8; got {self.offsets.dtype} and {self.data.dtype}")
        if not (self.offsets.ndim == self.data.ndim == 1 and self.offsets.size):
            raise ValueError("the arrays of a column are flat, and there is one offset more than rows")
        if not (self.offsets.flags.c_contiguous and self.data.flags.c_contiguous):
            raise ValueError("the arrays of a column are contiguous: copy them first")

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

    def __iter__(self) -> Iterator[bytes]:
        return (self[row] for row in range(len(self)))

    def __reversed__(self) -> Iterator[bytes]:
        return (self[row] for row in reversed(range(len(self))))

    def __contains__(self, text: object) -> bool:
        return any(row == text for row in self)

    def index(self, text: bytes, start: int = 0, stop: int | None = None) -> int:
        """The first row of a text.

        Raises:
            ValueError: No row has it.
        """
        for row in range(len(self))[start:stop]:
            if self[row] == text:
                return row
        raise ValueError(f"no row is {text!r}")

    def count(self, text: bytes) -> int:
        """How many rows have a text."""
        return sum(row == text for row in self)

    def arrow_format(self, requested_schema: object | None = None) -> str:
        """Arrow's letter for the type: string where every text is UTF-8, which is checked, otherwise binary.

        Raises:
            ValueError: Offsets decrease, are negative or pass the end of the data.
        """
        if requested_schema is not None and arrow_read_schema(requested_schema)[0] in BINARY:
            text = False
        else:
            text = is_utf8(self.data, self.offsets)
        return (
            ("u" if text else "z") if self.offsets.itemsize == np.dtype(np.int32).itemsize else ("U" if text else "Z")
        )

    def arrow_memory(self) -> object:
        """A capsule "arrow_array" over the column's own memory."""
        return arrow_array(len(self), 0, (None, self.offsets, self.data), (), None)

    def __arrow_c_schema__(self) -> object:
        """A capsule "arrow_schema": string or binary, with the width of the offsets."""
        return arrow_schema(self.arrow_format(), "", NULLABLE, (), None)

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Capsules of schema and array. Nothing is copied; binary is given where binary is requested."""
        return arrow_schema(self.arrow_format(requested_schema), "", NULLABLE, (), None), self.arrow_memory()


def fill_view(view: Any, column: Column) -> Any:
    """Make a C `pm_column_view` show a column; returns what must live as long as it is used."""
    keep = ffi.from_buffer(column.offsets), ffi.from_buffer("unsigned char[]", column.data)
    view.offsets, view.data = keep
    view.row_count, view.data_bytes, view.offset_bytes = len(column), column.data.size, column.offsets.itemsize
    return keep
