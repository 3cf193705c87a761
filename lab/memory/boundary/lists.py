"""Lists of texts on their way to C: read where they lie, without an encode or a copy per item.

C gets (pointer, length) of each str or bytes. A str of ASCII alone is its own UTF-8; any other gets a UTF-8 copy from
CPython at the first reading, which stays with the str as long as it lives.

The list may change meanwhile. Either what was read is held until C is done (`read`, `chunks`), or C does its work with
the GIL held, range after range (`ranges`): faster, for then no reference is counted.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from lab._extension import TextArray
from lab._ffi import ffi
from lab.memory.boundary.texts import Text

TEXTS_AT_ONCE: Final = 16384  # some tenths of a millisecond; as pointers and references they stay in the cache


def listed(items: Iterable[Any]) -> list[Any] | tuple[Any, ...]:
    """The items themselves where they are a list or tuple, otherwise a list of them.

    Raises:
        TypeError: They are one text, or no iterable.
    """
    if isinstance(items, str | bytes):
        raise TypeError(f"expected many texts, got one {type(items).__name__}: put it in a list")
    return items if isinstance(items, list | tuple) else list(items)


def pointer(texts: TextArray, kind: str = "pm_text[]") -> Any:
    """C's view of texts that were read; it keeps them alive."""
    return ffi.from_buffer(kind, texts)


def read(items: Iterable[Text]) -> tuple[Any, int]:
    """C's view of all items, as `pm_text *`, and their number; the view keeps them alive.

    Raises:
        TypeError: An item is neither str nor bytes; the message tells its index.
        UnicodeEncodeError: One holds a lone surrogate; the reason tells its index.
        MemoryError: The system refuses memory.
    """
    texts = TextArray()
    texts.read(listed(items))
    return pointer(texts), len(texts)


def address(pointer: Any) -> int:
    """Where C's memory or function lies, for the functions of the extension module."""
    return int(ffi.cast("uintptr_t", pointer))


def ranges(length: int) -> Iterator[tuple[int, int]]:
    """First and stop of ranges of so many items: so short that other threads need not wait long for the GIL."""
    return ((first, min(first + TEXTS_AT_ONCE, length)) for first in range(0, length, TEXTS_AT_ONCE))


def chunks(
    items: list[Any] | tuple[Any, ...], length: int, at_once: int = TEXTS_AT_ONCE, texts: TextArray | None = None
) -> Iterator[tuple[int, Any, int]]:
    """C's view of some items after the other, in one small piece of memory: for calls that need not see all at once.

    Args:
        items: What `listed` gave.
        length: Its length, read once, by which the caller sized what C fills: further items are left out.
        at_once: Items of a chunk.
        texts: What to read them into, for who wants to ask it about the chunk.

    Yields:
        Index of the chunk's first item, its `pm_text *`, which ends with the next chunk, and its number of texts.

    Raises:
        RuntimeError: The list became shorter meanwhile.
        As `read` does, at the chunk of the item.
    """
    into = TextArray() if texts is None else texts
    for first in range(0, length, at_once):
        stop = min(first + at_once, length)
        into.read(items, first, stop)
        if len(into) != stop - first:
            raise RuntimeError(f"the list became shorter while it was read: {len(items)} items, before {length}")
        with pointer(into) as view:
            yield first, view, stop - first
