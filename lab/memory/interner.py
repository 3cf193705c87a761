"""Each distinct string stored once, handed out as a small number.

Ids count up from 0 in the order in which strings first appear; within one interner, until it is cleared, two strings
are equal iff their ids are. A text and its UTF-8 bytes are one string. The fast way in is bulk: `intern_many` makes one
call for a whole token stream; `intern` costs a call for each.
"""

import keyword
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import numpy as np

from lab._extension import TextArray, list_intern, list_lookup
from lab._ffi import ffi, lib
from lab.memory.boundary import arrow, lists
from lab.memory.boundary.arrow_out import Dictionary
from lab.memory.boundary.column import Column
from lab.memory.boundary.handle import Handle
from lab.memory.boundary.sizes import size
from lab.memory.boundary.texts import Text, encode
from lab.memory.errors import StaleIdError, check
from lab.memory.interner_bulk import MISSING, TEXTS_FOR_THREADS, Ids, Texts, intern_part, look_up_part, source_of

Keywords = Literal["none", "hard", "all"]

STRINGS: Final[int] = lib.PM_INTERNER_STRINGS
STRINGS_MAX: Final[int] = lib.PM_INTERNER_STRINGS_MAX
_INTERN: Final = partial(list_intern, lists.address(ffi.addressof(lib, "pm_interner_intern_texts")))
_LOOKUP: Final = partial(list_lookup, lists.address(ffi.addressof(lib, "pm_interner_lookup_texts")))
_KEYWORDS: Final[dict[str, tuple[str, ...]]] = {
    "none": (),
    "hard": tuple(keyword.kwlist),
    "all": (*keyword.kwlist, *keyword.softkwlist),
}


@dataclass(frozen=True, slots=True)
class InternerStats:
    """Counts since the interner was made, and memory now.

    Attributes:
        string_count: Strings held now, keywords included.
        preloaded_count: Those of them that are keywords of the option.
        interned_count: Requests that stored a new string.
        deduplicated_count: Requests that found theirs there.
        bytes_saved: Length of the strings of those requests: text that was not stored again. It is text alone;
            `footprint_bytes` is what that costs.
        clear_count: Times that the interner was cleared.
        growth_count: Times that the table grew.
        slot_count: Slots of the table.
        string_bytes: Length of the strings held now, without terminators and padding.
        arena_bytes: Memory held for them: string_bytes, and what is unused or lost in the chunks.
        table_bytes: Memory of the table.
        id_bytes: Memory of the texts by id.
        retired_bytes: Memory of outgrown tables that readers may still be in.
        footprint_bytes: All memory held: the four above, and the interner itself.
    """

    string_count: int
    preloaded_count: int
    interned_count: int
    deduplicated_count: int
    bytes_saved: int
    clear_count: int
    growth_count: int
    slot_count: int
    string_bytes: int
    arena_bytes: int
    table_bytes: int
    id_bytes: int
    retired_bytes: int
    footprint_bytes: int


class InternerBase(Handle):
    """What rests on the calls of an interner, however it finds its strings."""

    __slots__ = ()

    def encoded(self, number: int, *, generation: int | None = None) -> bytes:
        """As `Interner.encoded`."""
        raise NotImplementedError

    def texts(self) -> Column:
        """As `Interner.texts`."""
        raise NotImplementedError

    def text(self, number: int, *, generation: int | None = None) -> str:
        """The string of an id as text.

        Raises:
            StaleIdError: The id is of another generation than the interner's.
            IndexError: There is no such id.
            UnicodeDecodeError: The string is not UTF-8; `encoded` gives its bytes.
        """
        return self.encoded(number, generation=generation).decode()

    def dictionary(self, ids: Ids) -> Dictionary:
        """Ids and their strings as one Arrow dictionary array; the ids are not copied, and MISSING becomes null.

        Raises:
            TypeError: They are not uint32.
            ValueError: One of them was never given, or they are not flat and contiguous.
            MemoryError: The system refuses memory.
        """
        return Dictionary(ids, self.texts())


def check_id(place: int, generation: int | None, now: int, count: int) -> None:
    """Check that an id is of this generation, and was given.

    Raises:
        StaleIdError: It is of another generation.
        IndexError: There is no such id.
    """
    if generation is not None and generation != now:
        raise StaleIdError(
            f"id {place} is of generation {generation}, this interner was cleared and is in {now}: intern again"
        )
    if not 0 <= place < count:
        raise IndexError(f"no id {place}: there are {count}")


class Interner(InternerBase):
    """A set of strings with dense ids. Threads take turns; `threads` of one bulk call share its work.

    Args:
        strings: Strings to reserve room for.
        strings_max: A true bound on the strings held, keywords included; None: 2^31 - 1.
        keywords: What a new or cleared interner holds: the running Python's keywords in the order of
            `keyword.kwlist`, from id 0 on ("hard"), and after them those of `keyword.softkwlist` ("all").
        seed: Of the hash; ids do not depend on it. Choose it at random where an adversary picks the strings.
        huge_pages: Ask the kernel for 2 MiB pages for tables of that size and more.

    Raises:
        ValueError: A number is negative, the bound contradicts the rest, or there are no such keywords.
        OverflowError: A number does not fit.
        MemoryError: The system refuses memory.
    """

    __slots__ = ("_exported", "_preloaded")

    def __init__(
        self,
        strings: int = STRINGS,
        *,
        strings_max: int | None = None,
        keywords: Keywords = "none",
        seed: int = 0,
        huge_pages: bool = False,
    ) -> None:
        if keywords not in _KEYWORDS:
            raise ValueError(f"no keywords {keywords!r}: take one of {', '.join(_KEYWORDS)}")
        bound = STRINGS_MAX if strings_max is None else size(strings_max, "strings_max")
        if bound == 0:
            raise ValueError("strings_max must be 1 at least: an interner of none cannot hold a string")
        options = ffi.new("pm_interner_options *")
        options.strings = max(1, min(size(strings, "strings"), bound))
        options.strings_max = bound
        options.seed = size(seed, "seed")
        words = [ffi.from_buffer(word.encode()) for word in _KEYWORDS[keywords]]
        texts = ffi.new("pm_text[]", [(word, len(word)) for word in words])
        options.preload = texts
        options.preload_count = len(words)
        options.huge_pages = huge_pages
        out = ffi.new("pm_interner **")
        check(
            lib.pm_interner_new(options, out),
            f"an interner of at most {bound} strings (up to {STRINGS_MAX}, with room for its keywords)",
        )
        super().__init__(ffi.gc(out[0], lib.pm_interner_free))
        self._preloaded = (texts, words)  # the C side reads them again at each clear
        self._exported: tuple[int, Column] | None = None  # what `texts` gave, and of which generation

    def __len__(self) -> int:
        with self._turn:
            return int(lib.pm_interner_count(self._open()))

    @property
    def generation(self) -> int:
        """Of the ids that are given now; keep it with them, and `text` and `encoded` tell old ids from new ones."""
        with self._turn:
            return int(lib.pm_interner_generation(self._open()))

    def intern(self, text: Text) -> int:
        """The id of a string, which is stored where it was missing. For many strings `intern_many` is faster by far.

        Raises:
            TypeError: It is neither str nor bytes.
            UnicodeEncodeError: It holds a lone surrogate.
            BoundError: It is new, and strings_max are held.
            OverflowError: It is longer than 2^32 - 2 bytes.
            MemoryError: The system refuses memory.
        """
        data = encode(text)
        out = ffi.new("pm_intern_ref *")
        with self._turn:
            check(lib.pm_interner_intern(self._open(), data, len(data), out), "one more string: clear, or raise it")
        return int(out.id)

    def intern_many(self, texts: Texts, *, threads: int = 1) -> Ids:
        """The ids of many strings, as if each were interned in turn.

        Args:
            texts: A list of str or bytes, which are read in place; a column of a batch; any Arrow array or series of
                strings without nulls (`__arrow_c_array__`, `__arrow_c_stream__`); or a column in Arrow form: offsets of
                shape (n + 1,), int32 or int64, and the bytes of all strings. Arrays must not change meanwhile. Of a
                dictionary array (categories) each text that rows have is interned once, which is one request.
            threads: To divide the strings over; the ids do not depend on it. Few strings take fewer threads.

        Returns:
            Ids of shape (n,).

        Raises:
            TypeError: A text is neither str nor bytes, or offsets are no whole numbers.
            UnicodeEncodeError: One holds a lone surrogate.
            ValueError: Offsets decrease or leave the data; nothing is stored, or of several chunks the first ones. A
                string view leaves its buffer; strings before it are stored. threads is negative.
            BoundError: strings_max are held; the strings that fit, the first ones, are stored.
            OverflowError: A string is longer than 2^32 - 2 bytes; nothing is stored.
            MemoryError: The system refuses memory; some of the strings are stored, the first ones.
        """
        workers = size(threads, "threads")
        source = source_of(texts)
        if isinstance(source, list | tuple):
            return self._in_place(source, _INTERN) if workers < 2 else self._on_threads(source, workers)
        ids = np.empty(len(source), np.uint32)
        with self._turn:
            pointer = self._open()
            for first, part in source.placed() if isinstance(source, arrow.Parts) else ((0, source),):
                intern_part(pointer, part, workers, ids[first : first + len(part)])
        return ids

    def _in_place(self, items: list[Any] | tuple[Any, ...], function: Callable[..., int], *argument: int) -> Ids:
        """The ids that a function of the extension module gives for the texts of a list, range after range."""
        ids = np.empty(len(items), np.uint32)
        with self._turn:
            self._open()
            out = lists.address(ffi.from_buffer(ids))
            for first, stop in lists.ranges(len(ids)):
                part = out + first * ids.itemsize, *argument, items, first, stop
                check(function(lists.address(self._open()), *part), f"{len(ids)} strings")
        return ids

    def _on_threads(self, items: list[Any] | tuple[Any, ...], threads: int) -> Ids:
        """The ids of a list's texts, many at once; they are held meanwhile, and the GIL is free."""
        ids, chunk = np.empty(len(items), np.uint32), TextArray()
        with self._turn:
            self._open()
            for first, view, count in lists.chunks(items, len(ids), TEXTS_FOR_THREADS, chunk):
                out = ffi.from_buffer("uint32_t[]", ids[first : first + count])
                status = lib.pm_interner_intern_texts(self._open(), view, count, chunk.lead_bytes, threads, out)
                check(status, f"{len(ids)} strings")
        return ids

    def lookup(self, text: Text) -> int | None:
        """The id of a string, or None where it is not held; nothing is stored or counted.

        Raises:
            TypeError: It is neither str nor bytes.
            UnicodeEncodeError: It holds a lone surrogate.
        """
        data = encode(text)
        out = ffi.new("pm_intern_ref *")
        with self._turn:
            status = lib.pm_interner_lookup(self._open(), data, len(data), out)
        return None if status == lib.PM_NOT_FOUND else int(out.id)

    def lookup_many(self, texts: Texts) -> Ids:
        """The ids of many strings, given as to `intern_many`; MISSING where one is not held.

        Raises:
            As `intern_many` does, but for memory and bounds.
        """
        source = source_of(texts)
        if isinstance(source, list | tuple):
            return self._in_place(source, _LOOKUP, MISSING)
        ids = np.empty(len(source), np.uint32)
        with self._turn:
            pointer = self._open()
            for first, part in source.placed() if isinstance(source, arrow.Parts) else ((0, source),):
                look_up_part(pointer, part, ids[first : first + len(part)])
        return ids

    def encoded(self, number: int, *, generation: int | None = None) -> bytes:
        """The bytes of an id's string, copied out.

        Raises:
            StaleIdError: The id is of another generation than the interner's.
            IndexError: There is no such id.
        """
        place, out = operator.index(number), ffi.new("pm_text *")
        with self._turn:
            pointer = self._open()
            now, count = int(lib.pm_interner_generation(pointer)), int(lib.pm_interner_count(pointer))
            check_id(place, generation, now, count)
            check(lib.pm_interner_text(pointer, (place, now), out), f"id {place}")
            return bytes(ffi.buffer(out.data, out.bytes)) if out.bytes else b""

    def texts(self) -> Column:
        """All strings by id, as offsets (int64) and bytes: an Arrow dictionary for the ids.

        The arrays are read-only and not the interner's memory: they outlive it. They are made once, and again when
        strings were added.

        Raises:
            MemoryError: The system refuses memory.
        """
        with self._turn:
            pointer = self._open()
            now, count = int(lib.pm_interner_generation(pointer)), int(lib.pm_interner_count(pointer))
            if self._exported is None or self._exported[0] != now or len(self._exported[1]) != count:
                offsets, data = np.empty(count + 1, np.int64), np.empty(_stats(pointer).string_bytes, np.uint8)
                out = ffi.from_buffer("int64_t[]", offsets), 8, ffi.from_buffer("unsigned char[]", data), data.size
                check(lib.pm_interner_export(pointer, 0, count, *out), f"{count} strings")
                offsets.flags.writeable = data.flags.writeable = False
                self._exported = now, Column(offsets, data)
            return self._exported[1]

    def stats(self) -> InternerStats:
        """Counts and memory now."""
        with self._turn:
            return _stats(self._open())

    def clear(self) -> None:
        """End all ids and begin a new generation, with the keywords of the option; the memory is kept for reuse."""
        with self._turn:
            lib.pm_interner_clear(self._open())
            self._exported = None


def _stats(pointer: Any) -> InternerStats:
    """To be called with the turn."""
    out = ffi.new("pm_interner_stats *")
    lib.pm_interner_read_stats(pointer, out)
    return InternerStats(**{name: getattr(out, name) for name in InternerStats.__slots__})
