"""The gate on deterministic figures."""

import math

import msgspec
import pytest

from lab.analysis import Figures, figures, gate
from lab.analysis.gate import Figure
from lab.core.schema import Metric
from tests.analysis.tables import a_table, case_with, count_row
from tests.store.plans import a_plan


def standing(toolchain: str = "gcc 12", **values: float) -> Figures:
    rows = [Figure("case", "fast", metric, "count", value) for metric, value in sorted(values.items())]
    return Figures(toolchain, "", tuple(rows))


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "state", "outcome"),
    [
        (100.0, 100.0, 0.0, "same", "fine"),
        (1e9, 1e9 + 1, 0.0, "worse", "worse"),
        (100.0, 99.0, 0.0, "better", "fine"),
        (100.0, 101.0, 0.02, "same", "fine"),
        (100.0, 99.0, 0.02, "same", "fine"),
        (100.0, 103.0, 0.02, "worse", "worse"),
        (100.0, 105.0, math.log(1.05), "same", "fine"),
        (0.0, 0.0, 0.0, "same", "fine"),
        (0.0, 1.0, 0.02, "worse", "worse"),
        (1.0, 0.0, 0.02, "better", "fine"),
    ],
)
def test_figure_is_judged_by_its_tolerance(before, after, tolerance, state, outcome) -> None:
    found = gate(standing(misses=after), standing(misses=before), {"misses": tolerance})
    assert [row.state for row in found.rows] == [state]
    assert found.outcome == outcome
    assert bool(found.reason) == (outcome != "fine")


def test_row_holds_figure_then_and_now() -> None:
    (row,) = gate(standing(instructions=50.0), standing(instructions=100.0), {}).rows
    assert (row.case, row.arm, row.metric, row.unit) == ("case", "fast", "instructions", "count")
    assert (row.before, row.after, row.ratio) == (100.0, 50.0, 0.5)
    assert [
        gate(standing(a=1.0), standing(a=0.0), {}).rows[0].ratio,
        gate(standing(a=0.0), standing(a=0.0), {}).rows[0].ratio,
    ] == [None, 1.0]


@pytest.mark.parametrize(("before", "after", "state"), [(0.6, 0.9, "better"), (0.9, 0.6, "worse"), (0.9, 0.9, "same")])
def test_figure_of_which_more_is_better_turns_the_state(before: float, after: float, state: str) -> None:
    then, now = (
        Figures("gcc", "", (Figure("case", "pool", "hit_rate", "fraction", one, True),)) for one in (before, after)
    )
    assert gate(now, then, {}).rows[0].state == state


def test_other_toolchain_is_not_compared() -> None:
    found = gate(standing("gcc 13", a=1.0), standing("gcc 12", a=1.0), {})
    assert (found.outcome, found.rows) == ("not comparable", ())
    assert "gcc 12" in found.reason and "gcc 13" in found.reason


def test_figure_missing_from_the_run_is_not_vouched_for() -> None:
    found = gate(standing(a=1.0), standing(a=1.0, b=1.0), {})
    assert (found.outcome, [row.state for row in found.rows]) == ("not comparable", ["same", "missing"])


def test_worse_figure_outweighs_a_missing_one() -> None:
    assert gate(standing(a=2.0), standing(a=1.0, b=1.0), {}).outcome == "worse"


def test_figure_missing_from_the_baseline_fails_the_gate() -> None:
    """Deleting a figure from the baseline must not hide that it got worse."""
    found = gate(standing(a=1.0, b=9.0), standing(a=1.0), {})
    assert (found.outcome, [row.state for row in found.rows]) == ("not comparable", ["same", "new"])
    assert "lab baseline" in found.reason


def test_empty_baseline_is_not_comparable() -> None:
    assert gate(standing(a=1.0), standing(), {}).outcome == "not comparable"


def test_only_exact_metrics_take_part_and_survive_storage() -> None:
    case = case_with("fast")
    metrics = (Metric("instructions", "count", "", "callgrind", exact=True), Metric("resident", "B", "", "resident"))
    rows = [
        count_row(case, "plain", "instructions", 3000.0),
        count_row(case, "fast", "instructions", 2000.0),
        count_row(case, "fast", "resident", 5.0, probe="resident"),
        count_row(case, "fast", "instructions", None, status="failed", reason="crashed"),
    ]
    found = figures(a_plan(case, metrics=metrics), a_table(rows), toolchain="gcc 12", reason="first")
    assert found.figures == (
        Figure(case.id, "fast", "instructions", "count", 2.0),
        Figure(case.id, "plain", "instructions", "count", 3.0),
    )
    assert msgspec.json.decode(msgspec.json.encode(found), type=Figures) == found
