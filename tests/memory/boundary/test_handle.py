"""What all objects of the layer share: their end, counted views, turns between threads."""

import gc
import threading

import numpy as np
import pytest

from lab.memory import AlignedBuffer, Arena, ClosedError, MapPool, StringPool, TaskBatch, VectorPool, ledger


def uses():
    """Each object of the layer with every method that must refuse to work on a closed one."""
    return [
        (Arena, lambda a: a.alloc(1)),
        (Arena, lambda a: a.array(1, np.int64)),
        (Arena, lambda a: a.copy(b"x")),
        (Arena, lambda a: a.alloc_many([1])),
        (Arena, lambda a: a.view(1, 1)),
        (Arena, lambda a: a.mark()),
        (Arena, lambda a: a.reset()),
        (Arena, lambda a: a.trim()),
        (Arena, lambda a: a.stats()),
        (Arena, lambda a: a.huge_bytes()),
        (Arena, lambda a: a.__enter__()),
        (AlignedBuffer, lambda b: b.array()),
        (AlignedBuffer, lambda b: b.extend([1])),
        (AlignedBuffer, lambda b: b.resize(1)),
        (AlignedBuffer, lambda b: b.reserve(1)),
        (AlignedBuffer, lambda b: b.clear()),
        (AlignedBuffer, len),
        (AlignedBuffer, lambda b: b.address),
        (AlignedBuffer, lambda b: b.capacity_bytes),
        (AlignedBuffer, lambda b: b.alignment_bytes),
        (AlignedBuffer, lambda b: b.huge_bytes()),
        (TaskBatch, lambda b: b.append("s", "p")),
        (TaskBatch, lambda b: b.column("path")),
        (TaskBatch, lambda b: b.row(0)),
        (TaskBatch, lambda b: b.reset()),
        (TaskBatch, lambda b: b.capacity_bytes),
        (TaskBatch, len),
        (TaskBatch, list),
        (StringPool, lambda p: p.acquire()),
        (VectorPool, lambda p: p.acquire_many(2)),
        (MapPool, lambda p: p.prefill(1)),
        (StringPool, lambda p: p.trim()),
        (StringPool, lambda p: p.stats()),
    ]


@pytest.mark.parametrize(("kind", "use"), uses())
def test_a_closed_object_refuses_every_use(kind, use):
    """Use after close is an exception that says so."""
    thing = kind()
    thing.close()
    thing.close()
    assert thing.closed
    with pytest.raises(ClosedError, match="closed"):
        use(thing)


def test_a_view_keeps_its_owner_alive():
    """Memory stays as long as any array on it, however derived."""
    live = ledger().live_bytes
    view = AlignedBuffer(np.int64, 1000).array()[10:20].reshape(2, 5).T
    gc.collect()
    assert ledger().live_bytes > live
    view[:] = 7
    assert int(view.sum()) == 70
    del view
    gc.collect()
    assert ledger().live_bytes == live


def test_the_last_view_frees_the_owner_for_change():
    """The count of views goes back with the last array on the memory."""
    buffer = AlignedBuffer(np.int64, 8)
    first, second = buffer.array(), buffer.array()
    derived = first[2:]
    del first, second
    assert buffer.exports == 1
    with pytest.raises(BufferError, match="1 view"):
        buffer.resize(9)
    del derived
    assert buffer.exports == 0
    buffer.resize(9)


def test_closing_with_a_view_out_changes_nothing():
    """The refused end leaves object and view usable."""
    buffer = AlignedBuffer(np.int64, 2)
    view = buffer.array()
    with pytest.raises(BufferError, match="close"):
        buffer.close()
    view[:] = 5
    assert buffer.array().tolist() == [5, 5]


def test_an_error_in_the_block_is_not_hidden_by_a_view():
    """The error of a with block comes out even where the block left a view behind."""
    kept = []
    with pytest.raises(ZeroDivisionError), AlignedBuffer(np.int64, 1) as buffer:
        kept.append(buffer.array())
        1 / 0  # noqa: B018
    assert not buffer.closed


def test_an_empty_view_is_an_empty_array():
    """A buffer without elements gives an array of its type without holding the buffer."""
    with AlignedBuffer(np.float32) as buffer:
        assert buffer.array().shape == (0,)
        assert buffer.array().dtype == np.float32


def test_threads_take_turns():
    """Calls from several threads on one object neither lose an element nor tear one."""
    buffer = AlignedBuffer(np.int64)

    def fill(value):
        for _ in range(200):
            buffer.extend([value] * 5)

    threads = [threading.Thread(target=fill, args=(value,)) for value in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.bincount(buffer.array()).tolist() == [1000] * 4
    assert (buffer.array().reshape(-1, 5) == buffer.array()[::5, None]).all()


def test_forgotten_objects_give_their_memory_back():
    """An object without a close ends with its last reference."""
    live = ledger().live_bytes
    Arena().alloc(10)
    TaskBatch().append("s", "p", "c")
    StringPool().acquire().append("x")
    gc.collect()
    assert ledger().live_bytes == live
