"""The objects that pools hand out: strings, vectors, hash maps.

Each ends with `release`, the end of its `with` block, or its last reference, and then lies in its pool again. The bulk
methods (`join`, `extend`, `put_many`, `get_many`, `count_words`) are the fast ones.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary import lists
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import Sizes, size, sizes
from lab.memory.boundary.texts import Text, encode, raw
from lab.memory.errors import ClosedError, check


class Home(Protocol):
    """What an object needs of its pool."""

    _forgotten: list[Any]

    def _settle(self) -> None: ...


class PooledObject(Handle):
    """An object out of a pool. Threads take turns. It keeps its pool alive."""

    __slots__ = ("_pool",)

    def __init__(self, pool: Home, pointer: Any) -> None:
        super().__init__(pointer)
        self._pool = pool

    @property
    def pool(self) -> Home:
        """Where the object comes from."""
        return self._pool

    def release(self) -> None:
        """Give the object back to its pool.

        Raises:
            ClosedError: It was released before.
            BufferError: A view of it is out.
        """
        with self._turn:
            self._open()
            self._forbid_use("release")
            self._end()
        self._pool._settle()

    def close(self) -> None:
        """As `release`; again is allowed."""
        super().close()
        self._pool._settle()

    def _end(self) -> None:
        pointer, self._pointer = self._pointer, None
        self._pool._forgotten.append(pointer)

    def _open(self) -> Any:
        if self._pointer is None:
            raise ClosedError(f"this {type(self).__name__} was released: acquire another one")
        return self._pointer

    @staticmethod
    def forget_all(items: Sequence["PooledObject"]) -> None:
        """Take the C objects of one pool out of all items, or out of none, and leave them to the pool.

        Raises:
            ClosedError: One was released before, or is twice in the list.
            BufferError: A view of one is out.
        """
        taken: list[Any] = []
        try:
            for item in items:
                with item._turn:
                    pointer = item._open()
                    item._forbid_use("release")
                    taken.append(pointer)
                    item._pointer = None
        except BaseException:
            for item, pointer in zip(items, taken, strict=False):
                item._pointer = pointer
            raise
        if items:
            items[0]._pool._forgotten.extend(taken)

    def __del__(self) -> None:
        # Nobody else has the object: no turn. Half built, or in a cycle with a view of its own, it stays out.
        if getattr(self, "_pointer", None) is not None and not self.exports:
            self._end()
            self._pool._settle()


class PooledString(PooledObject):
    """A growable string of bytes."""

    __slots__ = ()

    def append(self, text: Text) -> Self:
        """Append a text, in UTF-8, or bytes.

        Raises:
            BufferError: A view is out.
            MemoryError: The system refuses memory.
        """
        content = encode(text)
        with self._turn:
            pointer = self._open()
            self._forbid_use("append to")
            check(lib.pm_strbuf_append(pointer, content, len(content)), f"{len(content)} more bytes")
        return self

    def join(self, texts: Iterable[Text], separator: Text = b"") -> Self:
        """Append many texts with a separator between two, all or none, in one call.

        Raises:
            TypeError: One is neither str nor bytes; the message tells its index.
            UnicodeEncodeError: One holds a lone surrogate.
            BufferError: A view is out.
            MemoryError: The system refuses memory.
        """
        between = encode(separator)
        pieces, count = lists.read(texts)
        with self._turn:
            pointer = self._open()
            self._forbid_use("join into")
            status = lib.pm_strbuf_append_texts(pointer, pieces, count, ffi.from_buffer(between), len(between))
            check(status, f"{count} more texts")
        return self

    def view(self) -> npt.NDArray[np.uint8]:
        """The content as a writable view of shape (len(self),), without a copy."""
        with self._turn:
            pointer = self._open()
            return self._view(int(ffi.cast("uintptr_t", pointer.data)), pointer.length)

    def clear(self) -> None:
        """No content; the memory is kept.

        Raises:
            BufferError: A view is out.
        """
        with self._turn:
            pointer = self._open()
            self._forbid_use("clear")
            lib.pm_strbuf_clear(pointer)

    @property
    def capacity_bytes(self) -> int:
        """Bytes of memory held."""
        with self._turn:
            return int(self._open().capacity)

    def __len__(self) -> int:
        with self._turn:
            return int(self._open().length)

    def __bytes__(self) -> bytes:
        with self._turn:
            pointer = self._open()
            return bytes(ffi.buffer(pointer.data, pointer.length))


class PooledVector(PooledObject):
    """A growable vector of elements of one NumPy type, which the first `extend` fixes until `clear`."""

    __slots__ = ("_dtype",)

    def __init__(self, pool: Home, pointer: Any) -> None:
        super().__init__(pool, pointer)
        self._dtype: np.dtype[Any] = np.dtype(np.uint8)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements; bytes while the vector was never filled."""
        return self._dtype

    def extend(self, values: npt.ArrayLike) -> Self:
        """Append the elements of an array, shape (n,); an empty vector takes over its type.

        Raises:
            TypeError: They are not of the vector's type, or hold Python objects.
            ValueError: They are not flat.
            BufferError: A view is out.
            MemoryError: The system refuses memory.
        """
        given = np.asarray(values)
        if given.ndim != 1:
            raise ValueError(f"values must be flat, got {given.ndim} dimensions")
        elements = np.ascontiguousarray(given)
        if elements.dtype.hasobject or elements.dtype.itemsize == 0:
            raise TypeError(f"{elements.dtype} cannot live in a vector: take a type without Python objects")
        with self._turn:
            pointer = self._open()
            self._forbid_use("extend")
            if pointer.count == 0:
                check(lib.pm_vec_retype(pointer, elements.dtype.itemsize), str(elements.dtype))
                self._dtype = elements.dtype
            elif elements.dtype != self._dtype:
                raise TypeError(f"this vector holds {self._dtype}, got {elements.dtype}: convert it, or clear first")
            if elements.size:
                check(lib.pm_vec_append(pointer, raw(elements), elements.size), f"{elements.size} more elements")
        return self

    def array(self) -> npt.NDArray[Any]:
        """The elements as a writable view of shape (len(self),), without a copy."""
        with self._turn:
            pointer = self._open()
            address = int(ffi.cast("uintptr_t", pointer.data))
            return self._view(address, pointer.count * pointer.element_bytes).view(self._dtype)

    def clear(self) -> None:
        """No elements; the memory is kept.

        Raises:
            BufferError: A view is out.
        """
        with self._turn:
            pointer = self._open()
            self._forbid_use("clear")
            lib.pm_vec_clear(pointer)

    @property
    def capacity_bytes(self) -> int:
        """Bytes of memory held."""
        with self._turn:
            return int(self._open().capacity_bytes)

    def __len__(self) -> int:
        with self._turn:
            return int(self._open().count)


class PooledMap(PooledObject):
    """A hash map from a number below 2**64, or a text or bytes, to a number below 2**64.

    A text and its UTF-8 bytes are one key; a number and a text never are.
    """

    __slots__ = ()

    def __setitem__(self, key: int | Text, value: int) -> None:
        call, stored = _keyed(lib.pm_map_put, lib.pm_map_put_bytes, key), size(value, "value")
        with self._turn:
            check(call(self._open(), stored), repr(key))

    def add(self, key: int | Text, amount: int = 1) -> None:
        """Add to the value under a key, modulo 2**64; a missing one counts as 0.

        Raises:
            ValueError: A number is negative.
            MemoryError: The system refuses memory.
        """
        call, more = _keyed(lib.pm_map_add, lib.pm_map_add_bytes, key), size(amount, "amount")
        with self._turn:
            check(call(self._open(), more), repr(key))

    def __getitem__(self, key: int | Text) -> int:
        call, value = _keyed(lib.pm_map_get, lib.pm_map_get_bytes, key), ffi.new("uint64_t *")
        with self._turn:
            check(call(self._open(), value), repr(key))
        return int(value[0])

    def __delitem__(self, key: int | Text) -> None:
        call = _keyed(lib.pm_map_remove, lib.pm_map_remove_bytes, key)
        with self._turn:
            check(call(self._open()), repr(key))

    def __contains__(self, key: int | Text) -> bool:
        call, value = _keyed(lib.pm_map_get, lib.pm_map_get_bytes, key), ffi.new("uint64_t *")
        with self._turn:
            return bool(call(self._open(), value) == lib.PM_OK)

    def __len__(self) -> int:
        with self._turn:
            return int(lib.pm_map_count(self._open()))

    def put_many(self, keys: Sizes, values: Sizes) -> None:
        """Store values under keys, both of shape (n,), in one call.

        Raises:
            ValueError: The shapes differ, or a number is negative.
            MemoryError: The system refuses memory; the pairs before the failing one are stored.
        """
        names, stored = sizes(keys, "keys"), sizes(values, "values")
        if len(names) != len(stored):
            raise ValueError(f"keys and values must be of one length, got {len(names)} and {len(stored)}")
        arrays = ffi.from_buffer("uint64_t[]", names), ffi.from_buffer("uint64_t[]", stored)
        with self._turn:
            check(lib.pm_map_put_many(self._open(), *arrays, len(names)), f"{len(names)} more entries")

    def get_many(self, keys: Sizes, missing: int = 0) -> npt.NDArray[np.uint64]:
        """The values under keys of shape (n,), in one call; `missing` where there is none.

        Raises:
            ValueError: A number is negative.
        """
        names = sizes(keys, "keys")
        values = np.empty(len(names), np.uint64)
        arrays = ffi.from_buffer("uint64_t[]", names), ffi.from_buffer("uint64_t[]", values, require_writable=True)
        absent = size(missing, "missing")
        with self._turn:
            lib.pm_map_get_many(self._open(), arrays[0], len(names), absent, arrays[1])
        return values

    def count_words(self, words: Iterable[Text]) -> None:
        """Add 1 under each of the words; the fast way.

        Raises:
            TypeError: One is neither str nor bytes; the message tells its index. Words before it may be counted.
            UnicodeEncodeError: One holds a lone surrogate; as above.
            MemoryError: The system refuses memory; the words before the failing one are counted.
        """
        listed = lists.listed(words)
        with self._turn:
            self._open()
            for _, view, count in lists.chunks(listed, len(listed)):
                check(lib.pm_map_count_texts(self._open(), view, count), f"{count} words")

    def clear(self) -> None:
        """No entries; the memory is kept."""
        with self._turn:
            lib.pm_map_clear(self._open())

    @property
    def capacity_bytes(self) -> int:
        """Bytes of memory held."""
        out = ffi.new("pm_map_stats *")
        with self._turn:
            lib.pm_map_read_stats(self._open(), out)
        return int(out.capacity_bytes)


def _keyed(number: Any, text: Any, key: int | Text) -> Callable[..., Any]:
    """A call of one of two C functions, as the kind of the key says; it takes the map and what follows the key."""
    if isinstance(key, str | bytes):
        content = encode(key)
        return lambda pointer, *rest: text(pointer, content, len(content), *rest)
    place = size(key, "key")
    return lambda pointer, *rest: number(pointer, place, *rest)
