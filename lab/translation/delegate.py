r"""What the front end asks of Python: rare things that need the tables of Unicode or a codec.

NFKC forms of identifiers, the characters of `\N{...}`, and sources that declare an encoding or are not UTF-8. A source
that needs none of them costs no call. The functions are called by C, from whatever thread runs the task.
"""

import sys
import unicodedata
from typing import Any, Final

from lab._ffi import ffi, lib
from lab.translation.decoding import decode_source, line_ends

_NO_ANSWER: Final = -1


class Delegate:
    """Answers for the tasks of one session or batch; keep it alive as long as they are.

    Attributes:
        struct: The fe_delegate of C.
        minor: Of the grammar that the sources are read by.
        is_text: Whether the sources are str that Python encoded: then what they declare is not read, as by `compile`.
    """

    __slots__ = ("_handle", "is_text", "minor", "struct")

    def __init__(self) -> None:
        self.is_text = False
        self.minor = sys.version_info.minor
        self._handle = ffi.new_handle(self)
        self.struct = ffi.new("fe_delegate *")
        self.struct.context = self._handle
        self.struct.normalize = lib.lab_normalize
        self.struct.character = lib.lab_find_character
        self.struct.decode = lib.lab_decode

    def decode(self, source: bytes) -> bytes:
        """The text of a source as UTF-8, with line feeds at its line ends.

        Raises:
            SyntaxError: It declares an encoding that there is not, or does not keep to it.
        """
        return line_ends(source, self.minor) if self.is_text else decode_source(source, self.minor)


def _give(answer: bytes, out: Any, capacity: int) -> int:
    kept = answer[:capacity]
    ffi.memmove(out, kept, len(kept))
    return len(answer)


@ffi.def_extern(name="lab_normalize", error=_NO_ANSWER)  # type: ignore[untyped-decorator]
def _normalize(_context: Any, name: Any, size: int, out: Any, capacity: int) -> int:
    try:
        text = ffi.buffer(name, size)[:].decode()
    except UnicodeDecodeError:
        return _NO_ANSWER
    return _give(unicodedata.normalize("NFKC", text).encode(), out, capacity) if text.isidentifier() else _NO_ANSWER


@ffi.def_extern(name="lab_find_character", error=_NO_ANSWER)  # type: ignore[untyped-decorator]
def _find_character(_context: Any, name: Any, size: int, out: Any, capacity: int) -> int:
    try:
        found = unicodedata.lookup(ffi.buffer(name, size)[:].decode())
    except (KeyError, UnicodeDecodeError):
        return _NO_ANSWER
    return _give(found.encode(), out, capacity) if len(found) == 1 else _NO_ANSWER  # not a named sequence


@ffi.def_extern(name="lab_decode", error=_NO_ANSWER)  # type: ignore[untyped-decorator]
def _decode(context: Any, source: Any, size: int, out: Any, capacity: int) -> int:
    delegate: Delegate = ffi.from_handle(context)
    try:
        return _give(delegate.decode(ffi.buffer(source, size)[:]), out, capacity)
    except SyntaxError as error:
        words = str(error.msg).encode(errors="replace")[: max(capacity - 1, 0)] + b"\0"
        _give(words, out, capacity)
        return _NO_ANSWER
