"""What the budget of a command is spent on: planning, the clock, the probe passes, the report."""

import math
from dataclasses import dataclass

from lab.core.schema import Plan

CLOCK_SHARE = 0.62  # of the command's budget, for the clock, where the probes want time too
REPORT_SHARE = 0.06  # for sealing the run and writing its report
MOST_REPORT_S = 10.0


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Points of time.monotonic() at which no further work begins."""

    clock: float
    passes: float


def clock_budget_s(budget_s: float, *, probes: bool) -> float:
    """Seconds of a command's budget that the clock may take; it takes less where planning was slow."""
    return budget_s * (CLOCK_SHARE if probes else 1 - REPORT_SHARE)


def deadlines(plan: Plan, started: float, spent_s: float = 0.0) -> Deadlines:
    """When the clock and the passes of a run must end.

    Args:
        plan: of the run.
        started: time.monotonic() at which the command began.
        spent_s: what an interrupted part of the run spent before.
    """
    if not plan.budget_s:
        return Deadlines(math.inf, math.inf)
    report_s = min(REPORT_SHARE * plan.budget_s, MOST_REPORT_S)
    end = started + plan.budget_s - spent_s - report_s
    probes = any(case.passes for case in plan.cases)
    return Deadlines(clock=end - (plan.budget_s - clock_budget_s(plan.budget_s, probes=True)) / 2 * probes, passes=end)
