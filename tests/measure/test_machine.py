"""The machine: what is simulated follows from its facts, and measuring it gives sizes for experiments."""

from lab.measure.callgrind import FIXED_GEOMETRY, Cache
from lab.measure.machine import geometry_of, measure_machine, nominal_levels
from lab.measure.native import Native

FACTS = {
    "cache.L1d": "49152,12,64", "cache.L1i": "32768,8,64", "cache.L2": "1310720,20,64", "cache.L3": "33554432,16,64",
    "level.L3.bytes": "5898240",
}  # fmt: skip


def test_the_last_level_is_simulated_at_its_effective_size() -> None:
    """5.6 MiB of a nominal 32 MiB become the next smaller simulable cache of the same ways."""
    geometry = geometry_of(FACTS)
    assert geometry.d1 == Cache(49152, 12, 64)
    assert geometry.l2 == Cache(1310720, 20, 64)
    assert geometry.ll == Cache(4 << 20, 16, 64)


def test_unknown_caches_are_the_fixed_ones() -> None:
    """A system that says nothing is simulated as FIXED_GEOMETRY."""
    assert geometry_of({}) == FIXED_GEOMETRY


def test_without_a_third_level_the_second_is_the_last() -> None:
    """A machine whose last level is the L2 has the same misses in both."""
    geometry = geometry_of({"cache.L2": "2097152,16,64"})
    assert geometry.ll == geometry.l2


def test_nominal_levels_are_the_data_caches() -> None:
    """The instruction cache holds no working set."""
    assert nominal_levels(FACTS) == {"L1": 49152, "L2": 1310720, "L3": 33554432}


def test_measuring_gives_growing_working_sets_and_the_facts_that_a_run_needs(native: Native) -> None:
    """Levels either have a size or a reason; what the runner and the gate read is there."""
    machine = measure_machine(native)
    sizes = [size.bytes for size in machine.working_sets]
    assert sizes == sorted(set(sizes))
    assert sizes
    labels = {size.label for size in machine.working_sets} | set(machine.dropped)
    assert labels >= {"L1", "DRAM"}
    assert int(machine.facts["memory.evict_bytes"]) > 0
    needed = {"build.arch", "build.compiler", "system.libc", "tool.valgrind", "simulated.geometry"}
    assert needed <= set(machine.facts)
    assert all(isinstance(value, str) for value in machine.facts.values())
    assert measure_machine(native) is machine
