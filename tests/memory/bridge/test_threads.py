"""Many tasks over Python threads: order, failures, cancelling, nesting."""

import pickle
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import NestedParallelError, TaskCancelledError, TaskError, parallel_map


@settings(max_examples=40)
@given(st.lists(st.integers(), max_size=60), st.integers(1, 5))
def test_results_are_in_the_order_of_the_input(items, workers):
    """Whoever ran a task, its result stands where its item stood."""
    results = parallel_map(lambda item: item * 2, items, workers=workers)
    assert list(results) == results.require() == [item * 2 for item in items]
    assert results.failures == results.cancelled == ()


@settings(max_examples=40)
@given(st.lists(st.booleans(), max_size=60), st.integers(1, 4))
def test_a_failed_task_is_named_and_loses_no_other_result(fails, workers):
    """The failures are those tasks that raised, by index, with what they raised."""

    def task(item):
        index, fail = item
        if fail:
            raise ValueError(f"bad {index}")
        return index

    results = parallel_map(task, list(enumerate(fails)), workers=workers)
    wrong = [index for index, fail in enumerate(fails) if fail]
    assert [failure.index for failure in results.failures] == wrong
    assert [str(failure.error) for failure in results.failures] == [f"bad {index}" for index in wrong]
    assert dict(results.done()) == {index: index for index, fail in enumerate(fails) if not fail}


def test_reading_a_failed_result_raises_with_its_index_and_cause():
    """Other results can be read; all at once are an exception group."""
    results = parallel_map(lambda item: 1 // item, [1, 0, 2, 0], workers=2)
    assert results[0] == results[-4] == 1
    assert results[2:3] == [0]
    with pytest.raises(TaskError, match="task 1 failed: ZeroDivisionError") as caught:
        results[1]
    assert caught.value.index == 1
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert pickle.loads(pickle.dumps(caught.value)).index == 1
    with pytest.raises(ExceptionGroup, match="2 of 4") as group:
        results.require()
    assert [error.index for error in group.value.exceptions] == [1, 3]


def test_a_task_that_wants_to_end_the_thread_fails_alone():
    """SystemExit in a task is a failure of that task."""

    def task(item):
        if item == 3:
            raise SystemExit("out")
        return item

    results = parallel_map(task, range(50), workers=2)
    assert [failure.index for failure in results.failures] == [3]
    assert len(dict(results.done())) == 49


def test_a_cancelled_batch_begins_no_further_task():
    """Tasks that never began are told apart from those that failed."""
    cancel = threading.Event()

    def task(item):
        if item == 5:
            cancel.set()
        return item

    results = parallel_map(task, range(1000), workers=1, cancel=cancel)
    assert list(dict(results.done())) == list(range(6))
    assert results.cancelled == tuple(range(6, 1000))
    with pytest.raises(TaskCancelledError, match="task 6 never began"):
        results[6]
    assert len(parallel_map(task, range(10), cancel=cancel).cancelled) == 10


def test_tasks_inside_a_task_are_refused():
    """The nested call fails its task, and the thread can run tasks afterwards."""
    results = parallel_map(lambda item: parallel_map(str, [item]), [1], workers=1)
    assert isinstance(results.failures[0].error, NestedParallelError)
    assert parallel_map(str, [1]).require() == ["1"]


def test_several_threads_share_the_work():
    """Two tasks that wait for each other both end."""
    barrier = threading.Barrier(2, timeout=60)
    assert sorted(parallel_map(lambda item: barrier.wait(), range(2), workers=2).require()) == [0, 1]


def test_each_worker_is_pinned_on_its_own_thread():
    """The hook runs once per worker, there; what it raises comes out, and no task has begun by that worker."""
    seen = []
    parallel_map(str, range(10), workers=3, pin=lambda worker: seen.append((worker, threading.get_ident())))
    assert sorted(worker for worker, _ in seen) == [0, 1, 2]
    assert threading.get_ident() not in {thread for _, thread in seen}

    def refuse(worker):
        raise OSError("no such node")

    with pytest.raises(OSError, match="no such node"):
        parallel_map(str, range(10), workers=2, pin=refuse)


def test_the_hook_ahead_runs_before_its_task():
    """It gets the task's index; what it raises fails that task alone."""
    order = []

    def ahead(index):
        order.append(("ahead", index))
        if index == 1:
            raise LookupError("gone")

    results = parallel_map(lambda item: order.append(("task", item)), range(3), workers=1, ahead=ahead)
    assert order == [("ahead", 0), ("task", 0), ("ahead", 1), ("ahead", 2), ("task", 2)]
    assert [failure.index for failure in results.failures] == [1]


def test_workers_are_one_at_least():
    """None means all processors, and no items are no results."""
    with pytest.raises(ValueError, match="workers must be 1 at least"):
        parallel_map(str, [1], workers=0)
    assert parallel_map(str, []).require() == []


def test_an_interrupted_batch_leaves_no_thread_behind(monkeypatch):
    """Where the second thread cannot start, the first one ends before the error comes out."""
    start, started = threading.Thread.start, []

    def refuse_the_second(thread):
        if started:
            raise RuntimeError("no more threads")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_second)
    with pytest.raises(RuntimeError, match="no more threads"):
        parallel_map(str, range(100), workers=2)
    assert not started[0].is_alive()
