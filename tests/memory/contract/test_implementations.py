"""Each component's contract over the optimised implementation and the plain one, side by side."""

import numpy as np
import pytest

from lab._ffi import lib
from lab.memory import AlignedBuffer, Arena, Interner, TaskBatch, ledger, protocols
from lab.memory.plain import PlainArena, PlainBatch, PlainBuffer, PlainInterner
from tests.memory.contract import contracts


@pytest.mark.parametrize("kind", [Arena, PlainArena])
def test_arenas(kind):
    """And both count it the same."""
    with kind() as arena:
        arena.alloc_many([8, 0, 24])
        arena.reset()
        stats = arena.stats()
        assert (stats.allocation_count, stats.requested_bytes, stats.reset_count) == (3, 33, 1)
        contracts.arena_contract(arena)
    assert arena.closed


@pytest.mark.parametrize("kind", [AlignedBuffer, PlainBuffer])
def test_buffers(kind):
    """Both kinds."""
    contracts.buffer_contract(kind)


@pytest.mark.parametrize("kind", [TaskBatch, PlainBatch])
def test_batches(kind):
    """Both kinds."""
    contracts.batch_contract(kind)


@pytest.mark.parametrize("keywords", ["none", "hard", "all"])
@pytest.mark.parametrize("kind", [Interner, PlainInterner])
def test_interners(kind, keywords):
    """Both kinds, with keywords and without."""
    with kind(keywords=keywords) as interner:
        contracts.interner_contract(interner)
    with Interner(keywords=keywords) as one, PlainInterner(keywords=keywords) as other:
        texts = ["if", "x", "_", "lambda", "x", "über"]
        assert one.intern_many(texts).tolist() == other.intern_many(texts).tolist()
        assert (one.stats().string_bytes, one.stats().bytes_saved) == (
            other.stats().string_bytes,
            other.stats().bytes_saved,
        )


def test_the_implementations_keep_to_the_protocols():
    """Every member of a protocol is there; types are for the type checker."""
    pairs = {
        protocols.Arena: (Arena, PlainArena),
        protocols.Buffer: (AlignedBuffer, PlainBuffer),
        protocols.Batch: (TaskBatch, PlainBatch),
        protocols.Interner: (Interner, PlainInterner),
    }
    for protocol, kinds in pairs.items():
        members = {name for base in protocol.__mro__[:-2] for name in vars(base) if not name.startswith("_abc")}
        wanted = {name for name in members if not name.startswith("__") or name in ("__len__", "__iter__")}
        for kind in kinds:
            assert not {name for name in wanted if not hasattr(kind, name)} - {"_is_protocol", "_is_runtime_protocol"}


def test_a_plain_arena_asks_the_system_for_each_block():
    """The ledger counts a call for each allocation, and all come back."""
    before = ledger()
    with PlainArena() as arena:
        arena.alloc_many([50] * 20)
        assert ledger().allocation_count - before.allocation_count == 20
        lib.pm_fault_after(3)
        with pytest.raises(MemoryError):
            arena.alloc_many([10] * 5)
        assert arena.stats().chunk_count == 20
        assert arena.stats().failed_count == 1
    assert ledger().live_bytes == before.live_bytes


@pytest.mark.parametrize("kind", [Arena, PlainArena])
def test_what_escapes_a_scope_keeps_its_memory(kind):
    """A view without the array's type lives on unchanged, through later allocations and the arena's end."""
    with kind() as arena:
        with arena.scope():
            array = arena.array(1000, np.uint8)
            array[:] = 7
            escaped = np.asarray(array)
        assert arena.lingering == 1
        arena.array(1000, np.uint8)[:] = 9
        assert set(escaped.tolist()) == {7}
        with pytest.raises(BufferError, match="scopes"):
            arena.reset()
    assert arena.closed
    assert set(escaped.tolist()) == {7}
    before = ledger().live_bytes
    del escaped, array
    assert ledger().live_bytes < before


@pytest.mark.parametrize("kind", [Arena, PlainArena])
def test_scopes_left_by_exceptions_and_out_of_order_end_their_arrays(kind):
    """Whatever way a scope is left, and in whatever order, no array of it can be used afterwards."""
    with kind() as arena:
        with pytest.raises(ZeroDivisionError), arena.scope():
            first = arena.array(3, np.int8)
            1 / 0  # noqa: B018
        outer, inner = arena.scope(), arena.scope()
        outer.__enter__()
        second = arena.array(3, np.int8)
        inner.__enter__()
        third = arena.array(3, np.int8)
        outer.__exit__(None, None, None)
        inner.__exit__(None, None, None)
        for array in (first, second, third):
            with pytest.raises(ValueError, match="scope"):
                array.sum()
        del first, second, third, array
        arena.alloc(1)
        arena.reset()
