"""What a memory manager has done, as frozen figures."""

from dataclasses import dataclass

from lab.memory.arena import ArenaStats
from lab.memory.cow import CopyStats
from lab.memory.interner import InternerStats
from lab.memory.linear import LinearStats
from lab.memory.pool import PoolStats


def _rate(hits: int, misses: int) -> float | None:
    return hits / (hits + misses) if hits + misses else None


@dataclass(frozen=True, slots=True)
class PoolMetrics:
    """One object pool.

    Attributes:
        hits: Acquires served by a retained object.
        misses: Acquires that built one.
        returned: Releases whose object was retained.
        discarded: Releases whose object was destroyed.
        live: Objects out now.
        retained: Objects waiting for reuse.
        retained_max: Bound on them.
    """

    hits: int
    misses: int
    returned: int
    discarded: int
    live: int
    retained: int
    retained_max: int

    @property
    def hit_rate(self) -> float | None:
        """Hits per acquire; None before the first."""
        return _rate(self.hits, self.misses)

    @classmethod
    def of(cls, stats: PoolStats) -> "PoolMetrics":
        """The figures of a pool."""
        return cls(
            hits=stats.hit_count,
            misses=stats.miss_count,
            returned=stats.return_count,
            discarded=stats.discard_count,
            live=stats.live_count,
            retained=stats.retained_count,
            retained_max=stats.retained_max,
        )


@dataclass(frozen=True, slots=True)
class InternerMetrics:
    """The string interner.

    Attributes:
        strings: Distinct strings held.
        interned: Requests that stored a new string.
        deduplicated: Requests that found theirs.
        bytes_saved: Text that was not stored again.
        footprint_bytes: Memory held, tables included.
    """

    strings: int
    interned: int
    deduplicated: int
    bytes_saved: int
    footprint_bytes: int

    @classmethod
    def of(cls, stats: InternerStats) -> "InternerMetrics":
        """The figures of an interner."""
        return cls(
            strings=stats.string_count,
            interned=stats.interned_count,
            deduplicated=stats.deduplicated_count,
            bytes_saved=stats.bytes_saved,
            footprint_bytes=stats.footprint_bytes,
        )


@dataclass(frozen=True, slots=True)
class ArenaMetrics:
    """All arenas that the manager made, those lent and those waiting.

    Attributes:
        arenas: How many there are.
        allocations: Allocations served.
        peak_bytes: Sum of the arenas' peaks.
        resets: Resets, one for each time an arena came back.
        requested_bytes: Bytes asked for.
        padding_bytes: Bytes spent on alignment.
        capacity_bytes: Bytes held from the system.
    """

    arenas: int
    allocations: int
    peak_bytes: int
    resets: int
    requested_bytes: int
    padding_bytes: int
    capacity_bytes: int

    @classmethod
    def of(cls, stats: list[ArenaStats]) -> "ArenaMetrics":
        """The sums over arenas."""
        return cls(
            arenas=len(stats),
            allocations=sum(one.allocation_count for one in stats),
            peak_bytes=sum(one.peak_bytes for one in stats),
            resets=sum(one.reset_count for one in stats),
            requested_bytes=sum(one.requested_bytes for one in stats),
            padding_bytes=sum(one.padding_bytes for one in stats),
            capacity_bytes=sum(one.capacity_bytes for one in stats),
        )


@dataclass(frozen=True, slots=True)
class CacheMetrics:
    """The processor's cache, as whoever measured it reported; the layer cannot count it.

    Attributes:
        hits: References found in the cache.
        misses: References that went further.
    """

    hits: int
    misses: int

    @property
    def hit_rate(self) -> float | None:
        """Hits per reference; None before the first."""
        return _rate(self.hits, self.misses)


@dataclass(frozen=True, slots=True)
class LinearMetrics:
    """The pool of linear memories.

    Attributes:
        live: Memories in use.
        capacity: Memories that can be in use at once.
        acquired: Memories handed out.
        refused: Acquires that found none free, or were refused memory.
        resets: Times a memory was made as new.
        kept_bytes: Resident in memories that nobody uses.
    """

    live: int
    capacity: int
    acquired: int
    refused: int
    resets: int
    kept_bytes: int

    @classmethod
    def of(cls, stats: LinearStats) -> "LinearMetrics":
        """The figures of a pool of linear memories."""
        return cls(
            live=stats.in_use_count,
            capacity=stats.slot_count,
            acquired=stats.acquire_count,
            refused=stats.refused_count,
            resets=stats.reset_count,
            kept_bytes=stats.kept_bytes,
        )


@dataclass(frozen=True, slots=True)
class TotalMetrics:
    """Everything that reached the system, of the whole process: other managers' too.

    Attributes:
        allocations: Calls that obtained memory.
        peak_bytes: Most bytes held; an upper bound with several threads.
        current_bytes: Bytes held now.
    """

    allocations: int
    peak_bytes: int
    current_bytes: int


@dataclass(frozen=True, slots=True)
class Fallback:
    """An optimisation that was asked for and is served by plain allocation.

    Attributes:
        component: Which.
        count: How often it was refused.
        reason: What was said the last time.
    """

    component: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class MemoryMetrics:
    """One reading of a manager; a component that was never asked for, or is off, is None or missing.

    Attributes:
        pools: By kind: string, vector, map.
        interner: The string interner.
        arena: All arenas.
        linear: The pool of linear memories.
        cache: The processor's cache, where someone reported it.
        copies: Copies made and avoided, of the whole process.
        totals: What reached the system, of the whole process.
        fallbacks: What plain allocation stands in for, by component.
        switched_off: Optimisations that the configuration switched off.
    """

    pools: dict[str, PoolMetrics]
    interner: InternerMetrics | None
    arena: ArenaMetrics | None
    linear: LinearMetrics | None
    cache: CacheMetrics | None
    copies: CopyStats
    totals: TotalMetrics
    fallbacks: tuple[Fallback, ...]
    switched_off: tuple[str, ...]
