"""What every implementation of a component does, whatever it costs: one suite for all of them.

Each contract takes what makes an object, or the object itself, and knows nothing of how it is built.
"""

import gc

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from lab.memory import BusyError, ClosedError, LeftScopeError, StaleIdError, StaleMarkError, parallel_translate
from lab.memory import parallel_translate_batch_soa as soa
from lab.memory.bridge import COPY, WorkerTeam
from lab.memory.interner import MISSING

ROWS = [(f"print({number})\n", f"{number}.py", b"c") for number in range(5)]


def arena_contract(arena):
    """Blocks are aligned, disjoint and writable; marks, scopes and resets end them; views forbid it."""
    block = arena.alloc(100, alignment_bytes=256)
    block[:] = 7
    assert block.ctypes.data % 256 == 0
    numbers = arena.array(3, np.int64)
    numbers[:] = 1, 2, 3
    assert arena.copy("text").tobytes() == b"text"
    assert (block == 7).all()
    mark = arena.mark()
    addresses = arena.alloc_many([8, 0, 24])
    assert len(set(addresses.tolist())) == 3
    view = arena.view(int(addresses[2]), 24)
    view[:] = 9
    for wrong in (lambda: arena.view(int(addresses[2]), 5_000_000), lambda: arena.alloc(-1)):
        with pytest.raises(ValueError, match=r"not in use|negative"):
            wrong()
    with pytest.raises(TypeError):
        arena.array(1, object)
    for ends in (arena.reset, lambda: arena.rewind(mark)):
        with pytest.raises(BufferError):
            ends()
    del view, block, numbers
    arena.rewind(mark)
    before = arena.stats().allocated_bytes
    with arena.scope():
        inner = arena.array(4, np.int32)
        inner[:] = 5
        part, computed = inner[1:], inner + 1
        with arena.scope():
            deep = arena.copy("deep")
    assert computed.tolist() == [6] * 4
    for ended in (inner, part, deep):
        for use in (lambda a: a[0], np.sum, len, lambda a: a.shape, lambda a: a + 1, list, lambda a: a.tolist()):
            with pytest.raises(LeftScopeError, match="scope of an arena that was left"):
                use(ended)
        assert "left" in repr(ended)
    del inner, part, deep, ended
    gc.collect()
    arena.alloc(1)
    assert arena.stats().allocated_bytes <= before + 128
    assert arena.lingering == 0
    arena.reset()
    arena.trim()
    assert arena.stats().allocated_bytes == 0
    assert arena.huge_bytes() == 0
    with pytest.raises(StaleMarkError):
        arena.rewind(mark)


def buffer_contract(make):
    """Elements stay through growth; views forbid it; the memory goes to NumPy without a copy."""
    with make(np.int32, 3) as buffer:
        buffer.extend([4, 5])
        buffer.reserve(1000)
        assert buffer.capacity_bytes >= 4020
        view = buffer.array()
        assert view.tolist() == [0, 0, 0, 4, 5]
        assert view.ctypes.data == buffer.address
        assert buffer.address % buffer.alignment_bytes == 0
        assert memoryview(buffer)[4] == np.from_dlpack(buffer)[4] == 5
        for moves in (lambda: buffer.resize(9), lambda: buffer.extend([1]), buffer.clear, buffer.close):
            with pytest.raises(BufferError, match="view"):
                moves()
        del view
        buffer.resize(2)
        buffer.clear()
        assert len(buffer) == 0
        assert buffer.huge_bytes() == 0
        with pytest.raises(TypeError):
            buffer.extend([0.5])
        with pytest.raises(OverflowError):
            buffer.extend([1 << 40])
        with pytest.raises(ValueError, match="negative"):
            buffer.resize(-1)
        again = Reenter(buffer.close)
        with pytest.raises(ClosedError):
            buffer.resize(again)
    for wrong in (object, "V0"):
        with pytest.raises(TypeError):
            make(wrong, 0)


class Reenter:
    """A number that does something else first."""

    def __init__(self, action):
        self.action = action

    def __index__(self):
        self.action()
        return 1


def batch_contract(make):
    """Rows and columns come back as they came, go to Arrow and back, and are translated in order."""
    for large in (False, True):
        with make(large=large) as batch:
            batch.append("s", "p")
            batch.extend([(b"\xff", "", "c")])
            batch.extend_columns(["a", "b"], ["x", "y"], "shared")
            batch.extend_columns(pa.array(["z"]), ["z"], ["z"])
            other = make(large=True)
            other.append("w", "w", "w")
            batch.extend_arrow(other)
            assert len(batch) == 6
            assert list(batch)[:4] == [(b"s", b"p", b""), (b"\xff", b"", b"c"), (b"a", b"x", b"shared"), batch.row(3)]
            assert batch.row(-1) == (b"w", b"w", b"w")
            assert batch.column("path").offsets.dtype == (np.int64 if large else np.int32)
            assert not batch.column("path").data.flags.writeable
            assert pa.record_batch(batch).num_rows == 6
            assert batch.capacity_bytes > 0
            for wrong in (
                lambda batch=batch: batch.column("none"),
                lambda batch=batch: batch.extend([("a", "b")]),
                lambda batch=batch: batch.extend_columns(["a"], [], "c"),
            ):
                with pytest.raises(ValueError, match=r"source|3 texts|one length"):
                    wrong()
            for wrong in (lambda batch=batch: batch.append(3, "p"), lambda batch=batch: batch.extend(["row"])):
                with pytest.raises(TypeError):
                    wrong()
            with pytest.raises(IndexError):
                batch.row(6)
            assert len(batch) == 6
            batch.reset()
            assert len(batch) == 0
            other.close()
    with make(large=True) as batch, WorkerTeam(2) as team:
        batch.extend(ROWS)
        expected = [source.encode() for source, _, _ in ROWS]
        assert list(team.translate(COPY, batch)) == expected
        assert list(parallel_translate(COPY, batch, workers=team)) == expected
        assert list(soa(COPY, batch, workers=1)) == expected
        assert soa(lambda sources, paths, _: [bytes(path) for path in paths], batch, workers=2).require()[4] == b"4.py"


def interner_contract(interner):
    """Equal strings have equal ids, in every form in which strings come; others have others."""
    held = len(interner)
    column = np.array([0, 1, 3]), b"abc"
    ids = [interner.intern("über"), *interner.intern_many(["a", b"b", "a"]), *interner.intern_many(column)]
    assert ids[1] == ids[3] == ids[4]
    assert len(set(ids)) == 4
    assert [interner.text(int(number)) for number in ids] == ["über", "a", "b", "a", "a", "bc"]
    words = ["b", "bc", "a", "new", "a"]
    expected = interner.intern_many(words, threads=2).tolist()
    assert expected[:3] == [ids[2], ids[5], ids[1]]
    for form in forms_of(words):
        assert interner.intern_many(form).tolist() == expected, type(form)
        assert interner.lookup_many(form).tolist() == expected, type(form)
    assert len(interner) == held + 5
    assert interner.lookup("b") == ids[2]
    assert interner.lookup("none") is None
    assert interner.lookup_many(["a", "none"]).tolist() == [ids[1], MISSING]
    assert list(interner.texts())[held] == "über".encode()
    assert pa.array(interner.dictionary(np.array(expected, np.uint32))).to_pylist() == words
    for empty in ([], pd.Series([], dtype=object), pa.array([], pa.null()), pl.Series([], dtype=pl.String)):
        assert interner.intern_many(empty).tolist() == []
    assert interner.stats().interned_count == 5
    assert interner.stats().deduplicated_count > 0
    for wrong, error in ((["a", 3], TypeError), (["\ud800"], UnicodeEncodeError), (pa.array(["a", None]), ValueError)):
        with pytest.raises(error):
            interner.intern_many(wrong)
    old = interner.generation
    interner.clear()
    assert len(interner) <= held
    number = interner.intern("new")
    with pytest.raises(StaleIdError):
        interner.text(number, generation=old)
    for beyond in (number + 1, -1):
        with pytest.raises(IndexError):
            interner.text(beyond)
    assert interner.stats().clear_count == 1
    assert issubclass(BusyError, BufferError)


def forms_of(words):
    """The same words in every form."""
    yield tuple(words)
    yield pa.array(words)
    yield pa.array(words, pa.large_string())
    yield pa.array(words, pa.string_view())
    yield pa.array(words, pa.large_binary())
    yield pa.chunked_array([words[:2], [], words[2:]])
    yield pa.array(words).dictionary_encode()
    yield pa.DictionaryArray.from_arrays(
        pa.array([2, 1, 0, 3, 0], pa.uint8()), pa.array(["a", "bc", "b", "new", "unused"])
    )
    yield pa.array(["x", *words, "y"]).dictionary_encode()[1:-1]
    yield pa.chunked_array([pa.array(words[:3]).dictionary_encode(), pa.array(words[3:]).dictionary_encode()])
    yield pd.Series(words)
    yield pd.Series(words, dtype="category")
    yield pl.Series(words)
    yield pl.Series(["gone", *words])[1:]
    yield pl.Series(words, dtype=pl.Categorical)
    yield pl.Series(words, dtype=pl.Enum(["new", "bc", "b", "a"]))
