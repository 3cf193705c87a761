"""The batch: Arrow layout, bulk appends, views, misuse, random rows against a list."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import TaskBatch

ROWS = [("a = 1", "a.py", "{}"), (b"b\xff", "b.py", ""), ("", "ü.py", b"[]")]
STORED = [(b"a = 1", b"a.py", b"{}"), (b"b\xff", b"b.py", b""), (b"", "ü.py".encode(), b"[]")]


@pytest.mark.parametrize("large", [True, False])
def test_rows_come_back_by_row_and_by_column(large):
    """What was appended can be read by row, by column and in order."""
    with TaskBatch(large=large) as batch:
        batch.extend(ROWS[:2])
        batch.append(*ROWS[2])
        assert [batch.row(i) for i in range(3)] == STORED
        assert list(batch) == STORED
        assert list(batch.column("path")) == [row[1] for row in STORED]
        assert batch.column("source")[-3:2] == [row[0] for row in STORED[:2]]
        assert batch.row(-1) == STORED[-1]
        assert batch.column("path").offsets.dtype == (np.int64 if large else np.int32)


def test_a_column_is_arrow_memory():
    """Arrow reads the two buffers of a column in place, aligned to 64 bytes."""
    with TaskBatch() as batch:
        batch.extend([("eins", "1", ""), ("", "2", ""), ("drei", "3", "")])
        column = batch.column("source")
        assert column.offsets.ctypes.data % 64 == 0
        assert column.data.ctypes.data % 64 == 0
        buffers = [None, pa.py_buffer(column.offsets), pa.py_buffer(column.data)]
        array = pa.LargeStringArray.from_buffers(len(column), buffers[1], buffers[2])
        array.validate(full=True)
        assert buffers[2].address == column.data.ctypes.data
        assert array.to_pylist() == ["eins", "", "drei"]
        del column, buffers, array


def test_views_are_readonly_and_stop_changes():
    """While a column is out the batch refuses to grow, reset and close; the column cannot be written."""
    batch = TaskBatch()
    batch.extend(ROWS)
    column = batch.column("source")
    assert not column.data.flags.writeable
    assert not column.offsets.flags.writeable
    for change in (lambda: batch.extend(ROWS), batch.reset, batch.close):
        with pytest.raises(BufferError):
            change()
    del column
    batch.extend(ROWS)
    assert len(batch) == 6


def test_files_become_rows(tmp_path):
    """A batch of files holds their bytes, their paths and the shared config."""
    paths = [tmp_path / name for name in ("one.py", "two.py", "empty.py")]
    for path, content in zip(paths, (b"x = 1\n", b"\xff\xfe", b""), strict=True):
        path.write_bytes(content)
    with TaskBatch.from_files(paths, config="strict") as batch:
        assert list(batch) == [(path.read_bytes(), str(path).encode(), b"strict") for path in paths]
    with TaskBatch.from_files([]) as batch:
        assert list(batch) == []
    with pytest.raises(FileNotFoundError):
        TaskBatch.from_files([tmp_path / "missing.py"])


def test_a_reset_batch_keeps_its_memory():
    """After a reset the rows are gone and the memory is not."""
    with TaskBatch(rows=10, bytes_per_row=100) as batch:
        batch.extend(ROWS)
        capacity = batch.capacity_bytes
        batch.reset()
        assert (len(batch), batch.capacity_bytes) == (0, capacity)
        assert list(batch) == []
        batch.extend(ROWS)
        assert list(batch) == STORED


def test_narrow_offsets_overflow_as_an_error():
    """Where 32 bits do not hold the offsets the batch says so and stays as it was."""
    text = b"x" * (1 << 20)
    with TaskBatch(large=False) as batch:
        batch.extend(ROWS)
        with pytest.raises(OverflowError, match="large"):
            batch.extend_columns([b""] * 2048, [b""] * 2048, text)
        assert list(batch) == STORED


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda b: b.extend([("s", "p")]), ValueError),
        (lambda b: b.extend([("s", "p", 3)]), TypeError),
        (lambda b: b.extend([("s", None, "c")]), TypeError),
        (lambda b: b.extend([("\ud800", "p", "c")]), UnicodeEncodeError),
        (lambda b: b.extend_columns(["s"], ["p", "q"], ["c"]), ValueError),
        (lambda b: b.extend_columns(["s"], ["p"], ["c", "d"]), ValueError),
        (lambda b: b.column("sources"), ValueError),
        (lambda b: b.row(0), IndexError),
        (lambda b: b.column("path")[0], IndexError),
        (lambda b: TaskBatch(rows=-1), ValueError),
        (lambda b: TaskBatch(rows=2**62, bytes_per_row=8), OverflowError),
    ],
)
def test_misuse_is_an_exception_and_leaves_the_batch_alone(use, error):
    """A wrong argument is refused with the error that names it."""
    with TaskBatch() as batch:
        with pytest.raises(error):
            use(batch)
        assert len(batch) == 0


TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.binary(max_size=20))


@settings(max_examples=80)
@given(st.lists(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=6), max_size=6), st.booleans())
def test_random_rows_match_a_list(groups, large):
    """Any rows, text or bytes, appended in any grouping, are what a list would hold."""
    model = []
    with TaskBatch(large=large) as batch:
        for rows in groups:
            batch.extend(rows)
            model += [tuple(text.encode() if isinstance(text, str) else text for text in row) for row in rows]
        assert list(batch) == model
