"""Native translators, the team of threads that runs them without the GIL, and the column that they make."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import numpy as np

from lab._extension import Hold
from lab._ffi import ffi, lib
from lab.memory import protocols
from lab.memory.boundary.column import Column
from lab.memory.boundary.handle import Handle, threaded
from lab.memory.boundary.results import OrderedResults
from lab.memory.boundary.sizes import size
from lab.memory.bridge.threads import TaskFailure, forbid_nesting
from lab.memory.errors import TaskCancelledError, TaskError, check
from lab.memory.pool import StringPool

Strings = Literal["worker", "pooled", "fresh"]
_STRINGS: Final[dict[str, int]] = {
    "worker": lib.PM_STRINGS_WORKER,
    "pooled": lib.PM_STRINGS_POOLED,
    "fresh": lib.PM_STRINGS_FRESH,
}


@dataclass(frozen=True, slots=True)
class NativeTranslator:
    """A C function that makes a text out of a task; runs without the GIL, from several threads at once.

    Attributes:
        function: A cffi pointer to a `pm_translator` of `pm/translate.h`.
        context: What it gets as its first argument, a cffi pointer; kept alive with this object.
    """

    function: Any
    context: Any = field(default=ffi.NULL)


COPY: Final = NativeTranslator(ffi.addressof(lib, "pm_translate_copy"))
"""The translator that copies its source: what the bridge costs by itself."""


@dataclass(frozen=True, slots=True)
class TeamStats:
    """Figures of a team over all its batches.

    Attributes:
        worker_count: Threads.
        pinned_count: Those that were bound to a node.
        batch_count: Batches run.
        done_count: Tasks that ended well.
        failed_count: Tasks that failed.
        cancelled_count: Tasks that never began.
        claim_count: Stretches of tasks claimed: how often workers met at the counter.
        arena_allocation_count: Allocations out of the workers' arenas.
        arena_peak_bytes: Sum of the peaks of the workers' arenas.
        arena_capacity_bytes: Bytes that the arenas hold.
    """

    worker_count: int
    pinned_count: int
    batch_count: int
    done_count: int
    failed_count: int
    cancelled_count: int
    claim_count: int
    arena_allocation_count: int
    arena_peak_bytes: int
    arena_capacity_bytes: int


class _Column(Handle):
    """Owner of a column that C made."""

    __slots__ = ()

    def views(self) -> Column:
        view = ffi.new("pm_column_view *")
        with self._turn:
            lib.pm_translation_view(self._open(), view)
            offsets = self._view(int(ffi.cast("uintptr_t", view.offsets)), (view.row_count + 1) * 8, readonly=True)
            data = self._view(int(ffi.cast("uintptr_t", view.data)), view.data_bytes, readonly=True)
        return Column(offsets.view(np.int64), data)


class Translation(OrderedResults[bytes]):
    """The texts of a batch in the order of its rows, as one column; reading the text of a failed row raises.

    Attributes:
        column: Offsets and bytes in the Arrow layout; failed and cancelled rows are empty.
        failures: The rows that failed, by index.
        cancelled: The indices of the rows that never began.
    """

    def __init__(self, column: Column, failures: Iterable[TaskFailure], cancelled: Iterable[int]) -> None:
        super().__init__(column)
        self.column = column
        self.failures = tuple(failures)
        self.cancelled = tuple(cancelled)
        self._missing: dict[int, TaskError] = {
            index: TaskCancelledError(f"row {index} never began", index) for index in self.cancelled
        }
        for failure in self.failures:
            error = TaskError(f"row {failure.index} failed: {failure.error}", failure.index)
            error.__cause__ = failure.error
            self._missing[failure.index] = error

    def _error(self, index: int) -> Exception | None:
        return self._missing.get(index)

    def require(self) -> Column:
        """The column, where every row has its text.

        Raises:
            ExceptionGroup: Rows failed or never began: a TaskError for each.
        """
        if self._missing:
            errors = [self._missing[index] for index in sorted(self._missing)]
            raise ExceptionGroup(f"{len(errors)} of {len(self)} rows have no text", errors)
        return self.column


class Tally(Protocol):
    """Where teams leave their figures."""

    def begin(self) -> int:
        """A number for a new team."""

    def note(self, number: int, stats: TeamStats, /) -> None:
        """What a team has done so far."""

    def end(self, number: int, /) -> None:
        """The team has ended."""


class WorkerTeam(Handle):
    """Native threads that stay, each with an arena that is used again for every batch. Threads take turns.

    Args:
        workers: Threads; where None one for each processor that the process may run on.
        arena_capacity_bytes: Size of a chunk of each worker's arena; 0 for the arena's default.
        pin_to_nodes: Bind each worker to a NUMA node, in turn; `TeamStats.pinned_count` says how many were.
        tally: Where the team leaves its figures after each batch.

    Raises:
        ValueError: workers is not from 1 to 4096.
        MemoryError: The system refuses memory or a thread.
    """

    __slots__ = ("_number", "_tally")

    def __init__(
        self,
        workers: int | None = None,
        *,
        arena_capacity_bytes: int = 0,
        pin_to_nodes: bool = False,
        tally: Tally | None = None,
    ) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be 1 at least, got {workers}")
        options = ffi.new("pm_team_options *")
        options.worker_count = workers or 0
        options.arena_capacity_bytes = size(arena_capacity_bytes, "arena_capacity_bytes")
        if pin_to_nodes:
            topology = node_topology()
            options.pin, options.pin_context = ffi.addressof(lib, "pm_team_pin_to_nodes"), topology
        out = ffi.new("pm_team **")
        check(lib.pm_team_new(options, out), f"a team of {workers or 'all'} workers")
        super().__init__(threaded(out[0], lib.pm_team_free), has_threads=True)
        self._tally = tally
        self._number = 0 if tally is None else tally.begin()
        if tally is not None:
            with self._turn:
                tally.note(self._number, _stats(self._open()))

    def _end(self) -> None:
        self._pointer = None  # ends with the last reference: `cancel` may have one, and takes no turn
        if self._tally is not None:
            self._tally.end(self._number)

    def translate(
        self,
        translator: NativeTranslator,
        batch: protocols.Batch,
        *,
        strings: Strings = "worker",
        pool: StringPool | None = None,
        prefetch_distance: int = 0,
    ) -> Translation:
        """A text out of every row of a batch, which cannot change meanwhile.

        Args:
            translator: What to translate with.
            batch: The tasks.
            strings: What a task writes to: a string of its `worker`, one `pooled`, or one made `fresh` for it.
            pool: Where pooled strings come from; for `strings="pooled"` alone.
            prefetch_distance: Rows ahead whose source is asked for.

        Raises:
            NestedParallelError: The calling thread runs a task.
            ValueError: strings and pool do not agree.
            MemoryError: The system refuses memory.
        """
        forbid_nesting()
        options = ffi.new("pm_translate_options *")
        options.strings = _STRINGS[strings]
        options.prefetch_distance = size(prefetch_distance, "prefetch_distance")
        out = ffi.new("pm_translation **")
        with batch.native() as tasks, Hold(*(() if pool is None else (pool,))) as pools, self._turn:
            options.pool = pools[0] if pools else ffi.NULL
            team, rows = self._open(), int(lib.pm_batch_row_count(tasks))
            status = lib.pm_translate_batch(team, tasks, translator.function, translator.context, options, out)
            check(status, f"translating {rows} rows (pooled strings need a pool, others none)")
            made = ffi.gc(out[0], lib.pm_translation_free)
            if self._tally is not None:
                self._tally.note(self._number, _stats(team))
            return _translation(team, made, rows)

    def cancel(self) -> None:
        """Begin no further task of the batch that runs now; from any thread."""
        pointer = self._pointer
        if pointer is not None and not self._turn.lost:
            lib.pm_team_cancel(pointer)

    def stats(self) -> TeamStats:
        """The figures now; waits for the end of a batch that runs."""
        with self._turn:
            return _stats(self._open())


def _stats(team: Any) -> TeamStats:
    """To be called with the turn."""
    out = ffi.new("pm_team_stats *")
    lib.pm_team_read_stats(team, out)
    return TeamStats(**{name: getattr(out, name) for name in TeamStats.__slots__})


def _translation(team: Any, made: Any, rows: int) -> Translation:
    """What C made, with the failures in words; to be called before the team's next batch."""
    count = ffi.new("size_t *")
    named = lib.pm_team_failures(team, count)
    failures = {
        item.index: TaskError(ffi.string(item.message).decode(errors="replace"), item.index)
        for item in (ffi.unpack(named, count[0]) if count[0] else ())
    }
    cancelled: list[int] = []
    report = ffi.new("pm_team_report *")
    lib.pm_translation_report(made, report)
    if report.cancelled_count or report.unnamed_count:
        for row, status in enumerate(ffi.unpack(lib.pm_translation_statuses(made), rows)):
            if status == lib.PM_CANCELLED and row not in failures:
                cancelled.append(row)
            elif status != lib.PM_OK and row not in failures:
                failures[row] = TaskError(ffi.string(lib.pm_status_text(status)).decode(), row)
    column = _Column(made).views()
    return Translation(column, (TaskFailure(row, failures[row]) for row in sorted(failures)), cancelled)


def node_topology() -> Any:
    """The machine's NUMA nodes, for the hook that binds workers to them."""
    out = ffi.new("pm_numa_topology **")
    check(lib.pm_numa_topology_new(ffi.NULL, out), "the machine's NUMA nodes")
    return ffi.gc(out[0], lib.pm_numa_topology_free)
