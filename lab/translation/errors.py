"""What can go wrong with a source, as exceptions that say where.

::

    LabError
    ├── TranslationError           one source failed; all others are as they would be without it
    │   ├── SourceError            it is not Python; also a SyntaxError
    │   ├── TooDeepError           it is nested beyond the front end's bound
    │   └── UnreadableError        its file cannot be read, or is beyond the size that positions can tell
    └── UnsupportedGrammarError    the front end does not know this version of the language
"""

import os
from typing import Any

from lab._ffi import ffi, lib
from lab.core.errors import EnvironmentFailure, LabError


class TranslationError(LabError):
    """One source failed.

    Attributes:
        file: Its path, or a word for what has none.
        line: From 1; 0 where the failure is of no line.
        column: In bytes of UTF-8, from 0.
        message: What is wrong, without the place.
    """

    def __init__(self, file: str, line: int, column: int, message: str) -> None:
        super().__init__(f"{file}:{line}:{column + 1}: {message}" if line else f"{file}: {message}")
        self.file, self.line, self.column, self.message = file, line, column, message

    def __reduce__(self) -> tuple[type["TranslationError"], tuple[str, int, int, str]]:
        return type(self), (self.file, self.line, self.column, self.message)


class SourceError(TranslationError, SyntaxError):
    """The source is not Python; the message says what was expected."""

    def __init__(self, file: str, line: int, column: int, message: str) -> None:
        super().__init__(file, line, column, message)
        self.msg, self.filename, self.lineno, self.offset = message, file, line or None, column + 1

    def __str__(self) -> str:
        return str(self.args[0])


class TooDeepError(TranslationError):
    """Expressions or blocks are nested beyond what the front end takes."""


class UnreadableError(TranslationError):
    """The file cannot be read."""


class UnsupportedGrammarError(EnvironmentFailure):
    """The front end does not know this version of the language."""


def error_of(status: int, error: Any, file: str) -> Exception:
    """The exception that a failed task stands for.

    Args:
        status: An fe_status other than FE_OK.
        error: The fe_error of the task.
        file: What to call the source.
    """
    words = ffi.string(error.message).decode(errors="replace") or ffi.string(lib.fe_status_text(status)).decode()
    if status == lib.FE_NO_MEMORY:
        return MemoryError(f"{file}: {words}")
    if status == lib.FE_UNSUPPORTED:
        return UnsupportedGrammarError(words)
    if status == lib.FE_READ and error.system:
        words = f"{os.strerror(error.system)}; give the path of a readable file"
    kind = _KINDS.get(status, TranslationError)
    return kind(file, error.line, error.column, words)


_KINDS: dict[int, type[TranslationError]] = {
    lib.FE_SYNTAX: SourceError,
    lib.FE_DELEGATE: SourceError,
    lib.FE_TOO_DEEP: TooDeepError,
    lib.FE_READ: UnreadableError,
    lib.FE_INVALID: UnreadableError,
}
