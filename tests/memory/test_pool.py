"""The pools: recycling, the bound, the three kinds, misuse, threads, random programs against plain objects."""

import gc
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import ClosedError, ForeignObjectError, MapPool, StringPool, VectorPool, ledger

POOLS = [StringPool, VectorPool, MapPool]


@pytest.mark.parametrize("kind", POOLS)
def test_an_object_comes_back_empty_and_without_the_system(kind):
    """The second acquire is a hit that reaches no allocator and shows nothing of the first user."""
    with kind() as pool:
        with pool.acquire() as item:
            fill(item)
        before = ledger().allocation_count
        with pool.acquire() as item:
            assert len(item) == 0
        assert ledger().allocation_count == before
        stats = pool.stats()
    assert (stats.hit_count, stats.miss_count, stats.return_count, stats.live_count) == (1, 1, 2, 0)
    assert stats.hit_rate == 0.5


def fill(item):
    """Put something into an object of any kind."""
    if hasattr(item, "append"):
        item.append("secret")
    elif hasattr(item, "array"):
        item.extend([1, 2, 3])
    else:
        item["key"] = 1


@pytest.mark.parametrize(("kind", "default"), [(StringPool, 1000), (VectorPool, 500), (MapPool, 100)])
def test_no_more_than_the_bound_is_retained(kind, default):
    """The bound is what was asked for, and all of it is used."""
    for bound in (None, 0, 1, 7, 40):
        with kind(bound) as pool:
            pool.release_many(pool.acquire_many(1200))
            stats = pool.stats()
            expected = default if bound is None else bound
            assert (stats.retained_count, stats.retained_max) == (expected, expected)
            assert (stats.return_count, stats.discard_count) == (expected, 1200 - expected)


def test_a_large_object_is_not_retained():
    """An object that grew beyond retained_bytes is destroyed; 0 keeps any."""
    for limit, discarded in ((None, 1), (100_000, 0), (0, 0), (300, 1)):
        with StringPool(retained_bytes=limit) as pool:
            pool.acquire().append(b"x" * 40_000).release()
            assert pool.stats().discard_count == discarded


def test_objects_are_built_ahead_and_given_back():
    """Prefilled objects make the first acquires hits; trim destroys what waits."""
    with MapPool() as pool:
        pool.prefill(10)
        assert pool.stats().retained_count == 10
        pool.release_many(pool.acquire_many(5))
        assert pool.stats().hit_count == 5
        waiting = pool.stats().retained_count
        assert waiting - pool.trim() == pool.stats().retained_count


def test_a_pool_with_objects_out_does_not_close():
    """Closing waits for every object; the refused close changes nothing."""
    pool = StringPool()
    item = pool.acquire().append("x")
    with pytest.raises(BufferError, match="1 object"):
        pool.close()
    assert bytes(item) == b"x"
    item.release()
    pool.close()


def test_a_forgotten_object_returns_to_its_pool():
    """An object without a release goes back with its last reference, and keeps its pool until then."""
    live = ledger().live_bytes
    item = VectorPool().acquire().extend([1])
    gc.collect()
    assert item.array().tolist() == [1]
    pool = item.pool
    del item
    gc.collect()
    assert pool.stats().retained_count == 1
    del pool
    gc.collect()
    assert ledger().live_bytes == live


@pytest.mark.parametrize("kind", POOLS)
def test_double_and_foreign_releases_are_refused(kind):
    """Neither a second release nor one into another pool disturbs the pools."""
    with kind() as pool, kind() as other:
        item = pool.acquire()
        with pytest.raises(ForeignObjectError):
            other.release(item)
        with pytest.raises(ForeignObjectError):
            other.release_many([other.acquire(), item])
        gc.collect()
        with pytest.raises(ClosedError):
            pool.release_many([item, item])
        pool.release(item)
        for again in (item.release, lambda: pool.release(item), lambda: pool.release_many([item])):
            with pytest.raises(ClosedError, match="released"):
                again()
        item.close()  # like every close, again is allowed
        assert (pool.stats().retained_count, pool.stats().live_count) == (1, 0)
        assert other.stats().live_count == 0


@pytest.mark.parametrize(
    ("kind", "use"),
    [
        *[
            (StringPool, use)
            for use in (len, bytes, lambda s: s.append("x"), lambda s: s.join(["x"]), lambda s: s.view())
        ],
        *[(StringPool, use) for use in (lambda s: s.clear(), lambda s: s.capacity_bytes, lambda s: s.__enter__())],
        *[(VectorPool, use) for use in (len, lambda v: v.extend([1]), lambda v: v.array(), lambda v: v.clear())],
        *[(VectorPool, use) for use in (lambda v: v.capacity_bytes, lambda v: v.release())],
        *[(MapPool, use) for use in (len, lambda m: m[1], lambda m: m.add(1), lambda m: 1 in m, lambda m: m.clear())],
        *[(MapPool, use) for use in (lambda m: m.put_many([1], [1]), lambda m: m.get_many([1]))],
        *[(MapPool, use) for use in (lambda m: m.count_words(["a"]), lambda m: m.capacity_bytes)],
        *[(MapPool, use) for use in (lambda m: m.__setitem__(1, 1), lambda m: m.__delitem__(1))],
    ],
)
def test_a_released_object_refuses_every_use(kind, use):
    """Use after release is an exception that says so."""
    with kind() as pool:
        item = pool.acquire()
        item.release()
        with pytest.raises(ClosedError, match="released"):
            use(item)


def test_nothing_changes_under_a_view():
    """A string or vector with a view out can neither change nor be released."""
    with StringPool() as strings, VectorPool() as vectors:
        string, vector = strings.acquire().append("abc"), vectors.acquire().extend([1, 2])
        views = [string.view(), vector.array()]
        changes = [
            lambda: string.append("x"),
            lambda: string.join(["x"]),
            string.clear,
            string.release,
            lambda: vector.extend([3]),
            vector.clear,
            vector.release,
            lambda: vectors.release_many([vector]),
        ]
        for change in changes:
            with pytest.raises(BufferError):
                change()
        views[0][:] = ord("z")
        assert bytes(string) == b"zzz"
        views.clear()
        string.release()
        vector.release()


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda: StringPool(-1), ValueError),
        (lambda: StringPool(initial=-1), ValueError),
        (lambda: StringPool(2**64), OverflowError),
        (lambda: StringPool(retained_bytes=-1), ValueError),
        (lambda: StringPool(1.5), TypeError),
        (lambda: StringPool().acquire_many(-1), ValueError),
        (lambda: StringPool().prefill(-1), ValueError),
        (lambda: StringPool().acquire().append(3), TypeError),
        (lambda: StringPool().acquire().join(["a", 3]), TypeError),
        (lambda: StringPool(initial=2**62).acquire(), MemoryError),
        (lambda: VectorPool().acquire().extend([object()]), TypeError),
        (lambda: VectorPool().acquire().extend([[1]]), ValueError),
        (lambda: VectorPool().acquire().extend([1]).extend([1.5]), TypeError),
        (lambda: MapPool().acquire()[1], KeyError),
        (lambda: MapPool().acquire()["x"], KeyError),
        (lambda: MapPool().acquire().__delitem__("x"), KeyError),
        (lambda: MapPool().acquire().__setitem__(-1, 1), ValueError),
        (lambda: MapPool().acquire().__setitem__(1, 2**64), OverflowError),
        (lambda: MapPool().acquire().__setitem__(1.5, 1), TypeError),
        (lambda: MapPool().acquire().put_many([1], [1, 2]), ValueError),
        (lambda: MapPool().acquire().get_many([-1]), ValueError),
    ],
)
def test_misuse_is_an_exception(use, error):
    """A wrong argument is refused with the error that names it."""
    with pytest.raises(error):
        use()


def test_wiping_leaves_no_byte_behind():
    """With wipe the memory of the last user is zero when the next one gets it."""
    with StringPool(wipe=True) as strings, VectorPool(wipe=True) as vectors:
        strings.acquire().append(b"password" * 20).release()
        vectors.acquire().extend(np.full(64, 7)).release()
        string, vector = strings.acquire(), vectors.acquire()
        assert string.view().tobytes() == b""
        string.append(b"x")
        vector.extend(np.zeros(1, np.int64))
        assert bytes(string) == b"x"
        string.release()
        vector.release()


def test_threads_share_a_pool():
    """Objects move between threads, are never shared by two, and the bound holds."""
    pool = StringPool(50)
    errors = []

    def work(name):
        for round_ in range(100):
            items = pool.acquire_many(7)
            for item in items:
                item.append(name)
            if any(bytes(item) != name for item in items):
                errors.append((name, round_))
            pool.release_many(items)

    threads = [threading.Thread(target=work, args=(bytes([65 + i]) * 9,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended_by = time.monotonic() + 30
    while pool.stats().thread_count and time.monotonic() < ended_by:
        time.sleep(0.001)  # join returns a little before the thread of the system ends
    stats = pool.stats()
    assert errors == []
    assert stats.hit_count + stats.miss_count == stats.return_count + stats.discard_count == 4 * 100 * 7
    assert stats.retained_count <= 50
    assert stats.thread_count == 0
    pool.close()


KEYS = st.one_of(st.integers(0, 2**64 - 1), st.integers(0, 5), st.binary(max_size=30), st.text("ab", max_size=3))


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.sampled_from(["put", "add", "remove", "get"]), KEYS, st.integers(0, 2**64 - 1)), max_size=80)
)
def test_a_map_matches_a_dict(program):
    """Any sequence of operations leaves what a dict would hold."""
    model = {}
    with MapPool(initial=1) as pool, pool.acquire() as table:
        for action, key, value in program:
            name = key.encode() if isinstance(key, str) else key
            if action == "put":
                table[key] = model[name] = value
            elif action == "add":
                table.add(key, value)
                model[name] = (model.get(name, 0) + value) % 2**64
            elif action == "remove" and name in model:
                del table[key], model[name]
            assert (key in table) == (name in model)
            assert len(table) == len(model)
        assert {key: table[key] for key in model} == model


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.one_of(st.binary(max_size=40), st.text(st.characters(exclude_categories=["Cs"]), max_size=10)),
            max_size=8,
        ),
        max_size=8,
    ),
    st.binary(max_size=3),
)
def test_a_string_matches_joined_bytes(groups, separator):
    """Joining groups of texts gives what bytes would."""
    with StringPool(initial=1) as pool, pool.acquire() as string:
        model = b""
        for group in groups:
            string.join(group, separator)
            model += separator.join(text.encode() if isinstance(text, str) else text for text in group)
            assert bytes(string) == model


@settings(max_examples=40)
@given(
    st.lists(st.text("abc", max_size=3), max_size=200),
    st.dictionaries(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), max_size=60),
)
def test_bulk_map_calls_match_a_dict(words, pairs):
    """Counting words and storing many pairs gives what a dict would."""
    with MapPool() as pool, pool.acquire() as counts, pool.acquire() as table:
        counts.count_words(words)
        assert {word: counts[word] for word in words} == {word: words.count(word) for word in words}
        table.put_many(np.array(list(pairs), np.uint64), np.array(list(pairs.values()), np.uint64))
        wanted = [*pairs, 3]
        assert table.get_many(np.array(wanted, np.uint64), missing=9).tolist() == [pairs.get(key, 9) for key in wanted]
