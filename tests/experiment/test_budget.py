"""The budget is the command's: planning, clock, passes and report share it."""

import pytest

from lab.experiment.budget import clock_budget_s, deadlines
from tests.store.plans import a_case, a_plan


def test_all_parts_end_within_the_budget() -> None:
    plan = a_plan(a_case(passes=("callgrind",)), budget_s=100.0)
    end = deadlines(plan, started=1000.0)
    assert 1000.0 < end.clock < end.passes < 1100.0


def test_clock_gets_the_greater_part_and_without_probes_nearly_all() -> None:
    assert 50 < clock_budget_s(100.0, probes=True) < 75
    assert 90 < clock_budget_s(100.0, probes=False) < 100
    alone = deadlines(a_plan(a_case(), budget_s=100.0), started=0.0)
    assert alone.clock == alone.passes


def test_resumed_run_has_what_is_left() -> None:
    plan = a_plan(budget_s=100.0)
    assert deadlines(plan, 0.0, spent_s=60.0).passes == pytest.approx(deadlines(plan, 0.0).passes - 60.0)


def test_plan_without_a_budget_has_no_end() -> None:
    assert deadlines(a_plan(), 0.0).passes == float("inf")
