"""What a memory manager has done, as frozen figures."""

from dataclasses import astuple, dataclass
from itertools import count
from operator import add

from lab.memory.arena import ArenaStats
from lab.memory.bridge.team import TeamStats
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
class TeamMetrics:
    """All teams of native threads that the manager made, those that have ended included.

    Attributes:
        teams: How many there were.
        workers: Threads of those that have not ended.
        batches: Batches run.
        done: Tasks that ended well.
        failed: Tasks that failed.
        cancelled: Tasks that never began.
        arena_allocations: Allocations from the workers' arenas.
        arena_peak_bytes: Sum of the peaks of the workers' arenas.
        arena_capacity_bytes: Bytes that the arenas hold from the system.
    """

    teams: int
    workers: int
    batches: int
    done: int
    failed: int
    cancelled: int
    arena_allocations: int
    arena_peak_bytes: int
    arena_capacity_bytes: int


class TeamTally:
    """Where teams leave their figures after each batch, so that none is lost with its team. Any thread."""

    def __init__(self) -> None:
        self._latest: dict[int, TeamStats] = {}
        self._numbers = count()
        self._alive: set[int] = set()

    def begin(self) -> int:
        """A number for a new team."""
        number = next(self._numbers)
        self._alive.add(number)
        return number

    def note(self, number: int, stats: TeamStats) -> None:
        """What a team has done so far."""
        self._latest[number] = stats

    def end(self, number: int) -> None:
        """The team has no threads and no memory any more."""
        self._alive.discard(number)

    def metrics(self) -> TeamMetrics | None:
        """The sums; None before the first team."""
        stats = list(self._latest.items())
        if not stats:
            return None
        alive = [one for number, one in stats if number in self._alive]
        every = [one for _, one in stats]
        return TeamMetrics(
            teams=len(every),
            workers=sum(one.worker_count for one in alive),
            batches=sum(one.batch_count for one in every),
            done=sum(one.done_count for one in every),
            failed=sum(one.failed_count for one in every),
            cancelled=sum(one.cancelled_count for one in every),
            arena_allocations=sum(one.arena_allocation_count for one in every),
            arena_peak_bytes=sum(one.arena_peak_bytes for one in every),
            arena_capacity_bytes=sum(one.arena_capacity_bytes for one in alive),
        )


@dataclass(frozen=True, slots=True)
class TranslationMetrics:
    """Sources translated with the manager as their configuration (`lab.translation`).

    Attributes:
        tasks: Sources, the failed ones included.
        failed: Sources that failed.
        source_bytes: Bytes of source.
        output_bytes: Bytes that went out.
        allocations: Calls that obtained memory from the system.
        allocated_bytes: Bytes obtained, in all.
        copies: Times that bytes were copied to be kept elsewhere.
        copied_bytes: Bytes so copied.
        pool_hits: Buffers that were kept from an earlier source.
        pool_misses: Buffers that were not.
        interned: Names stored.
        deduplicated: Names that were stored already.
    """

    tasks: int
    failed: int
    source_bytes: int
    output_bytes: int
    allocations: int
    allocated_bytes: int
    copies: int
    copied_bytes: int
    pool_hits: int
    pool_misses: int
    interned: int
    deduplicated: int

    def __add__(self, other: "TranslationMetrics") -> "TranslationMetrics":
        return TranslationMetrics(*map(add, astuple(self), astuple(other)))


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
        team: All teams of native threads.
        translation: Sources translated with the manager as their configuration.
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
    team: TeamMetrics | None
    translation: TranslationMetrics | None
    linear: LinearMetrics | None
    cache: CacheMetrics | None
    copies: CopyStats
    totals: TotalMetrics
    fallbacks: tuple[Fallback, ...]
    switched_off: tuple[str, ...]
