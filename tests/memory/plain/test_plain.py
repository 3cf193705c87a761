"""Plain allocation behind the interfaces: the same answers, other costs."""

import numpy as np
import pytest

from lab._ffi import lib
from lab.memory import AlignedBuffer, Arena, Interner, StaleIdError, StaleMarkError, TaskBatch, ledger
from lab.memory.plain import PlainArena, PlainBatch, PlainBuffer, PlainInterner


@pytest.mark.parametrize("kind", [Arena, PlainArena])
def test_an_arena_serves_resets_and_rewinds(kind):
    """Both kinds hand out aligned, disjoint, writable memory and count it the same."""
    with kind() as arena:
        block = arena.alloc(100, alignment_bytes=256)
        block[:] = 7
        assert block.ctypes.data % 256 == 0
        numbers = arena.array(3, np.int64)
        numbers[:] = 1, 2, 3
        assert arena.copy("text").tobytes() == b"text"
        assert (block == 7).all()
        mark = arena.mark()
        addresses = arena.alloc_many([8, 0, 24])
        assert len(set(addresses.tolist())) == 3
        view = arena.view(int(addresses[2]), 24)
        view[:] = 9
        with pytest.raises(ValueError, match="not in use"):
            arena.view(int(addresses[2]), 5_000_000)
        with pytest.raises(BufferError):
            arena.reset()
        del view, block, numbers
        arena.rewind(mark)
        stats = arena.stats()
        assert (stats.allocation_count, stats.requested_bytes, stats.rewind_count) == (6, 162, 1)
        arena.reset()
        arena.trim()
        assert arena.stats().allocated_bytes == 0
        assert arena.stats().peak_bytes >= 162
        assert arena.huge_bytes() == 0
        with pytest.raises(StaleMarkError):
            arena.rewind(mark)
        with arena.scope():
            arena.alloc_many([10])
        assert arena.stats().allocated_bytes == 0
    assert arena.closed


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


@pytest.mark.parametrize("kind", [AlignedBuffer, PlainBuffer])
def test_a_buffer_grows_and_keeps_its_elements(kind):
    """Both kinds hold the same elements through growth."""
    with kind(np.int32, 3) as buffer:
        buffer.extend([4, 5])
        buffer.reserve(1000)
        assert buffer.capacity_bytes >= 4020
        assert buffer.array().tolist() == [0, 0, 0, 4, 5]
        assert buffer.address % buffer.alignment_bytes == 0
        assert memoryview(buffer)[4] == 5
        buffer.resize(2)
        buffer.clear()
        assert len(buffer) == 0
        assert buffer.huge_bytes() == 0
        with pytest.raises(TypeError):
            buffer.extend([0.5])
    for wrong in (object, "V0"):
        with pytest.raises(TypeError):
            kind(wrong)


@pytest.mark.parametrize("kind", [TaskBatch, PlainBatch])
@pytest.mark.parametrize("large", [False, True])
def test_a_batch_holds_rows(kind, large):
    """Both kinds give back rows and columns as they came."""
    with kind(large=large) as batch:
        batch.append("s", "p")
        batch.extend([(b"\xff", "", "c")])
        batch.extend_columns(["a", "b"], ["x", "y"], "shared")
        other = kind()
        other.extend([("z", "z", "z")])
        batch.extend_columns(other.column("source"), other.column("path"), other.column("config"))
        batch.extend_arrow(other)
        assert len(batch) == 6
        assert list(batch)[:4] == [(b"s", b"p", b""), (b"\xff", b"", b"c"), (b"a", b"x", b"shared"), batch.row(3)]
        assert batch.row(-1) == (b"z", b"z", b"z")
        assert batch.column("path").offsets.dtype == (np.int64 if large else np.int32)
        assert not batch.column("path").data.flags.writeable
        assert batch.capacity_bytes > 0
        for wrong in (lambda: batch.column("none"), lambda: batch.extend([("a", "b")])):
            with pytest.raises(ValueError, match=r"source|3 texts"):
                wrong()
        with pytest.raises(ValueError, match="one length"):
            batch.extend_columns(["a"], [], "c")
        with pytest.raises(IndexError):
            batch.row(6)
        with pytest.raises(TypeError):
            batch.append(3, "p")
        assert len(batch) == 6
        batch.reset()
        assert len(batch) == 0


@pytest.mark.parametrize("kind", [Interner, PlainInterner])
def test_an_interner_gives_each_id_its_string_back(kind):
    """Both kinds know what they were given; ids of before a clear are refused."""
    with kind() as interner:
        column = np.array([0, 1, 3]), b"abc"
        ids = [interner.intern("über"), *interner.intern_many(["a", b"b", "a"]), *interner.intern_many(column)]
        assert [interner.text(int(number)) for number in ids] == ["über", "a", "b", "a", "a", "bc"]
        assert interner.lookup("b") == ids[2]
        assert interner.lookup("none") is None
        assert interner.lookup_many(["a", "none"]).tolist() == [ids[1], 0xFFFFFFFF]
        assert next(iter(interner.texts())) == "über".encode()
        assert interner.stats().interned_count == len(interner)
        old = interner.generation
        interner.clear()
        assert len(interner) == 0
        interner.intern("new")
        with pytest.raises(StaleIdError):
            interner.text(0, generation=old)
        with pytest.raises(IndexError):
            interner.text(9)
        assert interner.stats().clear_count == 1
