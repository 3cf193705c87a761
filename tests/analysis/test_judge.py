"""The stopping rule while a run is measured."""

import pytest

from lab.analysis import RunJudge, analyse
from lab.analysis.sequence import minimum_count
from lab.core.schema import NULL_SUFFIX
from tests.analysis.tables import a_table, case_with, count_row, simulate, solo_rows
from tests.store.plans import a_plan


def test_judge_settles_exactly_those_comparisons_that_the_analysis_resolves() -> None:
    cases = [case_with("fast", "slow", null=True, id=f"demo/group/size={size}") for size in range(3)]
    plan = a_plan(*cases)
    judge, rows = RunJudge(plan), simulate(plan, {"fast": -0.1, "slow": 0.007}, processes=12, seed=3)
    seen = set()
    for replicate in range(12):
        judge.observe([row for row in rows if row.replicate == replicate])
        results = analyse(plan, a_table([row for row in rows if row.replicate <= replicate]))
        for comparison in results.comparisons:
            mode = "null" if comparison.control else "paired"
            settled = judge.settled(comparison.case, comparison.arm, mode)
            assert settled == (comparison.verdict != "unresolved")
            seen.add((comparison.arm, settled))
    assert {("fast", True), ("fast", False), ("plain" + NULL_SUFFIX, True)} <= seen


def test_separate_processes_are_judged_though_each_arm_comes_from_a_worker_of_its_own() -> None:
    case = case_with("fast", separate=True)
    judge = RunJudge(a_plan(case))
    for replicate in range(minimum_count(0.05 / 4)):
        assert not judge.settled(case.id, "fast", "separate")
        judge.observe(solo_rows(case, "plain", replicate, [2.0, 2.0]))
        judge.observe(solo_rows(case, "fast", replicate, [1.0, 1.0]))
    assert judge.settled(case.id, "fast", "separate")
    assert not judge.settled(case.id, "fast", "paired")


@pytest.mark.parametrize("mode", ["paired", "null", "separate"])
def test_comparison_without_data_is_open(mode: str) -> None:
    case = case_with("fast", separate=True, null=True)
    judge = RunJudge(a_plan(case))
    judge.observe([])
    judge.observe([count_row(case, "fast", "time", None, probe="clock", status="failed", mode=mode)])
    assert not judge.settled(case.id, "plain" + NULL_SUFFIX if mode == "null" else "fast", mode)
