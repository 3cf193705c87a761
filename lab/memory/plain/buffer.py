"""A vector where malloc puts it: the plain stand-in for an aligned buffer."""

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.texts import raw
from lab.memory.buffer import AlignedBuffer
from lab.memory.errors import check

_MALLOC_ALIGNMENT_BYTES = 16


class PlainBuffer(AlignedBuffer):
    """A buffer's interface over a vector that lies where malloc puts it. As `AlignedBuffer` otherwise."""

    __slots__ = ()

    def __init__(self, dtype: npt.DTypeLike = np.uint8, count: int = 0) -> None:
        self._dtype = np.dtype(dtype)
        if self._dtype.hasobject or self._dtype.itemsize == 0:
            raise TypeError(f"{self._dtype} cannot live in a buffer: take a type of fixed size without Python objects")
        vector = ffi.gc(ffi.new("pm_vec *"), lib.pm_vec_deinit)
        check(lib.pm_vec_init(vector, self._dtype.itemsize, 0), "a buffer")
        Handle.__init__(self, vector)
        if count:
            self.resize(count)

    @property
    def alignment_bytes(self) -> int:
        """What malloc aligns to."""
        with self._lock:
            self._open()
            return _MALLOC_ALIGNMENT_BYTES

    def extend(self, values: npt.ArrayLike) -> None:
        """As `AlignedBuffer.extend`."""
        elements = self._convert(np.asarray(values))
        with self._lock:
            pointer = self._open()
            self._forbid_views("extend")
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
        with self._lock:
            self._open()
            return 0
