"""Streaming: the results of NumPy for every type, length and path; misuse."""

import numpy as np
import pytest

from lab.memory import AlignedBuffer, cpu, stream

COUNTS = [0, 1, 7, 8, 9, 63, 64, 65, 1000, 4099]
TYPES = [np.float64, np.uint64, np.int64]


@pytest.fixture(params=cpu.paths())
def path(request):
    """Each path of the machine in turn."""
    with cpu.using(request.param):
        yield request.param


def values(count, kind, seed):
    """Random values over the whole range of a type, at an address that is no multiple of 64."""
    numbers = np.random.default_rng(seed).integers(0, 2**64, count + 1, np.uint64, endpoint=False)
    return (numbers.astype(np.float64) * 1e-7 if kind is np.float64 else numbers.view(kind))[1:]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("threshold_bytes", [1, 0, stream.NEVER])
def test_sums_and_triads_are_numpys(kind, threshold_bytes, path):
    """Every length, past the caches and not, gives NumPy's results bit for bit."""
    scale = 2.5 if kind is np.float64 else -3
    for count in COUNTS:
        a, b = values(count, kind, 1), values(count, kind, 2)
        factor = kind(scale) if kind is not np.uint64 else np.uint64(scale % 2**64)
        with np.errstate(over="ignore"):
            expected = a + b, a + b * factor
        actual = (
            stream.add(a, b, threshold_bytes=threshold_bytes),
            stream.triad(a, b, scale, threshold_bytes=threshold_bytes),
        )
        assert np.array_equal(expected, actual)
        in_place = a.copy()
        assert stream.add(in_place, b, out=in_place, threshold_bytes=threshold_bytes) is in_place
        assert np.array_equal(expected[0], in_place)


def test_copies_and_fills_are_exact(path):
    """Elements of any fixed type are copied, and a value of any 64-bit type fills."""
    for count in COUNTS:
        source = np.arange(count, dtype=np.int16)
        assert np.array_equal(source, stream.copy(np.zeros(count, np.int16), source, threshold_bytes=1))
        assert stream.fill(np.zeros(count), 1.5, threshold_bytes=1).tolist() == [1.5] * count
        assert stream.fill(np.zeros(count, np.int64), -7, threshold_bytes=1).tolist() == [-7] * count


def test_totals_are_the_sums(path):
    """Whole numbers wrap as NumPy's do; doubles are summed alike on every path."""
    for count in COUNTS:
        for kind in (np.uint64, np.int64):
            whole = values(count, kind, 3)
            assert stream.total(whole) == int(whole.sum())
        doubles = values(count, np.float64, 4)
        with cpu.using("scalar"):
            expected = stream.total(doubles)
        assert stream.total(doubles) == expected
        assert stream.total(doubles) == pytest.approx(doubles.sum(), rel=1e-12)


def test_an_aligned_buffer_takes_the_result():
    """A buffer's view is written in place."""
    with AlignedBuffer(np.float64, 100) as buffer:
        out = buffer.array()
        stream.add(np.ones(100), np.ones(100), out=out, threshold_bytes=1)
        assert out.tolist() == [2.0] * 100
        del out


ONES = np.ones(10)
FROZEN = np.ones(10)
FROZEN.flags.writeable = False


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda: stream.add(ONES, np.ones(9)), ValueError),
        (lambda: stream.add(ONES, np.ones(10, np.int64)), TypeError),
        (lambda: stream.add(np.ones(4, np.float32), np.ones(4, np.float32)), TypeError),
        (lambda: stream.add(np.ones((2, 5)), np.ones((2, 5))), ValueError),
        (lambda: stream.add(ONES[::2], ONES[::2]), ValueError),
        (lambda: stream.add(ONES, ONES, out=FROZEN), ValueError),
        (lambda: stream.add(ONES[1:], ONES[1:], out=ONES[:-1]), ValueError),
        (lambda: stream.add(ONES, ONES, threshold_bytes=-1), ValueError),
        (lambda: stream.triad(np.ones(3, np.int64), np.ones(3, np.int64), 1.5), TypeError),
        (lambda: stream.copy(ONES[1:], ONES[:-1]), ValueError),
        (lambda: stream.copy(ONES, np.ones(10, np.int64)), TypeError),
        (lambda: stream.copy(np.array([None]), np.array([None])), TypeError),
        (lambda: stream.fill(FROZEN, 1.0), ValueError),
        (lambda: stream.fill(np.ones(3, np.uint64), -1), OverflowError),
        (lambda: stream.total(np.ones(3, np.float32)), TypeError),
        (lambda: stream.total(np.ones((3, 3))), ValueError),
    ],
)
def test_misuse_is_an_exception(use, error):
    """A wrong argument is refused with the error that names it."""
    with pytest.raises(error):
        use()
