"""Lists of texts read in place: content, references, misuse, lists that change meanwhile."""

import gc
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab._extension import TextArray, list_scan
from lab._ffi import ffi
from lab.memory import Interner, MapPool, StringPool, TaskBatch, scan
from lab.memory.boundary import lists

ANY_TEXT = st.one_of(st.text(), st.binary(), st.text("ab"))


class Named(str):
    """A text of a class of its own."""


def contents(texts):
    """What C sees."""
    view = lists.pointer(texts)
    return [bytes(ffi.buffer(text.data, text.bytes)) if text.bytes else b"" for text in view]


def encoded(items):
    return [item.encode() if isinstance(item, str) else bytes(item) for item in items]


@given(st.lists(ANY_TEXT))
def test_every_text_is_seen_as_its_utf8(items):
    """Text of any script, bytes and empty ones are what an encode of each would give."""
    texts = TextArray()
    texts.read(items)
    assert contents(texts) == encoded(items)
    texts.read(tuple(items))
    assert contents(texts) == encoded(items)


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT)), ANY_TEXT)
def test_rows_and_columns_are_seen_row_after_row(rows, shared):
    """Rows, and columns with one text for all rows among them, lie in the order of the rows."""
    texts = TextArray()
    texts.read_rows(rows, 2)
    assert contents(texts) == encoded(text for row in rows for text in row)
    columns = [row[0] for row in rows], shared, tuple(row[1] for row in rows)
    texts.read_columns(columns, len(rows))
    assert contents(texts) == encoded(text for row in rows for text in (row[0], shared, row[1]))


def test_a_text_of_ascii_is_read_where_it_lies():
    """Two readings of one text, and of a list that holds it twice, point to the same place."""
    word = "x" * 50
    first, second = TextArray(), TextArray()
    first.read([word, word])
    second.read([word])
    assert {text.data for text in lists.pointer(first)} == {text.data for text in lists.pointer(second)}
    assert first.lead_bytes > 0
    first.read(["ü"])
    assert first.lead_bytes == 0


def test_a_subclass_of_str_is_a_text():
    """An instance of a subclass gives its characters."""
    texts = TextArray()
    texts.read([Named("abc"), Named("ä")])
    assert contents(texts) == [b"abc", "ä".encode()]


def test_references_are_held_until_the_next_reading_and_no_longer():
    """Each item is kept alive while C may look at it; nothing is kept afterwards, neither after an error."""
    word = "unshared" * 3
    before = sys.getrefcount(word)
    texts = TextArray()
    texts.read([word] * 10)
    assert sys.getrefcount(word) == before + 10
    texts.read_rows([(word, word)], 2)
    assert sys.getrefcount(word) == before + 2
    with pytest.raises(TypeError):
        texts.read([word, word, None])
    assert (sys.getrefcount(word), len(texts)) == (before, 0)
    texts.read([word])
    texts.clear()
    assert sys.getrefcount(word) == before
    texts.read([word])
    del texts
    assert sys.getrefcount(word) == before


def test_the_forgotten_items_of_a_list_stay_for_c():
    """The only references to the items may go while their bytes are looked at."""
    items = [b"%d" % i * 20 for i in range(1000)]
    expected = list(items)
    expected = [bytes(bytearray(item)) for item in expected]
    view, count = lists.read(items)
    items.clear()
    gc.collect()
    assert [bytes(ffi.buffer(view[i].data, view[i].bytes)) for i in range(count)] == expected


@pytest.mark.parametrize(
    ("items", "error", "words"),
    [
        (["a", 1], TypeError, "item 1 must be str or bytes, got int"),
        (["a", "b", bytearray(b"c")], TypeError, "item 2 must be str or bytes, got bytearray"),
        (["a", "b\ud800"], UnicodeEncodeError, "item 1 holds a lone surrogate"),
        ([None], TypeError, "item 0 .* NoneType"),
    ],
)
def test_a_wrong_item_is_named_by_its_index(items, error, words):
    """The message tells where in the list the item stands."""
    with pytest.raises(error, match=words):
        lists.read(items)


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        ([("a", "b"), ("a",)], ValueError, "row 1 must have 2 texts, got 1"),
        ([("a", "b"), "ab"], TypeError, "row 1 must be a tuple or list, got str"),
        ([("a", "b"), ("a", 2)], TypeError, "item 1 of row 1 must be str or bytes, got int"),
        ([("\udfff", "b")], UnicodeEncodeError, "item 0 of row 0 holds a lone surrogate"),
    ],
)
def test_a_wrong_row_is_named_by_its_index(rows, error, words):
    """The message tells the row, and the place in it."""
    with pytest.raises(error, match=words):
        TextArray().read_rows(rows, 2)


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda t: t.read("abc"), TypeError),
        (lambda t: t.read({"a"}), TypeError),
        (lambda t: t.read_rows([], 0), ValueError),
        (lambda t: t.read_columns((), 0), ValueError),
        (lambda t: t.read_columns((["a"],), -1), ValueError),
        (lambda t: t.read_columns((["a"], ["a", "b"]), 1), ValueError),
        (lambda t: t.read_columns(({"a"},), 1), TypeError),
        (lambda t: t.read_columns((["a", 1],), 2), TypeError),
        (lambda t: t.read_columns(("a",), sys.maxsize), MemoryError),
        (lambda _: lists.listed("abc"), TypeError),
        (lambda _: lists.listed(3), TypeError),
    ],
)
def test_misuse_is_an_exception(use, error):
    """Neither a wrong container nor an absurd size gets further than its error, and the object works on."""
    texts = TextArray()
    with pytest.raises(error):
        use(texts)
    texts.read(["a"])
    assert contents(texts) == [b"a"]


def test_texts_that_are_looked_at_stay():
    """While C's view is out a further reading is refused."""
    texts = TextArray()
    texts.read(["a"])
    view = lists.pointer(texts)
    with pytest.raises(BufferError, match="looked at"):
        texts.read(["b"])
    assert contents(texts) == [b"a"]
    del view
    texts.read(["b"])
    assert contents(texts) == [b"b"]


def test_ends_of_a_range_are_those_of_the_list():
    """A range beyond the end is cut, one that is none is empty."""
    texts = TextArray()
    for bounds, expected in [((1, 3), [b"b", b"c"]), ((2, 99), [b"c"]), ((5, 9), []), ((2, 1), []), ((0, -1), [])]:
        texts.read(["a", "b", "c"], *bounds)
        assert contents(texts) == expected


def test_chunks_are_the_list_in_order():
    """All items come, chunk after chunk, with the index of each chunk's first."""
    items = [str(i) for i in range(10)]
    seen = [
        (first, [bytes(ffi.buffer(view[i].data, view[i].bytes)) for i in range(count)])
        for first, view, count in lists.chunks(items, len(items), 4)
    ]
    assert seen == [(0, encoded(items[:4])), (4, encoded(items[4:8])), (8, encoded(items[8:]))]


def test_a_list_that_changes_between_chunks_is_noticed_or_cut():
    """Further items are left out; missing ones are an error."""
    grown = list("abcd")
    counts = []
    for _, _, count in lists.chunks(grown, 4, 2):
        counts.append(count)
        grown += ["more"] * 3
    assert counts == [2, 2]
    shrunk = list("abcd")
    with pytest.raises(RuntimeError, match="shorter"):
        for _ in lists.chunks(shrunk, 4, 2):
            del shrunk[1:]


AT = [0, 255, 256, 16383, 16384, 20000]


@pytest.mark.parametrize("place", AT)
def test_a_wrong_item_among_many_is_named_by_its_index(place):
    """Wherever in the list it stands, and whatever is done with the texts."""
    items = ["word"] * 20001
    items[place] = 5
    with Interner() as interner:
        for use in (interner.intern_many, interner.lookup_many, lambda texts: scan.contains(texts, "or")):
            with pytest.raises(TypeError, match=f"item {place} must be str or bytes, got int"):
                use(items)


@pytest.mark.parametrize("count", [at + 1 for at in AT])
def test_long_lists_are_worked_with_in_parts(count):
    """The answers are those for each text, in order."""
    items = [f"ä{i % 300}" if i % 7 == 0 else f"word {i % 300}" for i in range(count)]
    with Interner() as interner:
        numbers = {}
        expected = [numbers.setdefault(item, len(numbers)) for item in items]
        assert interner.intern_many(items).tolist() == expected
        assert interner.lookup_many(items).tolist() == expected
    assert scan.contains(items, "d 7").tolist() == ["d 7" in item for item in items]
    assert scan.mask(items, "contains", "d 7").array().tolist() == ["d 7" in item for item in items]
    assert scan.count(items, "equals", "word 7") == items.count("word 7")


def test_no_references_are_left_by_work_in_place():
    """Neither by answers nor by an error."""
    items = [f"ä{i}" for i in range(1000)]
    before = [sys.getrefcount(item) for item in items]
    with Interner() as interner:
        interner.intern_many(items)
        interner.lookup_many(items)
    scan.contains(items, "9")
    with pytest.raises(TypeError):
        scan.contains([*items, 5], "9")
    assert [sys.getrefcount(item) for item in items] == before


def test_a_list_that_became_shorter_is_an_error():
    """What is no longer there is not read, and the function is not called."""
    for first, stop in [(0, 3), (2, 3), (-1, 2)]:
        with pytest.raises(RuntimeError, match="shorter"):
            list_scan(0, 0, b"a", 0, 0, ["a", "a"], first, stop)


def test_an_item_whose_end_reads_again_does_no_harm():
    """A text that comes back to the object that lets go of it finds it whole."""
    texts = TextArray()

    class Returning(str):
        def __del__(self):
            texts.read(["again"] * 100)

    texts.read([Returning("a") for _ in range(5)])
    texts.read(["b"] * 3)
    assert contents(texts) == [b"b"] * 3


def test_lists_that_other_threads_change_do_no_harm():
    """A list that grows and shrinks while calls read it gives an answer or a clear error."""
    items = [f"word {i}" for i in range(50_000)]
    over = threading.Event()

    def change():
        while not over.is_set():
            del items[20_000:]
            items.extend(f"word {i}" for i in range(30_000))

    thread = threading.Thread(target=change)
    thread.start()
    try:
        with MapPool(retained_bytes=0) as maps, StringPool(retained_bytes=0) as strings, Interner() as interner:
            for _ in range(20):
                try:
                    found = interner.intern_many(items)
                    assert found[:20_000].tolist() == list(range(20_000))
                    assert scan.contains(items, "word").all()
                except RuntimeError as error:
                    assert "shorter" in str(error)
                with maps.acquire() as table, strings.acquire() as string:
                    try:
                        table.count_words(items)
                    except RuntimeError as error:
                        assert "shorter" in str(error)
                    string.join(items, b",")
                    assert bytes(string).startswith(b"word 0,word 1,")
    finally:
        over.set()
        thread.join()


def test_bulk_calls_take_any_iterable_of_texts_but_one_text():
    """A generator is listed first; a single text, which is a sequence of texts too, is refused."""
    with MapPool() as maps, maps.acquire() as table, StringPool() as strings, strings.acquire() as string:
        table.count_words(word for word in ("a", "b", "a"))
        assert (table["a"], table["b"]) == (2, 1)
        assert bytes(string.join(iter(("a", "b")), "-")) == b"a-b"
        for refused in (lambda: table.count_words("ab"), lambda: string.join("ab"), lambda: TaskBatch().extend("abc")):
            with pytest.raises(TypeError, match="many texts"):
                refused()


def test_a_failing_row_leaves_the_batch_as_it_was():
    """All rows of a call are read before the first is stored."""
    with TaskBatch() as batch:
        batch.extend([("a", "b", "c")])
        with pytest.raises(TypeError, match="item 2 of row 1"):
            batch.extend([("a", "b", "c"), ("a", "b", None)])
        with pytest.raises(TypeError, match="item 1 of row 1"):
            batch.extend_columns(["a", "b"], ["p", 2], "shared")
        assert list(batch) == [(b"a", b"b", b"c")]
