"""Which part of the memory's bandwidth the work uses."""

import pytest

from lab.analysis.bandwidth import bandwidth_fractions
from lab.core.results import Comparison
from lab.core.schema import ExperimentPlan, GroupPlan, Plan
from lab.report import wording
from tests.analysis.tables import a_comparison
from tests.store.plans import a_plan


def plan(*, ceiling_bytes: int = 128) -> Plan:
    groups = (GroupPlan("group", "Group", "size", ""), GroupPlan("top", "Top", "", "", ceiling_bytes=ceiling_bytes))
    return a_plan(experiments=(ExperimentPlan("demo", "Demo", "Does it?", groups, {}, ()),))


def ceiling(baseline_ns: float, arm_ns: float) -> Comparison:
    return a_comparison(
        group="top", case="top", arm="limit", baseline_value=baseline_ns * 1e-9, arm_value=arm_ns * 1e-9
    )


def misses(baseline: float, arm: float) -> Comparison:
    return a_comparison(
        metric="ll_misses", unit="count", baseline_value=baseline, arm_value=arm, provenance="simulated"
    )


def test_fraction_is_what_misses_move_in_the_time_of_the_ceiling() -> None:
    """The ceiling moves 128 bytes in 4 ns, 32 GB/s; 100 misses in 1 us are 6.4 GB/s."""
    time = a_comparison(baseline_value=1e-6, arm_value=0.5e-6)
    (found,) = bandwidth_fractions(plan(), (time, misses(100, 10), ceiling(8, 4)))
    assert found.estimate.baseline_value == pytest.approx(0.2)
    assert found.estimate.arm_value == pytest.approx(0.04)
    assert (found.key.metric, found.key.provenance, found.verdict) == ("bandwidth_fraction", "derived", "unresolved")
    assert wording.why(found).endswith("of 32 GB/s")


def test_without_a_ceiling_there_is_no_fraction() -> None:
    time = a_comparison(baseline_value=1e-6, arm_value=0.5e-6)
    assert bandwidth_fractions(plan(ceiling_bytes=0), (time, misses(100, 10), ceiling(8, 4))) == ()


def test_ceiling_of_another_experiment_does_not_count() -> None:
    time = a_comparison(experiment="other", baseline_value=1e-6, arm_value=0.5e-6)
    assert bandwidth_fractions(plan(), (time, misses(100, 10), ceiling(8, 4))) == ()
