"""Many sources at once: a team of native threads with a session each, and what became of every source."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from lab._ffi import ffi, lib
from lab.memory.boundary import lists
from lab.memory.boundary.column import Column
from lab.memory.boundary.handle import Handle, threaded
from lab.memory.bridge.team import NativeTranslator
from lab.memory.bridge.threads import forbid_nesting
from lab.memory.manager.config import MemoryConfig
from lab.translation.columns import NodeTable, read_table
from lab.translation.delegate import Delegate
from lab.translation.errors import TranslationError, error_of
from lab.translation.ledger import TaskLedger
from lab.translation.session import check_made, chosen_switches, fill_options
from lab.translation.settings import Configured, config_of, report_tasks
from lab.translation.switches import Switches

Keep = Literal["nothing", "text", "digest", "columns"]
_KEPT: Final[dict[str, tuple[int, int]]] = {
    "nothing": (lib.FE_STAGE_TEXT, lib.FE_KEEP_NOTHING),
    "text": (lib.FE_STAGE_TEXT, lib.FE_KEEP_TEXT),
    "digest": (lib.FE_STAGE_TEXT, lib.FE_KEEP_DIGEST),
    "columns": (lib.FE_STAGE_COLUMNS, lib.FE_KEEP_COLUMNS),
}


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """One source that failed.

    Attributes:
        index: Its place in the input, from 0.
        error: What was wrong; a MemoryError where the system refused memory.
    """

    index: int
    error: TranslationError | MemoryError


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """What became of the sources of one batch; what was not kept is empty.

    Attributes:
        texts: The texts in the order of the sources, empty where one failed; views of C memory.
        digests: A sum of each text (fe_digest), shape (n,), uint64; 0 where one failed.
        tables: The nodes, a table for each worker that has any; their `file` is the source's name.
        failures: The sources that failed, by index.
        cancelled: Indices of those that never began.
        ledger: What the batch cost.
        worker_count: Threads.
        pinned_count: Those that were bound to a NUMA node.
    """

    texts: Column
    digests: npt.NDArray[np.uint64]
    tables: tuple[NodeTable, ...]
    failures: tuple[SourceFailure, ...]
    cancelled: tuple[int, ...]
    ledger: TaskLedger
    worker_count: int
    pinned_count: int


class Translator(Handle):
    """Native threads that stay, each with a session that stays warm. Threads of Python take turns.

    Args:
        switches: Memory techniques to use; those of the configuration where None, and all where that is None too.
        config: Sizes of the pools, and whether workers are bound to NUMA nodes; a `MemoryManager` also counts what the
            batches cost.
        workers: Threads; where None one for each processor that the process may run on.
        grammar: Minor version of the Python whose grammar the sources are in: 11 for 3.11 (default: the running one's).
        show_empty: Show empty lists in the text, as ast.dump(show_empty=True) does; before 3.13 it always does.

    Raises:
        UnsupportedGrammarError: The front end does not know this version of the language.
        ValueError: workers is below 1, or beyond what a team can have.
        MemoryError: The system refuses memory or a thread.
    """

    __slots__ = ("_configured", "_delegate", "switches")

    def __init__(
        self,
        switches: Switches | None = None,
        *,
        config: Configured = None,
        workers: int | None = None,
        grammar: int | None = None,
        show_empty: bool = False,
    ) -> None:
        if workers is not None and not 1 <= workers <= lib.PM_TEAM_WORKERS_MAX:
            raise ValueError(f"workers must be from 1 to {lib.PM_TEAM_WORKERS_MAX}, got {workers}")
        sizes = config_of(config)
        self.switches = chosen_switches(switches, sizes)
        self._configured = config
        self._delegate = Delegate()
        options = ffi.new("fe_translator_options *")
        options.session = fill_options(self.switches, sizes, grammar, self._delegate)[0]
        options.session.show_empty = show_empty
        options.worker_count = workers or 0
        options.numa = sizes is not None and sizes.numa.enabled
        out = ffi.new("fe_translator **")
        check_made(lib.fe_translator_new(options, out), options.session.minor)
        super().__init__(threaded(out[0], lib.fe_translator_free), has_threads=True)

    def _end(self) -> None:
        self._pointer = None  # ends with the last reference: `cancel` may have one, and takes no turn

    def texts(self, sources: Iterable[str | bytes], *, keep: Keep = "text", names: Sequence[str] = ()) -> SourceBatch:
        """Translate sources in memory.

        Args:
            sources: Their bytes, or str, of which an encoding declaration is read all the same.
            keep: What to keep of what is made.
            names: What to call the sources in errors and tables; their numbers where empty.

        Raises:
            NestedParallelError: The calling thread runs a task.
            TypeError: A source is neither str nor bytes.
            UnicodeEncodeError: One holds a lone surrogate.
            MemoryError: The system refuses memory.
        """
        view, count = lists.read(sources)
        named = list(names) or [f"<source {number}>" for number in range(count)]
        stage, kept = _KEPT[keep]
        return self._run(
            lambda pointer, out: lib.fe_translate_texts(pointer, view, count, False, stage, kept, out), named, keep
        )

    def files(self, paths: Iterable[str | os.PathLike[str]], *, keep: Keep = "text") -> SourceBatch:
        """Translate files, which C reads.

        Args:
            paths: Their paths.
            keep: What to keep of what is made.

        Raises:
            NestedParallelError: The calling thread runs a task.
            MemoryError: The system refuses memory.
        """
        named = [os.fspath(path) for path in paths]
        view, count = lists.read([os.fsencode(path) for path in named])
        stage, kept = _KEPT[keep]
        return self._run(
            lambda pointer, out: lib.fe_translate_files(pointer, view, count, stage, kept, out), named, keep
        )

    def cancel(self) -> None:
        """Begin no further source of the batch that runs now; from any thread."""
        pointer = self._pointer
        if pointer is not None and not self._turn.lost:
            lib.fe_translator_cancel(pointer)

    def trim(self) -> None:
        """Give back what is kept for later batches: the next one is a cold one."""
        with self._turn:
            lib.fe_translator_trim(self._open())

    def _run(self, call: Any, names: Sequence[str], keep: Keep) -> SourceBatch:
        forbid_nesting()
        out = ffi.new("fe_batch **")
        with self._turn:
            self._delegate.failures.clear()
            status = call(self._open(), out)
            failures = [one for one in self._delegate.failures if not isinstance(one, Exception)]
        if failures:
            raise failures[0]  # an interrupt, SystemExit: not the failure of one source
        if status != lib.FE_OK:
            words = ffi.string(lib.fe_status_text(status)).decode()
            raise MemoryError(words) if status == lib.FE_NO_MEMORY else RuntimeError(words)
        done = _Batch(ffi.gc(out[0], lib.fe_batch_free)).read(names, keep)
        report_tasks(self._configured, done.ledger)
        return done


class _Batch(Handle):
    """Owner of what C made of a batch."""

    __slots__ = ()

    def read(self, names: Sequence[str], keep: Keep) -> SourceBatch:
        pointer = self._open()
        report, ledger = ffi.new("fe_batch_report *"), ffi.new("fe_ledger *")
        lib.fe_batch_read_report(pointer, report)
        lib.fe_batch_read_ledger(pointer, ledger)
        count = ffi.new("size_t *")
        found = lib.fe_batch_failures(pointer, count)
        failures = [found[number] for number in range(count[0])]
        cancelled: tuple[int, ...] = ()
        if report.cancelled_count:
            statuses = ffi.unpack(lib.fe_batch_statuses(pointer), len(names))
            cancelled = tuple(row for row, status in enumerate(statuses) if status == lib.FE_CANCELLED)
        return SourceBatch(
            texts=self._texts(pointer),
            digests=self._digests(pointer, len(names)),
            tables=tuple(self._tables(pointer, names, report.worker_count)) if keep == "columns" else (),
            failures=tuple(
                SourceFailure(one.index, _named(error_of(one.error.status, one.error, names[one.index])))
                for one in failures
            ),
            cancelled=cancelled,
            ledger=TaskLedger.read(ledger),
            worker_count=report.worker_count,
            pinned_count=report.pinned_count,
        )

    def _texts(self, pointer: Any) -> Column:
        view = ffi.new("pm_column_view *")
        lib.fe_batch_view(pointer, view)
        if view.row_count == 0:
            return Column(np.zeros(1, np.int64), np.empty(0, np.uint8))
        offsets = self._view(_place(view.offsets), (view.row_count + 1) * 8, readonly=True, dtype=np.int64)
        return Column(offsets, self._view(_place(view.data), view.data_bytes, readonly=True))

    def _digests(self, pointer: Any, rows: int) -> npt.NDArray[np.uint64]:
        digests = lib.fe_batch_digests(pointer)
        return self._view(_place(digests), rows * 8 if digests else 0, readonly=True, dtype=np.uint64)

    def _tables(self, pointer: Any, names: Sequence[str], workers: int) -> list[NodeTable]:
        every = (lib.fe_batch_columns(pointer, worker) for worker in range(workers))
        return [read_table(self, columns, names) for columns in every if columns and columns.file_count]


def bridge_translator(
    switches: Switches | None = None, *, config: MemoryConfig | None = None, grammar: int | None = None
) -> NativeTranslator:
    """The front end as a translator for `lab.memory.parallel_translate` and its sisters.

    A row's source becomes its text; path and config are not read. For one team at a time.

    Args:
        switches: Memory techniques to use; those of the configuration where None, and all where that is None too.
        config: Sizes of the pools.
        grammar: Minor version of the Python whose grammar the sources are in: 11 for 3.11 (default: the running one's).

    Raises:
        UnsupportedGrammarError: The front end does not know this version of the language.
        MemoryError: The system refuses memory.
    """
    delegate = Delegate()
    options = fill_options(chosen_switches(switches, config), config, grammar, delegate)
    out = ffi.new("fe_bridge **")
    check_made(lib.fe_bridge_new(options, out), options.minor)

    def end(bridge: Any, _delegate: Delegate = delegate) -> None:  # the delegate lives as long as the bridge
        lib.fe_bridge_free(bridge)

    return NativeTranslator(ffi.addressof(lib, "fe_bridge_translate"), ffi.gc(out[0], end))


def _place(pointer: Any) -> int:
    return int(ffi.cast("uintptr_t", pointer))


def _named(error: Exception) -> TranslationError | MemoryError:
    return error if isinstance(error, TranslationError | MemoryError) else TranslationError("", 0, 0, str(error))
