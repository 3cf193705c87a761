"""What a run could not have, and what identical code says about the rule."""

import msgspec
import pytest
from scipy import stats

from lab.analysis.selftest import selftest
from lab.analysis.unavailable import false_alarms, unavailable
from lab.core.results import Unavailable
from lab.core.schema import ExperimentPlan, GroupPlan
from tests.analysis.tables import a_comparison, a_table, case_with, count_row

TESTING = ExperimentPlan(
    "selftest", "", "", (GroupPlan("identical cache", "", "", ""), GroupPlan("planted 2 %", "", "", "", planted=True)),
    {}, (), role="selftest",
)  # fmt: skip


def test_rows_of_one_reason_stand_together() -> None:
    cases = [case_with("fast", id=name) for name in ("b", "a")]
    rows = [
        count_row(case, arm, "d1_misses", None, status="unavailable", reason="no valgrind")
        for case in cases
        for arm in ("plain", "fast")
    ]
    rows.append(count_row(cases[0], "fast", "time", None, probe="clock", status="failed", reason="signal 11"))
    rows.append(count_row(cases[0], "fast", "instructions", 1.0))
    assert unavailable(a_table(rows)) == (
        Unavailable("demo", "d1_misses", "callgrind", "unavailable", "no valgrind", 4, ("a", "b")),
        Unavailable("demo", "time", "clock", "failed", "signal 11", 1, ("b",)),
    )


@pytest.mark.parametrize(("called", "count"), [(0, 1), (0, 200), (3, 200), (4, 5)])
def test_upper_limit_is_the_rate_at_which_so_few_calls_have_a_chance_of_five_percent(called: int, count: int) -> None:
    identical = [a_comparison(verdict="worse" if number < called else "same") for number in range(count)]
    assert false_alarms(identical)[:2] == (called, count)
    assert stats.binom.cdf(called, count, false_alarms(identical)[2]) == pytest.approx(0.05)


def test_limit_is_one_where_all_or_none_were_there_to_call() -> None:
    assert false_alarms([a_comparison(verdict="better")]) == (1, 1, 1.0)
    assert false_alarms([]) == (0, 0, 1.0)


def test_only_unresolved_comparisons_with_too_few_processes_to_be_called_are_not_counted() -> None:
    identical = [
        a_comparison(verdict=verdict, detectable=smallest)
        for verdict in ("unresolved", "same")
        for smallest in (None, 0.02)
    ]
    assert false_alarms(identical)[:2] == (0, 3)


def test_selftest_counts_identical_code_and_lists_every_plant() -> None:
    own = {"experiment": "selftest"}
    comparisons = [
        a_comparison(**own, group="identical cache", verdict="same"),
        a_comparison(**own, group="identical cache", verdict="better", case="unlucky"),
        a_comparison(**own, group="planted 2 %", verdict="worse", arm="slow", case="found"),
        a_comparison(**own, group="planted 2 %", verdict="unresolved", arm="slow", case="lost"),
        a_comparison(**own, group="planted 2 %", verdict="same", arm="plain~null", control=True),
        a_comparison(
            **own,
            group="planted 2 %",
            metric="instructions",
            provenance="simulated",
            arm="slow",
            case="found",
            ratio=1.02,
        ),
        a_comparison(group="planted elsewhere", verdict="worse"),
    ]
    found = selftest([TESTING], comparisons)
    assert found is not None
    assert (found.called, found.count) == (1, 3)
    assert [(plant.comparison.key.case, plant.found, plant.instructions) for plant in found.plants] == [
        ("found", True, 1.02),
        ("lost", False, None),
    ]


def test_run_without_the_selftest_says_nothing_of_it() -> None:
    assert selftest([msgspec.structs.replace(TESTING, role="")], [a_comparison(experiment="selftest")]) is None
