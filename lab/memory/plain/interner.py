"""A list of strings that is searched: the plain stand-in for an interner."""

from typing import Any

import numpy as np
import numpy.typing as npt

from lab.memory.boundary import arrow
from lab.memory.boundary.column import Column
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import size
from lab.memory.boundary.texts import Text, encode, join
from lab.memory.errors import StaleIdError
from lab.memory.interner import MISSING, Ids, Interner, InternerStats, Texts

_MALLOC_ALIGNMENT_BYTES = 16


class PlainInterner(Interner):
    """An interner's interface over a list: every string is stored again, and found by looking at each."""

    __slots__ = ("_cleared", "_strings")

    def __init__(self) -> None:
        self._strings: list[bytes] = []
        self._cleared = 0
        Handle.__init__(self, self._strings)

    def _end(self, pointer: Any) -> None:
        self._strings.clear()

    def __len__(self) -> int:
        with self._lock:
            self._open()
            return len(self._strings)

    @property
    def generation(self) -> int:
        """As `Interner.generation`."""
        with self._lock:
            self._open()
            return self._cleared + 1

    def intern(self, text: Text) -> int:
        """A new id for the string, whether it is there or not."""
        with self._lock:
            self._open()
            self._strings.append(encode(text))
            return len(self._strings) - 1

    def intern_many(self, texts: Texts, *, threads: int = 1) -> Ids:
        """A new id for each string; threads is read and not used."""
        size(threads, "threads")
        encoded = _each(texts)
        with self._lock:
            self._open()
            first = len(self._strings)
            self._strings += encoded
            return np.arange(first, len(self._strings), dtype=np.uint32)

    def lookup(self, text: Text) -> int | None:
        """The first id of a string, or None."""
        wanted = encode(text)
        with self._lock:
            self._open()
            return self._strings.index(wanted) if wanted in self._strings else None

    def lookup_many(self, texts: Texts) -> Ids:
        """The first ids of many strings; MISSING where one is not held."""
        found = [self.lookup(text) for text in _each(texts)]
        return np.array([MISSING if number is None else number for number in found], np.uint32)

    def encoded(self, number: int, *, generation: int | None = None) -> bytes:
        """As `Interner.encoded`."""
        with self._lock:
            self._open()
            if generation not in (None, self.generation):
                raise StaleIdError(
                    f"id {number} is of generation {generation}, this is {self.generation}: intern again"
                )
            if not 0 <= number < len(self._strings):
                raise IndexError(f"no id {number}: there are {len(self._strings)}")
            return self._strings[number]

    def texts(self) -> Column:
        """As `Interner.texts`, made anew by each call."""
        with self._lock:
            self._open()
            data, offsets = join(self._strings)
        return _readonly(offsets, data)

    def stats(self) -> InternerStats:
        """Counts and memory now; nothing is ever deduplicated."""
        with self._lock:
            self._open()
            total = sum(map(len, self._strings))
            figures = dict.fromkeys(InternerStats.__slots__, 0)
            figures |= {"string_count": len(self._strings), "interned_count": len(self._strings)}
            figures |= {"clear_count": self._cleared, "string_bytes": total, "footprint_bytes": total}
            return InternerStats(**figures)

    def clear(self) -> None:
        """As `Interner.clear`."""
        with self._lock:
            self._open()
            self._strings.clear()
            self._cleared += 1


def _each(texts: Any) -> list[bytes]:
    """The strings of any form that an interner takes."""
    if isinstance(texts, tuple) and len(texts) == 2 and isinstance(texts[0], np.ndarray):
        return list(Column(texts[0], np.frombuffer(texts[1], np.uint8)))
    if not isinstance(texts, Column) and arrow.is_arrow(texts):
        return list(arrow.column(texts))
    return [encode(text) for text in texts]


def _readonly(offsets: npt.NDArray[Any], data: bytes) -> Column:
    bytes_view = np.frombuffer(data, np.uint8)
    offsets.flags.writeable = bytes_view.flags.writeable = False
    return Column(offsets, bytes_view)
