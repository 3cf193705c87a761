"""Ordinary Python that ended or moved memory under a call. Each of these crashed, hung or showed wrong bytes once."""

import codecs
import gc
import signal
import threading
import weakref
from contextlib import contextmanager, suppress

import numpy as np
import pytest

from lab.memory import (
    AlignedBuffer,
    Arena,
    BusyError,
    ClosedError,
    CowBytes,
    Interner,
    MapPool,
    MemoryManager,
    ObjectPool,
    SharedConfig,
    StringPool,
    TaskBatch,
    VectorPool,
    WorkerTeam,
    copies,
)
from lab.memory.bridge import COPY
from lab.translation import Session, Translator

SECONDS = 60


@contextmanager
def alarms(handler, every=0.002):
    """Call a handler all the time, wherever the main thread is."""
    before = signal.signal(signal.SIGALRM, lambda *_: handler())
    signal.setitimer(signal.ITIMER_REAL, every, every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_together(*works):
    """Run works on a thread each, and raise the first error."""
    errors = []

    def run(work):
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


def test_a_pool_cannot_be_closed_under_a_translation():
    """What a call was given does not end under it: closing raises BufferError until the call is over."""
    with WorkerTeam(2) as team, TaskBatch() as batch:
        batch.extend([("x" * 5000, "p", "c")] * 2000)
        for _ in range(10):
            pool = StringPool(8)
            closing, refused = threading.Event(), []

            def close(pool=pool, closing=closing, refused=refused):
                closing.wait(SECONDS)
                while not pool.closed:
                    try:
                        pool.close()
                    except BufferError as error:
                        refused.append(str(error))

            def translate(pool=pool, closing=closing):
                closing.set()
                with suppress(ClosedError):
                    for _ in range(20):
                        assert len(team.translate(COPY, batch, strings="pooled", pool=pool)) == 2000

            run_together(close, translate)


def test_a_batch_and_a_team_cannot_be_ended_by_another_thread_in_a_translation():
    """The call's own object is waited for; the batch refuses."""
    with TaskBatch() as batch:
        batch.extend([("x" * 50_000, "p", "c")] * 500)
        team = WorkerTeam(2)
        results, begun = [], threading.Event()

        def translate():
            begun.set()
            with suppress(ClosedError):
                for _ in range(50):
                    results.append(len(team.translate(COPY, batch)))

        def end():
            begun.wait(SECONDS)
            for _ in range(200):
                with suppress(BufferError):
                    batch.reset()
                    batch.extend([("x" * 50_000, "p", "c")] * 500)
            team.close()

        run_together(translate, end)
        assert set(results) <= {500, 0}


def test_a_signal_handler_cannot_use_the_session_of_a_running_call():
    """It gets BusyError, which ends the call like any exception of a handler; the session goes on."""
    source = "x = [" + "1, " * 100_000 + "]"
    with Session() as session:
        expected = session.text(source)
        for attack in (lambda: session.text("y"), session.close, session.trim, session.ledger):
            seen = []

            def handler(attack=attack, seen=seen):
                try:
                    attack()
                except BusyError as error:
                    seen.append(error)

            with alarms(handler):
                for _ in range(200):
                    assert session.closed or session.text(source) == expected
                    if seen or session.closed:
                        break
            if session.closed:
                break  # the handler ran between two calls
        assert seen or session.closed


def test_a_signal_handler_cannot_move_a_buffer_while_a_view_is_made():
    """A view never shows memory that was given back."""
    with AlignedBuffer(np.int64, 1000) as buffer:
        length = 1000

        def handler():
            nonlocal length
            with suppress(BufferError):
                buffer.resize(1_000_000 if len(buffer) == 1000 else 1000)

        with alarms(handler, 0.0005):
            for _ in range(3000):
                view = buffer.array()
                view[:] = 7
                assert int(view.sum()) == 7 * len(view)
                del view


class Attack:
    """Something that runs code of its own where a number or a text is expected."""

    def __init__(self, code):
        self.code = code

    def __index__(self):
        self.code()
        return 1


class Text(str):
    __slots__ = ("code",)

    def encode(self, *_):
        self.code()
        return super().encode()


class Bytes(bytes):
    def __len__(self):
        return 1 << 20


def test_arguments_are_converted_before_anything_is_touched():
    """`__index__` that ends the object leads to ClosedError, not into memory that is gone."""
    makers = [
        (lambda: MapPool(4), lambda item, number: item.__setitem__(number, 1)),
        (lambda: MapPool(4), lambda item, number: item.__setitem__("a", number)),
        (lambda: MapPool(4), lambda item, number: item.add("a", number)),
        (lambda: MapPool(4), lambda item, number: item.__getitem__(number)),
        (lambda: MapPool(4), lambda item, number: item.__delitem__(number)),
        (lambda: MapPool(4), lambda item, number: item.__contains__(number)),
        (lambda: MapPool(4), lambda item, number: item.get_many([1], number)),
    ]
    for make, use in makers:
        with make() as pool:
            item = pool.acquire()
            with pytest.raises(ClosedError):
                use(item, Attack(item.release))
            assert pool.stats().live_count == 0
    others = [
        (Arena, lambda thing, number: thing.alloc(number)),
        (AlignedBuffer, lambda thing, number: thing.resize(number)),
        (lambda: StringPool(4), lambda thing, number: thing.prefill(number)),
        (lambda: StringPool(4), lambda thing, number: thing.acquire_many(number)),
        (Interner, lambda thing, number: thing.text(number)),
        (Interner, lambda thing, number: thing.intern_many(["a"], threads=number)),
        (TaskBatch, lambda thing, number: thing.row(number)),
        (lambda: CowBytes(b"abc"), lambda thing, number: thing.slice(0, number)),
        (lambda: CowBytes(b"abc"), lambda thing, number: thing.splice(number, number, b"x")),
    ]
    for make, use in others:
        thing = make()
        with pytest.raises((ClosedError, TypeError)):
            use(thing, Attack(thing.close))
        assert thing.closed


def test_classes_derived_from_str_and_bytes_are_taken_by_content():
    """What their methods say, and do, does not matter."""
    with StringPool(4) as pool, pool.acquire() as string:
        lie = Text("abc")
        lie.code = string.release
        string.append(lie).append(Bytes(b"def"))
        assert bytes(string) == b"abcdef"
    with Interner() as interner, Arena() as arena, TaskBatch() as batch, CowBytes(Bytes(b"xyz")) as cow:
        assert interner.encoded(interner.intern(Bytes(b"abc"))) == b"abc"
        assert arena.copy(Bytes(b"abc")).tobytes() == b"abc"
        batch.append(Bytes(b"a"), Bytes(b"b"), Bytes(b"c"))
        assert batch.row(0) == (b"a", b"b", b"c")
        assert bytes(cow) == b"xyz"


def test_a_codec_that_uses_its_own_session_gets_an_error():
    """The codec's exception is the caller's; the session goes on."""
    attacks = []

    def search(name):
        if name != "lab_attack":
            return None

        def decode(data, errors="strict"):
            attacks[0]()
            return codecs.utf_8_decode(data, errors, True)

        return codecs.CodecInfo(codecs.utf_8_encode, decode, name="lab_attack")

    codecs.register(search)
    source = b"# coding: lab_attack\nx = 1\n"
    try:
        with Session() as session:
            attacks[:] = [lambda: session.text("y = 2")]
            with pytest.raises(BusyError, match="this Session is in the middle of a call"):
                session.text(source)
            attacks[:] = [session.close]
            with pytest.raises(BusyError):
                session.text(source)
            attacks[:] = [lambda: None]
            assert session.text(source) == session.text("#\nx = 1\n")
        with Translator(workers=2) as translator:
            attacks[:] = [lambda: translator.texts(["y = 2"])]
            batch = translator.texts([source, b"x = 1\n"])
            assert [failure.index for failure in batch.failures] == [0]
            assert "BusyError" in str(batch.failures[0].error)
            attacks[:] = [translator.close]
            assert len(translator.texts([source]).failures) == 1
            attacks[:] = [lambda: (_ for _ in ()).throw(KeyboardInterrupt)]
            with pytest.raises(KeyboardInterrupt):
                translator.texts([source])
            attacks[:] = [lambda: None]
            assert translator.texts([source]).failures == ()
    finally:
        codecs.unregister(search)


def test_releasing_an_object_beside_its_list_does_not_lock():
    """One thread releases objects by their pool, the other each by itself."""
    with StringPool(64) as pool:
        for _ in range(300):
            items = pool.acquire_many(16)
            barrier = threading.Barrier(2, timeout=SECONDS)

            def singly(items=items, barrier=barrier):
                barrier.wait()
                for item in reversed(items):
                    with suppress(ClosedError):
                        item.release()

            def together(items=items, barrier=barrier):
                barrier.wait()
                for item in items:
                    with suppress(ClosedError):
                        pool.release_many([item])

            run_together(singly, together)
            assert pool.stats().live_count == 0


def test_an_object_that_is_collected_inside_a_call_of_its_pool_goes_back():
    """Garbage collection runs anywhere, in the middle of the pool's own calls too, and takes no turn."""
    with StringPool(1000) as pool:

        class Cycle:
            pass

        threshold = gc.get_threshold()
        gc.set_threshold(5, 1, 1)
        try:
            for _ in range(400):
                cycle = Cycle()
                cycle.items, cycle.itself = pool.acquire_many(3), cycle
                del cycle
                pool.release_many(pool.acquire_many(5))
        finally:
            gc.set_threshold(*threshold)
        gc.collect()
        assert pool.stats().live_count == 0


def test_a_finaliser_that_uses_the_object_of_a_running_call_gets_an_error():
    """It cannot end a list of texts, or an interner, that is being read."""
    with Interner() as interner:
        seen = []

        class Killer(str):
            __slots__ = ("__weakref__",)

        def kill(_):
            try:
                interner.close()
            except BusyError as error:
                seen.append(error)

        words = [Killer(f"w{number}\xe9") for number in range(50_000)]
        references = [weakref.ref(word, kill) for word in words[::100]]
        stop = threading.Event()

        def drop():
            while not stop.is_set():
                for place in range(0, len(words), 100):
                    words[place] = "x"

        thread = threading.Thread(target=drop)
        thread.start()
        try:
            with suppress(ClosedError):
                interner.intern_many(words, threads=2)
        finally:
            stop.set()
            thread.join(SECONDS)
        del references


def test_immutable_means_that_nobody_can_write():
    """Only bytes are borrowed; read-only views of what changes are copied, and counted."""
    changing = bytearray(b"abcdef")
    before = copies().copied_count
    with CowBytes(memoryview(changing).toreadonly()) as view, CowBytes(np.frombuffer(changing, np.uint8)) as array:
        frozen = np.frombuffer(changing, np.uint8)
        frozen.flags.writeable = False
        with CowBytes(frozen) as third:
            changing[:] = b"XXXXXX"
            assert bytes(view) == bytes(array) == bytes(third) == b"abcdef"
    assert copies().copied_count - before == 3
    with CowBytes(memoryview(b"abcdef")) as borrowed:
        assert borrowed.shared
    assert copies().copied_count - before == 3


def test_values_of_a_shared_config_are_plain():
    """A class derived from a plain one becomes it; NumPy's others are refused with the remedy."""
    config = SharedConfig({"a": np.float64(1.5), "b": np.str_("x"), "c": True})
    assert bytes(config) == b'a = 1.5\nb = "x"\nc = true\n'
    assert [type(config[name]) for name in "abc"] == [float, str, bool]
    config["d"] = np.float64(2)
    assert dict(SharedConfig.from_toml(bytes(config))) == dict(config)
    for value in (np.int64(3), np.bool_(True), np.float32(1), [1], None):
        with pytest.raises(TypeError, match=r"item\(\)"):
            config["e"] = value
    assert "e" not in config


def test_a_manager_is_not_closed_by_a_handler_in_its_own_call():
    """Its parts are built and counted whole."""
    with MemoryManager() as manager:
        busy = []

        def handler():
            try:
                manager.metrics()
            except BusyError as error:
                busy.append(error)

        with alarms(handler, 0.0005):
            for _ in range(300):
                with manager.string() as string, manager.arena() as arena:
                    string.append(arena.copy("x").tobytes())
        assert manager.metrics().arena.resets == 300


def test_an_object_pool_of_python_objects_survives_its_callbacks():
    """Factory and clear run outside of the pool's turn, and may use the pool."""
    pool: ObjectPool[list[int]]
    pool = ObjectPool(lambda: [pool.stats().live_count], max_size=2, clear=lambda item: (pool.stats(), item.clear()))
    with pool.lease() as item:
        assert item == [0]
    with pool.lease() as item:
        assert item == []
    with pytest.raises(BufferError), VectorPool() as vectors:
        kept = vectors.acquire()
    kept.release()
