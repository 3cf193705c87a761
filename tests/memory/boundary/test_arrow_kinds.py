"""Every kind of Arrow data that holds texts: read where it lies, once per text, with the answers of a list."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.memory import Interner, TaskBatch, scan
from lab.memory.boundary import arrow
from tests.memory.contract.contracts import forms_of

TESTS = ("contains", "equals", "starts with")


@given(st.lists(st.text(max_size=20), max_size=60), st.text(min_size=1, max_size=3))
def test_scans_and_ids_of_every_kind_are_those_of_the_list(words, needle):
    """Whatever a producer makes of the same words."""
    forms = [
        pa.array(words, pa.string()),
        pa.array(words, pa.large_string()),
        pa.array(words, pa.string_view()),
        pa.array(words, pa.string()).dictionary_encode(),
        pa.array(["", *words, needle], pa.string_view())[1:-1],
        pa.chunked_array([pa.array(words[:7], pa.string_view()), pa.array(words[7:], pa.string_view())]),
        pa.chunked_array(
            [pa.array(words[:3], pa.string()).dictionary_encode(), pa.array(words[3:], pa.string()).dictionary_encode()]
        )
        if words
        else pa.array([], pa.string()),
        pl.Series(words, dtype=pl.String),
        pl.Series(words, dtype=pl.Categorical),
        pd.Series(words, dtype="category" if words else object),
    ]
    with Interner() as interner:
        expected_ids = interner.intern_many(words).tolist()
        for form in forms:
            assert interner.intern_many(form).tolist() == expected_ids
            assert interner.lookup_many(form).tolist() == expected_ids
    for form in forms:
        for test in TESTS:
            expected = getattr(scan, test.replace("starts with", "starts_with"))(words, needle)
            mask = scan.mask(form, test, needle)
            assert mask.array().tolist() == expected.tolist()
            assert scan.count(form, test, needle) == int(expected.sum())
        assert [text.decode() for text in arrow.column(form)] == words


def test_ids_go_by_first_appearance_not_by_the_dictionary():
    """As if each row were interned in turn; texts that no row has are not stored."""
    coded = pa.DictionaryArray.from_arrays(pa.array([3, 1, 3, 1, 0]), pa.array(["c", "b", "unused", "a"]))
    with Interner() as interner:
        assert interner.intern_many(coded).tolist() == [0, 1, 0, 1, 2]
        assert [text.decode() for text in interner.texts()] == ["a", "b", "c"]
        assert interner.stats().interned_count == 3


def test_nulls_of_every_kind_are_refused_or_empty():
    """In the rows, in the dictionary, or everywhere."""
    with_nulls = [
        (pa.array(["a", None, "b"]).dictionary_encode(), ["a", "", "b"]),
        (pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), pa.array(["a", None, "b"])), ["a", "", "b"]),
        (pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.array([None, "x"])), ["", "", ""]),
        (pa.DictionaryArray.from_arrays(pa.array([None, None], pa.int8()), pa.array([], pa.string())), ["", ""]),
        (pa.DictionaryArray.from_arrays(pa.array([0, 0]), pa.nulls(1)), ["", ""]),
        (pa.nulls(2), ["", ""]),
        (pa.array(["a", None], pa.string_view()), ["a", ""]),
        (pd.Series(["a", None], dtype="category"), ["a", ""]),
        (pl.Series([None, "a"], dtype=pl.Categorical), ["", "a"]),
    ]
    for source, expected in with_nulls:
        with Interner() as interner, pytest.raises(ValueError, match="null"):
            interner.intern_many(source)
        with pytest.raises(ValueError, match="null"):
            scan.contains(source, "a")
        assert [text.decode() for text in arrow.column(source, nulls="empty")] == expected


def test_series_without_values_have_no_ids():
    """pandas exports an empty object series as Arrow's null type."""
    for source in (
        pd.Series([], dtype=object),
        pa.nulls(0),
        pa.chunked_array([], pa.null()),
        pd.Series([], dtype="category"),
    ):
        with Interner() as interner:
            assert interner.intern_many(source).tolist() == []
        assert scan.contains(source, "x").tolist() == []


@pytest.mark.parametrize("index", [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64()])
def test_indices_of_every_width(index):
    """Signed and unsigned."""
    coded = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], index), pa.array(["x", "yx"]))
    assert scan.starts_with(coded, "y").tolist() == [True, False, True]


def test_indices_that_leave_the_dictionary_are_refused():
    """The producer's word is checked."""
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 7, -1]), pa.array(["a"]), safe=False)
    for use in (lambda: scan.contains(coded, "a"), lambda: Interner().intern_many(coded)):
        with pytest.raises(ValueError, match="is none of its 1 values"):
            use()


def test_a_dictionary_of_numbers_holds_no_texts():
    """It is refused as an array of numbers is."""
    with pytest.raises(TypeError, match="holds no texts"):
        scan.contains(pa.array([1, 2]).dictionary_encode(), "1")


def test_polars_gets_strings_from_an_interner():
    """As pyarrow does: the column is no sequence of bytes for it."""
    with Interner() as interner:
        interner.intern_many(["über", "b"])
        assert pl.Series(interner.texts()).to_list() == ["über", "b"]
        assert pa.array(interner.texts()).to_pylist() == ["über", "b"]
        column = interner.texts()
        assert (list(column), len(column), column[-1], "über".encode() in column) == (
            ["über".encode(), b"b"],
            2,
            b"b",
            True,
        )
        assert (column.index(b"b"), column.count(b"b"), next(reversed(column))) == (1, 1, b"b")
        with pytest.raises(ValueError, match="no row"):
            column.index(b"none")


def test_batches_take_categories_and_views():
    """As columns of a batch they are spelled out."""
    frame = pl.DataFrame({"source": ["a", "b", "a"], "path": pl.Series(["x", "y", "x"], dtype=pl.Categorical)})
    with TaskBatch.from_arrow(frame) as batch:
        assert list(batch) == [(b"a", b"x", b""), (b"b", b"y", b""), (b"a", b"x", b"")]


def test_string_views_are_not_gathered(monkeypatch):
    """Interning and searching read them in place."""
    monkeypatch.setattr(arrow.Views, "column", lambda self: pytest.fail("gathered"))
    words = pl.Series([f"word {number} of some length" for number in range(50_000)])
    with Interner() as interner:
        assert len(set(interner.intern_many(words).tolist())) == 50_000
        assert interner.intern_many(words, threads=2).tolist() == interner.lookup_many(words).tolist()
    assert scan.count(words, "contains", "77 of") == sum("77 of" in word for word in words)


def test_all_forms_of_the_contract_can_be_searched():
    """The list that the interner's contract uses."""
    words = ["b", "bc", "a", "new", "a"]
    for form in forms_of(words):
        assert scan.contains(form, "b").tolist() == [True, True, False, False, False]
        assert np.asarray(scan.count_byte_in_rows(form, b"b")).tolist() == [1, 1, 0, 0, 0]
