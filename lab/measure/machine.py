"""The machine as the lab sees it: what the kernel says, and what a sweep of working sets measures."""

import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

from lab.measure import facts as read
from lab.measure.callgrind import FIXED_GEOMETRY, Cache, Geometry
from lab.measure.limits import read_limits
from lab.measure.native import Native
from lab.measure.sweep import MIB, WorkingSet, choose_working_sets, find_levels, run_sweep

LEAST_EVICT_BYTES = 32 * MIB
MOST_EVICT_BYTES = 128 * MIB
MEMORY_SHARE = 8  # a working set takes at most this part of the available memory: two arms, two buffers, and the rest


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts and measured sizes.

    Attributes:
        facts: flat text facts for the run's record, "cpu.model" -> "AMD EPYC".
        working_sets: one size per level, smallest first; the last lies well past the effective last level.
        cpus: usable by this process.
        dropped: levels without a working set -> why.
    """

    facts: dict[str, str]
    working_sets: tuple[WorkingSet, ...]
    cpus: int
    dropped: Mapping[str, str] = field(default_factory=dict)


@functools.lru_cache(maxsize=4)
def measure_machine(native: Native) -> Machine:
    """Read the facts and sweep the working sets: about three seconds.

    Measured once per process, so that everything planned in one session speaks of the same sizes.
    Facts that the sweep adds: "level.L2.bytes" and "level.L2.ns" (as it behaves), "memory.evict_bytes" (a buffer that
    clears the caches when read), "sweep.huge_bytes", "simulated.geometry".

    Raises:
        EnvironmentFailure: the native part does not run.
    """
    facts = _read_facts(native)
    available = psutil.virtual_memory().available
    sweep = run_sweep(native, available_bytes=available)
    nominal = nominal_levels(facts)
    levels = find_levels(sweep.points, nominal)
    sets, dropped = choose_working_sets(levels, nominal, most_bytes=available // MEMORY_SHARE)
    last = max((level.bytes for level in levels if level.bytes is not None), default=0)
    for level in levels:
        facts[f"level.{level.label}.ns"] = f"{level.ns:.2f}"
        if level.bytes is not None:
            facts[f"level.{level.label}.bytes"] = str(level.bytes)
    evict = min(max(4 * last, LEAST_EVICT_BYTES), MOST_EVICT_BYTES, max(available // MEMORY_SHARE, MIB))
    facts["memory.evict_bytes"] = str(evict)
    facts["sweep.huge_bytes"] = str(sweep.huge_bytes)
    facts["simulated.geometry"] = geometry_of(facts).describe()
    return Machine(facts, tuple(sets), native.cpus, dropped)


@functools.lru_cache(maxsize=4)
def describe_machine(native: Native) -> Machine:
    """Read the facts alone, for what needs no working sets: the caches are taken at their nominal sizes.

    Raises:
        EnvironmentFailure: the native part does not run.
    """
    facts = _read_facts(native)
    available = psutil.virtual_memory().available
    last = max(nominal_levels(facts).values(), default=0)
    evict = min(max(4 * last, LEAST_EVICT_BYTES), MOST_EVICT_BYTES, max(available // MEMORY_SHARE, MIB))
    facts["memory.evict_bytes"] = str(evict)
    facts["simulated.geometry"] = geometry_of(facts).describe()
    return Machine(facts, (), native.cpus, {})


def _read_facts(native: Native) -> dict[str, str]:
    return {
        **read.read_processor(),
        **read.read_caches(),
        **read.read_memory(),
        **read.read_system(),
        **read.read_build(native),
        **read.read_tools(),
        **read_limits().facts(),
        **read.read_pyperf(sys.executable),
    }


def nominal_levels(facts: Mapping[str, str]) -> dict[str, int]:
    """Bytes of each data cache as the system says: "L1", "L2", "L3"."""
    names = {"L1": "cache.L1d", "L2": "cache.L2", "L3": "cache.L3"}
    return {label: _cache(facts[name]).bytes for label, name in names.items() if name in facts}


def geometry_of(facts: Mapping[str, str]) -> Geometry:
    """What to simulate for a machine: its own first two levels, the last one at its effective size.

    A cache that the system says nothing about is FIXED_GEOMETRY's; where there is no third level the L2 is the last.
    """

    def cache(name: str, otherwise: Cache) -> Cache:
        if name not in facts:
            return otherwise
        said = _cache(facts[name])
        return Cache.fitted(said.bytes, said.ways, said.line_bytes)

    l2 = cache("cache.L2", FIXED_GEOMETRY.l2)
    ll = cache("cache.L3", l2 if "cache.L2" in facts else FIXED_GEOMETRY.ll)
    if "level.L3.bytes" in facts:
        ll = Cache.fitted(int(facts["level.L3.bytes"]), ll.ways, ll.line_bytes)
    return Geometry(cache("cache.L1i", FIXED_GEOMETRY.i1), cache("cache.L1d", FIXED_GEOMETRY.d1), l2, ll)


def nominal_last_level(facts: Mapping[str, str]) -> Cache | None:
    """The third level as the system says, rounded down to what can be simulated; None where it says nothing of one."""
    if "cache.L3" not in facts:
        return None
    said = _cache(facts["cache.L3"])
    return Cache.fitted(said.bytes, said.ways, said.line_bytes)


def _cache(text: str) -> Cache:
    return Cache(*map(int, text.split(",")))


__all__ = [
    "Machine",
    "WorkingSet",
    "describe_machine",
    "geometry_of",
    "measure_machine",
    "nominal_last_level",
    "nominal_levels",
]
