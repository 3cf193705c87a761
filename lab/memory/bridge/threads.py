"""Many tasks over threads: results in the order of the input, a failed task named and alone, cancelling.

Two kinds of task. A Python callable runs on Python threads: where the interpreter has a GIL that scales only as far as
the callable lets go of it (files, NumPy, compression, calls of this layer), and with the processors on a free-threaded
one. A `NativeTranslator`, a C function, runs on the threads of a `WorkerTeam` without Python objects and without the
GIL: that scales with the processors everywhere.

What to translate with is the caller's, in five forms: task by task (`parallel_translate`), with a pooled string per
task (`parallel_translate_pooled`), from columns to a column (`parallel_translate_batch_soa`), on workers bound to the
nodes of the machine (`parallel_translate_numa`), with read hints ahead (`parallel_translate_prefetch`).
"""

import os
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from lab.memory.boundary.results import OrderedResults
from lab.memory.errors import NestedParallelError, TaskCancelledError, TaskError

Item = TypeVar("Item")
Result = TypeVar("Result")

_here = threading.local()  # .working: whether this thread runs tasks


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """One task that failed.

    Attributes:
        index: Its place in the input, from 0.
        error: What it raised; its traceback has the lines, not the values of their variables.
    """

    index: int
    error: BaseException


class ParallelResults(OrderedResults[Result]):
    """Results in the order of the input; the item of a task that failed, or never began, raises when it is read.

    Attributes:
        failures: The tasks that failed, by index.
        cancelled: The indices of the tasks that never began.
    """

    def __init__(self, values: list[Any], failures: Iterable[TaskFailure], cancelled: Iterable[int]) -> None:
        super().__init__(values)
        self.failures = tuple(sorted(failures, key=lambda failure: failure.index))
        self.cancelled = tuple(cancelled)
        self._errors = {failure.index: failure.error for failure in self.failures}
        self._cancelled = frozenset(self.cancelled)

    def _error(self, index: int) -> TaskError | None:
        """What the task raised is the cause of the exception."""
        if index in self._cancelled:
            return TaskCancelledError(f"task {index} never began: the batch was cancelled", index)
        cause = self._errors.get(index)
        if cause is None or isinstance(cause, TaskError):
            return cause
        error = TaskError(f"task {index} failed: {type(cause).__name__}: {cause}", index)
        error.__cause__ = cause
        return error

    def done(self) -> Iterator[tuple[int, Result]]:
        """Index and result of each task that has one."""
        for index, value in enumerate(self._values):
            if index not in self._errors and index not in self._cancelled:
                yield index, value

    def require(self) -> list[Result]:
        """All results, as a list.

        Raises:
            ExceptionGroup: Tasks failed or never began: a TaskError for each.
        """
        missing = sorted({*self._errors, *self._cancelled})
        if missing:
            raise ExceptionGroup(
                f"{len(missing)} of {len(self)} tasks have no result",
                [error for index in missing if (error := self._error(index))],
            )
        return list(self._values)


def processors() -> int:
    """Processors that the process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def forbid_nesting() -> None:
    """Raise where the calling thread runs a task.

    Raises:
        NestedParallelError: It does.
    """
    if getattr(_here, "working", False):
        raise NestedParallelError("a task began tasks of its own: return its parts, and run them after the batch")


def parallel_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int | None = None,
    cancel: threading.Event | None = None,
    pin: Callable[[int], object] | None = None,
    ahead: Callable[[int], object] | None = None,
) -> ParallelResults[Result]:
    """Call a function for each item, on several threads.

    Args:
        function: Called from several threads at once, once per item.
        items: Read to their end before the first call.
        workers: Threads; where None one for each processor that the process may run on.
        cancel: Once set, no further task begins; the tasks under way end as they will.
        pin: Called with a worker's number on its own thread before its first task.
        ahead: Called with a task's index before the task; what it raises fails the task.

    Returns:
        A result per item, in the order of the items.

    Raises:
        ValueError: workers is below 1.
        NestedParallelError: The calling thread runs a task itself.
    """
    forbid_nesting()
    listed = list(items)
    wanted = processors() if workers is None else workers
    if wanted < 1:
        raise ValueError(f"workers must be 1 at least, got {wanted}")
    batch = _Batch(function, listed, min(wanted, max(len(listed), 1)), cancel or threading.Event(), ahead)
    threads = [threading.Thread(target=batch.work, args=(number, pin), daemon=True) for number in range(batch.workers)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        batch.stopped = True  # interrupted: begin no further task, but leave none running behind the caller's back
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        raise
    broken = batch.broken
    results: ParallelResults[Result] = ParallelResults(
        batch.values, batch.failures, (i for i, begun in enumerate(batch.begun) if not begun)
    )
    vars(batch).clear()  # the frames of errors lead back to it: it must not hold the function and the items for them
    if broken is not None:
        raise broken
    return results


class _Batch:
    """What the threads of one `parallel_map` share. Each task writes its own places of the lists alone."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        items: list[Any],
        workers: int,
        cancel: threading.Event,
        ahead: Callable[[int], object] | None,
    ) -> None:
        self.function, self.items, self.workers, self.cancel, self.ahead = function, items, workers, cancel, ahead
        self.values: list[Any] = [None] * len(items)
        self.begun = bytearray(len(items))
        self.failures: list[TaskFailure] = []
        self.stopped = False
        self.broken: BaseException | None = None  # what `pin` raised
        self._next = 0
        self._lock = threading.Lock()

    def _claim(self) -> range:
        """The next tasks: a quarter of an even share of those left, as the C team claims."""
        with self._lock:
            first, left = self._next, len(self.items) - self._next
            self._next += min(left, max(1, left // (4 * self.workers)))
            return range(first, self._next)

    def work(self, number: int, pin: Callable[[int], object] | None) -> None:
        _here.working = True
        try:
            if pin is not None:
                pin(number)
        except BaseException as error:
            self.broken, self.stopped = error, True
        while not self.stopped and (claimed := self._claim()):
            for index in claimed:
                if self.stopped or self.cancel.is_set():
                    return
                self.begun[index] = True
                try:
                    if self.ahead is not None:
                        self.ahead(index)
                    self.values[index] = self.function(self.items[index])
                except BaseException as error:  # a task's SystemExit must not take its worker's other tasks along
                    _let_go(error)
                    self.failures.append(TaskFailure(index, error))


def _let_go(error: BaseException) -> None:
    """Keep an error's lines but not what its frames hold: views in them would keep a batch from changing."""
    trace = error.__traceback__
    error.__traceback__ = None if trace is None else trace.tb_next  # without the worker's own frame
    linked: BaseException | None = error
    while linked is not None:
        traceback.clear_frames(linked.__traceback__)
        linked = linked.__cause__ or linked.__context__
