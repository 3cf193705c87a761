"""Random programs over shared objects, on several threads and in signal handlers at once.

Whatever they do, only errors that say so come out, contents stay right, and no memory is left behind.
"""

import gc
import random
import signal
import threading
from contextlib import suppress

import numpy as np
import pytest

from lab.memory import (
    AlignedBuffer,
    Arena,
    CowBytes,
    Interner,
    LayerError,
    LinearMemoryPool,
    MapPool,
    MemoryManager,
    StringPool,
    TaskBatch,
    VectorPool,
    WorkerTeam,
    ledger,
)
from lab.memory.bridge import COPY
from lab.translation import Session, Translator

ALLOWED = (LayerError, BufferError, IndexError, KeyError)
STEPS = 250
MAKERS = {
    "arena": Arena,
    "buffer": lambda: AlignedBuffer(np.int64, 100),
    "batch": TaskBatch,
    "cow": lambda: CowBytes(b"abcdef" * 100),
    "interner": lambda: Interner(keywords="hard"),
    "linear": lambda: LinearMemoryPool(4, 1 << 16),
    "manager": MemoryManager,
    "maps": lambda: MapPool(4),
    "session": Session,
    "strings": lambda: StringPool(4),
    "team": lambda: WorkerTeam(2),
    "translator": lambda: Translator(workers=2),
    "vectors": lambda: VectorPool(4),
}


class World:
    """Shared objects, each replaced by a new one when a program has ended it."""

    def __init__(self):
        self.things = {name: make() for name, make in MAKERS.items()}

    def get(self, name):
        if self.things[name].closed:
            self.things[name] = MAKERS[name]()  # two threads may do so: one of the two is dropped
        return self.things[name]

    def scratch(self, name, wild):
        """One use of an object, whole in itself."""
        thing = self.get(name)
        match name:
            case "arena":
                with thing.scope():
                    block = thing.array(wild.randrange(1, 500), np.uint8)
                    block[:] = 7
                    assert int(block[-1]) == 7
            case "buffer":
                thing.resize(wild.randrange(1, 10_000))
                view = thing.array()
                view[:] = 3
                assert int(view.sum()) == 3 * len(view)
            case "batch":
                thing.extend([("x" * wild.randrange(200), "path", "config")] * wild.randrange(1, 50))
                assert bytes(thing.row(0)[1]) == b"path"
                column = thing.column("path")
                assert column[len(column) - 1] == b"path"
                del column
                if wild.random() < 0.3:
                    thing.reset()
            case "cow":
                share = thing.share()
                share.splice(wild.randrange(5), 2, "xy")
                assert len(share) == 600
                share.close()
            case "interner":
                words = [str(wild.randrange(1000)) for _ in range(200)]
                ids = thing.intern_many(words, threads=wild.randrange(1, 3))
                assert len(set(words)) == len(set(ids.tolist()))
                if wild.random() < 0.1:
                    thing.clear()
            case "linear":
                with thing.acquire(wild.randrange(1 << 16)) as memory:
                    assert not memory.array().any()
                    memory.array()[:] = 255
            case "manager":
                with thing.string() as string, thing.arena() as arena:
                    assert bytes(string.append(arena.copy("text").tobytes())) == b"text"
                thing.metrics()
            case "maps":
                with thing.acquire() as table:
                    table.count_words(["a", "b", "a"])
                    assert table["a"] == 2
            case "session":
                assert thing.text("x = 1").startswith(b"Module(body=[Assign(")
            case "strings":
                items = thing.acquire_many(wild.randrange(1, 8))
                items[0].append("abc")
                thing.release_many(items)
            case "team":
                batch, pool = self.get("batch"), self.get("strings")
                if wild.random() < 0.5:
                    thing.translate(COPY, batch, strings="pooled", pool=pool)
                else:
                    thing.translate(COPY, batch)
                thing.cancel()
            case "translator":
                made = thing.texts(["x = 1", "y"])
                assert len(made.failures) + len(made.cancelled) == 0 or made.cancelled
            case "vectors":
                with thing.acquire() as vector:
                    assert vector.extend([1, 2, 3]).array().tolist() == [1, 2, 3]

    def step(self, wild):
        name = wild.choice(sorted(MAKERS))
        with suppress(*ALLOWED):
            if wild.random() < 0.08:
                self.get(name).close()
            else:
                self.scratch(name, wild)


@pytest.mark.parametrize("seed", range(3))
def test_random_programs_on_threads_and_in_handlers(seed):
    """Three threads and a handler that interrupts the main one."""
    gc.collect()
    live = ledger().live_bytes
    world, errors = World(), []

    def program(number):
        wild = random.Random(seed * 100 + number)
        try:
            for _ in range(STEPS):
                world.step(wild)
        except BaseException as error:
            errors.append(error)

    in_handler, handled = random.Random(-seed), [0]

    def handler(*_):
        handled[0] += 1
        world.step(in_handler)

    before = signal.signal(signal.SIGALRM, handler)
    threads = [threading.Thread(target=program, args=(number,)) for number in range(2)]
    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
    try:
        for thread in threads:
            thread.start()
        program(2)
        for thread in threads:
            thread.join(300)
            assert not thread.is_alive(), "a thread hangs"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if errors:
        raise errors[0]
    assert handled[0] > 0
    gc.collect()
    for thing in world.things.values():
        thing.close()
    del world
    gc.collect()
    assert ledger().live_bytes == live
