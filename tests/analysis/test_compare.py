"""Every comparison of a run, from its table."""

import math
from pathlib import Path

import pytest

from lab.analysis import analyse
from lab.analysis.compare import compare
from lab.core.results import Comparison
from lab.core.schema import NULL_SUFFIX, Measurement, Metric
from lab.report import wording
from lab.store import RunReader, RunWriter
from lab.store.run import Shard
from tests.analysis.tables import a_table, case_with, count_row, pair_rows, simulate, solo_rows
from tests.store.plans import a_plan

CASE = case_with("fast")
BOTH = [(1.0, 0.5, 0, ""), (1.0, 0.5, 1, "")]


def only(rows: list[Measurement], case=CASE, **changes: object) -> Comparison:
    """The one comparison of a run of one case."""
    (found,) = compare(a_plan(case, **changes), a_table(rows))
    return found


def test_comparison_of_the_clock_carries_all_that_is_known() -> None:
    rows = [
        row for number in range(12) for row in pair_rows(CASE, "fast", number, [*BOTH, (9.0, 9.0, 1, "B")], items=10)
    ]
    found = only(rows)
    assert (found.estimate.ratio, found.estimate.low, found.estimate.high) == pytest.approx((0.5, 0.5, 0.5))
    assert (found.estimate.baseline_value, found.estimate.arm_value) == pytest.approx((0.1, 0.05))
    assert (found.verdict, found.estimate.processes, found.estimate.dropped, found.estimate.mode) == (
        "better",
        12,
        12,
        "paired",
    )
    assert (found.key.item, found.key.unit, found.key.provenance, found.key.control) == ("row", "s", "clock", False)
    assert found.estimate.order_effect == pytest.approx(0.0)
    assert (
        "12 of 36 pairs dropped because a sample was preempted (the baseline's in 0, the arm's in 12)"
        in wording.why(found)
    )


def test_planned_comparison_without_data_is_unresolved_with_its_reason() -> None:
    found = only([])
    assert (found.verdict, found.estimate.ratio, found.estimate.processes, found.estimate.order_effect) == (
        "unresolved",
        None,
        0,
        None,
    )
    assert found.status == "not measured"
    assert wording.why(found) == "not measured before the budget ended"


def test_failed_case_is_shown_with_its_error_in_every_arm() -> None:
    case = case_with("fast", "faster", null=True)
    crash = count_row(case, "faster", "time", None, probe="clock", status="failed", mode="paired", reason="signal 11")
    found = compare(a_plan(case), a_table([crash, *pair_rows(case, "fast", 0, BOTH)]))
    assert [(one.verdict, one.status) for one in found] == [("unresolved", "failed")] * 3
    assert all(wording.why(one) == "failed: signal 11" for one in found)


def test_order_effect_beyond_the_bias_floor_is_flagged() -> None:
    pairs = [(1.0, 0.51, 0, ""), (1.0, 0.49, 1, "")]
    found = only([row for number in range(12) for row in pair_rows(CASE, "fast", number, pairs)])
    assert found.verdict == "better"
    assert "the position in a pair shifts the ratio by -2 %, more than the bias floor of 0.5 %" in wording.why(found)


def test_process_that_yields_nothing_does_not_count() -> None:
    lost = pair_rows(CASE, "fast", 99, [(1.0, 7.0, 0, ""), (1.0, 7.0, 1, "A")])
    rows = [row for number in range(12) for row in pair_rows(CASE, "fast", number, BOTH)]
    assert only([*rows, *lost]).estimate.processes == 12
    alone = only(lost)
    assert (alone.estimate.processes, alone.estimate.ratio, alone.estimate.order_effect, alone.estimate.dropped) == (
        0,
        None,
        None,
        1,
    )


def test_case_that_also_wants_separate_processes_publishes_both_or_neither() -> None:
    case = case_with("fast", separate=True)
    paired = [row for number in range(12) for row in pair_rows(case, "fast", number, BOTH)]
    solo = [
        row
        for number in range(12)
        for row in (*solo_rows(case, "plain", number, [1.0]), *solo_rows(case, "fast", number, [0.8]))
    ]
    both = only([*paired, *solo], case)
    assert (both.verdict, both.estimate.mode, both.estimate.processes) == ("better", "both", 12)
    assert (both.estimate.low, both.estimate.high, both.estimate.ratio) == pytest.approx((0.5, 0.8, math.sqrt(0.4)))
    one = only(paired, case)
    assert (one.verdict, one.estimate.mode, one.estimate.low) == ("unresolved", "paired", None)


def test_counts_stand_behind_the_clock_of_their_case_in_the_order_of_their_names() -> None:
    metrics = (Metric("time", "s", "time", "clock"), Metric("instructions", "count", "", "callgrind", exact=True))
    rows = [
        count_row(CASE, "plain", "instructions", 4000.0),
        count_row(CASE, "fast", "instructions", 2000.0),
        count_row(CASE, "plain", "resident", 1e6, unit="B", probe="resident", provenance="kernel", items=0),
        count_row(CASE, "fast", "resident", 2e6, unit="B", probe="resident", provenance="kernel", items=0),
        count_row(CASE, "fast", "hit_rate", 0.9, unit="fraction", probe="ledger", provenance="ledger", items=0),
    ]
    time, hits, instructions, resident = compare(a_plan(CASE, metrics=metrics), a_table(rows))
    assert (time.key.metric, hits.key.metric) == ("time", "hit_rate")
    assert (hits.estimate.ratio, hits.estimate.arm_value, hits.estimate.baseline_value, hits.verdict) == (
        None,
        0.9,
        None,
        "unresolved",
    )
    assert (
        instructions.estimate.ratio,
        instructions.estimate.low,
        instructions.verdict,
        instructions.estimate.mode,
    ) == (
        0.5,
        0.5,
        "better",
        "exact",
    )
    assert (instructions.estimate.arm_value, instructions.key.item, instructions.key.provenance) == (
        2.0,
        "row",
        "simulated",
    )
    assert (resident.estimate.ratio, resident.estimate.low, resident.verdict, resident.key.item) == (
        2.0,
        None,
        "unresolved",
        "",
    )


def test_metric_of_which_more_is_better_turns_the_verdict() -> None:
    metrics = (Metric("hit_rate", "fraction", "", "ledger", exact=True, more_is_better=True),)
    rows = [count_row(CASE, arm, "hit_rate", value, probe="ledger") for arm, value in (("plain", 0.6), ("fast", 0.9))]
    _, found = compare(a_plan(CASE, metrics=metrics), a_table(rows))
    assert (found.estimate.ratio, found.verdict) == (pytest.approx(1.5), "better")


def test_swapping_baseline_and_arm_in_a_plan_inverts_every_ratio() -> None:
    plan = a_plan(CASE)
    rows = simulate(plan, {"fast": -0.1}, processes=15, seed=8)
    (one,) = compare(plan, a_table(rows))
    (other,) = compare(a_plan(case_with("fast", baseline="fast")), a_table(rows))
    assert (one.verdict, other.verdict, other.key.arm) == ("better", "worse", "plain")
    assert (other.estimate.ratio, other.estimate.low, other.estimate.high) == pytest.approx(
        (1 / one.estimate.ratio, 1 / one.estimate.high, 1 / one.estimate.low)
    )


def test_whole_run_tells_true_differences_and_leaves_identical_code_alone() -> None:
    cases = [
        case_with("fast", "equal", null=True, id=f"demo/group/size={size}", factors={"size": str(size)})
        for size in range(5)
    ]
    plan = a_plan(*cases)
    results = analyse(plan, a_table(simulate(plan, {"fast": -0.05, "equal": 0.0}, processes=25, seed=2)))
    verdicts = {arm: {one.verdict for one in results.comparisons if one.key.arm == arm} for arm in ("fast", "equal")}
    assert verdicts == {"fast": {"better"}, "equal": {"same"}}
    controls = [one for one in results.comparisons if one.key.control]
    assert [one.key.arm for one in controls] == ["plain" + NULL_SUFFIX] * 5
    assert (results.null_called, results.null_count) == (0, 5)
    assert results.null_upper == pytest.approx(1 - 0.05 ** (1 / 5))
    for one in results.comparisons:
        assert one.estimate.low < math.exp({"fast": -0.05}.get(one.key.arm, 0.0)) < one.estimate.high
        assert one.estimate.order_effect == pytest.approx(-0.01, abs=0.002)
        assert one.estimate.baseline_value == pytest.approx(1e-7, rel=0.05)
    assert [(one.arm, one.better, one.same) for one in results.answers] == [("fast", 5, 0), ("equal", 0, 5)]
    assert results.selftest is None


def test_run_read_from_disk_gives_the_results_of_its_rows(tmp_path: Path) -> None:
    plan = a_plan(case_with("fast", null=True))
    rows = simulate(plan, {"fast": -0.05}, processes=15, seed=4)
    rows.append(count_row(CASE, "fast", "d1_misses", None, status="unavailable", reason="no valgrind"))
    with RunWriter.create(tmp_path, plan) as writer:
        writer.add(Shard(work="clock/0", wall_s=1.0, measurements=tuple(rows)))
        writer.seal(failed_cases=[], left_out=[])
    assert analyse(plan, RunReader(writer.folder).table()) == analyse(plan, a_table(rows))


def test_empty_run_has_results() -> None:
    plan = a_plan(CASE)
    results = analyse(plan, a_table([]))
    assert results.null_upper == 1.0
    assert [one.verdict for one in results.comparisons] == ["unresolved"]
