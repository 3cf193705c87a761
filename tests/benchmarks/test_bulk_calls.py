"""The bulk calls of lab.memory beside what one would write without them; each pair does the same work.

Run by `make bench`; elsewhere each body runs once, as a test that both give the same answer.
"""

import sysconfig
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from lab.memory import AlignedBuffer, Arena, MapPool, StringPool, TaskBatch

NODES = 1000
FILES = 100


@pytest.fixture(scope="module")
def node_sizes():
    """Sizes of 1000 syntax tree nodes, 16 to 96 bytes."""
    return np.random.default_rng(1).integers(2, 13, NODES).astype(np.uintp) * np.uintp(8)


@pytest.fixture(scope="module")
def rows():
    """100 source files of the running interpreter: (source, path, config)."""
    paths = islice(sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")), FILES)
    found = [(path.read_bytes(), str(path).encode(), b"--optimize") for path in paths]
    assert len(found) == FILES
    return found


@pytest.fixture(scope="module")
def words(rows):
    """The words of the first sources."""
    return b" ".join(source for source, _, _ in rows[:10]).split()


@pytest.mark.benchmark(group="1000 nodes")
class TestNodes:
    """One block per node."""

    def test_arena(self, benchmark, node_sizes):
        """Arena.alloc_many and a reset."""
        with Arena() as arena:

            def work():
                addresses = arena.alloc_many(node_sizes)
                arena.reset()
                return addresses

            assert len(benchmark(work)) == NODES

    def test_list_of_bytearrays(self, benchmark, node_sizes):
        """A bytearray per node."""
        given = node_sizes.tolist()
        assert len(benchmark(lambda: [bytearray(size) for size in given])) == NODES

    def test_list_of_arrays(self, benchmark, node_sizes):
        """A NumPy array per node."""
        given = node_sizes.tolist()
        assert len(benchmark(lambda: [np.empty(size, np.uint8) for size in given])) == NODES


@pytest.mark.benchmark(group="100 tasks into columns")
class TestColumns:
    """Rows of 100 files, laid out by column."""

    def test_batch(self, benchmark, rows):
        """TaskBatch.extend into memory kept by a reset."""
        with TaskBatch() as batch:

            def work():
                batch.reset()
                batch.extend(rows)
                return len(batch)

            assert benchmark(work) == FILES

    def test_join(self, benchmark, rows):
        """bytes.join and NumPy offsets per column."""

        def work():
            columns = [(b"".join(column), np.cumsum([0, *map(len, column)])) for column in zip(*rows, strict=True)]
            return len(columns[0][1]) - 1

        assert benchmark(work) == FILES


@pytest.mark.benchmark(group="join the lines of 100 files")
class TestJoin:
    """Many pieces into one string."""

    def test_pooled_string(self, benchmark, rows):
        """PooledString.join into memory of the pool."""
        pieces = [source for source, _, _ in rows]
        with StringPool(retained_bytes=0) as pool:

            def work():
                with pool.acquire() as string:
                    return len(string.join(pieces, b"\n"))

            assert benchmark(work) == len(b"\n".join(pieces))

    def test_bytes_join(self, benchmark, rows):
        """bytes.join."""
        pieces = [source for source, _, _ in rows]
        assert benchmark(lambda: len(b"\n".join(pieces))) > 0


@pytest.mark.benchmark(group="count words")
class TestWords:
    """How often each word stands in ten files."""

    def test_pooled_map(self, benchmark, words):
        """PooledMap.count_words."""
        with MapPool(retained_bytes=0) as pool:

            def work():
                with pool.acquire() as table:
                    table.count_words(words)
                    return len(table)

            assert benchmark(work) == len(set(words))

    def test_counter(self, benchmark, words):
        """collections.Counter."""
        assert benchmark(lambda: len(Counter(words))) == len(set(words))


@pytest.mark.benchmark(group="look up 10 000 numbers")
class TestLookups:
    """A table of 10 000 numbers, all looked up."""

    def test_pooled_map(self, benchmark):
        """PooledMap.get_many."""
        keys = np.arange(10_000, dtype=np.uint64) * np.uint64(977)
        with MapPool() as pool, pool.acquire() as table:
            table.put_many(keys, keys)
            assert (benchmark(lambda: table.get_many(keys)) == keys).all()

    def test_dict(self, benchmark):
        """A dict, from an array and back."""
        keys = np.arange(10_000, dtype=np.uint64) * np.uint64(977)
        table = dict(zip(keys.tolist(), keys.tolist(), strict=True))
        found = benchmark(lambda: np.array([table[key] for key in keys.tolist()], np.uint64))
        assert (found == keys).all()


@pytest.mark.benchmark(group="grow to a million numbers")
class TestGrowth:
    """1000 appends of 1000 numbers."""

    def test_buffer(self, benchmark):
        """AlignedBuffer.extend into memory kept by a clear."""
        piece = np.arange(1000, dtype=np.int64)
        with AlignedBuffer(np.int64) as buffer:

            def work():
                buffer.clear()
                for _ in range(1000):
                    buffer.extend(piece)
                return int(buffer.array()[-1])

            assert benchmark(work) == 999

    def test_bytearray(self, benchmark):
        """bytearray.extend, read as an array."""
        piece = np.arange(1000, dtype=np.int64)

        def work():
            data = bytearray()
            for _ in range(1000):
                data += memoryview(piece).cast("B")
            return int(np.frombuffer(data, np.int64)[-1])

        assert benchmark(work) == 999

    def test_concatenate(self, benchmark):
        """A list of arrays, concatenated."""
        piece = np.arange(1000, dtype=np.int64)

        def work():
            return int(np.concatenate([piece.copy() for _ in range(1000)])[-1])

        assert benchmark(work) == 999
