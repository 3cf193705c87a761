"""Bytes that are shared until someone changes them.

A `CowBytes` on `bytes` borrows them, its shares and slices borrow from it, and the first change through one of them
copies: no change is ever seen through another. `slices` makes thousands in one call, for the nodes of a syntax tree.
`copies` tells what was copied, and what would have been if each had copied at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import Sizes, size, sizes
from lab.memory.boundary.texts import encode, readable
from lab.memory.errors import check

Content = str | bytes | bytearray | memoryview | npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class CopyStats:
    """Copies made and avoided, summed over all threads and handles since the process began.

    Attributes:
        copied_count: Copies made: where asked for, of memory that its lender can change, and by first changes.
        copied_bytes: Bytes of them.
        shared_count: Handles made without a copy: borrowed, shared, sliced.
        shared_bytes: Bytes that they show.
        avoided_count: Those of shared_count that were not copied later either.
        avoided_bytes: Bytes that they show.
    """

    copied_count: int
    copied_bytes: int
    shared_count: int
    shared_bytes: int
    avoided_count: int
    avoided_bytes: int

    @property
    def borrowed_fraction(self) -> float | None:
        """Of the handles made without a copy, those never copied since; None before the first."""
        return self.avoided_count / self.shared_count if self.shared_count else None


def copies() -> CopyStats:
    """The figures now. Any thread."""
    out = ffi.new("pm_cow_stats *")
    lib.pm_cow_read_stats(out)
    return CopyStats(**{name: getattr(out, name) for name in CopyStats.__slots__})


def _is_contiguous(data: Any) -> bool:
    return memoryview(data).c_contiguous


def _lent(data: Any) -> bytes | None:
    """The bytes that a text, or a view of bytes, consists of; None for memory that someone may write to."""
    if isinstance(data, str):
        return encode(data)
    if type(data) is bytes:
        return data
    if type(data) is memoryview and type(data.obj) is bytes and data.c_contiguous and data.nbytes == len(data.obj):
        return data.obj
    return None


def _release(cow: Any) -> None:
    lib.pm_cow_end(cow)


class CowBytes(Handle):
    """Bytes, copied by the first change. Threads take turns.

    Args:
        data: Borrowed where nobody can ever write to it: `bytes`, a `memoryview` of all of them, a text (its UTF-8).
            Anything else is copied, read-only views too: what they show may change through their owner.
        copy: Copy in any case.

    Raises:
        TypeError: data is no bytes and no text.
        ValueError: data is not contiguous.
        MemoryError: The system refuses memory.
    """

    __slots__ = ("_lender",)

    def __init__(self, data: Content = b"", *, copy: bool = False) -> None:
        lent = None if copy else _lent(data)
        if lent is None and isinstance(data, memoryview | np.ndarray) and not _is_contiguous(data):
            raise ValueError("data must be contiguous: copy it first")
        content, length = readable(data if lent is None else lent)
        cow = ffi.gc(ffi.new("pm_cow *"), _release)
        self._lender: Any = None
        if lent is None:
            check(lib.pm_cow_copy(cow, content, length), f"a copy of {length} bytes")
        else:
            lib.pm_cow_borrow(cow, content, length)
            self._lender = content
        super().__init__(cow)

    def _end(self) -> None:
        super()._end()
        self._lender = None

    def _derived(self, pointer: Any) -> "CowBytes":
        """A handle over a C handle that was made from this one's."""
        other = CowBytes.__new__(CowBytes)
        Handle.__init__(other, pointer)
        other._lender = self._lender
        return other

    @property
    def shared(self) -> bool:
        """Whether the next change copies: the bytes are borrowed, or other handles read them."""
        with self._turn:
            return bool(lib.pm_cow_is_shared(self._open()))

    def share(self) -> "CowBytes":
        """Another handle on the same bytes, without a copy."""
        with self._turn:
            other = ffi.gc(ffi.new("pm_cow *"), _release)
            lib.pm_cow_share(self._open(), other)
            return self._derived(other)

    def slice(self, first: int, end: int) -> "CowBytes":
        """A handle on the bytes [first, end), without a copy.

        Raises:
            ValueError: They are not all in these bytes.
        """
        begin, stop = size(first, "first"), size(end, "end")
        with self._turn:
            pointer = self._open()
            if not begin <= stop <= pointer.bytes:
                raise ValueError(f"[{begin}, {stop}) does not lie in [0, {pointer.bytes})")
            other = ffi.gc(ffi.new("pm_cow *"), _release)
            check(lib.pm_cow_slice(pointer, begin, stop - begin, other), "a slice")
            return self._derived(other)

    def slices(self, firsts: Sizes, ends: Sizes) -> "CowSlices":
        """Handles on [firsts[i], ends[i]) for each i, both of shape (n,), all or none, in one call: the fast way.

        Raises:
            ValueError: The shapes differ, or a slice does not lie in these bytes.
        """
        low, high = sizes(firsts, "firsts"), sizes(ends, "ends")
        if len(low) != len(high):
            raise ValueError(f"firsts and ends must be of one length, got {len(low)} and {len(high)}")
        made = ffi.new("pm_cow[]", len(low))
        with self._turn:
            arrays = ffi.from_buffer("size_t[]", low), ffi.from_buffer("size_t[]", high)
            pointer = self._open()
            status = lib.pm_cow_slice_many(pointer, *arrays, len(low), made)
            check(status, f"slices must lie in [0, {pointer.bytes}), and begin before they end")
            return CowSlices(made, self._lender)

    def splice(self, first: int, removed: int, data: Content = b"") -> None:
        """Replace the `removed` bytes from `first` on by data; the first change of shared bytes copies what is left.

        Raises:
            ValueError: The range does not lie in these bytes.
            BufferError: A view is out.
            MemoryError: The system refuses memory.
        """
        source, length = readable(data)
        begin, gone = size(first, "first"), size(removed, "removed")
        with self._turn:
            pointer = self._open()
            self._forbid_use("change")
            status = lib.pm_cow_splice(pointer, begin, gone, source, length)
            check(status, f"{gone} bytes from {begin} on, of {pointer.bytes}")
            if pointer.block != ffi.NULL:
                self._lender = None  # nothing is borrowed any more

    def write(self, first: int, data: Content) -> None:
        """Overwrite from `first` on, without a change of length.

        Raises:
            As `splice` does.
        """
        content: Any = encode(data) if isinstance(data, str) else data
        self.splice(first, memoryview(content).nbytes, content)

    def array(self) -> npt.NDArray[np.uint8]:
        """The bytes as a read-only view of shape (len(self),), without a copy."""
        with self._turn:
            pointer = self._open()
            return self._view(int(ffi.cast("uintptr_t", pointer.data)), pointer.bytes, readonly=True)

    def __len__(self) -> int:
        with self._turn:
            return int(self._open().bytes)

    def __bytes__(self) -> bytes:
        with self._turn:
            pointer = self._open()
            return bytes(ffi.buffer(pointer.data, pointer.bytes)) if pointer.bytes else b""


class CowSlices(Handle, Sequence[npt.NDArray[np.uint8]]):
    """Slices of one source, made in one call; each item is a read-only view. They keep what they show alive."""

    __slots__ = ("_count", "_lender")

    def __init__(self, made: Any, lender: Any) -> None:
        count = self._count = len(made)
        self._lender = lender
        # A pointer, for an array under ffi.gc forgets its length; `made`, which owns the memory, lives in the lambda.
        super().__init__(ffi.gc(ffi.cast("pm_cow *", made), lambda _: lib.pm_cow_end_many(made, count)))

    def _end(self) -> None:
        super()._end()
        self._lender = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> npt.NDArray[np.uint8]: ...
    @overload
    def __getitem__(self, index: slice) -> list[npt.NDArray[np.uint8]]: ...
    def __getitem__(self, index: int | slice) -> npt.NDArray[np.uint8] | list[npt.NDArray[np.uint8]]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        place = range(self._count)[index]
        with self._turn:
            cow = self._open()[place]
            return self._view(int(ffi.cast("uintptr_t", cow.data)), cow.bytes, readonly=True)
