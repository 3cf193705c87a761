"""The aligned buffer as others see it: buffer protocol, array interface, DLPack; whose memory lives how long."""

import ctypes
import gc
import threading
import weakref

import numpy as np
import pytest

from lab._extension import BufferExporter, Export, Exporter
from lab._ffi import ffi
from lab.memory import AlignedBuffer, Arena, ClosedError, ledger

KINDS = ["u1", "i2", "u4", "i8", "f4", "f8", "c16", "?", "S3", "U2", ">i4", [("a", "i4"), ("b", "f8")]]


def capsule_name(capsule):
    get = ctypes.pythonapi.PyCapsule_GetName
    get.restype, get.argtypes = ctypes.c_char_p, [ctypes.py_object]
    return get(capsule)


def filled():
    buffer = AlignedBuffer(np.int32)
    buffer.extend([1, 2, 3])
    return buffer


@pytest.mark.parametrize("kind", KINDS)
def test_a_memoryview_has_the_elements_and_their_format(kind):
    """The buffer protocol tells the same memory, format and size as NumPy does for its own array."""
    with AlignedBuffer(kind, 5) as buffer:
        expected, view = memoryview(np.zeros(5, kind)), memoryview(buffer)
        found = (view.format, view.itemsize, view.shape, view.nbytes, view.readonly, view.c_contiguous)
        assert found == (expected.format, expected.itemsize, (5,), expected.nbytes, False, True)
        array = np.asarray(buffer)
        assert (array.dtype, array.ctypes.data) == (buffer.dtype, buffer.address)
        del view, array


@pytest.mark.parametrize(
    "look", [memoryview, np.asarray, np.from_dlpack, lambda b: b.__dlpack__(), lambda b: b.array()]
)
def test_every_way_to_look_holds_the_buffer(look):
    """While it is looked at, the buffer neither ends nor changes its length; then it does both."""
    buffer = filled()
    view = look(buffer)
    assert buffer.exports == 1
    for change in (buffer.close, lambda: buffer.extend([4]), lambda: buffer.resize(9), buffer.clear):
        with pytest.raises(BufferError, match="alive"):
            change()
    del view
    gc.collect()
    assert buffer.exports == 0
    buffer.extend([4])
    buffer.close()
    with pytest.raises(ClosedError):
        look(buffer)


@pytest.mark.parametrize("look", [memoryview, np.asarray, np.from_dlpack])
def test_memory_outlives_the_names_of_its_buffer(look):
    """A view keeps the memory; with the last view it goes."""
    live = ledger().live_bytes
    buffer = filled()
    view = look(buffer)
    gone = weakref.ref(buffer)
    del buffer
    gc.collect()
    assert gone() is not None
    assert view.tolist() == [1, 2, 3]
    del view
    gc.collect()
    assert gone() is None
    assert ledger().live_bytes == live


def test_what_is_written_through_a_view_is_in_the_buffer():
    """All ways lead to the same memory."""
    with filled() as buffer:
        memoryview(buffer)[0] = 7
        np.asarray(buffer)[1] = 8
        np.from_dlpack(buffer)[2] = 9
        assert buffer.array().tolist() == [7, 8, 9]


def test_dates_go_by_the_array_interface():
    """A type without a word in the buffer protocol is refused there, and still goes to NumPy without a copy."""
    with AlignedBuffer("M8[s]", 2) as buffer:
        with pytest.raises(BufferError, match="array"):
            memoryview(buffer)
        array = np.asarray(buffer)
        assert (array.dtype, array.ctypes.data, buffer.exports) == (np.dtype("M8[s]"), buffer.address, 1)
        del array
        gc.collect()
        assert buffer.exports == 0


def test_dlpack_is_versioned_where_the_consumer_knows_versions():
    """The capsule is the one that was asked for, on the processor, and read-only arrays say so."""
    with filled() as buffer:
        assert buffer.__dlpack_device__() == (1, 0)
        assert capsule_name(buffer.__dlpack__()) == b"dltensor"
        assert capsule_name(buffer.__dlpack__(max_version=(1, 0))) == b"dltensor_versioned"
        with pytest.raises(BufferError):
            buffer.array(readonly=True).__dlpack__()
        shared = np.from_dlpack(buffer.array(readonly=True))
        assert not shared.flags.writeable
        copy = np.from_dlpack(buffer, copy=True)
        assert copy.ctypes.data != buffer.address
        del shared
        gc.collect()


def test_a_read_only_export_is_not_written():
    """A consumer that wants to write gets an error, one that reads gets the memory."""
    with filled() as buffer:
        export = Export(buffer, buffer.address, 12, True)
        assert memoryview(export).readonly
        with pytest.raises(BufferError, match="read-only"):
            ffi.from_buffer(export, require_writable=True)
        del export


def test_exports_are_counted_from_birth_to_death():
    """Buffers taken of one Export count once; a failed one does not count."""
    with filled() as buffer:
        export = Export(buffer, buffer.address, 12, False)
        first, second = memoryview(export), memoryview(export)
        assert buffer.exports == 1
        del export, first
        assert buffer.exports == 1
        del second
        assert buffer.exports == 0
        for wrong in [(buffer, 0, -1, False), (buffer, 0, 5, False, b"i", 4), (buffer, 0, 4, False, b"i", 0)]:
            with pytest.raises(ValueError, match="whole number"):
                Export(*wrong)
        with pytest.raises(TypeError):
            Export(object(), 0, 1, False)
        assert buffer.exports == 0


def test_only_buffers_are_buffers():
    """An owner without a buffer of its own says so, and one with a broken one too."""
    with pytest.raises(TypeError):
        memoryview(Arena())
    with pytest.raises(AttributeError, match="_export"):
        memoryview(BufferExporter())

    class Broken(BufferExporter):
        def _export(self):
            return b"no export"

    with pytest.raises(BufferError, match="Broken"):
        memoryview(Broken())
    assert issubclass(AlignedBuffer, Exporter)


def test_views_die_on_any_thread():
    """The count is whole after many threads took views and dropped them at once."""
    buffer = filled()

    def look():
        for _ in range(2000):
            memoryview(buffer).release()
            buffer.array()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert buffer.exports == 0
    buffer.close()
