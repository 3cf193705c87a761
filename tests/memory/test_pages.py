"""Huge pages from Python: kinds, the report, misuse, views."""

import numpy as np
import pytest

from lab.memory import ClosedError, PageBuffer, ledger


@pytest.mark.parametrize("kind", ["plain", "transparent", "explicit"])
def test_memory_of_every_kind_is_zero_and_reported(kind):
    """Whatever was given, the memory is zero, and the report tells what was refused."""
    with PageBuffer(3 << 20, kind) as buffer:
        array = buffer.array(np.int64)
        assert not array.any()
        array[:] = 7
        report = buffer.report()
        assert (report.asked, report.mapped_bytes) == (kind, len(buffer))
        assert (report.given == kind) == (report.reason == "")
        assert len(buffer) == (3 << 20 if kind == "plain" else 4 << 20)
        if report.resident_bytes is not None:
            assert report.resident_bytes == len(buffer)
            assert report.explicit_bytes == (len(buffer) if report.given == "explicit" else 0)
        del array


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0,), ValueError),
        ((-1,), ValueError),
        ((2**64,), OverflowError),
        ((2**62,), MemoryError),
        ((1, "big"), ValueError),
    ],
)
def test_misuse_is_an_exception(arguments, error):
    """A wrong argument is refused with the error that names it."""
    with pytest.raises(error):
        PageBuffer(*arguments)


def test_a_view_keeps_the_memory():
    """A buffer does not end under a view, and gives its memory back afterwards."""
    live = ledger().live_bytes
    buffer = PageBuffer(1)
    view = buffer.array()
    with pytest.raises(BufferError):
        buffer.close()
    del view
    buffer.close()
    assert ledger().live_bytes == live
    for use in (buffer.array, buffer.report, buffer.__len__):
        with pytest.raises(ClosedError):
            use()
