"""The gate: are the deterministic figures of a run still those of a committed baseline?

Only exact metrics take part. Figures of different toolchains are different code and are not compared.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
import pandas as pd

from lab.analysis.exact import counts, metric_of
from lab.core.schema import Plan

GateState = Literal["better", "worse", "same", "missing", "new"]
GateOutcome = Literal["fine", "worse", "not comparable"]


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One deterministic figure: `value` is per item or, where a probe names none, of one pass; in `unit`."""

    case: str
    arm: str
    metric: str
    unit: str
    value: float
    more_is_better: bool = False


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The deterministic figures of one run, as they are committed.

    Attributes:
        toolchain: everything that decides them besides the code: compiler, flags, library, simulator, input.
        reason: why they were written, "" for a run that was not committed.
        figures: sorted by case, arm and metric; no two share all three.
    """

    toolchain: str
    reason: str
    figures: tuple[Figure, ...]


class GateRow(msgspec.Struct, frozen=True):
    """One figure then and now; `ratio` is after / before, None where one of them is missing or before was zero."""

    case: str
    arm: str
    metric: str
    unit: str
    before: float | None
    after: float | None
    ratio: float | None
    state: GateState


class Gate(msgspec.Struct, frozen=True):
    """The gate's verdict, the rows behind it and, where it is not "fine", why."""

    outcome: GateOutcome
    reason: str
    rows: tuple[GateRow, ...]


def figures(plan: Plan, table: pd.DataFrame, *, toolchain: str, reason: str = "") -> Figures:
    """The deterministic figures of a run.

    Args:
        plan: of the run; says which metrics are exact.
        table: its tidy table.
        toolchain: see `Figures`.
        reason: see `Figures`.
    """
    found = [
        Figure(count.case, arm, metric.name, count.unit, _middle(values), metric.more_is_better)
        for count in counts(table)
        if (metric := metric_of(plan.metrics, count)).exact
        for arm, values in count.values.items()
    ]
    return Figures(toolchain, reason, tuple(sorted(found, key=lambda one: (one.case, one.arm, one.metric))))


def _middle(values: Sequence[tuple[int, float]]) -> float:
    return float(np.median([value for _, value in values]))


def gate(current: Figures, baseline: Figures, tolerances: Mapping[str, float]) -> Gate:
    """Compare a run's figures with the baseline's.

    Args:
        current: of the run at hand.
        baseline: as committed.
        tolerances: metric -> |ln(after / before)| up to which a change is none; 0 for a metric not named.

    Returns:
        Worse where any figure got worse. Not comparable where the toolchains differ or the two do not hold the same
        figures: a figure that only one of them has was compared with nothing.
    """
    if current.toolchain != baseline.toolchain:
        reason = f"the baseline was written with {baseline.toolchain}, this run with {current.toolchain}"
        return Gate("not comparable", f"{reason}; write a baseline with this toolchain", ())
    then = {(one.case, one.arm, one.metric): one for one in baseline.figures}
    now = {(one.case, one.arm, one.metric): one for one in current.figures}
    rows = tuple(_row(key, then.get(key), now.get(key), tolerances) for key in sorted({**then, **now}))
    states = [row.state for row in rows]
    if "worse" in states:
        return Gate("worse", f"{states.count('worse')} of {len(then)} figures got worse", rows)
    if "missing" in states or not then:
        reason = f"{states.count('missing')} of the baseline's {len(then)} figures are missing from this run"
        return Gate("not comparable", f"{reason}; measure them or write a new baseline", rows)
    if "new" in states:
        reason = f"{states.count('new')} figures of this run are missing from the baseline"
        return Gate("not comparable", f"{reason}; add them with lab baseline --reason TEXT", rows)
    return Gate("fine", "", rows)


def _row(
    key: tuple[str, str, str], before: Figure | None, after: Figure | None, tolerances: Mapping[str, float]
) -> GateRow:
    case, arm, metric = key
    old = None if before is None else before.value
    new = None if after is None else after.value
    ratio = new / old if old and new is not None else 1.0 if old == new else None
    state = _state(old, new, tolerances.get(metric, 0.0))
    known = after or before
    if known is not None and known.more_is_better and state in ("better", "worse"):
        state = "worse" if state == "better" else "better"
    return GateRow(case, arm, metric, known.unit if known is not None else "", old, new, ratio, state)


def _state(before: float | None, after: float | None, tolerance: float) -> GateState:
    if before is None or after is None:
        return "new" if before is None else "missing"
    if before == after:
        return "same"
    if before > 0 and after > 0 and abs(math.log(after / before)) <= tolerance:
        return "same"
    return "worse" if after > before else "better"
