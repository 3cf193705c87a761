"""The one front door to the layer: builds what a configuration asks for, hands it out, and reports what it did.

Each component is built when it is first asked for. One that is switched off, or cannot be built, is plain allocation
behind the same calls (`lab.memory.plain`), so that code which uses the manager never asks which it got.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Self, TypeVar

import numpy as np
import numpy.typing as npt

from lab.memory import protocols
from lab.memory.batch import TaskBatch
from lab.memory.boundary.sizes import size
from lab.memory.bridge.forms import PREFETCH_DISTANCE
from lab.memory.bridge.team import WorkerTeam
from lab.memory.buffer import AlignedBuffer
from lab.memory.cow import Content, CowBytes, copies
from lab.memory.interner import Interner, Keywords
from lab.memory.ledger import ledger
from lab.memory.linear import LinearMemory, LinearMemoryPool
from lab.memory.manager.arenas import ArenaLender
from lab.memory.manager.components import Component, Components
from lab.memory.manager.config import MemoryConfig
from lab.memory.manager.metrics import (
    ArenaMetrics,
    CacheMetrics,
    InternerMetrics,
    LinearMetrics,
    MemoryMetrics,
    PoolMetrics,
    TeamTally,
    TotalMetrics,
    TranslationMetrics,
)
from lab.memory.manager.prometheus import Collector, exposition
from lab.memory.numa import NumaBuffer, numa_nodes
from lab.memory.pages import PageBuffer
from lab.memory.plain import PlainBatch, PlainBuffer, PlainInterner
from lab.memory.pool import MapPool, NativePool, StringPool, VectorPool
from lab.memory.pool_items import PooledMap, PooledObject, PooledString, PooledVector

Item = TypeVar("Item", bound=PooledObject)


class MemoryManager:
    """What a `MemoryConfig` asks for, built when it is first used. Safe to share between threads.

    Args:
        config: What to build; all defaults where None.
    """

    def __init__(self, config: MemoryConfig | None = None) -> None:
        self.config: Final = config or MemoryConfig()
        self._components = Components()
        self._arenas = ArenaLender(
            self._components, self.config.arena_capacity_bytes, wanted=self.config.enable_arena_allocation
        )
        self._tally = TeamTally()
        self._tasks: TranslationMetrics | None = None
        self._cache: CacheMetrics | None = None

    @property
    def closed(self) -> bool:
        """Whether the manager has ended."""
        return self._components.closed

    # --- pools ---------------------------------------------------------------------------------------------------

    @property
    def strings(self) -> StringPool:
        """The pool of strings; with pools off one that retains nothing.

        Raises:
            MemoryError: The system refuses memory, here and for each component below.
        """
        return self._pool("string", StringPool, self.config.pools.string_pool_size)

    @property
    def vectors(self) -> VectorPool:
        """The pool of vectors."""
        return self._pool("vector", VectorPool, self.config.pools.vec_pool_size)

    @property
    def maps(self) -> MapPool:
        """The pool of hash maps."""
        return self._pool("map", MapPool, self.config.pools.hashmap_pool_size)

    def _pool(self, name: str, kind: Callable[[int], Component], retained: int) -> Component:
        return self._components.get(name, self.config.enable_pools, lambda: kind(retained), lambda: kind(0))

    def string(self) -> PooledString:
        """An empty string, out of the pool, or past it where the pool is refused memory."""
        return self._acquire("string", self.strings, StringPool)

    def vector(self) -> PooledVector:
        """An empty vector, as `string`."""
        return self._acquire("vector", self.vectors, VectorPool)

    def map(self) -> PooledMap:
        """An empty hash map, as `string`."""
        return self._acquire("map", self.maps, MapPool)

    def _acquire(self, name: str, pool: NativePool[Item], kind: Callable[[int], NativePool[Item]]) -> Item:
        def past() -> Item:
            return self._components.get(f"plain {name}", False, lambda: kind(0), lambda: kind(0)).acquire()

        return self._components.attempt(name, pool.acquire, past)

    # --- arenas, strings, buffers, batches -----------------------------------------------------------------------

    def arena(self) -> AbstractContextManager[protocols.Arena]:
        """An arena of the caller's own for a `with` block; it is reset at the end and lent again.

        Raises:
            BufferError: A view of its memory outlives the block; the arena is lent again once that is gone.
        """
        return self._arenas.lend()

    @property
    def interner(self) -> protocols.Interner:
        """The interner; with interning off a dictionary of Python behind its calls."""
        keywords: Keywords = "all" if self.config.intern_keywords else "none"
        build: Callable[[], protocols.Interner] = lambda: Interner(keywords=keywords)  # noqa: E731 (typed)
        wanted = self.config.enable_string_interning
        return self._components.get("interner", wanted, build, lambda: PlainInterner(keywords=keywords))

    def buffer(self, dtype: npt.DTypeLike = np.uint8, count: int = 0) -> protocols.Buffer:
        """A buffer of so many elements, aligned to cache lines unless that is off; the caller owns it."""
        build: Callable[[], protocols.Buffer] = lambda: AlignedBuffer(dtype, count)  # noqa: E731 (typed)
        return self._made("buffer", self.config.enable_aligned_buffers, build, lambda: PlainBuffer(dtype, count))

    def batch(self, *, large: bool = True) -> protocols.Batch:
        """An empty batch of tasks, kept as columns unless that is off; the caller owns it."""
        build: Callable[[], protocols.Batch] = lambda: TaskBatch(large=large)  # noqa: E731 (typed)
        return self._made("batch", self.config.enable_soa_batches, build, lambda: PlainBatch(large=large))

    def _made(
        self, name: str, wanted: bool, build: Callable[[], Component], plain: Callable[[], Component]
    ) -> Component:
        """An object for the caller."""
        self._components.forbid_closed()
        return self._components.attempt(name, build, plain) if wanted else plain()

    def input(self, data: Content) -> CowBytes:
        """Bytes that are borrowed until they are changed, or copied at once where that is off; the caller owns it."""
        self._components.forbid_closed()
        return CowBytes(data, copy=not self.config.enable_zero_copy)

    @property
    def prefetch_distance(self) -> int:
        """Rows ahead to give hints for; 0 where that is off."""
        return PREFETCH_DISTANCE if self.config.enable_prefetching else 0

    # --- pages, threads, linear memories -------------------------------------------------------------------------

    @property
    def numa_active(self) -> bool:
        """Whether memory is placed: it is enabled, and there is more than one node."""
        return self._components.get("numa", self.config.numa.enabled, lambda: len(numa_nodes()) > 1, lambda: False)

    def pages(self, size_bytes: int, *, node: int | None = None) -> NumaBuffer | PageBuffer:
        """Mapped memory, placed as the configuration says where that is active; `report` tells; the caller owns it.

        Args:
            size_bytes: Bytes, 1 at least.
            node: Where the strategy is `pinned`: the node, the first with memory where None. Not read otherwise.

        Raises:
            ValueError: The size is 0 or negative, or there is no such node.
        """
        if not self.numa_active:
            return PageBuffer(size_bytes, "plain")
        strategy = self.config.numa.strategy
        place = None
        if strategy == "pinned":
            place = next(known.node for known in numa_nodes() if known.has_memory) if node is None else node
        return NumaBuffer(size_bytes, strategy, place)

    def team(self, workers: int | None = None) -> WorkerTeam:
        """Native threads, bound to nodes where the strategy `pinned` is active; the caller owns the team.

        What it does is counted in `metrics`, after the team has ended too.

        Raises:
            ValueError: workers is not from 1 to 4096.
        """
        pin = self.numa_active and self.config.numa.strategy == "pinned"
        capacity = self.config.arena_capacity_bytes
        return WorkerTeam(workers, arena_capacity_bytes=capacity, pin_to_nodes=pin, tally=self._tally)

    @property
    def linear_memories(self) -> LinearMemoryPool | None:
        """The pool of linear memories; None where its size is 0 or it could not be built."""
        wasm = self.config.wasm
        return self._components.get(
            "linear", wasm.pool_size > 0, lambda: self._linear_pool(wasm.pool_size), lambda: None
        )

    def _linear_pool(self, slots: int) -> LinearMemoryPool | None:
        return LinearMemoryPool(slots, self.config.wasm.max_memory_bytes)

    def linear_memory(self, size_bytes: int) -> LinearMemory:
        """A linear memory, out of the pool, or one of its own where there is none or none is free; the caller owns it.

        Raises:
            ValueError: The size is negative.
            OverflowError: It is more than the configured maximum.
        """
        length = size(size_bytes, "size_bytes")
        if length > self.config.wasm.max_memory_bytes:
            raise OverflowError(f"{length} bytes are more than the configured {self.config.wasm.max_memory_mb} MiB")
        pool = self.linear_memories

        def alone() -> LinearMemory:
            return LinearMemoryPool(1, self.config.wasm.max_memory_bytes).acquire(length)

        if pool is None:
            return alone()
        try:
            return self._components.attempt("linear", lambda: pool.acquire(length), alone)
        except BufferError:  # all slots in use: no failure, but not what was asked for either
            return alone()

    # --- what it did ---------------------------------------------------------------------------------------------

    def observe_cache(self, *, hits: int, misses: int) -> None:
        """Add what someone measured of the processor's cache: hardware counters or a simulation.

        Raises:
            ValueError: A number is negative.
        """
        found, missed = size(hits, "hits"), size(misses, "misses")
        with self._components.turn:
            before = self._cache or CacheMetrics(0, 0)
            self._cache = CacheMetrics(before.hits + found, before.misses + missed)

    def observe_translation(self, done: TranslationMetrics) -> None:
        """Add what translating with this manager's configuration cost.

        `lab.translation` calls this where it is given the manager as its configuration.
        """
        with self._components.turn:
            self._tasks = done if self._tasks is None else self._tasks + done

    def metrics(self) -> MemoryMetrics:
        """The figures now; of a component that was never asked for there are none.

        Raises:
            ClosedError: The manager is closed.
        """
        built = self._components.built()
        interner: protocols.Interner | None = built.get("interner")
        linear: LinearMemoryPool | None = built.get("linear")
        arenas = self._arenas.stats()
        system = ledger()
        kinds = [name for name in ("string", "vector", "map") if name in built]
        return MemoryMetrics(
            pools={name: PoolMetrics.of(built[name].stats()) for name in kinds},
            interner=None if interner is None else InternerMetrics.of(interner.stats()),
            arena=ArenaMetrics.of(arenas) if arenas else None,
            team=self._tally.metrics(),
            translation=self._tasks,
            linear=None if linear is None else LinearMetrics.of(linear.stats()),
            cache=self._cache,
            copies=copies(),
            totals=TotalMetrics(system.allocation_count, system.peak_bytes, system.live_bytes),
            fallbacks=self._components.fallbacks(),
            switched_off=self.config.switched_off(),
        )

    def prometheus(self, labels: Mapping[str, str] | None = None) -> str:
        """The figures in the Prometheus text format.

        Args:
            labels: Further labels of every sample, such as the name of a service.

        Raises:
            ClosedError: The manager is closed.
            LayerError: A label's name is wrong.
        """
        return exposition(self.metrics(), labels)

    def collector(self, labels: Mapping[str, str] | None = None) -> Collector:
        """For the registry of the official Prometheus client, which must be installed.

        Raises:
            UnsupportedError: It is not.
        """
        return Collector(self.metrics, labels)

    # --- the end -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End every component; again is allowed. What `buffer`, `batch`, `input`, `pages` and `team` gave lives on.

        Raises:
            BufferError: An object, a view or an arena is still out. What could be ended is; call again afterwards.
        """
        with self._components.turn:
            if not self._components.closed:
                self._arenas.close()
                self._components.close()
                self._components.closed = True

    def __enter__(self) -> Self:
        self._components.forbid_closed()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except BufferError:
            if error is None:  # otherwise the block's own error is the one to report
                raise
