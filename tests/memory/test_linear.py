"""Linear memories from Python: nothing left for the next tenant, growth in place, views, misuse, threads."""

import gc
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import ClosedError, LinearMemoryPool, UnsupportedError, ledger

PAGE = 65536


@pytest.fixture(params=["auto", "renew"])
def pool(request):
    """A pool of four memories of 1 MiB, by each method."""
    with LinearMemoryPool(4, 16 * PAGE, method=request.param) as pool:
        yield pool


def test_the_defaults_are_those_of_the_design():
    """A hundred memories of 128 MiB each are reserved, and hold nothing."""
    with LinearMemoryPool() as pool:
        stats = pool.stats()
        assert (stats.slot_count, stats.slot_bytes, stats.committed_bytes) == (100, 128 << 20, 0)


def test_every_tenant_of_every_slot_finds_zeros(pool):
    """What one tenant wrote is gone for the next one, in each slot."""
    for _ in range(3):
        held = [pool.acquire(2 * PAGE) for _ in range(4)]
        assert len({memory.address for memory in held}) == 4
        for memory in held:
            assert not memory.array().any()
            memory.array()[:] = 0xA5
            memory.close()
    stats = pool.stats()
    assert (stats.acquire_count, stats.release_count, stats.in_use_count) == (12, 12, 0)
    assert stats.kept_bytes <= stats.retained_max_bytes


def test_growth_is_in_place_under_a_view(pool):
    """A memory grows where it is: views taken before stay right, new bytes are zero."""
    with pool.acquire(PAGE, 4 * PAGE) as memory:
        before = memory.array()
        before[:] = 1
        memory.grow(4 * PAGE)
        assert (len(memory), memory.array().ctypes.data) == (4 * PAGE, before.ctypes.data)
        assert not memory.array()[PAGE:].any()
        memory.array()[0] = 2
        assert before[0] == 2
        with pytest.raises(OverflowError):
            memory.grow(4 * PAGE + 1)
        with pytest.raises(ValueError):
            memory.grow(1)
        del before


def test_a_view_keeps_the_memory_from_going_back(pool):
    """Neither release nor reset clears what a view shows."""
    memory = pool.acquire(PAGE)
    view = memory.array(np.int32)
    view[:] = 5
    for end in (memory.close, lambda: memory.reset(PAGE)):
        with pytest.raises(BufferError, match="view"):
            end()
    assert (view == 5).all()
    del view
    memory.reset(2 * PAGE)
    assert not memory.array().any()
    memory.close()
    with pytest.raises(ClosedError):
        memory.array()


def test_a_memory_is_its_image():
    """Every tenant begins with the image, whatever the last one wrote over it."""
    image = bytes(range(256)) * 300
    with LinearMemoryPool(1, 16 * PAGE, image=image) as pool:
        for _ in range(3):
            with pool.acquire(4 * PAGE) as memory:
                assert memory.array().tobytes() == image + bytes(4 * PAGE - len(image))
                memory.array()[:] = 0xFF
        with pytest.raises(ValueError):
            pool.acquire(PAGE)


def test_a_pool_that_is_full_says_so(pool):
    """Beyond its slots a pool refuses, and serves again after a release."""
    held = [pool.acquire(PAGE) for _ in range(4)]
    with pytest.raises(BufferError, match="in use"):
        pool.acquire(PAGE)
    assert pool.stats().refused_count == 1
    held.pop()
    gc.collect()
    held.append(pool.acquire(PAGE))


def test_a_pool_in_use_does_not_close():
    """Closing waits for the memories to come back."""
    pool = LinearMemoryPool(2, PAGE)
    memory = pool.acquire(PAGE)
    with pytest.raises(BufferError, match="release"):
        pool.close()
    memory.array()[:] = 1
    memory.close()
    pool.close()
    for use in (pool.acquire, pool.stats):
        with pytest.raises(ClosedError):
            use()


def test_forgotten_pools_and_memories_give_everything_back():
    """Objects without a close end with their last reference, in any order."""
    live = ledger().live_bytes
    view = LinearMemoryPool(2, PAGE).acquire(PAGE).array()
    gc.collect()
    view[:] = 1
    del view
    gc.collect()
    assert ledger().live_bytes == live


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"slot_count": 0}, ValueError),
        ({"slot_count": -1}, ValueError),
        ({"slot_count": 10**6}, ValueError),
        ({"maximum_bytes": 0}, ValueError),
        ({"maximum_bytes": 2**64}, OverflowError),
        ({"maximum_bytes": 2**63}, OverflowError),
        ({"slot_count": 1, "maximum_bytes": 2**60}, MemoryError),
        ({"reserved_bytes": 1}, ValueError),
        ({"guard_bytes": 0}, ValueError),
        ({"keep_resident_bytes": 0}, ValueError),
        ({"maximum_bytes": 10, "image": bytes(11)}, ValueError),
        ({"method": "hope"}, ValueError),
    ],
)
def test_misuse_is_an_exception(options, error):
    """A wrong option is refused with the error that names it."""
    with pytest.raises(error):
        LinearMemoryPool(**options)


def test_scanning_can_be_demanded():
    """A pool that must scan does so, or says that the kernel cannot."""
    try:
        with LinearMemoryPool(1, PAGE, method="scan") as pool:
            assert pool.stats().method == "scan"
    except UnsupportedError as error:
        assert "linear memories" in str(error)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["swap", "grow", "reset"]), st.integers(0, 16)), max_size=30)
)
def test_random_programs_never_show_an_old_byte(program):
    """Any order of acquiring, growing, resetting and releasing shows zeros and own bytes only."""
    with LinearMemoryPool(4, 16 * PAGE, keep_resident_bytes=3 * 4096) as pool:
        held = {}
        for slot, action, pages in program:
            if slot not in held or action == "swap":
                if slot in held:
                    held.pop(slot).close()
                held[slot] = pool.acquire(pages * PAGE)
                fresh = held[slot].array()
            elif action == "grow":
                had = len(held[slot])
                held[slot].grow(max(had, pages * PAGE))
                fresh = held[slot].array()[had:]
            else:
                held[slot].reset(pages * PAGE)
                fresh = held[slot].array()
            assert not fresh.any()
            fresh[::1000] = slot + 1
            assert set(np.unique(held[slot].array())) <= {0, slot + 1}
            del fresh
        for memory in held.values():
            memory.close()
        assert pool.stats().kept_bytes <= pool.stats().retained_max_bytes


def test_threads_share_a_pool():
    """Memories that many threads take and give back are never shared nor dirty."""
    dirty = []
    with LinearMemoryPool(4, 4 * PAGE) as pool:

        def work(value):
            for _ in range(100):
                with pool.acquire(PAGE) as memory:
                    array = memory.array()
                    if array.any():
                        dirty.append(value)
                    array[::512] = value
                    if (array[::512] != value).any():
                        dirty.append(value)
                    del array

        threads = [threading.Thread(target=work, args=(value,)) for value in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (dirty, pool.stats().in_use_count) == ([], 0)
