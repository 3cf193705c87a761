"""A vector where malloc puts it: the plain stand-in for an aligned buffer."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.texts import raw
from lab.memory.buffer import BufferBase
from lab.memory.errors import check

MALLOC_ALIGNMENT_BYTES: Final = 16


class PlainBuffer(BufferBase):
    """Elements of one NumPy type in a vector, with the calls of `AlignedBuffer`. Threads take turns.

    Args:
        dtype: Type of the elements; no Python objects.
        count: Elements to begin with, zero.

    Raises:
        As `AlignedBuffer` does.
    """

    __slots__ = ()

    def __init__(self, dtype: npt.DTypeLike = np.uint8, count: int = 0) -> None:
        def make(kind: np.dtype[Any]) -> Any:
            vector = ffi.gc(ffi.new("pm_vec *"), lib.pm_vec_deinit)
            check(lib.pm_vec_init(vector, kind.itemsize, 0), "a buffer")
            return vector

        super().__init__(dtype, make)
        if count:
            self.resize(count)

    @property
    def alignment_bytes(self) -> int:
        """What malloc aligns to."""
        with self._turn:
            self._open()
            return MALLOC_ALIGNMENT_BYTES

    def extend(self, values: npt.ArrayLike) -> None:
        """As `AlignedBuffer.extend`."""
        elements = self._convert(np.asarray(values))
        with self._turn:
            pointer = self._open()
            self._forbid_use("extend")
            if elements.size:
                check(lib.pm_vec_append(pointer, raw(elements), elements.size), f"{elements.size} more elements")

    def resize(self, count: int) -> None:
        """As `AlignedBuffer.resize`."""
        self._change("resize", lib.pm_vec_resize, count)

    def reserve(self, count: int) -> None:
        """As `AlignedBuffer.reserve`."""
        self._change("reserve in", lib.pm_vec_reserve, count)

    def huge_bytes(self) -> int:
        """0: heap blocks ask for no huge pages."""
        with self._turn:
            self._open()
            return 0
