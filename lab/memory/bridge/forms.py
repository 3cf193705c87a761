"""The translation bridge in its five forms; what to translate with is the caller's.

Each takes a `NativeTranslator`, a C function that runs on native threads and makes a `Translation`, one column of
texts; or a Python callable, which runs on Python threads and makes `ParallelResults`, or a `Translation` where it works
on columns. See `lab.memory.bridge.threads` for what scales.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar, overload

import numpy as np

from lab._ffi import lib
from lab.memory import protocols
from lab.memory.batch import BatchBase, TaskBatch
from lab.memory.boundary.column import Column
from lab.memory.boundary.sizes import size
from lab.memory.boundary.texts import Text, join
from lab.memory.bridge.team import NativeTranslator, Strings, Translation, WorkerTeam, node_topology
from lab.memory.bridge.threads import ParallelResults, TaskFailure, forbid_nesting, parallel_map, processors
from lab.memory.pool import StringPool
from lab.memory.pool_items import PooledString

Task = tuple[Text, Text, Text]  # source, path, config
Workers = int | WorkerTeam | None  # a number, a team that stays (native translators alone), all processors
Result = TypeVar("Result")
PREFETCH_DISTANCE: Final = 8
BLOCKS_PER_WORKER: Final = 8


@overload
def parallel_translate(
    translate: NativeTranslator, tasks: Iterable[Task], *, workers: Workers = None
) -> Translation: ...
@overload
def parallel_translate(
    translate: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    workers: Workers = None,
    cancel: threading.Event | None = None,
) -> ParallelResults[Result]: ...
def parallel_translate(
    translate: NativeTranslator | Callable[[Task], Any],
    tasks: Iterable[Task],
    *,
    workers: Workers = None,
    cancel: threading.Event | None = None,
) -> Translation | ParallelResults[Any]:
    """Translate task by task; native translators write each text to memory of its own.

    Args:
        translate: A native translator, or called with each (source, path, config).
        tasks: The tasks, or a batch of them.
        workers: Threads, or a team; all processors where None.
        cancel: As `parallel_map` takes it; a native batch is cancelled through its team.

    Raises:
        ValueError: workers is below 1, or a team for a Python callable.
        NestedParallelError: The calling thread runs a task.
        MemoryError: The system refuses memory.
    """
    if isinstance(translate, NativeTranslator):
        return _native(translate, tasks, workers, "fresh")
    return parallel_map(translate, tasks, workers=_threads(workers), cancel=cancel)


@overload
def parallel_translate_pooled(
    translate: NativeTranslator, tasks: Iterable[Task], *, pool: StringPool | None = None, workers: Workers = None
) -> Translation: ...
@overload
def parallel_translate_pooled(
    translate: Callable[[Task, PooledString], object],
    tasks: Iterable[Task],
    *,
    pool: StringPool | None = None,
    workers: Workers = None,
    cancel: threading.Event | None = None,
) -> ParallelResults[bytes]: ...
def parallel_translate_pooled(
    translate: NativeTranslator | Callable[[Task, PooledString], object],
    tasks: Iterable[Task],
    *,
    pool: StringPool | None = None,
    workers: Workers = None,
    cancel: threading.Event | None = None,
) -> Translation | ParallelResults[bytes]:
    """Translate task by task into pooled strings: each task gets an empty one, which goes back with its end.

    Args:
        translate: A native translator, or called with each task and the string to write to.
        tasks: The tasks, or a batch of them.
        pool: Where the strings come from; one of its own where None.
        workers: Threads, or a team; all processors where None.
        cancel: As in `parallel_translate`.

    Returns:
        What stood in each task's string, copied out.

    Raises:
        As `parallel_translate` does.
    """
    forbid_nesting()
    if pool is None:
        with StringPool() as own:
            return _pooled(translate, tasks, own, workers, cancel)
    return _pooled(translate, tasks, pool, workers, cancel)


def _pooled(
    translate: NativeTranslator | Callable[[Task, PooledString], object],
    tasks: Iterable[Task],
    pool: StringPool,
    workers: Workers,
    cancel: threading.Event | None,
) -> Translation | ParallelResults[bytes]:
    if isinstance(translate, NativeTranslator):
        return _native(translate, tasks, workers, "pooled", pool=pool)

    def one(task: Task) -> bytes:
        with pool.acquire() as string:
            translate(task, string)
            return bytes(string)

    return parallel_map(one, tasks, workers=_threads(workers), cancel=cancel)


def parallel_translate_batch_soa(
    translate: NativeTranslator | Callable[[Column, Column, Column], Sequence[Text]],
    batch: protocols.Batch,
    *,
    workers: Workers = None,
    cancel: threading.Event | None = None,
) -> Translation:
    """Translate columns into a column; the batch cannot change meanwhile.

    Args:
        translate: A native translator: no Python object is made per row. Or called with the source, path and config
            columns of a block of neighbouring rows, for a text per row; a block that raises is tried again row by
            row, so that only the rows that fail are lost.
        batch: The tasks.
        workers: Threads, or a team; all processors where None.
        cancel: As in `parallel_translate`.

    Raises:
        As `parallel_translate` does.
    """
    if isinstance(translate, NativeTranslator):
        return _native(translate, batch, workers, "worker")
    columns = batch.column("source"), batch.column("path"), batch.column("config")
    rows, threads = len(batch), _threads(workers) or processors()

    def block(bounds: tuple[int, int]) -> list[Text]:
        first, end = bounds
        texts = list(translate(*(Column(column.offsets[first : end + 1], column.data) for column in columns)))
        if len(texts) != end - first:
            raise ValueError(f"translate gave {len(texts)} texts for {end - first} rows: give one per row")
        return texts

    step = max(1, rows // (BLOCKS_PER_WORKER * threads))
    bounds = [(first, min(first + step, rows)) for first in range(0, rows, step)]
    blocks = parallel_map(block, bounds, workers=threads, cancel=cancel)
    texts: list[Text] = [b""] * rows
    for index, made in blocks.done():
        texts[slice(*bounds[index])] = made
    cancelled = [row for index in blocks.cancelled for row in range(*bounds[index])]
    again = [row for failure in blocks.failures for row in range(*bounds[failure.index])]
    singles = parallel_map(block, [(row, row + 1) for row in again], workers=threads, cancel=cancel)
    for index, made in singles.done():
        texts[again[index]] = made[0]
    failures = [TaskFailure(again[failure.index], failure.error) for failure in singles.failures]
    cancelled += [again[index] for index in singles.cancelled]
    data, offsets = join(texts)
    return Translation(Column(offsets, np.frombuffer(data, np.uint8)), failures, sorted(cancelled))


@overload
def parallel_translate_numa(
    translate: NativeTranslator, tasks: Iterable[Task], *, workers: int | None = None
) -> Translation: ...
@overload
def parallel_translate_numa(
    translate: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    workers: int | None = None,
    cancel: threading.Event | None = None,
) -> ParallelResults[Result]: ...
def parallel_translate_numa(
    translate: NativeTranslator | Callable[[Task], Any],
    tasks: Iterable[Task],
    *,
    workers: int | None = None,
    cancel: threading.Event | None = None,
) -> Translation | ParallelResults[Any]:
    """Translate on workers bound to the machine's nodes in turn: what a worker first touches lies near it.

    Where the system cannot bind a thread it runs unbound: `WorkerTeam(pin_to_nodes=True)` tells how many were bound.

    Args:
        translate: A native translator, or called with each (source, path, config).
        tasks: The tasks, or a batch of them.
        workers: Threads; all processors where None.
        cancel: As in `parallel_translate`.

    Raises:
        As `parallel_translate` does.
    """
    forbid_nesting()
    if isinstance(translate, NativeTranslator):
        with WorkerTeam(workers, pin_to_nodes=True) as team:
            return _native(translate, tasks, team, "worker")
    topology = node_topology()
    return parallel_map(
        translate,
        tasks,
        workers=workers,
        cancel=cancel,
        pin=lambda worker: lib.pm_team_pin_to_nodes(topology, worker),
    )


@overload
def parallel_translate_prefetch(
    translate: NativeTranslator, batch: protocols.Batch, *, distance: int = PREFETCH_DISTANCE, workers: Workers = None
) -> Translation: ...
@overload
def parallel_translate_prefetch(
    translate: Callable[[Task], Result],
    batch: protocols.Batch,
    *,
    distance: int = PREFETCH_DISTANCE,
    workers: Workers = None,
    cancel: threading.Event | None = None,
) -> ParallelResults[Result]: ...
def parallel_translate_prefetch(
    translate: NativeTranslator | Callable[[Task], Any],
    batch: protocols.Batch,
    *,
    distance: int = PREFETCH_DISTANCE,
    workers: Workers = None,
    cancel: threading.Event | None = None,
) -> Translation | ParallelResults[Any]:
    """Translate a batch and ask for the source `distance` rows ahead; the batch cannot change meanwhile.

    Sources that follow one another in a column are read in sequence, which processors see by themselves: expect the
    hint to pay for short rows far apart in time, and measure.

    Args:
        translate: A native translator, or called with each (source, path, config).
        batch: The tasks.
        distance: Rows ahead; 0 for no hint.
        workers: Threads, or a team; all processors where None.
        cancel: As in `parallel_translate`.

    Raises:
        As `parallel_translate` does.
    """
    ahead = size(distance, "distance")
    if isinstance(translate, NativeTranslator):
        return _native(translate, batch, workers, "worker", prefetch_distance=ahead)
    with _batch_of(batch) as columns, columns.native() as rows:
        return parallel_map(
            lambda row: translate(columns.row(row)),
            range(lib.pm_batch_row_count(rows)),
            workers=_threads(workers),
            cancel=cancel,
            ahead=(lambda row: lib.pm_translate_prefetch(rows, row + ahead)) if ahead else None,
        )


def _threads(workers: Workers) -> int | None:
    if isinstance(workers, WorkerTeam):
        raise ValueError("a WorkerTeam runs native translators: give a number of threads for a Python callable")
    return workers


def _native(
    translator: NativeTranslator,
    tasks: Iterable[Task],
    workers: Workers,
    strings: Strings,
    *,
    pool: StringPool | None = None,
    prefetch_distance: int = 0,
) -> Translation:
    """Run a native translator over tasks or a batch, on a team or one made for the call."""
    forbid_nesting()
    with _batch_of(tasks) as batch, _team_of(workers) as team:
        return team.translate(translator, batch, strings=strings, pool=pool, prefetch_distance=prefetch_distance)


@contextmanager
def _batch_of(tasks: Iterable[Task]) -> Iterator[protocols.Batch]:
    if isinstance(tasks, BatchBase):
        yield tasks
        return
    with TaskBatch() as batch:
        batch.extend(tasks)
        yield batch


@contextmanager
def _team_of(workers: Workers) -> Iterator[WorkerTeam]:
    if isinstance(workers, WorkerTeam):
        yield workers
        return
    with WorkerTeam(workers) as team:
        yield team
