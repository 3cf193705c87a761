"""Lists of texts on their way to C: read where they lie, without an encode or a copy per item.

C gets (pointer, length) of each str or bytes, about 3 ns an item. A str of ASCII alone is its own UTF-8; any other gets
a UTF-8 copy from CPython at the first reading, which stays with the str as long as it lives.

The list may change meanwhile: what was read is held until C is done.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from lab._ext import Texts
from lab._ffi import ffi
from lab.memory.texts import Text

TEXTS_AT_ONCE: Final = 16384  # their pointers and references, 24 bytes each, stay in the second-level cache


def listed(items: Iterable[Any]) -> list[Any] | tuple[Any, ...]:
    """The items themselves where they are a list or tuple, otherwise a list of them.

    Raises:
        TypeError: They are one text, or no iterable.
    """
    if isinstance(items, str | bytes):
        raise TypeError(f"expected many texts, got one {type(items).__name__}: put it in a list")
    return items if isinstance(items, list | tuple) else list(items)


def pointer(texts: Texts, kind: str = "pm_text[]") -> Any:
    """C's view of texts that were read; it keeps them alive."""
    return ffi.from_buffer(kind, texts)


def read(items: Iterable[Text]) -> tuple[Any, int]:
    """C's view of all items, as `pm_text *`, and their number; the view keeps them alive.

    Raises:
        TypeError: An item is neither str nor bytes; the message tells its index.
        UnicodeEncodeError: One holds a lone surrogate; the reason tells its index.
        MemoryError: The system refuses memory.
    """
    texts = Texts()
    texts.read(listed(items))
    return pointer(texts), len(texts)


def chunks(items: Iterable[Text], count: int = TEXTS_AT_ONCE) -> Iterator[tuple[int, Any, int, int]]:
    """C's view of some items after the other, in one small piece of memory: for calls that need not see all at once.

    Yields:
        Index of the chunk's first item, its `pm_text *`, which ends with the next chunk, its number of texts, and how
        many bytes may be read before each of them.

    Raises:
        RuntimeError: The list became shorter meanwhile.
        As `read` does, at the chunk of the item.
    """
    whole, texts = listed(items), Texts()
    length = len(whole)
    for first in range(0, length, count):
        stop = min(first + count, length)
        texts.read(whole, first, stop)
        if len(texts) != stop - first:
            raise RuntimeError(f"the list became shorter while it was read: {len(whole)} items, before {length}")
        with pointer(texts) as view:
            yield first, view, len(texts), texts.lead_bytes
