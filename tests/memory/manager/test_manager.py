"""The manager: what it builds, what it hands out, what stands in, what it tells."""

import dataclasses
import gc
import logging
import threading

import numpy as np
import pytest

from lab._ffi import lib
from lab.memory import (
    ClosedError,
    MemoryConfig,
    MemoryManager,
    NumaConfig,
    PageBuffer,
    PoolSizes,
    WasmConfig,
    ledger,
    numa_nodes,
    parallel_translate_batch_soa,
)
from lab.memory.bridge.team import COPY
from lab.memory.plain import PlainArena, PlainBatch, PlainBuffer, PlainInterner


def use(manager):
    """Every component through its interface; the answers, which no switch may change."""
    answers = []
    for _ in range(3):
        with manager.string() as string:
            answers.append(bytes(string.append("text")))
        with manager.vector() as vector:
            answers.append(vector.extend([1, 2, 3]).array().tolist())
        with manager.map() as table:
            table["a"] = 1
            answers.append(table["a"])
    with manager.arena() as arena:
        answers.append(arena.copy("node").tobytes())
        answers.append(len(arena.alloc_many([16] * 100)))
    numbers = manager.interner.intern_many(["one", "two", "one"])
    answers.append([manager.interner.text(int(number)) for number in numbers])
    with manager.buffer(np.int64, 3) as buffer:
        answers.append(buffer.array().tolist())
    with manager.batch() as batch:
        batch.extend([("s", "p", "c")])
        answers.append(list(parallel_translate_batch_soa(COPY, batch, workers=1)))
    with manager.input(b"input") as source:
        source.write(0, b"I")
        answers.append(bytes(source))
    with manager.linear_memory(65536) as memory:
        answers.append(len(memory))
    with manager.pages(5000) as pages:
        answers.append(int(pages.array().sum()))
    with manager.team(1) as team:
        answers.append(team.stats().worker_count)
    return answers


SWITCHES = [item.name for item in dataclasses.fields(MemoryConfig) if item.name.startswith("enable_")]


@pytest.mark.parametrize(
    "config",
    [
        MemoryConfig.plain(),
        MemoryConfig(numa=NumaConfig(True, "interleaved")),
        MemoryConfig(numa=NumaConfig(True, "pinned")),
        MemoryConfig(pools=PoolSizes(0, 0, 0), wasm=WasmConfig(0, 1)),
        MemoryConfig(intern_keywords=False),
        *(dataclasses.replace(MemoryConfig(), **{name: False}) for name in SWITCHES),
    ],
)
def test_every_switch_leaves_the_answers_as_they_are(config):
    """Whatever is off, by itself or with all others, programs get the same, and no memory is left behind."""
    gc.collect()
    live = ledger().live_bytes
    with MemoryManager() as manager:
        expected = use(manager)
    with MemoryManager(config) as manager:
        assert use(manager) == expected
        assert manager.metrics().fallbacks == ()
        assert manager.metrics().switched_off == config.switched_off()
        assert manager.prefetch_distance == (8 if config.enable_prefetching else 0)
    assert ledger().live_bytes == live


def test_what_is_switched_off_is_plain():
    """Each switch reaches its component."""
    with MemoryManager(MemoryConfig.plain()) as manager:
        with manager.arena() as arena:
            assert isinstance(arena, PlainArena)
        assert isinstance(manager.interner, PlainInterner)
        assert isinstance(manager.batch(), PlainBatch)
        assert isinstance(manager.buffer(), PlainBuffer)
        assert isinstance(manager.pages(1), PageBuffer)
        assert not manager.input(b"x").shared
        assert not manager.numa_active
        for pool in (manager.strings, manager.vectors, manager.maps):
            assert pool.stats().retained_max == 0


def test_sizes_of_the_configuration_are_the_bounds():
    """What the file says is what the pools keep."""
    config = MemoryConfig(pools=PoolSizes(7, 8, 9), wasm=WasmConfig(3, 2), arena_capacity_mb=1)
    with MemoryManager(config) as manager:
        assert [pool.stats().retained_max for pool in (manager.strings, manager.vectors, manager.maps)] == [7, 8, 9]
        assert manager.linear_memories.stats().slot_count == 3
        assert manager.interner.lookup("lambda") is not None
        with manager.arena() as arena:
            arena.alloc(1)
        assert manager.metrics().arena.capacity_bytes == 1 << 20
        with pytest.raises(OverflowError, match="2 MiB"):
            manager.linear_memory(3 << 20)
        memories = [manager.linear_memory(100) for _ in range(5)]  # two past the pool
        assert manager.metrics().linear.live == 3
        assert manager.metrics().fallbacks == ()
        for memory in memories:
            memory.close()


def test_a_refused_component_is_plain_counted_and_said(caplog):
    """Where a component cannot be built, plain allocation stands in, and the manager tells."""
    with MemoryManager() as manager, caplog.at_level(logging.WARNING, "lab.memory"):
        for component in ("string", "interner", "buffer", "batch"):
            lib.pm_fault_after(1)
            getattr(manager, {"string": "strings"}.get(component, component))
            if component in ("buffer", "batch"):
                getattr(manager, component)()
            assert lib.pm_fault_pending() == 0
        lib.pm_fault_after(1)
        with manager.arena() as arena:
            assert isinstance(arena, PlainArena)
        found = {fallback.component: fallback for fallback in manager.metrics().fallbacks}
        assert {name: fallback.count for name, fallback in found.items()} == dict.fromkeys(
            ("string", "interner", "buffer", "batch", "arena"), 1
        )
        assert "MemoryError" in found["string"].reason
        assert isinstance(manager.interner, PlainInterner)
        assert manager.strings.stats().retained_max == 0
        assert 'portalis_memory_fallbacks_total{component="arena"} 1\n' in manager.prometheus()
    assert len([record for record in caplog.records if "plain allocation instead" in record.message]) == 5


def test_an_object_that_the_pool_cannot_get_comes_past_it(caplog):
    """A pool that is refused memory does not stop the program."""
    with MemoryManager() as manager, caplog.at_level(logging.WARNING, "lab.memory"):
        with manager.vector() as within:
            lib.pm_fault_after(1)
            with manager.vector() as past, manager.vector() as later:
                assert within.pool is later.pool is manager.vectors
                assert past.pool is not manager.vectors
                assert past.extend([1, 2]).array().tolist() == [1, 2]
        assert manager.metrics().fallbacks[0].component == "vector"


def test_an_arena_is_lent_again():
    """Threads and blocks that follow one another share arenas; those at one time do not."""
    with MemoryManager() as manager:
        for _ in range(5):
            with manager.arena() as arena:
                arena.alloc_many([8] * 10)
        with manager.arena() as first, manager.arena() as second:
            assert first is not second
        arena = manager.metrics().arena
        assert (arena.arenas, arena.allocations, arena.resets) == (2, 50, 7)


def test_a_view_that_outlives_its_block_is_told_and_the_arena_waits_for_it():
    """The arena is not lent while the view lives, and is lent again afterwards."""
    with MemoryManager() as manager:
        with pytest.raises(BufferError), manager.arena() as arena:
            view = arena.alloc(10)
        with manager.arena() as other:
            assert other is not arena
        with pytest.raises(BufferError):
            manager.close()
        del view
        with manager.arena() as first, manager.arena() as second:
            assert arena in (first, second)
        with pytest.raises(ZeroDivisionError), manager.arena() as arena:
            view = arena.alloc(10)
            1 / 0  # noqa: B018
        del view


def test_a_manager_does_not_end_under_its_users():
    """What is out keeps it open; close can be called again."""
    manager = MemoryManager()
    string = manager.string()
    with pytest.raises(BufferError, match="still out"):
        manager.close()
    string.release()
    with manager.arena(), pytest.raises(BufferError, match="1 arena"):
        manager.close()
    manager.close()
    manager.close()
    assert manager.closed
    for asked in (
        lambda: manager.strings,
        lambda: manager.interner,
        manager.buffer,
        manager.batch,
        lambda: manager.input(b""),
        manager.metrics,
        lambda: manager.arena().__enter__(),
        manager.__enter__,
    ):
        with pytest.raises(ClosedError):
            asked()


def test_the_error_of_the_block_is_the_one_reported():
    """A string that is still out does not hide it."""
    with pytest.raises(ZeroDivisionError), MemoryManager() as manager:
        kept = manager.string()
        1 / 0  # noqa: B018
    kept.release()
    manager.close()


def test_metrics_tell_what_was_done():
    """Figures appear with their component and say what its statistics say."""
    with MemoryManager() as manager:
        empty = manager.metrics()
        assert (empty.pools, empty.interner, empty.arena, empty.linear, empty.cache) == ({}, None, None, None, None)
        use(manager)
        metrics = manager.metrics()
        string = metrics.pools["string"]
        assert (string.hits, string.misses, string.returned, string.live) == (2, 1, 3, 0)
        assert string.hit_rate == 2 / 3
        assert metrics.interner.interned == 2
        assert metrics.interner.deduplicated == 1
        assert metrics.interner.bytes_saved == 3
        assert metrics.arena.allocations == 101
        assert metrics.linear.acquired == 1
        assert metrics.totals.current_bytes == ledger().live_bytes
        assert metrics.totals.allocations > empty.totals.allocations
        assert metrics.totals.peak_bytes >= metrics.totals.current_bytes
        assert metrics.copies.copied_count > empty.copies.copied_count
        manager.observe_cache(hits=30, misses=5)
        manager.observe_cache(hits=0, misses=5)
        assert manager.metrics().cache.hit_rate == 0.75
        with pytest.raises(ValueError, match="hits"):
            manager.observe_cache(hits=-1, misses=0)
        with pytest.raises(dataclasses.FrozenInstanceError):
            metrics.totals.allocations = 0


def test_threads_get_one_of_each_component():
    """Whoever asks first builds, everybody gets the same."""
    with MemoryManager() as manager:
        barrier, seen = threading.Barrier(6, timeout=60), []

        def work():
            barrier.wait()
            seen.append((id(manager.strings), id(manager.interner), id(manager.linear_memories)))
            for _ in range(50):
                with manager.string() as string, manager.arena() as arena:
                    string.append(arena.copy("x").tobytes())

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(seen)) == 1
        metrics = manager.metrics()
        assert metrics.pools["string"].hits + metrics.pools["string"].misses == 300
        assert metrics.arena.allocations == metrics.arena.resets == 300
        assert metrics.arena.arenas <= 6


@pytest.mark.parametrize("strategy", ["local", "interleaved", "pinned"])
def test_with_more_than_one_node_memory_is_placed_as_configured(monkeypatch, strategy):
    """The strategy reaches the memory; without a second node it does not come into play."""
    real = numa_nodes()[0]
    other = dataclasses.replace(real, node=real.node + 1, has_memory=False)
    monkeypatch.setattr("lab.memory.manager.manager.numa_nodes", lambda: (other, real))
    with MemoryManager(MemoryConfig(numa=NumaConfig(True, strategy))) as manager, manager.pages(5000) as pages:
        assert manager.numa_active
        assert pages.report().asked == strategy
        assert pages.report().asked_node == (real.node if strategy == "pinned" else None)
        with manager.team(2) as team:
            assert team.stats().pinned_count in ((0, 2) if strategy == "pinned" else (0,))
