"""Figures that cannot be true or mean nothing are flagged."""

import pytest

from lab.analysis import analyse
from lab.analysis.plausible import check
from lab.core.results import Comparison
from lab.core.schema import CasePlan, Metric
from lab.report import wording
from tests.analysis.tables import a_comparison, a_table, case_with, count_row, pair_rows, simulate
from tests.store.plans import a_plan

MACHINE = {"level.L3.bytes": "4194304"}
NOTHING = a_table([])


def checked(*comparisons: Comparison, case: CasePlan) -> tuple[Comparison, ...]:
    return check(a_plan(case, machine=MACHINE), NOTHING, comparisons)


def fraction(before: float, after: float) -> Comparison:
    return a_comparison(
        metric="bandwidth_fraction", unit="fraction", provenance="derived", baseline_value=before, arm_value=after,
        verdict="unresolved",
    )  # fmt: skip


def test_more_than_the_memory_can_do_is_no_figure() -> None:
    (found,) = checked(fraction(1.3, 0.4), case=case_with("fast", kind="dram"))
    assert (found.status, found.shown) == ("implausible", "implausible")
    assert wording.why(found).startswith("130 % of what the memory can do")


@pytest.mark.parametrize(("bytes_", "status"), [(1 << 20, "implausible"), (64 << 20, "ok"), (0, "ok")])
def test_bandwidth_and_hit_rate_of_work_that_fits_the_cache_mean_nothing(bytes_: int, status: str) -> None:
    case = case_with("fast", kind="dram", working_set_bytes=bytes_)
    rate = a_comparison(metric="l3_hit_rate", unit="fraction", provenance="simulated", mode="exact")
    assert [one.status for one in checked(fraction(0.5, 0.4), rate, case=case)] == [status, status]


def test_work_of_unknown_size_that_hardly_asks_the_memory_lives_in_the_cache() -> None:
    (found,) = checked(fraction(9e-6, 7.2e-6), case=case_with("fast"))
    assert found.status == "implausible"
    assert "has no meaning" in wording.why(found)


def test_more_instructions_than_any_processor_executes_are_flagged() -> None:
    time = a_comparison(baseline_value=1e-9, arm_value=1e-12)
    counted = a_comparison(
        metric="instructions", unit="count", provenance="simulated", baseline_value=4.0, arm_value=4.0
    )
    found, _ = checked(time, counted, case=case_with("fast"))
    assert (found.verdict, found.status) == ("unresolved", "implausible")
    assert "no processor does more" in wording.why(found)
    honest, _ = checked(a_comparison(), counted, case=case_with("fast"))
    assert honest.status == "ok"


def test_bytes_faster_than_any_load_are_flagged() -> None:
    (found,) = checked(a_comparison(arm_value=1e-14, item="byte"), case=case_with("fast"))
    assert found.status == "implausible"


@pytest.mark.parametrize(("seconds", "status"), [(2.0, "ok"), (0.9, "implausible")])
def test_time_that_does_not_grow_with_the_work_is_flagged(seconds: float, status: str) -> None:
    cases = [
        case_with("fast", id=f"demo/group/working_set={size}", factors={"working_set": size}, working_set_bytes=bytes_)
        for size, bytes_ in (("L1", 1 << 14), ("L2", 1 << 18))
    ]
    rows = []
    for replicate in range(9):
        for case, items, before, after in ((cases[0], 1000, 1.0, 1.0), (cases[1], 16000, 16.0, seconds)):
            pairs = [(before, after, order, "") for order in (0, 1)]
            rows += pair_rows(case, "fast", replicate, pairs, items=items)
    small, large = analyse(a_plan(*cases), a_table(rows)).comparisons
    assert (small.status, large.status) == ("ok", status)
    if status != "ok":
        assert wording.why(large).startswith("16x the work takes 0.9x the time")


def test_context_is_no_comparison() -> None:
    case = case_with("fast")
    plan = a_plan(case, metrics=(Metric("page_faults", "count", "page faults", "perf", context=True),))
    rows = simulate(plan, {"fast": -0.1}, processes=3, seed=1)
    rows += [
        count_row(case, arm, "page_faults", value, probe="perf", provenance="kernel", items=0)
        for arm, value in (("plain", 10.0), ("fast", 12.0))
    ]
    found = analyse(plan, a_table(rows))
    assert {one.key.metric for one in found.comparisons} == {"time"}
    figures = {one.arm: (one.metric, one.value, one.item) for one in found.context}
    assert figures == {"plain": ("page_faults", 10.0, ""), "fast": ("page_faults", 12.0, "")}
