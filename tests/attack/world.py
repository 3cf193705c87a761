"""Every object of lab.memory, and every call of it that a random program may make, in any order and from anywhere.

An operation takes the world and a number that decides its arguments. It may raise what the layer documents (`ALLOWED`)
and nothing else; what it must never do is crash, hang, or hand out memory of something that ended. The sanitizers see
the first and the last, a watchdog the second.
"""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from lab.memory import (
    AlignedBuffer,
    Arena,
    CowBytes,
    Interner,
    LayerError,
    LinearMemoryPool,
    MapPool,
    MemoryConfig,
    MemoryManager,
    PooledString,
    SharedConfig,
    StringPool,
    TaskBatch,
    VectorPool,
    WorkerTeam,
    prefetch,
    scan,
    stream,
)
from lab.memory.translate import COPY

ALLOWED = (LayerError, MemoryError, ValueError, OverflowError, BufferError, IndexError, KeyError)
MOST_HELD = 6
TEXTS = ("", "a", "data", "self.config", "long enough to be compared by its bytes", "\u00e9t\u00e9", "x" * 300)

Operation = Callable[["World", int], object]
OPERATIONS: dict[str, Operation] = {}

MAKERS: dict[str, Callable[[], Any]] = {
    "arena": lambda: Arena(4096),
    "strings": lambda: StringPool(4),
    "vectors": lambda: VectorPool(4),
    "maps": lambda: MapPool(4),
    "interner": lambda: Interner(8, strings_max=500),
    "buffer": lambda: AlignedBuffer(np.uint8),
    "batch": TaskBatch,
    "cow": lambda: CowBytes(b"shared until written"),
    "linear": lambda: LinearMemoryPool(2, maximum_bytes=1 << 18),
    "team": lambda: WorkerTeam(2),
    "config": lambda: SharedConfig({"a": 1, "b": "text"}),
    "manager": lambda: MemoryManager(MemoryConfig()),
}


def operation(function: Operation) -> Operation:
    """Make the function one that programs may call, by its name."""
    OPERATIONS[function.__name__] = function
    return function


class World:
    """The objects that programs share: one of each kind, and the last few things that these handed out."""

    def __init__(self) -> None:
        self.things: dict[str, Any] = {}
        self.held: list[Any] = []

    def get(self, kind: str) -> Any:
        """The object of a kind; a new one where it ended."""
        thing = self.things.get(kind)
        if thing is None or getattr(thing, "closed", False):
            thing = self.things[kind] = MAKERS[kind]()
        return thing

    def keep(self, thing: Any) -> None:
        """Hold on to a view, an item or a result, and let go of the oldest."""
        self.held.append(thing)
        del self.held[:-MOST_HELD]

    def pick(self, kind: type, number: int) -> Any:
        """Something held of a Python type, or None."""
        found = [thing for thing in list(self.held) if isinstance(thing, kind)]
        return found[number % len(found)] if found else None

    def run(self, name: str, number: int) -> None:
        """Make one call; what the layer documents as an error is one of its answers."""
        with contextlib.suppress(*ALLOWED):
            OPERATIONS[name](self, number)

    def end(self) -> None:
        """Let go of everything."""
        self.held.clear()
        for thing in self.things.values():
            with contextlib.suppress(*ALLOWED):
                thing.close()
        self.things.clear()


class Evil:
    """An argument whose conversion makes a call of its own: an index, text or sequence."""

    def __init__(self, world: World, number: int) -> None:
        self._world, self._number = world, number

    def _strike(self) -> None:
        name = sorted(OPERATIONS)[self._number % len(OPERATIONS)]
        if not name.startswith("evil"):
            self._world.run(name, self._number // 7)

    def __index__(self) -> int:
        self._strike()
        return self._number % 5

    def __iter__(self) -> Any:
        self._strike()
        yield ("source", "path", "config")
        self._strike()

    def __len__(self) -> int:
        self._strike()
        return 1


class EvilText(str):
    """Text whose `encode` makes a call of its own."""

    world: World
    number: int
    __slots__ = ("number", "world")

    def encode(self, *options: Any) -> bytes:  # type: ignore[override]
        """Encode, after a call."""
        Evil(self.world, self.number)._strike()
        return str.__str__(self).encode("utf-8")


def evil_text(world: World, number: int) -> EvilText:
    """Text of that kind."""
    text = EvilText("evil")
    text.world, text.number = world, number
    return text


def text_of(number: int) -> str:
    """Some text."""
    return TEXTS[number % len(TEXTS)] + (str(number) if number % 3 else "")


def _ender(kind: str) -> Operation:
    def close(world: World, number: int) -> object:
        return world.get(kind).close()

    return close


for _kind in MAKERS:
    OPERATIONS[f"{_kind}_close"] = _ender(_kind)


# ---- arena ----


@operation
def arena_alloc(w: World, n: int) -> object:
    """A view that is written, and perhaps kept."""
    view = w.get("arena").alloc(n % 700, alignment_bytes=1 << n % 9)
    view[:] = n % 256
    return w.keep(view) if n % 4 == 0 else None


@operation
def arena_alloc_many(w: World, n: int) -> object:
    """Many blocks."""
    return w.get("arena").alloc_many(np.arange(n % 40, dtype=np.uint64))


@operation
def arena_copy(w: World, n: int) -> object:
    """A copy of text."""
    return bytes(w.get("arena").copy(text_of(n)))


@operation
def arena_mark_and_rewind(w: World, n: int) -> object:
    """A mark, something after it, and back."""
    arena = w.get("arena")
    mark = arena.mark()
    arena.alloc(n % 300)
    return arena.rewind(mark)


@operation
def arena_reset(w: World, n: int) -> object:
    """Everything ends."""
    arena = w.get("arena")
    return arena.reset() if n % 2 else (arena.reset(), arena.trim(), arena.stats())


# ---- pools ----


@operation
def string_acquire(w: World, n: int) -> object:
    """A pooled string with text."""
    item = w.get("strings").acquire()
    item.append(text_of(n)).join([text_of(n + 1), text_of(n + 2)], ",")
    return w.keep(item if n % 3 else item.view())


@operation
def string_use(w: World, n: int) -> object:
    """One that is held."""
    item = w.pick(PooledString, n)
    return item and (item.append(text_of(n)), bytes(item), item.clear() if n % 4 == 0 else len(item))


@operation
def item_release(w: World, n: int) -> object:
    """Anything pooled goes back, perhaps twice."""
    for thing in list(w.held):
        if hasattr(thing, "release") and not isinstance(thing, memoryview):
            thing.release()
            if n % 2:
                thing.release()
            break
    return None


@operation
def string_release_many(w: World, n: int) -> object:
    """Several at once, perhaps one of them twice."""
    pool = w.get("strings")
    items = pool.acquire_many(n % 9)
    return pool.release_many(items + items[:1] if n % 5 == 0 else items)


@operation
def string_prefill_and_trim(w: World, n: int) -> object:
    """The depot is filled and emptied."""
    pool = w.get("strings")
    return (pool.prefill(n % 6), pool.trim() if n % 2 else 0, pool.stats())


@operation
def vector_acquire(w: World, n: int) -> object:
    """A pooled vector with numbers."""
    item = w.get("vectors").acquire()
    item.extend(np.arange(n % 200, dtype=np.float64))
    return w.keep(item if n % 3 else item.array())


@operation
def map_acquire(w: World, n: int) -> object:
    """A pooled map with entries of both kinds."""
    item = w.get("maps").acquire()
    for i in range(n % 50):
        item[i] = n
        item.add(text_of(i))
    item.count_words([text_of(n), text_of(n)])
    return w.keep(item)


@operation
def evil_map_key(w: World, n: int) -> object:
    """A key whose conversion calls into the layer."""
    item = w.get("maps").acquire()
    w.keep(item)
    item[Evil(w, n)] = 1
    item[evil_text(w, n)] = 2
    return item.count_words([evil_text(w, n), "a"])


@operation
def evil_string(w: World, n: int) -> object:
    """Text whose encoding calls into the layer."""
    item = w.get("strings").acquire()
    w.keep(item)
    return item.append(evil_text(w, n)).join([evil_text(w, n), "b"])


# ---- interner ----


@operation
def intern_one(w: World, n: int) -> object:
    """One string in, and out again."""
    interner = w.get("interner")
    return interner.text(interner.intern(text_of(n)))


@operation
def intern_many(w: World, n: int) -> object:
    """Many strings, perhaps on two threads."""
    return w.get("interner").intern_many([text_of(n + i) for i in range(n % 60)], threads=1 + n % 2)


@operation
def interner_read(w: World, n: int) -> object:
    """What is held; the column may be kept."""
    interner = w.get("interner")
    interner.lookup_many([text_of(n)])
    w.keep(interner.texts())
    return interner.stats()


@operation
def interner_clear(w: World, n: int) -> object:
    """A new generation."""
    return w.get("interner").clear()


@operation
def evil_intern(w: World, n: int) -> object:
    """Strings whose encoding calls into the layer."""
    return w.get("interner").intern_many([evil_text(w, n), evil_text(w, n + 1)])


# ---- buffer ----


@operation
def buffer_extend(w: World, n: int) -> object:
    """More bytes, perhaps the buffer's own."""
    buffer = w.get("buffer")
    return buffer.extend(buffer.array()) if n % 9 == 0 else buffer.extend(np.full(n % 5000, 7, dtype=np.uint8))


@operation
def buffer_view(w: World, n: int) -> object:
    """A view, by one protocol or another."""
    buffer = w.get("buffer")
    view = np.from_dlpack(buffer) if n % 3 == 0 else np.asarray(buffer) if n % 3 == 1 else buffer.array()
    view[: n % 20] = 1
    return w.keep(view)


@operation
def buffer_resize(w: World, n: int) -> object:
    """Shorter, longer, empty."""
    buffer = w.get("buffer")
    return buffer.clear() if n % 7 == 0 else buffer.reserve(n % 9000) if n % 7 == 1 else buffer.resize(n % 9000)


@operation
def evil_buffer(w: World, n: int) -> object:
    """A length whose conversion calls into the layer."""
    return w.get("buffer").resize(Evil(w, n))


# ---- batch ----


@operation
def batch_extend(w: World, n: int) -> object:
    """Rows, from lists or from columns."""
    batch = w.get("batch")
    if n % 2:
        return batch.extend([(text_of(i), "path", b"") for i in range(n % 30)])
    return batch.extend_columns([text_of(n)] * 3, ["p"] * 3, "config")


@operation
def batch_read(w: World, n: int) -> object:
    """Columns and rows."""
    batch = w.get("batch")
    w.keep(batch.column("source"))
    return batch.row(n % 5)


@operation
def batch_to_arrow_and_back(w: World, n: int) -> object:
    """Out through the Arrow interface, and in again."""
    batch = w.get("batch")
    return batch.extend_arrow(batch) if n % 3 == 0 and len(batch) < 1000 else w.keep(batch.__arrow_c_array__())


@operation
def batch_reset(w: World, n: int) -> object:
    """No rows."""
    return w.get("batch").reset()


@operation
def evil_batch(w: World, n: int) -> object:
    """Rows whose iteration and encoding call into the layer."""
    batch = w.get("batch")
    batch.extend(Evil(w, n))
    return batch.extend([(evil_text(w, n), "path", "")])


# ---- copy on write ----


@operation
def cow_derive(w: World, n: int) -> object:
    """A handle, a slice or many."""
    cow = w.get("cow")
    length = len(cow)
    w.keep(cow.share() if n % 3 == 0 else cow.slice(n % (length + 1), length))
    return w.keep(cow.slices(np.zeros(n % 5, dtype=np.uint64), np.full(n % 5, length, dtype=np.uint64)))


@operation
def cow_write(w: World, n: int) -> object:
    """A change, of the shared bytes or of a slice."""
    cow = w.pick(CowBytes, n) or w.get("cow")
    length = len(cow)
    cow.splice(n % (length + 1), 0, text_of(n)) if length < 5000 else cow.splice(0, length)
    return (cow.write(0, b"") if n % 2 else w.keep(cow.array()), bytes(cow), cow.shared)


# ---- linear memories ----


@operation
def linear_acquire(w: World, n: int) -> object:
    """A memory, whose bytes must all be 0."""
    memory = w.get("linear").acquire(n % 5 * 65536 // 2)
    data = memory.array()
    if data.any():
        raise AssertionError("a linear memory has bytes of an earlier tenant")
    data[:] = 0xA5
    del data
    return w.keep(memory)


@operation
def linear_change(w: World, n: int) -> object:
    """Grow, reset or end one that is held."""
    for thing in list(w.held):
        if hasattr(thing, "grow"):
            return (
                thing.grow(len(thing) + n % 70000)
                if n % 3 == 0
                else thing.reset(n % 70000)
                if n % 3 == 1
                else thing.close()
            )
    return None


# ---- threads, and loops over what is held ----


@operation
def translate(w: World, n: int) -> object:
    """A batch on the team, with strings of each kind."""
    team, batch = w.get("team"), w.get("batch")
    if n % 3 == 0:
        done = team.translate(COPY, batch, strings="pooled", pool=w.get("strings"))
    else:
        done = team.translate(COPY, batch, strings=("worker", "fresh")[n % 2])
    return w.keep(done)


@operation
def team_cancel(w: World, n: int) -> object:
    """The batch that runs, if any."""
    team = w.get("team")
    return (team.cancel(), team.stats())


@operation
def scan_held(w: World, n: int) -> object:
    """Vector loops over a view."""
    view = w.pick(np.ndarray, n)
    if view is None or view.dtype != np.uint8 or not view.flags.c_contiguous:
        return None
    return (scan.find(view, b"a"), scan.count_byte(view, b"x"), scan.positions(view, b"\n"), scan.histogram(view))


@operation
def scan_rows(w: World, n: int) -> object:
    """Tests on rows, of a batch's column or of a list."""
    rows = w.get("batch").column("source") if n % 2 else [text_of(i) for i in range(n % 20)]
    return (scan.contains(rows, "e"), scan.starts_with(rows, ""), scan.count_characters_in_rows(rows))


@operation
def stream_and_prefetch(w: World, n: int) -> object:
    """Arrays of the caller's."""
    values = np.arange(n % 300, dtype=np.float64)
    stream.copy(np.empty_like(values), values)
    table = np.arange(64, dtype=np.uint64)
    return (stream.total(values), prefetch.gather(table, np.full(n % 50, n % 64, dtype=np.uint64)))


@operation
def config_change(w: World, n: int) -> object:
    """A key of a shared configuration."""
    config = w.get("config")
    other = config.share()
    other[f"key{n % 9}"] = n
    w.keep(other)
    return bytes(config)


@operation
def manager_use(w: World, n: int) -> object:
    """Parts of the manager, and its figures."""
    manager = w.get("manager")
    if n % 3 == 0:
        with manager.arena() as arena:
            arena.alloc(n % 100)
    elif n % 3 == 1:
        w.keep(manager.string().append(text_of(n)))
    else:
        w.keep(manager.interner.intern(text_of(n)))
    return manager.prometheus() if n % 5 == 0 else manager.metrics()


@operation
def shuffle_held(w: World, n: int) -> object:
    """Some of what is held goes, in any order."""
    random.Random(n).shuffle(w.held)
    del w.held[: n % 4]
    return None
