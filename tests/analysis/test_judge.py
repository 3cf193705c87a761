"""The stopping rule while a run is measured."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis import RunJudge, analyse
from lab.analysis.sequence import minimum_count
from lab.core.schema import NULL_SUFFIX, CasePlan, Measurement, Rule
from tests.analysis.tables import a_table, case_with, count_row, pair_rows, simulate, solo_rows
from tests.store.plans import a_plan

E_BH = msgspec.structs.replace(a_plan().rule, alpha=0.01, procedure="e-BH", mixture=0.1)


@pytest.mark.parametrize("rule", [a_plan().rule, E_BH], ids=["union bound", "e-BH"])
def test_judge_settles_exactly_those_comparisons_that_the_analysis_resolves(rule: Rule) -> None:
    cases = [case_with("fast", "slow", null=True, id=f"demo/group/size={size}") for size in range(3)]
    plan = a_plan(*cases, rule=msgspec.structs.replace(rule, comparisons=9))
    judge, rows = RunJudge(plan), simulate(plan, {"fast": -0.1, "slow": 0.007}, processes=14, seed=3)
    seen = set()
    for replicate in range(14):
        judge.observe([row for row in rows if row.replicate == replicate])
        results = analyse(plan, a_table([row for row in rows if row.replicate <= replicate]))
        for comparison in results.comparisons:
            mode = "null" if comparison.key.control else "paired"
            settled = judge.settled(comparison.key.case, comparison.key.arm, mode)
            assert settled == (comparison.verdict != "unresolved")
            standing = judge.standing(comparison.key.case, comparison.key.arm, mode)
            assert (standing.verdict, standing.count) == (comparison.verdict, comparison.estimate.processes)
            assert (standing.needed == 0) == settled
            assert standing.ratio == pytest.approx(comparison.estimate.ratio)
            assert standing.low == pytest.approx(comparison.estimate.low or 0.0)
            assert standing.high == pytest.approx(comparison.estimate.high or math.inf)
            seen.add((comparison.key.arm, settled))
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


def rows_of(case: CasePlan, paired: list[float], separate: list[float]) -> list[Measurement]:
    """Rows whose processes give these ln(ratio)."""
    rows = []
    for replicate, value in enumerate(paired):
        rows += pair_rows(case, "fast", replicate, [(1.0, math.exp(value), order, "") for order in (0, 1)])
    for replicate, value in enumerate(separate):
        rows += solo_rows(case, "plain", replicate, [1.0, 1.0]) + solo_rows(case, "fast", replicate, [math.exp(value)])
    return rows


def judged(case: CasePlan, rows: list[Measurement], rule: Rule = E_BH) -> RunJudge:
    judge = RunJudge(a_plan(case, rule=rule))
    judge.observe(rows)
    return judge


@pytest.mark.parametrize(
    ("paired", "separate", "open_modes"),
    [
        ([-0.1] * 20, [-0.1] * 20, ()),
        ([-0.1] * 20, [-0.1] * 3, ("separate",)),
        ([-0.1] * 3, [-0.1] * 20, ("paired",)),
        ([], [], ("paired", "separate")),
        ([-0.1] * 20, [0.1] * 20, ("paired", "separate")),
    ],
)
def test_modes_stay_open_until_they_share_a_verdict(paired: list, separate: list, open_modes: tuple) -> None:
    case = case_with("fast", separate=True)
    judge = judged(case, rows_of(case, paired, separate))
    assert tuple(mode for mode in ("paired", "separate") if not judge.settled(case.id, "fast", mode)) == open_modes
    for mode in ("paired", "separate"):
        assert (judge.standing(case.id, "fast", mode).verdict == "unresolved") == (mode in open_modes)


def test_contradicting_modes_do_not_expect_a_verdict() -> None:
    case = case_with("fast", separate=True)
    judge = judged(case, rows_of(case, [-0.1] * 20, [0.1] * 20))
    assert judge.standing(case.id, "fast", "paired").needed == math.inf


effects = st.lists(st.floats(-0.05, 0.05), max_size=30)


@given(effects, effects, st.booleans())
def test_comparison_is_settled_exactly_when_the_analysis_gives_a_verdict(paired: list, alone: list, both: bool) -> None:
    case = case_with("fast", separate=both)
    rows = rows_of(case, paired, alone)
    judge, (found,) = judged(case, rows), analyse(a_plan(case, rule=E_BH), a_table(rows)).comparisons
    modes = ("paired", "separate") if both else ("paired",)
    assert all(judge.settled(case.id, "fast", mode) for mode in modes) == (found.verdict != "unresolved")


def test_verdict_of_one_comparison_helps_the_others() -> None:
    """With e-BH the threshold falls as more comparisons are called; unanimous signs then suffice earlier."""
    cases = [case_with("fast", id=f"demo/group/size={size}") for size in range(40)]
    alone, together = (RunJudge(a_plan(*cases, rule=msgspec.structs.replace(E_BH, comparisons=40))) for _ in range(2))
    first = [
        row
        for replicate in range(9)
        for row in pair_rows(cases[0], "fast", replicate, [(1.0, 2.0, 0, ""), (1.0, 2.0, 1, "")])
    ]
    alone.observe(first)
    assert not alone.settled(cases[0].id, "fast", "paired")
    for case in cases:
        together.observe([msgspec.structs.replace(row, case=case.id) for row in first])
    assert all(together.settled(case.id, "fast", "paired") for case in cases)


def test_needed_processes_are_about_as_many_as_it_then_takes() -> None:
    cases = [case_with("far", "near", id=f"demo/group/size={size}") for size in range(12)]
    plan = a_plan(*cases, rule=msgspec.structs.replace(E_BH, comparisons=24))
    rows = simulate(plan, {"far": -0.3, "near": 0.017}, processes=90, seed=5, noise=0.01, pairs=2)
    judge = RunJudge(plan)
    targets = [(case.id, arm) for case in cases for arm in ("far", "near")]
    forecasts: dict[tuple[str, str], float] = {}
    taken: dict[tuple[str, str], int] = {}
    for replicate in range(90):
        worker = [row for row in rows if row.replicate == replicate]
        judge.observe([row for row in worker if not {(row.case, row.arm), (row.case, row.against)} & taken.keys()])
        for key in targets:
            standing = judge.standing(*key, "paired")
            if replicate == 7:
                forecasts[key] = 8 + standing.needed
            if standing.verdict != "unresolved":
                taken.setdefault(key, standing.count)
    for arm in ("far", "near"):
        expected, found = (np.median([one[key] for key in targets if key[1] == arm]) for one in (forecasts, taken))
        assert expected == pytest.approx(found, rel=0.4), arm
    assert np.median([taken[key] for key in targets if key[1] == "near"]) > 15


def test_no_verdict_is_expected_where_the_difference_is_near_the_floor() -> None:
    case = case_with("fast")
    values = [0.005 + 0.02 * (-1) ** number for number in range(40)]
    standing = judged(case, rows_of(case, values, []), msgspec.structs.replace(E_BH, comparisons=300)).standing(
        case.id, "fast", "paired"
    )
    assert (standing.verdict, standing.needed) == ("unresolved", math.inf)


def test_standing_before_the_first_process_names_the_fewest_that_can_decide() -> None:
    case = case_with("fast")
    standing = RunJudge(a_plan(case, rule=E_BH)).standing(case.id, "fast", "paired")
    assert (standing.verdict, standing.count, standing.low, standing.high) == ("unresolved", 0, 0.0, math.inf)
    assert 5 < standing.needed < 20
    assert all(map(math.isnan, (standing.ratio, standing.within, standing.between)))


def test_standing_tells_spread_within_processes_from_spread_between_them() -> None:
    case, random = case_with("fast"), np.random.default_rng(6)
    rows = []
    for replicate in range(60):
        logs = random.normal(0, 0.03) + random.normal(0, 0.06, 16)
        rows += pair_rows(case, "fast", replicate, [(1.0, math.exp(log), n % 2, "") for n, log in enumerate(logs)])
    standing = judged(case, rows).standing(case.id, "fast", "paired")
    assert standing.within == pytest.approx(0.06, rel=0.15)
    assert standing.between == pytest.approx(0.03, rel=0.4)


def test_failed_case_expects_no_verdict_and_is_not_counted_among_the_called() -> None:
    cases = [case_with("fast", id=f"demo/group/size={size}") for size in range(2)]
    plan = a_plan(*cases, rule=msgspec.structs.replace(E_BH, comparisons=2))
    rows = [row for case in cases for row in rows_of(case, [-0.1] * 9, [])]  # enough where two are called together
    judge = RunJudge(plan)
    judge.observe(rows)
    assert judge.settled(cases[0].id, "fast", "paired")
    crash = count_row(cases[0], "fast", "time", None, probe="clock", status="failed", mode="paired", reason="signal 11")
    judge.observe([crash])
    standing = judge.standing(cases[0].id, "fast", "paired")
    assert (standing.verdict, standing.needed) == ("unresolved", math.inf)
    found = analyse(plan, a_table([*rows, crash]))
    assert [(one.verdict, one.status) for one in found.comparisons] == [
        ("unresolved", "failed"), (judge.standing(cases[1].id, "fast", "paired").verdict, "ok"),
    ]  # fmt: skip
    assert (found.called, found.failed) == (int(judge.settled(cases[1].id, "fast", "paired")), 1)


def test_forecast_does_not_count_on_comparisons_that_nobody_measures() -> None:
    """Ten clear differences among ten need fewer processes than the same ten among a hundred."""
    cases = [case_with("fast", id=f"demo/group/size={size}") for size in range(10)]
    rows = [row for case in cases for row in rows_of(case, [-0.3] * 3, [])]
    needed = {}
    for comparisons in (10, 100):
        judge = RunJudge(a_plan(*cases, rule=msgspec.structs.replace(E_BH, comparisons=comparisons)))
        judge.observe(rows)
        needed[comparisons] = judge.standing(cases[0].id, "fast", "paired").needed
    assert 3 + needed[10] == minimum_count(0.01, 0.1)
    assert 3 + needed[100] == minimum_count(0.01 * 10 / 100, 0.1) > 3 + needed[10]
