"""Masks and dictionaries on their way to Arrow, without a copy."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lab._extension import arrow_array, arrow_schema
from lab.memory.boundary.column import NULLABLE, Column


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
