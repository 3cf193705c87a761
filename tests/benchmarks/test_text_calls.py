"""Lists of texts and Arrow columns into the memory layer, beside what one would write without it; each pair does the
same work on the identifiers of the running interpreter's own library.

Run by `make bench`; elsewhere each body runs once, as a test that both give the same answer.
"""

import re
import sysconfig
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from lab.memory import AlignedBuffer, TaskBatch, scan
from lab.memory.interner import Interner

FILES = 40
NEEDLE = "self._re"


@pytest.fixture(scope="module")
def sources():
    """The text of 40 source files."""
    paths = islice(sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")), FILES)
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths]


@pytest.fixture(scope="module")
def identifiers(sources):
    """Their identifiers in order, each a str of its own."""
    return [word for source in sources for word in re.findall(r"[A-Za-z_]\w*", source)]


@pytest.fixture(scope="module")
def lines(sources):
    """Their lines."""
    return [line for source in sources for line in source.splitlines()]


@pytest.mark.benchmark(group="intern a list of identifiers")
class TestIntern:
    """A small number for each distinct text."""

    def test_interner(self, benchmark, identifiers):
        """Interner.intern_many of the list."""

        def work():
            with Interner() as interner:
                return interner.intern_many(identifiers)

        assert int(benchmark(work).max()) == len(set(identifiers)) - 1

    def test_interner_from_arrow(self, benchmark, identifiers):
        """Interner.intern_many of a pyarrow array."""
        array = pa.array(identifiers)

        def work():
            with Interner() as interner:
                return interner.intern_many(array)

        assert int(benchmark(work).max()) == len(set(identifiers)) - 1

    def test_dict(self, benchmark, identifiers):
        """dict.setdefault."""

        def work():
            known: dict[str, int] = {}
            return [known.setdefault(word, len(known)) for word in identifiers]

        assert max(benchmark(work)) == len(set(identifiers)) - 1

    def test_pyarrow(self, benchmark, identifiers):
        """pyarrow.array and dictionary_encode."""
        assert len(benchmark(lambda: pa.array(identifiers).dictionary_encode()).dictionary) == len(set(identifiers))

    def test_polars(self, benchmark, identifiers):
        """A polars Series and its rank."""
        assert benchmark(lambda: pl.Series(identifiers).rank("dense")).max() == len(set(identifiers))


@pytest.mark.benchmark(group="lines of a list that contain a text")
class TestContains:
    """Which lines have it."""

    def test_scan(self, benchmark, lines):
        """scan.contains of the list."""
        assert benchmark(lambda: scan.contains(lines, NEEDLE)).tolist() == [NEEDLE in line for line in lines]

    def test_comprehension(self, benchmark, lines):
        """A list comprehension."""
        assert any(benchmark(lambda: [NEEDLE in line for line in lines]))

    def test_pyarrow(self, benchmark, lines):
        """pyarrow.array and match_substring."""
        found = benchmark(lambda: pc.match_substring(pa.array(lines), NEEDLE))
        assert found.to_pylist() == [NEEDLE in line for line in lines]

    def test_polars(self, benchmark, lines):
        """A polars Series and its str.contains."""
        found = benchmark(lambda: pl.Series(lines).str.contains(NEEDLE, literal=True))
        assert found.to_list() == [NEEDLE in line for line in lines]


@pytest.mark.benchmark(group="a batch of 40 files to Arrow")
class TestToArrow:
    """A record batch of sources and paths that are there."""

    def test_batch(self, benchmark, sources):
        """pyarrow.record_batch of a TaskBatch: its memory, checked to be UTF-8."""
        with TaskBatch() as batch:
            batch.extend_columns(sources, sources, "")
            assert benchmark(lambda: pa.record_batch(batch).num_rows) == FILES

    def test_lists(self, benchmark, sources):
        """pyarrow.record_batch of lists."""
        make = lambda: pa.record_batch({"source": sources, "path": sources}).num_rows  # noqa: E731
        assert benchmark(make) == FILES


@pytest.mark.benchmark(group="polars strings into a column")
class TestFromArrow:
    """String views, gathered end to end."""

    def test_column(self, benchmark, lines):
        """TaskBatch.extend_columns of a polars series."""
        series = pl.Series(lines)
        with TaskBatch() as batch:

            def work():
                batch.reset()
                batch.extend_columns(series, series, "")
                return len(batch)

            assert benchmark(work) == len(lines)

    def test_cast(self, benchmark, lines):
        """polars' own conversion to Arrow's large_string, twice."""
        series = pl.Series(lines)
        convert = lambda: series.to_arrow(compat_level=pl.CompatLevel.oldest())  # noqa: E731
        assert len(benchmark(lambda: (convert(), convert()))[0]) == len(lines)


@pytest.mark.benchmark(group="look at a buffer")
class TestLook:
    """An array over memory that is there."""

    def test_array(self, benchmark):
        """AlignedBuffer.array."""
        with AlignedBuffer(np.int64, 8) as buffer:
            assert len(benchmark(buffer.array)) == 8

    def test_memoryview(self, benchmark):
        """memoryview of an AlignedBuffer."""
        with AlignedBuffer(np.int64, 8) as buffer:
            assert len(benchmark(lambda: memoryview(buffer))) == 8

    def test_frombuffer(self, benchmark):
        """np.frombuffer of a bytearray."""
        data = bytearray(64)
        assert len(benchmark(lambda: np.frombuffer(data, np.int64))) == 8
