"""Figures that cannot be true, or mean nothing where they were taken: flagged, and never reported as findings.

A bandwidth fraction above 1 says that the simulated cache is not the machine's. A bandwidth fraction or a hit rate of
the last level says nothing about work that lives in the caches: the little that reaches memory is start-up and chance.
A time is impossible where it means more instructions or more bytes per second than any processor manages, or where
more work of the same kind takes less time: the compiler may have removed the work, or the loop count is wrong.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lab.analysis.bandwidth import METRIC as BANDWIDTH
from lab.analysis.compare import timed
from lab.core.arms import without_control
from lab.core.reasons import Reason
from lab.core.results import Comparison
from lab.core.schema import TIME, CasePlan, Plan

HIT_RATES = ("l3_hit_rate", "l3_hit_rate_nominal")
LEAST_FRACTION = 0.01  # of the ceiling; below, work of unknown size is taken to live in the cache

# No processor sold does more: 8 instructions a cycle at 6 GHz, or three loads of 64 bytes a cycle.
MOST_INSTRUCTIONS_PER_S = 48e9
LEAST_SECONDS_PER_BYTE = 1 / (3 * 64 * 6e9)

GROWTH = 2.0  # of the work, from which on the time must grow as well


def check(plan: Plan, table: pd.DataFrame, comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """The comparisons, those marked "implausible" whose figures cannot be true or mean nothing.

    Args:
        plan: of the run.
        table: its tidy table.
        comparisons: all of the run, derived ones included.
    """
    cases = {case.id: case for case in plan.cases}
    instructions = {
        (one.key.case, one.key.arm): one for one in comparisons if one.key.metric == "instructions" and one.key.item
    }
    fractions = {(one.key.case, one.key.arm): one for one in comparisons if one.key.metric == BANDWIDTH}
    shrinking = _shrinking(plan, table)

    def reason(one: Comparison) -> Reason | None:
        case = cases[one.key.case]
        if timed(one):
            impossible = _too_fast(one, instructions.get((one.key.case, without_control(one.key.arm))))
            return impossible or next(
                (shrinking[case.id, arm] for arm in (one.key.arm, one.key.baseline) if (case.id, arm) in shrinking),
                None,
            )
        if one.key.metric == BANDWIDTH or one.key.metric in HIT_RATES:
            fraction = fractions.get((one.key.case, one.key.arm))
            if one.key.metric == BANDWIDTH and max(_values(one)) > 1:
                return Reason("above ceiling", {"fraction": max(_values(one))})
            return _in_cache(plan, case, fraction)
        return None

    return tuple(_marked(one, reason(one)) for one in comparisons)


def _marked(one: Comparison, reason: Reason | None) -> Comparison:
    if reason is None or one.status != "ok":
        return one
    return Comparison(one.key, one.estimate, "unresolved", "implausible", (reason,))


def _values(one: Comparison) -> tuple[float, ...]:
    return tuple(value for value in (one.estimate.baseline_value, one.estimate.arm_value) if value is not None) or (0,)


def _in_cache(plan: Plan, case: CasePlan, fraction: Comparison | None) -> Reason | None:
    """By its working set, if the case names one; else by how little it asks of the memory."""
    last = _last_level_bytes(plan.machine)
    if case.working_set_bytes and last:
        resident = case.working_set_bytes <= last
        return Reason("cache-resident", {"bytes": case.working_set_bytes, "cache": last}) if resident else None
    if fraction is not None and max(_values(fraction)) < LEAST_FRACTION:
        return Reason("cache-resident", {"fraction": max(_values(fraction)), "least": LEAST_FRACTION})
    return None


def _last_level_bytes(machine: Mapping[str, str]) -> int:
    """Size of the last cache level as measured, or else as the system names it; 0 if neither is known."""
    for name in ("level.L3.bytes", "cache.L3", "level.L2.bytes", "cache.L2"):
        size = machine.get(name, "").partition(",")[0]
        if size.isdigit():
            return int(size)
    return 0


def _too_fast(one: Comparison, counted: Comparison | None) -> Reason | None:
    seconds = (one.estimate.baseline_value, one.estimate.arm_value)
    if one.key.item == "byte" and any(value is not None and 0 < value < LEAST_SECONDS_PER_BYTE for value in seconds):
        rate = 1 / min(value for value in seconds if value)
        return Reason("faster than possible", {"rate": rate, "most": 1 / LEAST_SECONDS_PER_BYTE}, {"unit": "B"})
    if counted is None:
        return None
    work = (counted.estimate.baseline_value, counted.estimate.arm_value)
    for value, count in zip(seconds, work, strict=True):
        if value and count and count / value > MOST_INSTRUCTIONS_PER_S:
            figures = {"rate": count / value, "most": MOST_INSTRUCTIONS_PER_S}
            return Reason("faster than possible", figures, {"unit": "instructions"})
    return None


class _Pass(NamedTuple):
    """One pass of an arm over a case: how many items, and the seconds it takes."""

    case: CasePlan
    items: float
    seconds: float


def _shrinking(plan: Plan, table: pd.DataFrame) -> Mapping[tuple[str, str], Reason]:
    """(Case, arm) whose pass is quicker than one over less work of the same kind in less memory."""
    series: dict[tuple[str, str, str, tuple[tuple[str, str], ...]], list[_Pass]] = {}
    for case, arm, one in _passes(plan, table):
        others = tuple((name, level) for name, level in case.factors.items() if name != "working_set")
        series.setdefault((case.experiment, case.group, arm, others), []).append(one)
    found: dict[tuple[str, str], Reason] = {}
    for (*_, arm, _), passes in series.items():
        passes.sort(key=lambda one: one.items)
        for small, large in itertools.pairwise(passes):
            grows = large.items >= GROWTH * small.items
            if grows and large.case.working_set_bytes > small.case.working_set_bytes and large.seconds < small.seconds:
                figures = {"work": large.items / small.items, "time": large.seconds / small.seconds}
                found[large.case.id, arm] = Reason("no growth with work", figures)
    return found


def _passes(plan: Plan, table: pd.DataFrame) -> Iterator[tuple[CasePlan, str, _Pass]]:
    rows = table.loc[
        ((table["probe"] == "clock") & (table["metric"] == TIME) & (table["status"] == "ok")).to_numpy(dtype=bool)
    ]
    rows = rows[((rows["iterations"] > 0) & (rows["items"] > 0) & ~rows["preempted"].astype(bool)).to_numpy(dtype=bool)]
    sized = {case.id: case for case in plan.cases if case.working_set_bytes}
    rows = rows[rows["case"].isin(list(sized)).to_numpy(dtype=bool)]
    each = pd.DataFrame(
        {
            "case": rows["case"].astype(str),
            "arm": rows["arm"].astype(str),
            "items": rows["items"] / rows["iterations"],
            "seconds": rows["value"].to_numpy(dtype=np.float64) / rows["iterations"],
        }
    )
    found = each.groupby(["case", "arm"], as_index=False)[["items", "seconds"]].median()
    columns = (found[name] for name in ("case", "arm", "items", "seconds"))
    for name, arm, items, seconds in zip(*columns, strict=True):
        yield sized[name], arm, _Pass(sized[name], items, seconds)
