"""The staircase of latencies: levels are found on recorded sweeps, disturbed ones included."""

import pytest

from lab.core.errors import EnvironmentFailure
from lab.measure.native import Native
from lab.measure.sweep import KIB, MIB, Level, choose_working_sets, find_levels, find_steps, run_sweep
from tests.measure.staircases import BUSY, BUSY_AGAIN, QUIET, SMALL_PAGES

NOMINAL = {"L1": 32 * KIB, "L2": 1 * MIB, "L3": 32 * MIB}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (QUIET, {"L1": 32, "L2": 720, "L3": 8192}),
        (BUSY, {"L1": 32, "L2": 720, "L3": 5760}),
        (BUSY_AGAIN, {"L1": 32, "L2": 720, "L3": 5760}),
    ],
)
def test_capacities_of_recorded_sweeps(points: list[tuple[int, float]], expected: dict[str, int]) -> None:
    """A shared host's last level is found at its effective size, not at the nominal one."""
    levels = find_levels(points, NOMINAL)
    assert {level.label: level.bytes // KIB for level in levels if level.bytes is not None} == expected
    assert levels[-1].label == "DRAM"
    assert levels[-1].bytes is None


def test_a_disturbed_point_makes_no_step() -> None:
    """Disturbance only adds time: one slow point below the edge changes nothing."""
    disturbed = [(size, ns * 5 if size == 128 * KIB else ns) for size, ns in QUIET]
    assert find_steps(disturbed) == find_steps(QUIET)


def test_an_edge_of_the_tlb_is_no_level() -> None:
    """Two steps within one nominal level count as that level."""
    labels = [level.label for level in find_levels(SMALL_PAGES, NOMINAL)]
    assert labels == ["L1", "L2", "L3", "DRAM"]


def test_without_nominal_sizes_steps_are_numbered() -> None:
    """A system that says nothing about its caches still has levels."""
    assert [level.label for level in find_levels(QUIET, {})] == ["L1", "L2", "L3", "DRAM"]


def test_a_level_without_a_step_is_dropped_with_its_reason() -> None:
    """A staircase without a third tread has no L3."""
    flat = [(8 * KIB << at, 1.0 if at < 3 else 4.0 if at < 7 else 100.0) for at in range(14)]
    sets, dropped = choose_working_sets(find_levels(flat, NOMINAL), NOMINAL, most_bytes=1 << 30)
    assert [size.label for size in sets] == ["L1", "L2", "DRAM"]
    assert list(dropped) == ["L3"]
    assert "no step of its own" in dropped["L3"]


def test_working_sets_lie_well_inside_their_levels() -> None:
    """Half the capacity in caches, eight times the last level in memory."""
    sets, dropped = choose_working_sets(find_levels(QUIET, NOMINAL), NOMINAL, most_bytes=1 << 30)
    assert {size.label: size.bytes // KIB for size in sets} == {"L1": 16, "L2": 256, "L3": 4096, "DRAM": 64 * 1024}
    assert dropped == {}


def test_little_memory_drops_the_levels_that_do_not_fit() -> None:
    """A machine with little free memory gives up DRAM rather than call a cached size DRAM."""
    levels = [
        Level("L1", 32 * KIB, 1.0),
        Level("L2", 1 * MIB, 4.0),
        Level("L3", 8 * MIB, 12.0),
        Level("DRAM", None, 100.0),
    ]
    sets, dropped = choose_working_sets(levels, NOMINAL, most_bytes=10 * MIB)
    assert [size.label for size in sets] == ["L1", "L2", "L3"]
    assert "at most 10 MiB" in dropped["DRAM"]


def test_a_live_sweep_grows_and_has_a_first_level(native: Native) -> None:
    """The driver's sweep covers its sizes once each, and the smallest ones hit the first level."""
    sweep = run_sweep(native, available_bytes=8 * MIB)
    sizes = [size for size, _ in sweep.points]
    assert sizes[0] == 8 * KIB
    assert sizes == sorted(set(sizes))
    assert sizes[-1] <= 2 * MIB
    assert all(ns > 0 for _, ns in sweep.points)


def test_a_sweep_without_memory_is_an_environment_failure(native: Native) -> None:
    """A system that refuses the memory is told with the remedy."""
    with pytest.raises(EnvironmentFailure, match="free some memory"):
        run_sweep(native, available_bytes=0)
