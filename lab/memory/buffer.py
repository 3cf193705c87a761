"""A growable buffer whose memory is aligned and padded to a cache line or more.

`array` gives it to NumPy without a copy, `memoryview(buffer)` and `np.from_dlpack(buffer)` to everybody else. Like
`bytearray`, the buffer refuses to change its length while such a view is alive.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lab._extension import BufferExporter, Export
from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import alignment, size
from lab.memory.boundary.texts import raw
from lab.memory.errors import check

ALIGNMENT_BYTES: Final[int] = lib.PM_BUFFER_ALIGNMENT
ALIGNMENT_MAX_BYTES: Final[int] = lib.PM_BUFFER_ALIGNMENT_MAX
DLPACK_CPU: Final = (1, 0)


@lru_cache
def _word(dtype: np.dtype[Any]) -> bytes:
    """What the buffer protocol calls a type."""
    empty: Any = np.empty(0, dtype)
    try:
        return memoryview(empty).format.encode()
    except ValueError as error:
        raise BufferError(f"the buffer protocol has no word for {dtype}: take array()") from error


class BufferBase(Handle, BufferExporter):
    """What a buffer shows of its memory, wherever that is; its C object has `data`, `count` and `capacity_bytes`."""

    __slots__ = ("_dtype",)

    def __init__(self, dtype: npt.DTypeLike, make: Callable[[np.dtype[Any]], Any]) -> None:
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        if self._dtype.hasobject or self._dtype.itemsize == 0:
            raise TypeError(f"{self._dtype} cannot live in a buffer: take a type of fixed size without Python objects")
        super().__init__(make(self._dtype))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self._dtype

    @property
    def capacity_bytes(self) -> int:
        """Bytes of memory held."""
        with self._turn:
            return int(self._open().capacity_bytes)

    @property
    def address(self) -> int:
        """Where the memory begins; 0 while there is none."""
        with self._turn:
            return int(ffi.cast("uintptr_t", self._open().data))

    def __len__(self) -> int:
        with self._turn:
            return int(self._open().count)

    def array(self, *, readonly: bool = False) -> npt.NDArray[Any]:
        """The elements as a view of shape (len(self),), without a copy; it keeps the buffer alive."""
        with self._turn:
            pointer = self._open()
            address = int(ffi.cast("uintptr_t", pointer.data))
            return self._view(address, pointer.count * self._dtype.itemsize, readonly=readonly, dtype=self._dtype)

    def _export(self) -> Export:
        """What the buffer protocol shows: the elements, writable.

        Raises:
            BufferError: The protocol has no word for the type (dates): take `array`.
        """
        word = _word(self._dtype)
        with self._turn:
            return self._memory(self._open(), word)

    def _memory(self, pointer: Any, word: bytes) -> Export:
        item = self._dtype.itemsize
        return Export(self, int(ffi.cast("uintptr_t", pointer.data)), pointer.count * item, False, word, item)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """NumPy's array interface; the memory stays while the dictionary or an array made of it lives."""
        with self._turn:
            pointer = self._open()
            return {
                "version": 3,
                "shape": (int(pointer.count),),
                "typestr": self._dtype.str,
                "descr": self._dtype.descr,
                "data": self._memory(pointer, b"B"),
            }

    def __dlpack__(self, **options: Any) -> Any:
        """A DLPack capsule of the elements, writable, which keeps the buffer as a view does.

        Args:
            options: stream, max_version, dl_device and copy, as the array API standard has them.

        Raises:
            BufferError: DLPack has no such type, or the options ask for what cannot be.
        """
        return self.array().__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        """The processor's own memory."""
        return DLPACK_CPU

    def _convert(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Flat values as a contiguous array of the buffer's type."""
        if values.ndim != 1:
            raise ValueError(f"values must be flat, got {values.ndim} dimensions")
        if values.dtype != self._dtype and values.size and not np.can_cast(values.dtype, self._dtype):
            whole = values.dtype.kind in "iu" and self._dtype.kind in "iu"
            if not whole and not np.can_cast(values.dtype, self._dtype, "same_kind"):
                raise TypeError(f"{values.dtype} does not convert to {self._dtype}: convert it with astype first")
            if whole:
                low, high, limits = int(values.min()), int(values.max()), np.iinfo(self._dtype)
                if low < limits.min or high > limits.max:
                    raise OverflowError(f"values from {low} to {high} do not fit in {self._dtype}")
        return np.ascontiguousarray(values, self._dtype)

    def resize(self, count: int) -> None:
        """As `AlignedBuffer.resize`."""
        raise NotImplementedError

    def clear(self) -> None:
        """No elements; the memory is kept.

        Raises:
            BufferError: A view is out.
        """
        self.resize(0)

    def _change(self, action: str, function: Any, count: int) -> None:
        length = size(count, "count")
        with self._turn:
            pointer = self._open()
            self._forbid_use(action)
            check(function(pointer, length), f"{length} elements of {self._dtype.itemsize} bytes")


class AlignedBuffer(BufferBase):
    """Elements of one NumPy type in aligned memory. Threads take turns.

    Args:
        dtype: Type of the elements; no Python objects.
        count: Elements to begin with, zero.
        alignment_bytes: A power of two from 64 to 2 MiB.
        huge_pages: Ask the kernel for 2 MiB pages; `huge_bytes` tells what it gave.

    Raises:
        TypeError: The type holds Python objects.
        ValueError: count is negative, or the alignment is wrong.
        OverflowError: The size cannot be represented.
        MemoryError: The system refuses memory.
    """

    __slots__ = ()

    def __init__(
        self,
        dtype: npt.DTypeLike = np.uint8,
        count: int = 0,
        *,
        alignment_bytes: int = ALIGNMENT_BYTES,
        huge_pages: bool = False,
    ) -> None:
        def make(kind: np.dtype[Any]) -> Any:
            options = ffi.new("pm_buffer_options *")
            options.element_bytes = kind.itemsize
            options.alignment = alignment(alignment_bytes, ALIGNMENT_BYTES, ALIGNMENT_MAX_BYTES)
            options.huge_pages = huge_pages
            out = ffi.new("pm_buffer **")
            check(lib.pm_buffer_new(options, out), "an aligned buffer")
            return ffi.gc(out[0], lib.pm_buffer_free)

        super().__init__(dtype, make)
        if count:
            self.resize(count)

    @property
    def alignment_bytes(self) -> int:
        """What the address and the capacity are multiples of."""
        with self._turn:
            return int(self._open().alignment)

    def extend(self, values: npt.ArrayLike) -> None:
        """Append the elements of an array, or what NumPy makes one of, shape (n,).

        Raises:
            ValueError: The values are not flat.
            TypeError: They are of another kind than the buffer's type: floats for integers.
            OverflowError: A whole number is out of the type's range.
            BufferError: A view is out.
            MemoryError: The system refuses memory.
        """
        if (
            type(values) is np.ndarray
            and values.dtype is self._dtype
            and values.ndim == 1
            and values.flags.c_contiguous
        ):
            elements: npt.NDArray[Any] = values
        else:
            elements = self._convert(np.asarray(values))
        count = len(elements)
        with self._turn:
            pointer = self._open()
            if self.exports or self._turn.uses:
                self._forbid_use("extend")
            status = lib.pm_buffer_append(pointer, raw(elements), count)
        if status:  # a message costs more than the call
            check(status, f"{count} more elements")

    def resize(self, count: int) -> None:
        """Make the buffer `count` elements long; new ones are zero.

        Raises:
            ValueError: count is negative.
            BufferError: A view is out.
            OverflowError: The size cannot be represented.
            MemoryError: The system refuses memory.
        """
        self._change("resize", lib.pm_buffer_resize, count)

    def reserve(self, count: int) -> None:
        """Make room for `count` further elements: appending so many moves nothing.

        Raises:
            ValueError: count is negative.
            BufferError: A view is out.
            OverflowError: The size cannot be represented.
            MemoryError: The system refuses memory.
        """
        self._change("reserve in", lib.pm_buffer_reserve, count)

    def huge_bytes(self) -> int:
        """Bytes that the kernel backs with huge pages now, by its own report; slow.

        Raises:
            UnsupportedError: The system does not tell.
        """
        out = ffi.new("size_t *")
        with self._turn:
            check(lib.pm_buffer_huge_bytes(self._open(), out), "huge pages of a buffer")
        return int(out[0])
