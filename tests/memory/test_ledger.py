"""The ledger: what reached the system, and failures that it can be told to make."""

import numpy as np
import pytest

from lab._ffi import lib
from lab.memory import AlignedBuffer, Arena, MapPool, StringPool, TaskBatch, VectorPool, ledger


def test_memory_is_counted_when_it_comes_and_when_it_goes():
    """Live bytes rise with a buffer and fall with its end."""
    before = ledger()
    with AlignedBuffer(np.uint8, 10_000):
        held = ledger()
    after = ledger()
    assert held.live_bytes - before.live_bytes >= 10_000
    assert after.live_bytes == before.live_bytes
    assert after.allocation_count - before.allocation_count == after.free_count - before.free_count
    assert after.peak_bytes >= held.live_bytes


def programs():
    """For each component a small program that allocates."""

    def arena():
        with Arena(512) as made:
            made.alloc_many([100] * 20)

    def buffer():
        with AlignedBuffer(np.int64) as made:
            made.extend(np.arange(1000))
            made.resize(200_000)

    def batch():
        with TaskBatch() as made:
            for _ in range(3):
                made.extend([("source", "path", "config")] * 50)

    def pool(kind):
        with kind(10) as made:
            made.prefill(3)
            made.release_many(made.acquire_many(5))

    return [arena, buffer, batch, *[lambda kind=kind: pool(kind) for kind in (StringPool, VectorPool, MapPool)]]


@pytest.mark.parametrize("program", programs())
def test_every_refused_allocation_is_a_memory_error_and_leaks_nothing(program):
    """Whichever allocation is refused, the program ends with MemoryError or without need of it, and gives all back."""
    live = ledger().live_bytes
    refused = 0
    for n in range(1, 200):
        lib.pm_fault_after(n)
        try:
            program()
        except MemoryError:
            refused += 1
        finally:
            pending = lib.pm_fault_pending()
            lib.pm_fault_after(0)
        assert ledger().live_bytes == live
        if pending:
            break
    assert pending
    assert refused >= 2
