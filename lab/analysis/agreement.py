"""Whether several sources that count the same thing in the same pass agree.

A ledger is what the code says of itself. Its figures are believed if an allocation counter and a tracer, neither of
which knows the ledger, arrive at the same. A difference is `explained` only by figures: from each count is subtracted
what the run itself measured as outside the pass (what setup alone allocates), and the rest must lie between zero and
what the declaration allows for each of a number of things that the run counted (up to 63 bytes for each aligned block).
Everything else `differs`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from lab.core.results import AgreementResult, AgreementStatus, Tally
from lab.core.schema import Agreement, CasePlan, Plan, Reading

_NOT_MEASURED = "not measured"


class _Figure(NamedTuple):
    """One row of the table; `value` is None where it could not be had."""

    value: float | None
    items: int
    reason: str


# Metric -> its figure in one arm of one case.
_Figures = Mapping[str, _Figure]


def agreements(plan: Plan, table: pd.DataFrame) -> tuple[AgreementResult, ...]:
    """Every declared agreement for every arm of every case that it is declared for, in the plan's order.

    Args:
        plan: of the run.
        table: its tidy table.
    """
    wanted = [
        (agreement, case)
        for experiment in plan.experiments
        for agreement in experiment.agreements
        for case in plan.cases
        if case.experiment == experiment.name and agreement.where.items() <= case.factors.items()
    ]
    figures = _figures(table, {case.id for _, case in wanted})
    return tuple(
        _judge(agreement, case, arm.name, figures.get((case.id, arm.name), {}))
        for agreement, case in wanted
        for arm in case.arms
    )


def _figures(table: pd.DataFrame, cases: set[str]) -> Mapping[tuple[str, str], _Figures]:
    """(Case, arm) -> its figures; of several of one metric the first that has a value."""
    rows = table[(table["case"].isin(cases) & (table["probe"] != "clock")).to_numpy(dtype=bool)]
    names = ("case", "arm", "metric", "value", "items", "status", "reason")
    found: dict[tuple[str, str], dict[str, _Figure]] = {}
    for case, arm, metric, value, items, status, reason in zip(*(rows[name] for name in names), strict=True):
        mine = found.setdefault((str(case), str(arm)), {})
        if metric not in mine or mine[metric].value is None:
            mine[str(metric)] = _Figure(float(value) if status == "ok" else None, int(items), str(reason))
    return found


def _judge(agreement: Agreement, case: CasePlan, arm: str, figures: _Figures) -> AgreementResult:
    used = [figures[name] for reading in agreement.readings for name in reading.metrics if name in figures]
    items = max((figure.items for figure in used), default=0)
    tallies = tuple(_tally(reading, figures, items) for reading in agreement.readings)
    slack, no_slack = _sum((agreement.slack,), figures) if agreement.slack else (0.0, "")
    counted = [tally.counted for tally in tallies if tally.counted is not None]
    within = [tally.counted - tally.apart for tally in tallies if tally.counted is not None]
    difference = max(counted) - min(counted) if len(counted) > 1 else None
    allowed = (slack or 0.0) * agreement.slack_each
    reason = next(filter(None, (*(tally.missing for tally in tallies), no_slack)), "")
    status: AgreementStatus
    if reason:
        status = "not available"
    elif not 0 <= min(within) - within[0] <= max(within) - within[0] <= allowed:
        status = "differs"
    else:
        status = "explained" if difference else "equal"
    return AgreementResult(
        experiment=case.experiment,
        case=case.id,
        factors=case.factors,
        arm=arm,
        what=agreement.what,
        unit=agreement.unit,
        tallies=tallies,
        difference=difference,
        relative=None if difference is None or min(counted) == 0 else difference / min(counted),
        left=None if reason else max(within) - min(within),
        allowed=allowed,
        status=status,
        reason=reason,
        note=agreement.note,
    )


def _tally(reading: Reading, figures: _Figures, items: int) -> Tally:
    counted, missing = _sum(reading.metrics, figures)
    apart, unknown = _sum(reading.apart, figures)
    if counted is not None and reading.per_item:
        # A count that was divided by the items: multiplied again it is a whole number but for the last bit.
        counted, missing = (float(round(counted * items)), "") if items else (None, "the items of a pass are not known")
    return Tally(
        probe=reading.probe,
        provenance=reading.provenance,
        counted=counted,
        apart=apart or 0.0,
        because=reading.because,
        missing=missing or unknown,
    )


def _sum(metrics: tuple[str, ...], figures: _Figures) -> tuple[float | None, str]:
    """The sum, or None and why there is none."""
    total = 0.0
    for metric in metrics:
        figure = figures.get(metric, _Figure(None, 0, _NOT_MEASURED))
        if figure.value is None:
            return None, f"{metric}: {figure.reason or _NOT_MEASURED}"
        total += figure.value
    return total, ""
