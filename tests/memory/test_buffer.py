"""The aligned buffer: alignment over growth, views, misuse, random programs against a list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import AlignedBuffer, UnsupportedError


@pytest.mark.parametrize("alignment_bytes", [64, 256, 4096, 2 << 20])
def test_growth_keeps_alignment_and_content(alignment_bytes):
    """However often a buffer grows, its data stays aligned and complete."""
    with AlignedBuffer(np.int32, alignment_bytes=alignment_bytes) as buffer:
        for start in range(0, 60000, 1000):
            buffer.extend(np.arange(start, start + 1000, dtype=np.int32))
            assert buffer.address % alignment_bytes == 0
            assert buffer.capacity_bytes % alignment_bytes == 0
        assert (buffer.array() == np.arange(60000)).all()


def test_new_elements_are_zero():
    """Elements that resize adds are zero, also where old content stood."""
    with AlignedBuffer(np.uint8, 3) as buffer:
        buffer.array()[:] = 9
        buffer.clear()
        buffer.resize(5)
        assert buffer.array().tolist() == [0] * 5


def test_reserved_room_is_filled_without_moving():
    """Appending what was reserved leaves the address as it is."""
    with AlignedBuffer(np.int64) as buffer:
        buffer.reserve(1000)
        address = buffer.address
        for value in range(1000):
            buffer.extend([value])
        assert buffer.address == address


def test_a_readonly_view_cannot_be_written():
    """A view can be asked for that refuses writes."""
    with AlignedBuffer(np.int64, 3) as buffer:
        view = buffer.array(readonly=True)
        assert not view.flags.writeable
        del view


def test_records_live_in_a_buffer():
    """Structured types work as elements."""
    kind = np.dtype([("offset", "u8"), ("length", "u4"), ("kind", "u4")])
    with AlignedBuffer(kind, 2) as buffer:
        buffer.array()["length"] = 5
        assert buffer.array()["length"].tolist() == [5, 5]
        assert buffer.dtype == kind


@pytest.mark.parametrize(
    "change", [lambda b: b.extend([1]), lambda b: b.resize(9), lambda b: b.reserve(1), AlignedBuffer.clear]
)
def test_nothing_moves_under_a_view(change):
    """Like bytearray, a buffer refuses every change of length while a view is out."""
    buffer = AlignedBuffer(np.int64, 2)
    view = buffer.array()
    with pytest.raises(BufferError):
        change(buffer)
    assert len(view) == 2


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: AlignedBuffer(object), TypeError),
        (lambda: AlignedBuffer("S0"), TypeError),
        (lambda: AlignedBuffer(np.int64, -1), ValueError),
        (lambda: AlignedBuffer(np.int64, 2**61), OverflowError),
        (lambda: AlignedBuffer(np.int64, 2**64), OverflowError),
        (lambda: AlignedBuffer(np.int8, 2**62), MemoryError),
        (lambda: AlignedBuffer(np.int64, 1.5), TypeError),
        *[(lambda a=a: AlignedBuffer(alignment_bytes=a), ValueError) for a in (-64, 0, 32, 65, 96, 4 << 20, 2**64)],
        (lambda: AlignedBuffer(np.int64).extend([[1]]), ValueError),
        (lambda: AlignedBuffer(np.int64).extend([1.5]), TypeError),
        (lambda: AlignedBuffer(np.int64).extend(["x"]), TypeError),
        (lambda: AlignedBuffer(np.uint8).extend([1, 256]), OverflowError),
        (lambda: AlignedBuffer(np.uint64).extend(np.array([-1])), OverflowError),
    ],
)
def test_misuse_is_an_exception(make, error):
    """A wrong argument is refused with the error that names it."""
    with pytest.raises(error):
        make()


def test_huge_pages_are_reported():
    """The kernel's report is a number of bytes, or an error that says it cannot tell."""
    with AlignedBuffer(np.uint8, 3 << 20, huge_pages=True) as buffer:
        assert (buffer.capacity_bytes, buffer.address % (2 << 20)) == (4 << 20, 0)
        try:
            assert 0 <= buffer.huge_bytes() <= 4 << 20
        except UnsupportedError as error:
            assert "huge pages" in str(error)


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("extend"), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30)),
            st.tuples(st.just("resize"), st.integers(0, 300)),
            st.tuples(st.just("reserve"), st.integers(0, 300)),
        ),
        max_size=20,
    )
)
def test_random_programs_match_a_list(program):
    """Any sequence of changes leaves what a list would hold."""
    model = []
    with AlignedBuffer(np.int64) as buffer:
        for name, argument in program:
            getattr(buffer, name)(argument)
            if name == "extend":
                model += argument
            elif name == "resize":
                model = model[:argument] + [0] * (argument - len(model))
            assert buffer.array().tolist() == model
            assert len(buffer) == len(model)
