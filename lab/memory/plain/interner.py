"""A dictionary of bytes objects: the plain stand-in for an interner."""

import operator
from typing import Any

import numpy as np

from lab.memory.boundary import arrow, lists
from lab.memory.boundary.column import Column
from lab.memory.boundary.sizes import size
from lab.memory.boundary.texts import Text, encode, encode_all, join
from lab.memory.interner import (
    MISSING,
    Ids,
    Interner,
    InternerBase,
    InternerStats,
    Keywords,
    Texts,
    check_id,
    column_of,
)
from lab.memory.plain.batch import readonly_column


class PlainInterner(InternerBase):
    """Strings and their ids in a dictionary of Python, with the calls of `Interner`. Threads take turns.

    Args:
        keywords: As `Interner` takes them.

    Raises:
        ValueError: There are no such keywords.
    """

    __slots__ = ("_cleared", "_counts", "_keywords", "_strings")

    def __init__(self, *, keywords: Keywords = "none") -> None:
        with Interner(keywords=keywords) as known:
            self._keywords = list(known.texts())
        self._cleared = 0
        self._counts = {"interned_count": 0, "deduplicated_count": 0, "bytes_saved": 0}
        self._strings = list(self._keywords)
        super().__init__({text: number for number, text in enumerate(self._strings)})

    def _end(self) -> None:
        self._pointer = None
        self._strings.clear()

    def __len__(self) -> int:
        with self._turn:
            self._open()
            return len(self._strings)

    @property
    def generation(self) -> int:
        """As `Interner.generation`."""
        with self._turn:
            self._open()
            return self._cleared + 1

    def intern(self, text: Text) -> int:
        """As `Interner.intern`."""
        data = encode(text)
        with self._turn:
            return self._store(self._open(), data)

    def _store(self, ids: dict[bytes, int], data: bytes) -> int:
        """The id of a string; to be called with the turn."""
        number = ids.get(data)
        if number is None:
            number = ids[data] = len(self._strings)
            self._strings.append(data)
            self._counts["interned_count"] += 1
        else:
            self._counts["deduplicated_count"] += 1
            self._counts["bytes_saved"] += len(data)
        return number

    def intern_many(self, texts: Texts, *, threads: int = 1) -> Ids:
        """As `Interner.intern_many`; threads is read and not used."""
        size(threads, "threads")
        encoded = _each(texts)
        with self._turn:
            ids = self._open()
            return np.fromiter((self._store(ids, data) for data in encoded), np.uint32, len(encoded))

    def lookup(self, text: Text) -> int | None:
        """As `Interner.lookup`."""
        data = encode(text)
        with self._turn:
            found: int | None = self._open().get(data)
            return found

    def lookup_many(self, texts: Texts) -> Ids:
        """As `Interner.lookup_many`."""
        encoded = _each(texts)
        with self._turn:
            ids = self._open()
            return np.fromiter((ids.get(data, MISSING) for data in encoded), np.uint32, len(encoded))

    def encoded(self, number: int, *, generation: int | None = None) -> bytes:
        """As `Interner.encoded`."""
        place = operator.index(number)
        with self._turn:
            self._open()
            check_id(place, generation, self._cleared + 1, len(self._strings))
            return self._strings[place]

    def texts(self) -> Column:
        """As `Interner.texts`, made anew by each call."""
        with self._turn:
            self._open()
            strings = list(self._strings)
        return readonly_column(*join(strings))

    def stats(self) -> InternerStats:
        """Counts and memory now; of the memory only the texts are counted."""
        with self._turn:
            self._open()
            total = sum(map(len, self._strings))
            figures = dict.fromkeys(InternerStats.__slots__, 0) | self._counts
            figures |= {"string_count": len(self._strings), "preloaded_count": len(self._keywords)}
            figures |= {"clear_count": self._cleared, "string_bytes": total, "footprint_bytes": total}
            return InternerStats(**figures)

    def clear(self) -> None:
        """As `Interner.clear`."""
        with self._turn:
            ids = self._open()
            self._strings[:] = self._keywords
            ids.clear()
            ids.update({text: number for number, text in enumerate(self._strings)})
            self._cleared += 1


def _each(texts: Any) -> list[bytes]:
    """The strings of any form that an interner takes."""
    if arrow.is_arrow(texts) and not isinstance(texts, Column):
        return arrow.each(texts)
    column = column_of(texts)
    return encode_all(lists.listed(texts)) if column is None else list(column)
