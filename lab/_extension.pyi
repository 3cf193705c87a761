"""The compiled extension module; its sources in native/extension say how each part works.

Everything holds the GIL, but for the passes over whole columns (is_utf8, views_bytes, views_copy).
"""

from typing import Any, TypeAlias, final

# Whatever has the buffer protocol: NumPy's arrays do, but their stubs say so from Python 3.12 on only.
Buffer: TypeAlias = Any

# format, name, flags, dictionary, children
Schema: TypeAlias = tuple[str, str, int, Schema | None, tuple[Schema, ...]]

class Exporter:
    """Owner of memory."""

    @property
    def exports(self) -> int:
        """Views of the object's memory that are alive."""

class BufferExporter(Exporter):
    """An owner that is a buffer itself: the one of what its `_export` returns."""

    def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class Export:
    """One view of an owner's memory: a buffer that keeps the owner and counts itself on it while it lives."""

    def __new__(
        cls,
        owner: Exporter,
        address: int,
        size_bytes: int,
        readonly: bool,
        word: bytes = b"B",
        item_bytes: int = 1,
        /,
    ) -> Export: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class Turn:
    """Who may be inside an object now, and which calls use it; see native/extension/turn.c. A context manager.

    `name` is for messages. `has_threads`: the object has threads of its own, so a child process cannot use it.
    """

    def __new__(cls, name: str, has_threads: bool = False, /) -> Turn: ...
    def __enter__(self) -> None:
        """Take the turn; waits for the call of another thread to end.

        BusyError where this thread has the turn, or may not wait for it; ForkedError where a fork lost the object.
        """
    def __exit__(self, *error: object) -> None: ...
    def try_enter(self) -> bool:
        """Take the turn if it is free."""
    @property
    def uses(self) -> int:
        """Calls that use the object: `Hold`s that are out."""
    @property
    def lost(self) -> bool:
        """Whether a fork left the object unusable in this process."""

@final
class Hold:
    """A context in which none of the owners ends or moves its memory; other calls to them go on.

    Owners have a Turn as `_turn` and a method `_open`, whose results the context gives.
    """

    def __new__(cls, *owners: Any) -> Hold: ...
    def __enter__(self) -> tuple[Any, ...]: ...
    def __exit__(self, *error: object) -> None: ...

def callback_begin() -> None:
    """From now on this thread never waits for a turn: it runs a callback, for which others wait."""

def callback_end() -> None:
    """The end of what `callback_begin` began."""

def fork_count() -> int:
    """Forks between the process that loaded the module and this one."""

@final
class TextArray:
    """Texts as an array of pm_text, which is its buffer; each is held until the next reading.

    TypeError tells the place of an item that is neither str nor bytes, UnicodeEncodeError that of a lone surrogate;
    after an error there are no texts. BufferError while a buffer of the object is out.
    """

    def read(self, items: object, first: int = 0, stop: int = ..., /) -> None:
        """Texts of items[first:stop] of a list or tuple."""
    def read_rows(self, rows: object, width: int, /) -> None:
        """Texts of a list of tuples or lists of `width`, row after row. ValueError where one is of another length."""
    def read_columns(self, columns: tuple[object, ...], count: int, /) -> None:
        """Texts of lists of `count`, row after row; a str or bytes for a list stands for each of its rows."""
    def clear(self) -> None:
        """No texts."""
    @property
    def lead_bytes(self) -> int:
        """Bytes that may be read before each text, being the header of its object; 0 where one is a UTF-8 copy."""
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class ArrowArray(Exporter):
    """An array that came in through the Arrow C data interface; owns it, and gives it back with its last reference."""

    @property
    def length(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def null_count(self) -> int: ...
    @property
    def buffers(self) -> tuple[int, ...]: ...
    @property
    def dictionary(self) -> ArrowArray | None: ...
    @property
    def children(self) -> tuple[ArrowArray, ...]: ...

def arrow_schema(
    letters: str, name: str, flags: int, children: tuple[object, ...], dictionary: object | None, /
) -> object:
    """A capsule "arrow_schema". The capsules given are spent."""

def arrow_array(
    length: int,
    null_count: int,
    buffers: tuple[Buffer | None, ...],
    children: tuple[object, ...],
    dictionary: object | None,
    /,
) -> object:
    """A capsule "arrow_array" that keeps the buffers. The capsules given are spent."""

def arrow_read_schema(capsule: object, /) -> Schema:
    """What a capsule says, which is not spent. ValueError where it was."""

def arrow_read_array(capsule: object, /) -> ArrowArray:
    """The array of a capsule, which is spent. ValueError where it was, or where the array contradicts itself."""

def arrow_read_stream(capsule: object, /) -> tuple[Schema, list[ArrowArray]]:
    """All arrays of a capsule "arrow_array_stream", which is spent."""

def arrow_view(array: ArrowArray, schema: object, address: int, /) -> bool:
    """Makes the pm_column_view at an address show an array of texts; false where it has nulls or no plain offsets.

    Its offsets are not checked. The array must outlive the view.
    """

def views_bytes(array: ArrowArray, /) -> int:
    """Bytes of all texts of an array of string views, nulls empty. ValueError where a view leaves its buffer."""

def views_texts(array: ArrowArray, first: int, stop: int, texts: int, /) -> None:
    """Fills the pm_text array at an address with the texts of rows first .. stop - 1, nulls empty.

    They hold as long as the array. ValueError where a view leaves its buffer.
    """

def views_copy(array: ArrowArray, offsets: Buffer, data: Buffer, /) -> None:
    """Copies them out: int64 offsets, one more than rows, and the bytes end to end."""

def list_intern(function: int, interner: int, ids: int, items: object, first: int, stop: int, /) -> int:
    """`pm_interner_intern_texts`, of which the address is given, for items[first:stop]; gives its status.

    RuntimeError where there are fewer items; other errors as of TextArray. `ids` is the address of stop - first ids.
    """

def list_lookup(function: int, interner: int, ids: int, missing: int, items: object, first: int, stop: int, /) -> int:
    """`pm_interner_lookup_texts`, likewise."""

def list_scan(
    function: int, test: int, needle: bytes, mask: int, hits: int, items: object, first: int, stop: int, /
) -> int:
    """`pm_scan_texts`, likewise; adds to the hits."""

def codes_order(indices: Buffer, order: Buffer, /) -> int:
    """Which of len(order) values rows have, by first appearance, written to int64 `order`; gives their number.

    Indices are taken as unsigned; those beyond the values are passed over.
    """

def is_utf8(data: Buffer, offsets: Buffer, /) -> bool:
    """Whether each row, data[offsets[i]:offsets[i + 1]], is UTF-8. ValueError where offsets decrease or leave data."""

def offsets_rise(offsets: Buffer, /) -> bool:
    """Whether numbers of 32 or 64 bits begin at 0 or above and never decrease."""
