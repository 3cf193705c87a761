"""The arena: blocks, bulk, marks, statistics, misuse, random programs against a plain model."""

import os

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from lab.memory import Arena, StaleMarkError, UnsupportedError


def test_blocks_do_not_overlap():
    """Bytes written to one block show in no other."""
    with Arena() as arena:
        addresses = arena.alloc_many([10, 20, 30])
        for fill, (address, length) in enumerate(zip(addresses, [10, 20, 30], strict=True)):
            arena.view(int(address), length)[:] = fill
        contents = [arena.view(int(a), n).tolist() for a, n in zip(addresses, [10, 20, 30], strict=True)]
    assert contents == [[0] * 10, [1] * 20, [2] * 30]


@pytest.mark.parametrize("alignment_bytes", [1, 8, 64, 4096, 65536])
def test_alignment_is_kept(alignment_bytes):
    """Each address of a bulk allocation is a multiple of the alignment asked for."""
    with Arena() as arena:
        addresses = arena.alloc_many(np.arange(1, 50), alignment_bytes=alignment_bytes)
    assert (addresses % np.uint64(alignment_bytes) == 0).all()


def test_an_array_has_the_type_asked_for():
    """Elements of a NumPy type can be written and read."""
    with Arena() as arena:
        points = arena.array(3, np.dtype([("x", "f8"), ("kind", "i4")]))
        points["x"] = 1.5
        total = float(points["x"].sum())
        del points
    assert total == 4.5


def test_a_copy_holds_the_text():
    """Text is copied in UTF-8, and an empty one is empty."""
    with Arena() as arena:
        assert arena.copy("naïve").tobytes() == "naïve".encode()
        assert arena.copy(b"").tobytes() == b""


@pytest.mark.skipif("LAB_SANITIZED" in os.environ, reason="a sanitized arena keeps poisoned gaps between blocks")
def test_statistics_count_what_was_asked_for():
    """Requested bytes and padding are exact, in bulk and one at a time."""
    with Arena(4096) as arena:
        arena.alloc_many([24, 1, 8])
        arena.alloc(7)
        stats = arena.stats()
    assert (stats.allocation_count, stats.requested_bytes, stats.padding_bytes) == (4, 40, 8)
    assert (stats.allocated_bytes, stats.peak_bytes, stats.capacity_bytes) == (48, 48, 4096)


def test_a_reset_keeps_the_chunks():
    """After a reset the same memory serves again."""
    with Arena(4096) as arena:
        for _ in range(3):
            arena.alloc_many([100] * 100)
            chunks = arena.stats().chunk_count
            arena.reset()
        stats = arena.stats()
        arena.trim()
        trimmed = arena.stats()
    assert (stats.chunk_count, stats.reset_count, stats.allocated_bytes) == (chunks, 3, 0)
    assert trimmed.capacity_bytes == 0


def test_a_scope_ends_what_it_allocated():
    """A scope leaves the arena where it found it, also after an error."""
    with Arena() as arena:
        arena.alloc_many([5])
        used = arena.stats().allocated_bytes
        with arena.scope():
            arena.alloc_many([500] * 10)
        assert arena.stats().allocated_bytes == used
        with pytest.raises(ZeroDivisionError), arena.scope():
            arena.alloc_many([500])
            1 / 0  # noqa: B018
        assert arena.stats().allocated_bytes == used


def test_a_stale_mark_is_refused():
    """A mark of another arena, of before a reset, or above the place in use is refused."""
    with Arena() as arena, Arena() as other:
        empty = arena.mark()
        arena.alloc_many([1])
        mark = arena.mark()
        with pytest.raises(StaleMarkError):
            other.rewind(mark)
        arena.rewind(empty)
        with pytest.raises(StaleMarkError):
            arena.rewind(mark)
        arena.reset()
        with pytest.raises(StaleMarkError):
            arena.rewind(empty)


@pytest.mark.parametrize("end", [Arena.reset, Arena.close, lambda arena: arena.rewind(arena.mark())])
def test_nothing_ends_under_a_view(end):
    """Reset, close and rewind are refused while a view is out."""
    arena = Arena()
    view = arena.alloc(10)
    with pytest.raises(BufferError):
        end(arena)
    view[:] = 1
    del view
    end(arena)


def test_a_view_of_foreign_memory_is_refused():
    """Only memory in use of the arena can be viewed."""
    with Arena() as arena, Arena() as other:
        address = int(arena.alloc_many([16])[0])
        arena.view(address, 16)
        for bad in ((0, 1), (address - 1, 1), (address, 2**40), (address, 2**64 - 1)):
            with pytest.raises(ValueError, match="not in use"):
                arena.view(*bad)
        with pytest.raises(ValueError, match="not in use"):
            other.view(address, 1)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda a: a.alloc(-1), ValueError),
        (lambda a: a.alloc(2**64), OverflowError),
        (lambda a: a.alloc(2**63), MemoryError),
        (lambda a: a.alloc(1.5), TypeError),
        (lambda a: a.alloc(8, alignment_bytes=0), ValueError),
        (lambda a: a.alloc(8, alignment_bytes=12), ValueError),
        (lambda a: a.alloc(8, alignment_bytes=131072), ValueError),
        (lambda a: a.array(2**61, np.int64), OverflowError),
        (lambda a: a.array(-1, np.int64), ValueError),
        (lambda a: a.array(1, object), TypeError),
        (lambda a: a.alloc_many([1, -1]), ValueError),
        (lambda a: a.alloc_many([1, 2**63]), MemoryError),
        (lambda a: a.alloc_many([1, 2**64]), OverflowError),
        (lambda a: a.alloc_many([0.5]), TypeError),
        (lambda a: a.alloc_many([[1]]), ValueError),
        (lambda a: a.alloc_many([1], alignment_bytes=-8), ValueError),
        (lambda a: a.view(-1, 1), ValueError),
    ],
)
def test_misuse_is_an_exception_and_leaves_the_arena_alone(call, error):
    """A wrong argument is refused with the error that names it, and nothing is allocated."""
    with Arena() as arena:
        with pytest.raises(error):
            call(arena)
        assert arena.stats().allocated_bytes == 0
        assert len(arena.alloc_many([1])) == 1


@pytest.mark.parametrize("capacity_bytes", [-1, 2**62 + 1, 2**64])
def test_an_absurd_capacity_is_refused(capacity_bytes):
    """A chunk size that no machine has is an error at once."""
    with pytest.raises((ValueError, OverflowError)):
        Arena(capacity_bytes)


def test_the_limit_holds():
    """Beyond its limit an arena refuses, and works on below it."""
    with Arena(1024, limit_bytes=4096) as arena:
        with pytest.raises(MemoryError):
            arena.alloc_many([1000] * 10)
        assert arena.stats().allocated_bytes == 0
        arena.alloc_many([900] * 3)
        assert arena.stats().capacity_bytes <= 4096


def test_huge_pages_are_reported():
    """The kernel's report is a number of bytes, or an error that says it cannot tell."""
    with Arena(4 << 20, huge_pages=True) as arena:
        arena.alloc(1 << 20)[:] = 1
        try:
            assert 0 <= arena.huge_bytes() <= 4 << 20
        except UnsupportedError as error:
            assert "huge pages" in str(error)


class Programs(RuleBasedStateMachine):
    """Random programs: what was written is what is read, whatever happens in between."""

    blocks = Bundle("blocks")
    marks = Bundle("marks")

    def __init__(self):
        super().__init__()
        self.arena = Arena(256)
        self.model = []

    @rule(
        sizes=st.lists(st.integers(0, 700), max_size=8),
        alignment=st.sampled_from([1, 4, 16, 128]),
        fill=st.binary(min_size=1, max_size=1),
    )
    def alloc(self, sizes, alignment, fill):
        for address, length in zip(self.arena.alloc_many(sizes, alignment_bytes=alignment), sizes, strict=True):
            self.arena.view(int(address), length)[:] = fill[0]
            self.model.append((int(address), length, fill))

    @rule(target=marks)
    def mark(self):
        return self.arena.mark(), len(self.model)

    @rule(marked=consumes(marks))
    def rewind(self, marked):
        mark, count = marked
        try:
            self.arena.rewind(mark)
        except StaleMarkError:
            return
        if count <= len(self.model):
            del self.model[count:]
        else:  # the place was rewound past and allocated over: everything below it is still there
            self.model = [block for block in self.model if self.is_in_use(block)]

    def is_in_use(self, block):
        try:
            return self.arena.view(block[0], block[1]).tobytes() == block[2] * block[1]
        except ValueError:
            return False

    @rule()
    def reset(self):
        self.arena.reset()
        self.model.clear()

    @rule()
    def trim(self):
        self.arena.trim()

    @invariant()
    def contents_are_kept(self):
        assert all(self.arena.view(a, n).tobytes() == fill * n for a, n, fill in self.model)

    def teardown(self):
        self.arena.close()


TestPrograms = Programs.TestCase
TestPrograms.settings = settings(max_examples=40, stateful_step_count=30)
