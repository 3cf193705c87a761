"""A session: what translates sources one after another and keeps its buffers for the next one."""

import os
import sys
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary.handle import Handle
from lab.memory.manager.config import MemoryConfig
from lab.translation.columns import NodeColumns, NodeTable
from lab.translation.delegate import Delegate
from lab.translation.errors import SourceError, UnreadableError, UnsupportedGrammarError, error_of
from lab.translation.ledger import TaskLedger
from lab.translation.settings import Configured, config_of, report_tasks
from lab.translation.switches import Switches

Source = str | bytes | bytearray | memoryview | os.PathLike[str] | os.PathLike[bytes]
Stage = Literal["lex", "parse", "symbols", "text", "columns"]
UNNAMED: Final = "<source>"
GRAMMARS: Final = (11, 12, 13, 14)  # the minor versions of Python 3 whose grammars the front end knows
TOKEN: Final = np.dtype([("token_class", "=u4"), ("start", "=u4"), ("end", "=u4"), ("line", "=u4")])
_STAGES: Final[dict[str, int]] = {
    "lex": lib.FE_STAGE_LEX,
    "parse": lib.FE_STAGE_PARSE,
    "symbols": lib.FE_STAGE_SYMBOLS,
    "text": lib.FE_STAGE_TEXT,
    "columns": lib.FE_STAGE_COLUMNS,
}


class Session(Handle):
    """Translates Python sources. Threads take turns; for several at once give each its own.

    Args:
        switches: Memory techniques to use; those of the configuration where None, and all where that is None too.
        config: Sizes of the pools; a `MemoryManager` also counts what the tasks cost.
        grammar: Minor version of the Python whose grammar the sources are in: 11 for 3.11 (default: the running one's).
        show_empty: Show empty lists in the text, as ast.dump(show_empty=True) does; before 3.13 it always does.
        prefetch_distance: Elements that `prefetch` looks ahead; 0 for the default.

    Raises:
        UnsupportedGrammarError: The front end does not know this version of the language.
        MemoryError: The system refuses memory.
    """

    __slots__ = ("_configured", "_counted", "_delegate", "switches")

    def __init__(
        self,
        switches: Switches | None = None,
        *,
        config: Configured = None,
        grammar: int | None = None,
        show_empty: bool = False,
        prefetch_distance: int = 0,
    ) -> None:
        sizes = config_of(config)
        self.switches = chosen_switches(switches, sizes)
        self._configured, self._counted = config, TaskLedger()
        self._delegate = Delegate()
        options = fill_options(self.switches, sizes, grammar, self._delegate)
        options.prefetch, options.show_empty = prefetch_distance, show_empty
        out = ffi.new("fe_session **")
        check_made(lib.fe_session_new(options, out), options.minor)
        super().__init__(ffi.gc(out[0], lib.fe_session_free))

    def text(self, source: Source, *, file: str | None = None) -> bytes:
        """The text of `ast.dump(ast.parse(source), include_attributes=True)`, in UTF-8.

        Args:
            source: A str, the bytes of a file, or the path of one.
            file: What to call the source in errors; its path where None.

        Raises:
            TranslationError: The source is not Python, or cannot be read; see lab.translation.errors.
            ClosedError: The session has ended.
            MemoryError: The system refuses memory.
        """
        return self._collect(source, "text", file)

    def tokens(self, source: Source, *, file: str | None = None) -> npt.NDArray[np.void]:
        """The tokens, shape (n,) of TOKEN: class, first and last byte, line; see fe_token_view of fe/frontend.h.

        Raises:
            As `text` does.
        """
        return np.frombuffer(self._collect(source, "lex", file), TOKEN)

    def columns(self, source: Source, *, file: str | None = None) -> NodeTable:
        """The nodes as columns.

        Raises:
            As `text` does.
        """
        made = NodeColumns()
        columns, given = made.pointer, _Given(source, file)
        with self._turn:
            pointer = self._open()
            lib.fe_session_set_columns(pointer, columns)
            try:
                self._run(given, "columns", ffi.NULL)
            finally:
                lib.fe_session_set_columns(pointer, ffi.NULL)
        return made.table((_name_of(source, file),))

    def run(self, source: Source, stage: Stage = "text", *, file: str | None = None) -> None:
        """Go as far as a stage and drop what it makes.

        Raises:
            As `text` does.
            ValueError: There is no such stage, or it is "columns".
        """
        if stage not in _STAGES or stage == "columns":
            raise ValueError(f"stage must be one of {', '.join(_STAGES)[: -len(', columns')]}, got {stage!r}")
        given = _Given(source, file)
        with self._turn:
            self._run(given, stage, ffi.NULL)

    def trim(self) -> None:
        """Give back what is kept for later tasks: the next one is a cold one."""
        with self._turn:
            lib.fe_session_trim(self._open())

    def ledger(self) -> TaskLedger:
        """What tasks cost since the session was made, or its ledger was reset."""
        out = ffi.new("fe_ledger *")
        with self._turn:
            lib.fe_session_read_ledger(self._open(), out)
        return TaskLedger.read(out)

    def reset_ledger(self) -> None:
        """Count from zero; what is held stays counted as live."""
        with self._turn:
            lib.fe_session_reset_ledger(self._open())
            self._counted = TaskLedger()

    def _collect(self, source: Source, stage: Stage, file: str | None) -> bytes:
        sink, given = _Sink(), _Given(source, file)
        handle = ffi.new_handle(sink)
        with self._turn:
            try:
                self._run(given, stage, lib.lab_take_output, handle)
            except Exception:
                if sink.error is not None:
                    raise sink.error from None
                raise
        return sink.pieces[0] if len(sink.pieces) == 1 else b"".join(sink.pieces)

    def _run(self, given: "_Given", stage: Stage, sink: Any, handle: Any = ffi.NULL) -> None:
        """To be called with the turn."""
        error, pointer = ffi.new("fe_error *"), self._open()
        self._delegate.begin(is_text=given.is_text)
        if given.path is None:
            status = lib.fe_translate(pointer, given.data, len(given.data), _STAGES[stage], sink, handle, error)
        else:
            status = lib.fe_translate_file(pointer, given.path, _STAGES[stage], sink, handle, error)
        if self._configured is not None:
            self._count(pointer)
        if status != lib.FE_OK:
            self._delegate.raise_failure()
            raise error_of(status, error, given.name)

    def _count(self, pointer: Any) -> None:
        """Report the last task to the manager; to be called with the turn."""
        out = ffi.new("fe_ledger *")
        lib.fe_session_read_ledger(pointer, out)
        before, self._counted = self._counted, TaskLedger.read(out)
        report_tasks(self._configured, self._counted.since(before))


class _Given:
    """A source as C takes it, converted before the session's turn: converting may run Python code.

    Attributes:
        name: What errors call it.
        is_text: Whether it is a str, whose encoding declaration means nothing.
        data: C's view of its bytes, where it is no file.
        path: The path, where it is a file.
    """

    __slots__ = ("data", "is_text", "name", "path")

    def __init__(self, source: Source, file: str | None) -> None:
        self.name = _name_of(source, file)
        self.is_text = isinstance(source, str)
        self.path = os.fsencode(source) if isinstance(source, os.PathLike) else None
        if self.path is not None and b"\0" in self.path:  # C would read the file of the name up to there
            raise UnreadableError(self.name, 0, 0, "the path holds a NUL character, which no file's name can")
        self.data: Any = None
        if self.path is None:
            self.data = ffi.from_buffer(_encode(source, self.name) if isinstance(source, str) else source)


class _Sink:
    """What takes the pieces of a text."""

    __slots__ = ("error", "pieces")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.error: BaseException | None = None


@ffi.def_extern(name="lab_take_output", error=False)  # type: ignore[untyped-decorator]
def _take_output(context: Any, data: Any, size: int) -> bool:
    sink: _Sink = ffi.from_handle(context)
    try:
        sink.pieces.append(ffi.buffer(data, size)[:])
    except BaseException as error:  # KeyboardInterrupt too: C is to end the task, and its caller to raise it
        sink.error = error
        return False
    return True


def translate(
    source: Source,
    *,
    switches: Switches | None = None,
    config: Configured = None,
    grammar: int | None = None,
    show_empty: bool = False,
    file: str | None = None,
) -> str:
    """The text of `ast.dump(ast.parse(source), include_attributes=True)`, made without Python objects.

    For many sources keep a `Session`, or call `lab.convert`.

    Args:
        source: A str, the bytes of a file, or the path of one.
        switches: Memory techniques to use; see `Session`.
        config: Sizes of the pools; a `MemoryManager` also counts what the task cost.
        grammar: Minor version of the Python whose grammar the sources are in: 11 for 3.11 (default: the running one's).
        show_empty: Show empty lists in the text, as ast.dump(show_empty=True) does; before 3.13 it always does.
        file: What to call the source in errors; its path where None.

    Raises:
        TranslationError: The source is not Python, or cannot be read.
        UnsupportedGrammarError: The front end does not know this version of the language.
        MemoryError: The system refuses memory.
    """
    with Session(switches, config=config, grammar=grammar, show_empty=show_empty) as session:
        return session.text(source, file=file).decode()


def chosen_switches(switches: Switches | None, config: MemoryConfig | None) -> Switches:
    """Those given, else those of the configuration, else all."""
    if switches is not None:
        return switches
    return Switches.all() if config is None else Switches.from_config(config)


def fill_options(switches: Switches, config: MemoryConfig | None, grammar: int | None, delegate: Delegate) -> Any:
    """An fe_options of C; the delegate must outlive what is made of it."""
    options = ffi.new("fe_options *")
    options.switches = switches.bits
    options.minor = sys.version_info.minor if grammar is None else grammar
    delegate.minor = options.minor
    options.delegate = delegate.struct
    options.int_digits = sys.get_int_max_str_digits() or lib.FE_DIGITS_ANY
    if config is not None:
        options.string_buffers = config.pools.string_pool_size or lib.FE_BUFFERS_NONE
        options.vector_buffers = config.pools.vec_pool_size or lib.FE_BUFFERS_NONE
    return options


def check_grammar(minor: int) -> None:
    """Raise what a version that the front end does not know stands for.

    Raises:
        UnsupportedGrammarError: The front end does not know this version of the language.
    """
    if minor not in GRAMMARS:
        known = ", ".join(f"3.{one}" for one in GRAMMARS)
        raise UnsupportedGrammarError(
            f"the front end does not know the grammar of Python 3.{minor}; it knows {known}: "
            f"pass grammar={GRAMMARS[-1]}, or run the lab with one of these versions"
        )


def check_made(status: int, minor: int) -> None:
    """Raise what a failure to make a session stands for.

    Raises:
        UnsupportedGrammarError: The front end does not know this version of the language.
        MemoryError: The system refuses memory.
    """
    if status == lib.FE_UNSUPPORTED:
        check_grammar(minor)
    if status != lib.FE_OK:
        raise MemoryError(ffi.string(lib.fe_status_text(status)).decode())


def _name_of(source: Source, file: str | None) -> str:
    if file is not None:
        return file
    return os.fsdecode(source) if isinstance(source, os.PathLike) else UNNAMED


def _encode(source: str, name: str) -> bytes:
    """A source that is a str, as the compiler takes it: whatever it begins with, a byte order mark is no mark."""
    if str.startswith(source, "\ufeff"):
        raise SourceError(name, 1, 0, "invalid non-printable character U+FEFF")
    try:
        return str.encode(source)
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        raise SourceError(name, line, 0, f"the source holds a lone surrogate ({source[error.start]!a})") from error
