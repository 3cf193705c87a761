"""Scans: rows of every kind against Python's own operators, single texts, malformed columns, every path."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import Column, TaskBatch, cpu, scan
from lab.memory.errors import UnsupportedError

TEXTS = ["import os", "", "x = 'ü€𝄞'", "from os import path", "\0import", "importimport"]
ROWS = [text.encode() for text in TEXTS]
TESTS = {
    "contains": (scan.contains, lambda row, needle: needle in row),
    "equals": (scan.equals, lambda row, needle: row == needle),
    "starts with": (scan.starts_with, lambda row, needle: row.startswith(needle)),
}


def pair(rows, kind=np.int64):
    """Rows as offsets and data."""
    return np.cumsum([0, *map(len, rows)]).astype(kind), b"".join(rows)


@pytest.fixture(params=cpu.paths())
def path(request):
    """Each path of the machine in turn."""
    with cpu.using(request.param):
        yield request.param


SOURCES = {
    "list of str": lambda: TEXTS,
    "tuple of bytes": lambda: tuple(ROWS),
    "wide pair": lambda: pair(ROWS),
    "narrow pair": lambda: pair(ROWS, np.int32),
    "column": lambda: Column(pair(ROWS)[0], np.frombuffer(pair(ROWS)[1], np.uint8)),
    "string": lambda: pa.array(TEXTS),
    "large_string": lambda: pa.array(TEXTS, pa.large_string()),
    "string_view": lambda: pa.array(TEXTS, pa.string_view()),
    "chunked": lambda: pa.chunked_array([TEXTS[:2], TEXTS[2:]]),
    "slice": lambda: pa.array(["before", *TEXTS, "after"]).slice(1, len(TEXTS)),
    "series": lambda: pd.Series(TEXTS, dtype=pd.ArrowDtype(pa.string())),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("test", TESTS)
def test_rows_of_every_kind_answer_as_python_does(source, test, path):
    """Whatever holds the rows, each test gives what Python's operator gives, as flags, as bits and as a count."""
    function, plain = TESTS[test]
    rows = SOURCES[source]()
    for needle in ("import", b"", "\0", "€", "import os", "o" * 100):
        wanted = needle.encode() if isinstance(needle, str) else needle
        expected = [plain(row, wanted) for row in ROWS]
        flags = function(rows, needle)
        assert flags.dtype == np.bool_
        assert flags.tolist() == expected
        assert scan.mask(rows, test, needle).array().tolist() == expected
        assert scan.count(rows, test, needle) == sum(expected)


def test_a_batch_is_scanned_in_place():
    """A column of a batch is taken as it is; the batch may change again afterwards."""
    with TaskBatch() as batch:
        batch.extend_columns(TEXTS, ["p"] * len(TEXTS), "c")
        assert scan.contains(batch.column("source"), "import").tolist() == ["import" in text for text in TEXTS]
        batch.reset()


def test_a_mask_goes_to_arrow_as_it_is():
    """Arrow reads the bits in place, as booleans."""
    mask = scan.mask(TEXTS, "contains", "import")
    assert pa.array(mask).to_pylist() == ["import" in text for text in TEXTS]


def test_many_texts_of_a_list_are_scanned_in_chunks():
    """A list longer than what is read at once gives one answer per text, in order."""
    texts = [f"text {i}" for i in range(40_001)]
    expected = ["77" in text for text in texts]
    assert scan.contains(texts, "77").tolist() == expected
    assert scan.mask(texts, "contains", "77").array().tolist() == expected


def test_bytes_and_characters_are_counted_in_rows(path):
    """Each row has its own counts."""
    assert scan.count_byte_in_rows(pair(ROWS), b"o").tolist() == [row.count(b"o") for row in ROWS]
    assert scan.count_characters_in_rows(TEXTS).tolist() == [len(text) for text in TEXTS]


@settings(max_examples=100)
@given(
    st.lists(st.text("ab\n\0ü", max_size=90), max_size=60),
    st.text("ab\n\0ü", max_size=4),
    st.sampled_from(cpu.paths()),
)
def test_random_rows_answer_as_python_does(texts, needle, name):
    """Any rows and needle, on any path."""
    with cpu.using(name):
        for rows in (texts, pair([text.encode() for text in texts])):
            assert scan.contains(rows, needle).tolist() == [needle in text for text in texts]
            assert scan.equals(rows, needle).tolist() == [needle == text for text in texts]
            assert scan.starts_with(rows, needle).tolist() == [text.startswith(needle) for text in texts]
        whole = "|".join(texts)
        found = whole.encode().find(needle.encode())
        assert scan.find(whole, needle) == (None if found < 0 else found)
        assert scan.positions(whole).tolist() == [i for i, byte in enumerate(whole.encode()) if byte == ord("\n")]
        assert scan.count_characters(whole) == len(whole)
        assert scan.count_byte(whole, b"a") == whole.count("a")


@pytest.mark.parametrize("data", [b"a\nbb\n", bytearray(b"a\nbb\n"), memoryview(b"a\nbb\n"), "a\nbb\n"])
def test_a_text_of_any_kind_is_scanned(data):
    """str, and every buffer."""
    assert scan.positions(data).tolist() == [1, 4]
    assert scan.positions(data).dtype == np.uint32
    assert scan.find(data, "bb") == 2
    assert scan.find(data, b"x") is None
    assert scan.histogram(data)[ord("b")] == 2
    assert scan.histogram(data).sum() == 5


def test_empty_texts_and_needles_are_fine():
    """Nothing stands in nothing, but the empty needle."""
    assert scan.find(b"", b"") == 0
    assert scan.find(b"", b"a") is None
    assert scan.positions(b"").tolist() == []
    assert scan.contains([], "a").tolist() == []
    assert scan.contains(pair([]), "a").tolist() == []
    assert scan.count_characters(np.empty(0, np.uint8)) == 0


@pytest.mark.parametrize("offsets", [[0, 3, 2, 4], [-1, 1, 2, 3], [0, 1, 2, 5], [9, 9]])
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_unsound_offsets_are_a_value_error(offsets, kind):
    """Offsets that fall, are negative or leave the data are refused, and nothing is read."""
    rows = np.array(offsets, kind), b"abcd"
    for use in (
        lambda: scan.contains(rows, "a"),
        lambda: scan.mask(rows, "equals", ""),
        lambda: scan.count_byte_in_rows(rows, b"a"),
        lambda: scan.count_characters_in_rows(rows),
    ):
        with pytest.raises(ValueError, match="offsets must not"):
            use()


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda: scan.contains((np.zeros(2, np.float64), b""), "a"), TypeError),
        (lambda: scan.contains((np.zeros((2, 1), np.int64), b""), "a"), ValueError),
        (lambda: scan.contains((np.zeros(4, np.int64)[::2], b""), "a"), ValueError),
        (lambda: scan.contains((np.empty(0, np.int64), b""), "a"), ValueError),
        (lambda: scan.contains("abc", "a"), TypeError),
        (lambda: scan.contains(5, "a"), TypeError),
        (lambda: scan.contains(["a", 5], "a"), TypeError),
        (lambda: scan.contains(["a"], 5), TypeError),
        (lambda: scan.contains(["\ud800"], "a"), UnicodeEncodeError),
        (lambda: scan.contains(pa.array([1, 2]), "a"), TypeError),
        (lambda: scan.contains(pa.array(["a", None]), "a"), ValueError),
        (lambda: scan.mask(["a"], "ends with", "a"), ValueError),
        (lambda: scan.find(5, "a"), TypeError),
        (lambda: scan.find(np.zeros((4, 4), np.uint8)[:, ::2], "a"), TypeError),
        (lambda: scan.count_byte(b"a", b"ab"), ValueError),
        (lambda: scan.positions(b"a", b""), ValueError),
    ],
)
def test_misuse_is_an_exception(use, error):
    """A wrong argument is refused with the error that names it."""
    with pytest.raises(error):
        use()


def test_a_path_can_be_chosen_and_comes_back():
    """Inside a `with` block another path is used; one that does not exist is refused."""
    before = cpu.path()
    assert before == cpu.paths()[-1]
    with cpu.using("scalar"):
        assert cpu.path() == "scalar"
    assert cpu.path() == before
    with pytest.raises(ValueError, match="no path 'mmx'"):
        cpu.select("mmx")
    missing = sorted({"scalar", "sse2", "avx2", "avx512", "neon"} - set(cpu.paths()))
    with pytest.raises(UnsupportedError, match=missing[0]):
        cpu.select(missing[0])
    assert cpu.path() == before
    assert cpu.cache_bytes() > 0
