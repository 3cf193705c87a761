"""The translation bridge in its five forms, native and Python, and the team of native threads."""

import gc
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab._ffi import ffi, lib
from lab.memory import (
    ClosedError,
    NativeTranslator,
    NestedParallelError,
    StringPool,
    TaskBatch,
    TaskError,
    WorkerTeam,
    ledger,
    parallel_map,
    parallel_translate,
    parallel_translate_batch_soa,
    parallel_translate_numa,
    parallel_translate_pooled,
    parallel_translate_prefetch,
)
from lab.memory.bridge.team import COPY
from lab.memory.plain import PlainBatch

TASKS = [(f"source {i}" * (i % 7), f"m{i}.py", "target = 1") for i in range(200)]
SOURCES = [source.encode() for source, _, _ in TASKS]


def batch_of(tasks=TASKS, kind=TaskBatch):
    batch = kind()
    batch.extend(tasks)
    return batch


def native_forms():
    return [
        lambda tasks: parallel_translate(COPY, tasks, workers=2),
        lambda tasks: parallel_translate_pooled(COPY, tasks, workers=2),
        lambda tasks: parallel_translate_numa(COPY, tasks, workers=2),
        lambda tasks: parallel_translate_batch_soa(COPY, batch_of(tasks), workers=2),
        lambda tasks: parallel_translate_batch_soa(COPY, batch_of(tasks, PlainBatch), workers=2),
        lambda tasks: parallel_translate_prefetch(COPY, batch_of(tasks), distance=3, workers=2),
    ]


@pytest.mark.parametrize("form", native_forms())
def test_a_native_form_gives_a_column_in_the_order_of_the_input(form):
    """Every form gives the same texts, also for no tasks, and leaves no memory behind."""
    gc.collect()
    live = ledger().live_bytes
    made = form(TASKS)
    assert list(made) == SOURCES
    assert made.require() is made.column
    assert made[3:5] == SOURCES[3:5]
    assert not made.column.data.flags.writeable
    assert list(form([])) == []
    del made
    assert ledger().live_bytes == live


@settings(max_examples=30)
@given(st.lists(st.tuples(st.binary(max_size=50), st.binary(max_size=5), st.binary(max_size=5)), max_size=40))
def test_any_batch_is_copied_as_it_is(tasks):
    """Whatever the bytes, the copying translator gives the source column."""
    assert list(parallel_translate(COPY, tasks, workers=2)) == [source for source, _, _ in tasks]


def python_forms():
    def one(task):
        source = task[0].encode() if isinstance(task[0], str) else task[0]
        if b"source 8" in source:
            raise ValueError("eight")
        return source

    def columns(sources, paths, configs):
        assert len(sources) == len(paths) == len(configs)
        return [one((source,)) for source in sources]

    return [
        lambda **more: parallel_translate(one, TASKS, **more),
        lambda **more: parallel_translate_pooled(lambda task, out: out.append(one(task)), TASKS, **more),
        lambda **more: parallel_translate_numa(one, TASKS, **more),
        lambda **more: parallel_translate_prefetch(one, batch_of(), **more),
        lambda **more: parallel_translate_prefetch(one, batch_of(kind=PlainBatch), distance=0, **more),
        lambda **more: parallel_translate_batch_soa(columns, batch_of(), **more),
        lambda **more: parallel_translate_batch_soa(columns, batch_of(kind=PlainBatch), **more),
    ]


@pytest.mark.parametrize("form", python_forms())
def test_a_python_form_loses_the_failed_tasks_alone(form):
    """Each form names the same tasks and gives the others' texts."""
    results = form(workers=2)
    wrong = [index for index, source in enumerate(SOURCES) if b"source 8" in source]
    assert wrong
    assert [failure.index for failure in results.failures] == wrong
    assert [results[index] for index in range(200) if index not in wrong] == [
        source for index, source in enumerate(SOURCES) if index not in wrong
    ]
    with pytest.raises(TaskError, match=f"{wrong[0]} failed.*eight"):
        results[wrong[0]]
    with pytest.raises(ExceptionGroup):
        results.require()


@pytest.mark.parametrize("form", python_forms())
def test_a_python_form_can_be_cancelled(form):
    """A batch that is cancelled before it begins has no result and no failure."""
    cancel = threading.Event()
    cancel.set()
    results = form(workers=2, cancel=cancel)
    assert results.cancelled == tuple(range(200))
    assert results.failures == ()


def test_a_pool_serves_every_task():
    """All strings come out of the pool and lie in it again."""
    with StringPool(10) as pool:
        parallel_translate_pooled(lambda task, out: out.append(task[0]), TASKS, pool=pool, workers=1)
        parallel_translate_pooled(COPY, TASKS, pool=pool, workers=1)
        stats = pool.stats()
        assert stats.hit_count + stats.miss_count == 400
        assert stats.miss_count <= 2
        assert stats.live_count == 0


def test_a_block_must_give_a_text_per_row():
    """A column translator that loses rows fails them."""
    made = parallel_translate_batch_soa(lambda sources, paths, configs: [], batch_of(TASKS[:3]), workers=1)
    assert [failure.index for failure in made.failures] == [0, 1, 2]
    assert "give one per row" in str(made.failures[0].error)


def test_a_batch_cannot_change_while_it_is_translated():
    """Appending inside a task is refused, and the batch is free afterwards."""
    batch = batch_of()

    def append(task):
        batch.append("more", "m.py")

    for form in (
        lambda: parallel_translate_prefetch(append, batch, workers=1),
        lambda: parallel_translate_batch_soa(lambda sources, paths, configs: append(None), batch, workers=1),
    ):
        results = form()
        assert all(isinstance(failure.error, BufferError) for failure in results.failures)
        assert len(results.failures) == 200
    del results
    batch.append("more", "m.py")
    assert len(batch) == 201


@ffi.callback("pm_translator")
def fail_some(context, task, out, worker):
    """A translator in Python behind the native interface: rows of an even path length fail, one with words."""
    path = bytes(ffi.buffer(task.column[1].data, task.column[1].bytes))
    if path == b"m1.py":
        return lib.pm_worker_fail(worker, lib.PM_INVALID, b"not today")
    if path == b"m100.py":
        lib.pm_team_cancel(worker.team)
    return lib.PM_NOT_FOUND if path == b"m2.py" else lib.pm_strbuf_append(out, path, len(path))


def test_native_failures_come_with_their_words():
    """A failed row is named with what its translator said, or the words of the status; cancelled rows are told."""
    with WorkerTeam(1) as team:
        made = team.translate(NativeTranslator(fail_some), batch_of())
        assert [(failure.index, str(failure.error)) for failure in made.failures] == [
            (1, "not today"),
            (2, "no such key"),
        ]
        assert made.cancelled == tuple(range(101, 200))
        assert made[100] == b"m100.py"
        with pytest.raises(TaskError, match="row 1 failed: not today"):
            made[1]
        with pytest.raises(TaskError, match="row 150 never began"):
            made[150]
        stats = team.stats()
        assert (stats.worker_count, stats.batch_count, stats.failed_count, stats.done_count) == (1, 1, 2, 99)
        assert stats.cancelled_count == 99


def test_a_team_stays_for_many_batches():
    """Its threads and arenas serve one batch after the other."""
    with WorkerTeam(2, arena_capacity_bytes=1 << 20, pin_to_nodes=True) as team:
        batch = batch_of()
        for _ in range(5):
            assert list(parallel_translate_batch_soa(COPY, batch, workers=team)) == SOURCES
        stats = team.stats()
        assert stats.batch_count == 5
        assert stats.done_count == 1000
        assert stats.pinned_count in (0, 2)
        assert stats.arena_capacity_bytes <= 4 << 20
        team.cancel()
        with pytest.raises(ValueError, match="native translators"):
            parallel_translate(str, TASKS, workers=team)
        with pytest.raises(ValueError, match="pool"):
            team.translate(COPY, batch, strings="pooled")
        with pytest.raises(KeyError):
            team.translate(COPY, batch, strings="none")
    team.cancel()
    for use in (team.stats, lambda: team.translate(COPY, batch)):
        with pytest.raises(ClosedError):
            use()


def test_a_team_has_workers():
    """At least one, and no absurd number."""
    for count in (0, 5000):
        with pytest.raises(ValueError, match="worker"):
            WorkerTeam(count)


def test_native_translation_inside_a_task_is_refused():
    """Every form raises where the thread runs tasks already."""
    for form in native_forms():
        results = parallel_map(lambda task, form=form: form([task]), TASKS[:1], workers=1)
        assert isinstance(results.failures[0].error, NestedParallelError)


def test_every_refused_allocation_is_told_and_leaks_nothing():
    """The whole call is a MemoryError, or the row that it hit is named."""
    gc.collect()
    live = ledger().live_bytes
    refused = 0
    for n in range(1, 200):
        batch = batch_of(TASKS[:5])
        lib.pm_fault_after(n)
        try:
            made = parallel_translate(COPY, batch, workers=2)
            refused += len(made.failures)
        except MemoryError:
            refused += 1
        finally:
            pending = lib.pm_fault_pending()
            lib.pm_fault_after(0)
        made = None
        batch.close()
        assert ledger().live_bytes == live
        if pending:
            break
    assert pending
    assert refused >= 5
