"""Prefetch: NumPy's indexing at every distance, chains, places beyond the table, the sweep."""

import numpy as np
import pytest

from lab.memory import prefetch

RANDOM = np.random.default_rng(1)
TABLE = RANDOM.integers(0, 2**63, 5000, np.uint64)


@pytest.mark.parametrize("distance", [0, 1, 8, 1000, 2**40])
def test_gathers_and_sums_are_numpys(distance):
    """At every distance the records and their sum are what indexing gives."""
    for count in (0, 1, 1023, 1024, 3000):
        index = RANDOM.integers(0, len(TABLE), count)
        assert np.array_equal(TABLE[index], prefetch.gather(TABLE, index, distance=distance))
        assert prefetch.sum_at(TABLE, index, distance=distance) == int(TABLE[index].sum())


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.float64, np.complex128, "datetime64[s]", "S5", "i4,f8"])
def test_records_of_any_type_are_gathered(kind):
    """Whatever the record, it comes out whole."""
    table = np.arange(60).astype(np.int64).astype("S5" if kind == "S5" else np.int64)
    table = np.zeros(60, kind) if kind == "i4,f8" else table.astype(kind)
    rows = table.reshape(20, 3)
    assert np.array_equal(table[[3, 59, 0, 3]], prefetch.gather(table, [3, 59, 0, 3]))
    assert np.array_equal(rows[[19, 0]], prefetch.gather(rows, np.array([19, 0], np.uint8)))


def test_records_without_bytes_still_have_bounds():
    """A record may be empty; its place must be one of the table."""
    table = np.empty((5, 0))
    assert prefetch.gather(table, [4, 0]).shape == (2, 0)
    with pytest.raises(IndexError):
        prefetch.gather(table, [5])


@pytest.mark.parametrize("place", [5000, -1, 2**62])
def test_a_place_outside_of_the_table_is_an_index_error(place):
    """It is named, and nothing is read there."""
    index = np.array([0] * 2000 + [place])
    for use in (prefetch.gather, prefetch.sum_at):
        with pytest.raises(IndexError, match=str(place)):
            use(TABLE, index)


@pytest.mark.parametrize("interleave", [1, 2, 16, 64])
def test_chains_end_where_following_them_ends(interleave):
    """Side by side or one after the other, chains end in the same places."""
    following = RANDOM.integers(0, 1000, 1000)
    starts = RANDOM.integers(0, 1000, 77)
    expected = starts
    for _ in range(9):
        expected = following[expected]
    assert np.array_equal(expected, prefetch.follow(following, starts, 9, interleave=interleave))
    with pytest.raises(IndexError, match="chain"):
        prefetch.follow(np.array([1, 2, 3]), [0], 4, interleave=interleave)


def test_a_sweep_has_a_point_for_each_distance():
    """The points come in the order of the distances, each with a time."""
    points = prefetch.sweep(TABLE, np.arange(2000), (0, 8, 4), rounds=2)
    assert [point.distance for point in points] == [0, 8, 4]
    assert all(point.ns > 0 for point in points)


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda: prefetch.gather(np.array([None]), [0]), TypeError),
        (lambda: prefetch.gather(TABLE[::2], [0]), ValueError),
        (lambda: prefetch.gather(np.array(1), [0]), ValueError),
        (lambda: prefetch.gather(TABLE, [0.5]), TypeError),
        (lambda: prefetch.gather(TABLE, [[0]]), ValueError),
        (lambda: prefetch.gather(TABLE, [0], distance=-1), ValueError),
        (lambda: prefetch.sum_at(np.ones(3), [0]), TypeError),
        (lambda: prefetch.sum_at(np.ones((3, 3), np.uint64), [0]), ValueError),
        (lambda: prefetch.follow(TABLE, [0], 1, interleave=0), ValueError),
        (lambda: prefetch.follow(TABLE, [0], 1, interleave=65), ValueError),
        (lambda: prefetch.follow(TABLE, [0], -1), ValueError),
        (lambda: prefetch.sweep(TABLE, []), ValueError),
        (lambda: prefetch.sweep(TABLE, [1], rounds=0), ValueError),
    ],
)
def test_misuse_is_an_exception(use, error):
    """A wrong argument is refused with the error that names it."""
    with pytest.raises(error):
        use()
