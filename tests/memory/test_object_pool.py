"""A pool of one's own Python objects."""

import threading

import pytest

from lab.memory import ClosedError, ForeignObjectError, ObjectPool


def test_objects_come_back_cleared_and_are_used_again():
    """The next caller gets what the last one gave back."""
    pool = ObjectPool(list, max_size=2, clear=list.clear)
    with pool.lease() as first:
        first.append(1)
    with pool.lease() as again:
        assert again is first
        assert again == []
    stats = pool.stats()
    assert (stats.hit_count, stats.miss_count, stats.return_count, stats.live_count) == (1, 1, 2, 0)


def test_no_more_than_max_size_wait():
    """The bound holds; 0 keeps none."""
    pool = ObjectPool(list, max_size=2)
    items = [pool.acquire() for _ in range(5)]
    for item in items:
        pool.release(item)
    assert pool.stats().retained_count == 2
    assert pool.stats().discard_count == 3
    none = ObjectPool(list, max_size=0)
    none.release(none.acquire())
    assert none.stats().retained_count == 0


def test_misuse_is_an_error():
    """A stranger, a second release, a factory that gives one object twice."""
    pool = ObjectPool(list)
    item = pool.acquire()
    pool.release(item)
    for wrong in (item, []):
        with pytest.raises(ForeignObjectError):
            pool.release(wrong)
    shared = []
    twice = ObjectPool(lambda: shared)
    twice.acquire()
    with pytest.raises(ValueError, match="factory"):
        twice.acquire()
    with pytest.raises(ValueError, match="max_size"):
        ObjectPool(list, max_size=-1)


def test_a_clear_that_fails_drops_the_object():
    """Half cleared, it must not be used again."""

    def fail(_):
        raise ZeroDivisionError

    pool = ObjectPool(list, clear=fail)
    with pytest.raises(ZeroDivisionError), pool.lease():
        pass
    assert (pool.stats().retained_count, pool.stats().live_count, pool.stats().discard_count) == (0, 0, 1)


def test_a_closed_pool_gives_nothing_and_takes_back():
    """What is out when it closes is dropped when it comes back."""
    with ObjectPool(list) as pool:
        item = pool.acquire()
    pool.release(item)
    assert pool.stats().retained_count == 0
    with pytest.raises(ClosedError):
        pool.acquire()


def test_threads_never_share_an_object():
    """Each has its own, and none is lost."""
    pool, wrong = ObjectPool(list, max_size=4, clear=list.clear), []

    def work():
        for number in range(500):
            with pool.lease() as item:
                if item:
                    wrong.append(item)
                item.append(number)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    stats = pool.stats()
    assert stats.hit_count + stats.miss_count == stats.return_count + stats.discard_count == 2000
