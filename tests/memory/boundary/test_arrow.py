"""Arrow in and out: pyarrow, pandas and polars, lifetimes, nulls, slices, arrays that contradict themselves."""

import gc
import struct
import threading
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab._extension import arrow_array, arrow_read_array, arrow_read_schema, arrow_read_stream, arrow_schema, is_utf8
from lab.memory import Column, TaskBatch, ledger, scan
from lab.memory.boundary.arrow import Seen, column, columns, fields, join, seen
from lab.memory.boundary.arrow_out import Dictionary, Mask
from lab.memory.interner import Interner

TEXTS = ["a = 1", "", "größe", "a text that is longer than twelve bytes", "日本"]
ROWS = [("a = 1", "a.py", "{}"), ("größe", "b.py", ""), ("", "ü.py", "[]")]
TYPES = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]


class Given:
    """What a producer hands out: a schema and an array of our making."""

    def __init__(self, schema, array):
        self.capsules = schema, array

    def __arrow_c_array__(self, requested_schema=None):
        return self.capsules


def texts_of(offsets, data, *, kind="u", length=None, null_count=0, validity=None):
    """An array of texts as a producer may send it, sound or not."""
    rows = len(offsets) - 1 if length is None else length
    return Given(
        arrow_schema(kind, "", 2, (), None), arrow_array(rows, null_count, (validity, offsets, data), (), None)
    )


def batch_of(rows, *, large=True):
    batch = TaskBatch(large=large)
    batch.extend(rows)
    return batch


# --- out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("large", [True, False])
def test_a_batch_is_a_record_batch_in_the_same_memory(large):
    """pyarrow reads the columns where they lie, as strings with the width of the offsets."""
    batch = batch_of(ROWS, large=large)
    record = pa.record_batch(batch)
    record.validate(full=True)
    kind = pa.large_string() if large else pa.string()
    assert record.schema == pa.schema([("source", kind), ("path", kind), ("config", kind)])
    assert list(zip(*record.to_pydict().values(), strict=True)) == ROWS
    assert record.column("path").buffers()[2].address == batch.column("path").data.ctypes.data
    assert record.column("path").buffers()[1].address == batch.column("path").offsets.ctypes.data


def test_a_batch_goes_to_pandas_and_polars():
    """Frames of both libraries have the rows of the batch."""
    batch = batch_of(ROWS)
    assert pl.DataFrame(batch).rows() == ROWS
    assert list(pd.DataFrame.from_arrow(batch).itertuples(index=False, name=None)) == ROWS
    assert pd.Series.from_arrow(batch.column("path")).tolist() == [row[1] for row in ROWS]
    assert pl.from_arrow(pa.array(batch.column("path"))).to_list() == [row[1] for row in ROWS]
    gc.collect()
    assert batch.exports == 0


def test_an_empty_batch_goes_out():
    """A batch without rows is an array without rows."""
    with TaskBatch() as batch:
        record = pa.record_batch(batch)
        record.validate(full=True)
        assert record.num_rows == 0
        del record
        gc.collect()


@pytest.mark.parametrize("rows", [[b"\xff"], ["ü".encode()[:1], "ü".encode()[1:]], [b"ok", b"\xed\xa0\x80"]])
def test_what_is_no_utf8_goes_out_as_binary(rows):
    """A column whose texts are not UTF-8 each by itself never claims to be strings."""
    batch = batch_of([(row, "p", "") for row in rows])
    array = pa.array(batch.column("source"))
    assert array.type == pa.large_binary()
    assert array.to_pylist() == rows
    assert pa.record_batch(batch).schema.types == [pa.large_binary(), pa.large_string(), pa.large_string()]


def test_binary_is_given_where_it_is_asked_for():
    """A consumer that wants bytes gets bytes."""
    batch = batch_of(ROWS)
    requested = pa.field("", pa.large_binary()).__arrow_c_schema__()
    schema, _ = batch.column("source").__arrow_c_array__(requested)
    assert arrow_read_schema(schema)[0] == "Z"


@settings(max_examples=300)
@given(st.lists(st.one_of(st.text(), st.binary(max_size=4), st.text().map(str.encode).map(lambda b: b[:-1]))))
def test_the_check_of_utf8_is_that_of_the_decoder(items):
    """A column is UTF-8 iff Python decodes each of its texts."""
    encoded = [item.encode() if isinstance(item, str) else item for item in items]
    offsets = np.cumsum([0, *map(len, encoded)])

    def decodes(item):
        try:
            item.decode()
        except UnicodeDecodeError:
            return False
        return True

    expected = all(map(decodes, encoded))
    assert is_utf8(b"".join(encoded), offsets) == expected
    assert is_utf8(b"".join(encoded) + b"\x80", offsets.astype(np.int32)) == expected


@pytest.mark.parametrize("offsets", [[-1, 2], [2, 1], [0, 4], [0, 2**40]])
def test_offsets_out_of_the_data_are_refused_on_the_way_out(offsets):
    """A column whose offsets lie does not become an array."""
    with pytest.raises(ValueError, match="offsets"):
        pa.array(Column(np.array(offsets), np.zeros(3, np.uint8)))


def test_a_mask_is_a_boolean_array():
    """Bits go out as they are, and come as flags too."""
    flags = np.random.default_rng(1).random(77) < 0.5
    mask = Mask(np.packbits(flags, bitorder="little"), 77)
    assert pa.array(mask).to_pylist() == flags.tolist()
    assert pl.Series(mask).to_list() == flags.tolist()
    assert (mask.array() == flags).all()
    assert pa.array(mask).buffers()[1].address == mask.bits.ctypes.data
    with pytest.raises(ValueError, match="bytes of bits"):
        Mask(np.zeros(9, np.uint8), 73)


def test_an_interner_gives_a_dictionary_array():
    """Ids and strings are categories in pyarrow, pandas and polars; a missing id is null."""
    words = ["x", "größe", "x", "y"]
    with Interner() as interner:
        interner.intern_many(words)
        coded = interner.dictionary(interner.lookup_many([*words, "absent"]))
        array = pa.array(coded)
        array.validate(full=True)
        assert array.to_pylist() == [*words, None]
        assert array.type == pa.dictionary(pa.int32(), pa.large_string())
        assert array.indices.buffers()[1].address == coded.ids.ctypes.data
        assert pl.Series(coded).to_list() == [*words, None]
        assert array.to_pandas().tolist()[:4] == words
        with pytest.raises(ValueError, match="id 3 is none of the 3"):
            interner.dictionary(np.array([0, 3], np.uint32))
        with pytest.raises(TypeError, match="int64"):
            interner.dictionary(np.array([0, 1]))


# --- lifetimes ---------------------------------------------------------------------------------------------------


def test_an_array_outlives_the_names_of_its_batch():
    """The batch goes with the last array on its memory, and not before."""
    live = ledger().live_bytes
    batch = batch_of(ROWS)
    array, record = pa.array(batch.column("path")), pa.record_batch(batch)
    del batch
    gc.collect()
    assert array.to_pylist() == [row[1] for row in ROWS]
    assert record.num_rows == 3
    assert ledger().live_bytes > live
    del array, record
    gc.collect()
    assert ledger().live_bytes == live


@pytest.mark.parametrize(
    "take", [pa.record_batch, lambda b: b.__arrow_c_array__(), lambda b: pa.array(b.column("path"))]
)
def test_the_batch_neither_changes_nor_ends_while_arrow_looks(take):
    """Whether consumed or not, an array forbids what would move its memory."""
    batch = batch_of(ROWS)
    taken = take(batch)
    for change in (batch.close, batch.reset, lambda: batch.extend(ROWS)):
        with pytest.raises(BufferError, match="alive"):
            change()
    del taken
    gc.collect()
    assert batch.exports == 0
    batch.extend(ROWS)
    batch.close()


def test_an_array_may_end_on_any_thread():
    """The last reference to Arrow's data may go in threads that Python knows nothing of."""
    batch = batch_of(ROWS * 100)
    for _ in range(20):
        tables = [pa.table({"path": pa.chunked_array([pa.array(batch.column("path"))] * 8)}) for _ in range(4)]
        threads = [threading.Thread(target=lambda t=table: t.filter(pa.array([True] * 2400))) for table in tables]
        del tables
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    del threads
    gc.collect()
    assert batch.exports == 0


def test_imported_memory_outlives_its_producer():
    """Views of an Arrow array keep it when its own names are gone."""
    array = pa.array(TEXTS)
    found = column(array)
    allocated = pa.total_allocated_bytes()
    del array
    gc.collect()
    assert pa.total_allocated_bytes() == allocated
    assert list(found) == [text.encode() for text in TEXTS]
    del found
    gc.collect()
    assert pa.total_allocated_bytes() < allocated


def test_nothing_leaks():
    """Many ways in and out, errors among them, leave neither memory nor views behind."""
    batch, bad = batch_of(ROWS), pa.array(["a", None, "b" * 20], pa.string_view())
    gc.collect()
    allocated, live = pa.total_allocated_bytes(), ledger().live_bytes
    for _ in range(200):
        pa.record_batch(batch)
        batch.__arrow_c_array__()
        column(pa.array(TEXTS, pa.string_view()))
        fields(pa.table({"a": TEXTS, "b": TEXTS}))
        with pytest.raises(ValueError, match="null"):
            column(bad)
        with pytest.raises(ValueError, match="offsets"):
            column(texts_of(np.array([1, 0], np.int32), b"abc"))
    gc.collect()
    assert (pa.total_allocated_bytes(), ledger().live_bytes, batch.exports) == (allocated, live, 0)


# --- in ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_texts_of_every_type_come_in_with_slices(kind):
    """Strings, large strings, views and binaries come in whole and sliced."""
    array = pa.array(TEXTS * 3, kind)
    expected = [text.encode() for text in TEXTS * 3]
    assert list(column(array)) == expected
    for first, length in [(0, 0), (1, 5), (4, 11), (15, 0)]:
        assert list(column(array.slice(first, length))) == expected[first : first + length]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_strings_come_in_without_a_copy(kind):
    """The column is Arrow's own memory, read-only."""
    array = pa.array(TEXTS, kind)
    found = column(array)
    assert (found.offsets.ctypes.data, found.data.ctypes.data) == tuple(b.address for b in array.buffers()[1:])
    assert not found.data.flags.writeable


@pytest.mark.parametrize("make", [pl.Series, pd.Series, lambda t: pa.chunked_array([t[:2], [], t[2:]]), pa.array])
def test_series_of_every_library_come_in(make):
    """pyarrow, pandas and polars, in one chunk or several."""
    assert list(column(make(TEXTS))) == [text.encode() for text in TEXTS]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_calls_see_the_texts_of_every_type_with_slices(kind):
    """Scans and the interner read an array where it lies, or a column of it, and give the same answers."""
    array = pa.array(TEXTS * 3, kind)
    for first, length in [(0, 15), (0, 0), (1, 5), (4, 11), (15, 0)]:
        part = array.slice(first, length)
        expected = (TEXTS * 3)[first : first + length]
        distinct = list(dict.fromkeys(expected))
        assert isinstance(seen(part), Seen) == (kind not in (pa.string_view(), pa.binary_view()) and length > 0)
        assert scan.contains(part, "a").tolist() == ["a" in text for text in expected]
        with Interner() as interner:
            assert interner.intern_many(part).tolist() == [distinct.index(text) for text in expected]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (lambda: pa.array(["a", None]), "1 of 2 rows are null"),
        (lambda: texts_of(np.array([-1, 1], np.int32), b"abc"), "offsets"),
        (lambda: texts_of(np.array([0, 2, 1], np.int32), b"abc"), "offsets"),
        (lambda: texts_of(np.array([0, -1], np.int32), b"abc"), "offsets"),
        (lambda: texts_of(np.array([0, 1], np.int32), None), "lacks its data"),
        (lambda: texts_of(None, b"", length=1), "lacks its offsets"),
    ],
)
def test_calls_refuse_what_a_column_would(source, words):
    """Nothing is read through offsets that lie, and no null is taken for a text."""
    with pytest.raises(ValueError, match=words):
        scan.contains(source(), "a")
    with Interner() as interner:
        with pytest.raises(ValueError, match=words):
            interner.intern_many(source())
        assert len(interner) == 0


def test_chunks_come_one_by_one_where_they_are_wanted():
    """Each chunk is a column of its own, and joined they are one."""
    chunks = columns(pa.chunked_array([["a"], ["b", "c"]]))
    assert [list(chunk) for chunk in chunks] == [[b"a"], [b"b", b"c"]]
    assert list(join([])) == []
    assert columns(chunks[0]) == [chunks[0]]


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_nulls_are_refused_or_empty(kind):
    """A null is never an empty text by accident: the caller says so."""
    array = pa.array([None, "a", None, "b" * 20, "c"], kind)
    for first, expected in [
        (0, [b"", b"a", b"", b"b" * 20, b"c"]),
        (2, [b"", b"b" * 20, b"c"]),
        (3, [b"b" * 20, b"c"]),
    ]:
        part = array.slice(first)
        if part.null_count:
            with pytest.raises(ValueError, match=f"{part.null_count} of {5 - first} rows are null, the first is row 0"):
                column(part)
        assert list(column(part, nulls="empty")) == expected
    with pytest.raises(ValueError, match="nulls must be"):
        column(array, nulls="drop")


def test_bytes_under_a_null_do_not_come_through():
    """Whatever a producer left in the row of a null is not seen."""
    offsets = np.array([0, 1, 4, 5], np.int32)
    source = texts_of(offsets, b"aXXXb", null_count=1, validity=bytes([0b101]))
    found = column(source, nulls="empty")
    assert list(found) == [b"a", b"", b"b"]
    assert found.offsets.dtype == np.int32


def test_a_table_becomes_columns_and_a_batch():
    """Tables, frames and record batches come in by the names of their columns; a config may be missing."""
    sources, paths = [row[0] for row in ROWS], [row[1] for row in ROWS]
    expected = [(source.encode(), path.encode(), b"") for source, path in zip(sources, paths, strict=True)]
    for make in (pl.DataFrame, pd.DataFrame, pa.table, pa.RecordBatch.from_pydict):
        assert list(TaskBatch.from_arrow(make({"path": paths, "source": sources}))) == expected
    table = pa.table({"path": paths, "source": sources}).slice(1)
    assert {name: list(texts) for name, texts in fields(table).items()} == {
        "path": [row[1] for row in expected[1:]],
        "source": [row[0] for row in expected[1:]],
    }
    sliced = pa.StructArray.from_arrays([pa.array(sources), pa.array(paths)], ["source", "path"]).slice(1)
    assert list(TaskBatch.from_arrow(sliced, large=False)) == expected[1:]


def test_a_batch_goes_through_arrow_and_back():
    """What went out comes in again as it was."""
    batch = batch_of(ROWS)
    assert list(TaskBatch.from_arrow(batch)) == list(batch)
    again = TaskBatch()
    again.extend_columns(batch.column("source"), pl.Series([row[1] for row in ROWS]), "shared")
    again.extend_columns([row[0] for row in ROWS], batch.column("path"), [row[2] for row in ROWS])
    assert list(again) == [(*row[:2], b"shared") for row in batch] + list(batch)


@pytest.mark.parametrize(
    ("use", "error", "words"),
    [
        (lambda: column(["a"]), TypeError, "no Arrow data"),
        (lambda: column(pa.array([1])), TypeError, "format 'l' holds no texts"),
        (lambda: column(pa.array([1]).dictionary_encode()), TypeError, "holds no texts"),
        (lambda: column(pa.table({"a": ["b"]})), TypeError, "holds no texts"),
        (lambda: fields(pa.array(["a"])), TypeError, "use column"),
        (lambda: fields(pa.array([{"a": "b"}, None])), ValueError, "struct are null"),
        (lambda: TaskBatch.from_arrow(pa.table({"source": ["a"]})), ValueError, "lacks path"),
        (lambda: TaskBatch().extend_columns(pa.array(["a"]), ["b", "c"], ""), ValueError, "one length"),
        (lambda: column(Given(None, None)), TypeError, "arrow_schema"),
        (lambda: column(Given(arrow_schema("u", "", 0, (), None), 3)), TypeError, "arrow_array"),
        (lambda: arrow_read_stream(pa.array(["a"])), TypeError, "arrow_array_stream"),
        (lambda: Column(np.zeros(1), np.zeros(1, np.uint8)), TypeError, "int32 or int64"),
        (lambda: Column(np.zeros(0, np.int64), np.zeros(1, np.uint8)), ValueError, "one offset more"),
        (lambda: Column(np.zeros(4, np.int64)[::2], np.zeros(1, np.uint8)), ValueError, "contiguous"),
        (lambda: Dictionary(np.zeros(4, np.int32)[::2], join([])), ValueError, "contiguous"),
    ],
)
def test_misuse_is_an_exception_that_helps(use, error, words):
    """What is no text of Arrow's is refused with its remedy."""
    with pytest.raises(error, match=words):
        use()


def test_a_stream_that_fails_says_why():
    """The words of the producer come out."""

    def batches():
        yield pa.record_batch({"a": ["b"]})
        raise RuntimeError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.string())]), batches())
    with pytest.raises(ValueError, match="the disk is gone"):
        fields(reader)


# --- arrays that contradict themselves ---------------------------------------------------------------------------


def test_a_capsule_serves_once():
    """A consumed capsule is refused, as a child too."""
    schema, array = pa.array(["a"]).__arrow_c_array__()
    found = arrow_read_array(array)
    with pytest.raises(ValueError, match="consumed"):
        arrow_read_array(array)
    assert found.length == 1
    arrow_schema("+s", "", 0, (schema,), None)
    with pytest.raises(ValueError, match="consumed"):
        arrow_read_schema(schema)
    with pytest.raises(ValueError, match="consumed"):
        arrow_schema("+s", "", 0, (schema,), None)
    stream = pa.table({"a": ["b"]}).__arrow_c_stream__()
    arrow_read_stream(stream)
    with pytest.raises(ValueError, match="consumed"):
        arrow_read_stream(stream)


def test_a_capsule_is_one_child_only():
    """Capsules given twice are refused, and stay unspent."""
    schema = arrow_schema("u", "", 0, (), None)
    for children, dictionary in [((schema, schema), None), ((schema,), schema)]:
        with pytest.raises(ValueError, match="stands for"):
            arrow_schema("+s", "", 0, children, dictionary)
    assert arrow_read_schema(schema)[0] == "u"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: texts_of(np.zeros(2, np.int32), b"", length=-1), "absurd length"),
        (lambda: texts_of(np.zeros(2, np.int32), b"", length=2**62), "absurd length"),
        (lambda: texts_of(np.zeros(2, np.int32), b"", null_count=-5), "negative count"),
        (lambda: texts_of(None, b"", length=1), "lacks its offsets"),
        (lambda: texts_of(np.array([0, 1], np.int32), None), "lacks its data"),
        (lambda: texts_of(np.array([-1, 1], np.int32), b"abc"), "negative or decrease"),
        (lambda: texts_of(np.array([0, 2, 1], np.int32), b"abc"), "negative or decrease"),
        (lambda: texts_of(np.array([0, -(2**62)]), b"abc", kind="U"), "negative or decrease"),
        (
            lambda: Given(arrow_schema("u", "", 0, (), None), arrow_array(0, 0, (None, b"1234"), (), None)),
            "has 3 buffers",
        ),
        (
            lambda: Given(arrow_schema("vu", "", 0, (), None), arrow_array(1, 0, (None, None, b"", b""), (), None)),
            "string views",
        ),
        (lambda: Given(arrow_schema("vu", "", 0, (), None), arrow_array(1, 0, (None, b""), (), None)), "buffers"),
    ],
)
def test_an_array_that_contradicts_itself_is_refused(make, words):
    """What can be known to be wrong is said before anything is read."""
    with pytest.raises(ValueError, match=words):
        column(make())


def test_a_struct_that_contradicts_its_schema_is_refused():
    """Children that are missing or too short are not read."""

    def struct_of(length, *children):
        kinds = arrow_schema("u", "a", 0, (), None), arrow_schema("u", "b", 0, (), None)
        return Given(arrow_schema("+s", "", 0, kinds, None), arrow_array(length, 0, (None,), children, None))

    def child():
        return arrow_array(1, 0, (None, np.zeros(2, np.int32), b""), (), None)

    assert list(fields(struct_of(1, child(), child()))["b"]) == [b""]
    with pytest.raises(ValueError, match="1 children, its schema 2"):
        fields(struct_of(1, child()))
    with pytest.raises(ValueError, match="shorter than its struct"):
        fields(struct_of(2, child(), child()))


def test_types_nested_too_deeply_are_refused():
    """A type of a thousand levels ends in an error, not in the stack."""
    schema, array = arrow_schema("u", "", 0, (), None), arrow_array(0, 0, (), (), None)
    for _ in range(100):
        schema, array = arrow_schema("+s", "", 0, (schema,), None), arrow_array(0, 0, (None,), (array,), None)
    with pytest.raises(ValueError, match="deep"):
        arrow_read_schema(schema)
    with pytest.raises(ValueError, match="deep"):
        arrow_read_array(array)


@settings(max_examples=200)
@given(
    st.lists(st.integers(-2, 8), min_size=1, max_size=6), st.sampled_from(["u", "U"]), st.binary(min_size=1, max_size=1)
)
def test_random_offsets_give_their_texts_or_an_error(ends, kind, validity):
    """Offsets that rise inside the data give the texts between them, others an error; nulls are empty."""
    data = b"abcdefgh"
    offsets = np.array(ends, np.int32 if kind == "u" else np.int64)
    source = texts_of(offsets, data, kind=kind, null_count=-1, validity=validity)
    if ends[0] < 0 or sorted(ends) != ends:
        with pytest.raises(ValueError, match="negative or decrease"):
            column(source, nulls="empty")
    else:
        shown = [data[a:b] if validity[0] >> i & 1 else b"" for i, (a, b) in enumerate(pairwise(ends))]
        assert list(column(source, nulls="empty")) == shown


FIELD = st.integers(-3, 30)


@settings(max_examples=300)
@given(st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=5), st.lists(st.integers(0, 30), max_size=2))
def test_random_string_views_give_their_texts_or_an_error(views, sizes):
    """Views that stay in their buffers give their texts, one that leaves them ends in an error."""
    data = [bytes(range(65, 65 + size)) for size in sizes]
    expected, bad = [], None
    for row, (size, buffer, offset) in enumerate(views):
        inline = struct.pack("<ii", buffer, offset)
        if 0 <= size <= 12:
            expected.append((b"abcd" + inline)[:size])
        elif size > 12 and 0 <= buffer < len(data) and offset >= 0 and offset + size <= len(data[buffer]):
            expected.append(data[buffer][offset : offset + size])
        elif bad is None:
            bad = row
    packed = b"".join(struct.pack("<i4sii", size, b"abcd", buffer, offset) for size, buffer, offset in views)
    buffers = (None, packed, *data, np.array(sizes, np.int64))
    source = Given(arrow_schema("vz", "", 0, (), None), arrow_array(len(views), 0, buffers, (), None))
    if bad is None:
        assert list(column(source)) == expected
    else:
        with pytest.raises(ValueError, match=f"string view of row {bad} points out"):
            column(source)
