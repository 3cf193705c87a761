"""The interner: ids, bulk forms, generations, bounds, keywords, statistics."""

import keyword
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import BoundError, ClosedError, Column, StaleIdError, TaskBatch, ledger
from lab.memory.interner import Interner
from lab.memory.interner_bulk import MISSING

WORDS = ["data", "config", "data", "logger", "data", "config", "logger", "logger"]
IDS = [0, 1, 0, 2, 0, 1, 2, 2]


def arrow(texts, kind=np.int64):
    """Texts as offsets and bytes."""
    encoded = [text.encode() if isinstance(text, str) else text for text in texts]
    return np.cumsum([0, *map(len, encoded)], dtype=kind), b"".join(encoded)


def test_equal_strings_have_one_id_counting_from_zero():
    """Each string has the id of its first appearance, a text and its UTF-8 bytes one and the same."""
    with Interner() as interner:
        assert [interner.intern(word) for word in WORDS] == IDS
        assert interner.intern(b"data") == 0
        assert interner.intern("größe") == interner.intern("größe".encode()) == 3
        assert [interner.text(number) for number in range(4)] == ["data", "config", "logger", "größe"]
        assert interner.encoded(3) == "größe".encode()
        assert len(interner) == 4


@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        lambda words: [word.encode() for word in words],
        arrow,
        lambda words: arrow(words, np.int32),
        lambda words: arrow(words, np.uint16),
        lambda words: Column(arrow(words)[0], np.frombuffer(arrow(words)[1], np.uint8)),
    ],
)
def test_every_form_of_a_stream_gives_the_same_ids(form):
    """Lists, bytes, columns and offsets of any width are one stream to the interner."""
    with Interner() as interner:
        ids = interner.intern_many(form(WORDS))
        assert ids.dtype == np.uint32
        assert ids.tolist() == IDS
        assert interner.lookup_many(form([*WORDS, "new"])).tolist() == [*IDS, MISSING]
        assert interner.intern_many(form([])).tolist() == []


def test_a_column_of_a_batch_is_interned_as_it_lies():
    """A batch's column goes in without a copy."""
    with TaskBatch() as batch, Interner() as interner:
        batch.extend([(word, "", "") for word in WORDS])
        assert interner.intern_many(batch.column("source")).tolist() == IDS


def test_a_lookup_stores_nothing():
    """What is not held has no id, and stays so."""
    with Interner() as interner:
        assert interner.lookup("data") is None
        assert interner.lookup_many(["data"]).tolist() == [MISSING]
        assert len(interner) == 0
        assert interner.intern("data") == interner.lookup("data") == 0


def test_the_dictionary_comes_out_as_a_column():
    """All strings by id as offsets and bytes, which outlive the interner and cannot be written."""
    with Interner() as interner:
        assert list(interner.texts()) == []
        interner.intern_many(WORDS)
        texts = interner.texts()
        assert list(texts) == [b"data", b"config", b"logger"]
        assert texts.offsets.tolist() == [0, 4, 10, 16]
        assert interner.texts() is texts
        interner.intern("more")
        assert list(interner.texts()) == [b"data", b"config", b"logger", b"more"]
        interner.clear()
        assert list(interner.texts()) == []
    assert list(texts) == [b"data", b"config", b"logger"]
    with pytest.raises(ValueError, match="read-only"):
        texts.data[0] = 0


def test_ids_of_before_a_clear_are_refused_where_their_generation_is_known():
    """A cleared interner tells old ids from new ones."""
    with Interner() as interner:
        number, generation = interner.intern("old"), interner.generation
        assert interner.text(number, generation=generation) == "old"
        interner.clear()
        with pytest.raises(IndexError, match="no id 0"):
            interner.text(number)
        assert interner.intern("new") == number
        with pytest.raises(StaleIdError, match="intern again"):
            interner.text(number, generation=generation)
        with pytest.raises(StaleIdError, match="intern again"):
            interner.encoded(number, generation=generation)
        assert interner.text(number, generation=interner.generation) == "new"


def test_keywords_have_the_first_ids():
    """The option loads Python's keywords in the order of the keyword module, at each clear again."""
    hard = "False None True and as assert async await break class continue def del elif else except finally for from "
    hard += "global if import in is lambda nonlocal not or pass raise return try while with yield"
    assert hard.split() == keyword.kwlist
    with Interner(keywords="all") as interner:
        interner.intern("data")
        interner.clear()
        assert [interner.text(number) for number in range(len(interner))] == [*keyword.kwlist, *keyword.softkwlist]
        assert interner.intern("data") == 35 + len(keyword.softkwlist)
    with Interner(keywords="hard") as interner:
        assert [text.decode() for text in interner.texts()] == keyword.kwlist
        assert interner.stats().preloaded_count == len(interner) == 35


def test_the_bound_is_true_and_known_strings_pass_it():
    """A full interner refuses new strings alone."""
    with Interner(strings_max=2) as interner:
        with pytest.raises(BoundError, match="bound"):
            interner.intern_many(WORDS)
        assert list(interner.texts()) == [b"data", b"config"]
        with pytest.raises(BoundError, match="bound"):
            interner.intern("logger")
        assert interner.intern("config") == 1


def test_statistics_tell_text_from_memory():
    """What was stored once only is counted as text; the table and the ids are counted as memory."""
    with Interner(8) as interner:
        interner.intern_many(WORDS)
        stats = interner.stats()
        assert (stats.string_count, stats.interned_count, stats.deduplicated_count) == (3, 3, 5)
        assert (stats.string_bytes, stats.bytes_saved) == (16, 26)
        parts = stats.arena_bytes + stats.table_bytes + stats.id_bytes + stats.retired_bytes
        assert stats.footprint_bytes > parts > stats.string_bytes
        interner.clear()
        assert (interner.stats().string_bytes, interner.stats().interned_count) == (0, 3)
        assert interner.stats().clear_count == 1


def test_all_memory_is_counted_and_goes_back():
    """The footprint is what the ledger sees, and closing gives it back."""
    live = ledger().live_bytes
    interner = Interner(1)
    interner.intern_many([f"name_{i}" for i in range(5000)])
    assert interner.stats().growth_count > 5
    assert ledger().live_bytes - live == pytest.approx(interner.stats().footprint_bytes, abs=1024)
    interner.close()
    assert ledger().live_bytes == live


def test_threads_of_one_call_give_the_ids_of_one():
    """The ids of a stream do not depend on the threads that share it."""
    random = np.random.default_rng(1)
    names = [f"name_{number}" for number in np.minimum(random.geometric(0.001, 140_000), 4000)]
    column = arrow(names)
    with Interner() as alone, Interner(1) as shared, Interner(1, seed=5) as several:
        expected = alone.intern_many(column)
        assert np.array_equal(expected, shared.intern_many(column, threads=2))
        assert np.array_equal(expected, several.intern_many(names, threads=5))
        assert list(alone.texts()) == list(shared.texts()) == list(several.texts())
        assert alone.stats().deduplicated_count == several.stats().deduplicated_count == 140_000 - len(alone)


def test_threads_take_turns():
    """Several Python threads that intern at once get one id for each string."""
    results = []
    with Interner() as interner:

        def work():
            results.append([interner.intern(f"name_{i}") for i in range(300)])

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(interner) == 300
        assert all([interner.text(number) for number in ids] == [f"name_{i}" for i in range(300)] for ids in results)


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda i: i.intern(3), TypeError),
        (lambda i: i.intern("\ud800"), UnicodeEncodeError),
        (lambda i: i.intern_many(["a", 3]), TypeError),
        (lambda i: i.intern_many(["a"], threads=-1), ValueError),
        (lambda i: i.intern_many((np.array([0, 2, 1]), b"abc")), ValueError),
        (lambda i: i.intern_many((np.array([-1, 1]), b"abc")), ValueError),
        (lambda i: i.intern_many((np.array([0, 4]), b"abc")), ValueError),
        (lambda i: i.intern_many((np.array([0, 4], np.int32), b"abc")), ValueError),
        (lambda i: i.intern_many((np.array([0.0, 1.0]), b"abc")), TypeError),
        (lambda i: i.intern_many((np.array([], np.int64), b"abc")), TypeError),
        (lambda i: i.lookup_many((np.array([0, 4]), b"abc")), ValueError),
        (lambda i: i.text(0), IndexError),
        (lambda i: i.text(-1), IndexError),
        (lambda i: i.text(2**40), IndexError),
        (lambda i: Interner(-1), ValueError),
        (lambda i: Interner(strings_max=0), ValueError),
        (lambda i: Interner(strings_max=2**31), ValueError),
        (lambda i: Interner(strings_max=34, keywords="hard"), ValueError),
        (lambda i: Interner(keywords="some"), ValueError),
        (lambda i: Interner(seed=2**64), OverflowError),
    ],
)
def test_misuse_is_an_exception_and_stores_nothing(use, error):
    """A wrong argument is refused with the error that names it."""
    with Interner() as interner:
        with pytest.raises(error):
            use(interner)
        assert len(interner) == 0


@pytest.mark.parametrize(
    "use",
    [
        len,
        lambda i: i.intern("a"),
        lambda i: i.intern_many(["a"]),
        lambda i: i.lookup("a"),
        lambda i: i.lookup_many(["a"]),
        lambda i: i.text(0),
        lambda i: i.encoded(0),
        lambda i: i.texts(),
        lambda i: i.stats(),
        lambda i: i.clear(),
        lambda i: i.generation,
    ],
)
def test_a_closed_interner_refuses_every_use(use):
    """Use after close is an exception that says so."""
    interner = Interner()
    interner.close()
    with pytest.raises(ClosedError, match="closed"):
        use(interner)


TEXTS = st.one_of(st.text("ab\0é", max_size=20), st.binary(max_size=3), st.binary(min_size=15, max_size=18))


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.sampled_from(["one", "many", "arrow", "clear"]), st.lists(TEXTS, max_size=30)), max_size=8)
)
def test_random_programs_match_a_dict(steps):
    """Any strings, interned in any grouping and form, have the ids that a dict would give them."""
    model = {}
    with Interner(1) as interner:
        for form, texts in steps:
            encoded = [text.encode() if isinstance(text, str) else text for text in texts]
            if form == "clear":
                interner.clear()
                model.clear()
                continue
            expected = [model.setdefault(text, len(model)) for text in encoded]
            if form == "one":
                assert expected == [interner.intern(text) for text in texts]
            else:
                assert expected == interner.intern_many(texts if form == "many" else arrow(texts)).tolist()
            assert list(model) == list(interner.texts())
