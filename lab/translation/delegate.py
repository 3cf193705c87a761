r"""What the front end asks of Python: rare things that need the tables of Unicode or a codec.

NFKC forms of identifiers, the characters of `\N{...}`, and sources that declare an encoding or are not UTF-8. A source
that needs none of them costs no call. The functions are called by C, from whatever thread runs the task.
"""

import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any, Final

from lab._extension import callback_begin, callback_end, fork_count
from lab._ffi import ffi, lib
from lab.translation.decoding import decode_source, line_ends

_NO_ANSWER: Final = -1


class Delegate:
    """Answers for the tasks of one session or batch; keep it alive as long as they are.

    Attributes:
        struct: The fe_delegate of C.
        minor: Of the grammar that the sources are read by.
        is_text: Whether the sources are str that Python encoded: then what they declare is not read, as by `compile`.
        failures: Exceptions of codecs that say nothing about the source: an interrupt, a busy object.
    """

    __slots__ = ("_handle", "_thread", "failures", "is_text", "minor", "struct")

    def __init__(self) -> None:
        self.is_text = False
        self.minor = sys.version_info.minor
        self.failures: list[BaseException] = []  # what codecs raised that says nothing about the source
        self._thread: int | None = None  # the one that a session runs on; None for native threads
        self._handle = ffi.new_handle(self)
        self.struct = ffi.new("fe_delegate *")
        self.struct.context = self._handle
        self.struct.normalize = lib.lab_normalize
        self.struct.character = lib.lab_find_character
        self.struct.decode = lib.lab_decode

    def begin(self, *, is_text: bool) -> None:
        """Begin a task on the calling thread."""
        self.is_text, self._thread = is_text, get_ident()
        self.failures.clear()

    def raise_failure(self) -> None:
        """Raise what a codec raised, if it says nothing about the source."""
        if self.failures:
            failure = self.failures[0]
            self.failures.clear()
            raise failure

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around an answer: on whatever thread it runs, others wait for it, so it must not wait for them.

        A codec that forks on a native thread leaves a child whose only thread has no Python caller to return to: the
        child ends.
        """
        forks = fork_count()
        callback_begin()
        try:
            yield
        finally:
            callback_end()
            if fork_count() != forks and get_ident() != self._thread:
                os.write(2, b"lab: a codec forked on a native thread, and its child process cannot go on\n")
                os._exit(1)

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
def _normalize(context: Any, name: Any, size: int, out: Any, capacity: int) -> int:
    with ffi.from_handle(context).answering():
        try:
            text = ffi.buffer(name, size)[:].decode()
        except UnicodeDecodeError:
            return _NO_ANSWER
        known = text.isidentifier()
        return _give(unicodedata.normalize("NFKC", text).encode(), out, capacity) if known else _NO_ANSWER


@ffi.def_extern(name="lab_find_character", error=_NO_ANSWER)  # type: ignore[untyped-decorator]
def _find_character(context: Any, name: Any, size: int, out: Any, capacity: int) -> int:
    with ffi.from_handle(context).answering():
        try:
            found = unicodedata.lookup(ffi.buffer(name, size)[:].decode())
        except (KeyError, UnicodeDecodeError):
            return _NO_ANSWER
        return _give(found.encode(), out, capacity) if len(found) == 1 else _NO_ANSWER  # not a named sequence


@ffi.def_extern(name="lab_decode", error=_NO_ANSWER)  # type: ignore[untyped-decorator]
def _decode(context: Any, source: Any, size: int, out: Any, capacity: int) -> int:
    delegate: Delegate = ffi.from_handle(context)
    with delegate.answering():
        try:
            return _give(delegate.decode(ffi.buffer(source, size)[:]), out, capacity)
        except SyntaxError as error:
            words = str(error.msg)
        except BaseException as error:  # of the codec; C ends the task, and its caller raises it
            delegate.failures.append(error)
            words = f"the codec failed: {type(error).__name__}: {error}"
        text = words.encode(errors="replace")[: max(capacity - 1, 0)] + b"\0"
        _give(text, out, capacity)
        return _NO_ANSWER
