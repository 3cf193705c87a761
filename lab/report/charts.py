"""What a group's figures show: which panels, which curves, which points. Drawing them is `lab.report.figures`.

A chart holds one metric of one group. The group's axis factor runs along the horizontal axis; arms are distinguished by
colour and levels of the series factor by marker shape; every further factor opens panels. Where there is but one arm,
or where that would crowd a panel with more than `MOST_CURVES` curves, each arm gets panels of its own and the series
takes colour and shape (for ratios; for values, whose point is to see arms side by side, the series opens panels).
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lab.core.results import Comparison
from lab.core.schema import TIME, GroupPlan, Metric, Plan
from lab.report import numbers
from lab.report.words import case_label, level_label, provenance_label, word

MOST_CURVES = 4
BASELINE = -1  # colour of a baseline's curve


@dataclass(frozen=True, slots=True)
class Point:
    """One comparison (or one arm's value) at tick `x`; an end of the interval that is open is None."""

    x: int
    value: float
    low: float | None
    high: float | None
    verdict: str
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of one arm (and one level of the series); `colour` and `marker` are indices into the theme."""

    label: str
    colour: int
    marker: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One small figure; all panels of a chart share both axes."""

    title: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric of one group.

    Attributes:
        scale: "ratio": time of treatment / baseline on a log axis with its interval; "value": a count per item.
        low, high: range of the values, both ends of the intervals included.
        margins: at each tick the margin of `same`, in ln(ratio); empty for values.
        caption: what is shown, to be read after the title: "ratio to aos", "per row".
        unit: of a value; "" for a ratio.
        source: the provenance in words, with the probe's name.
    """

    key: str
    metric: str
    title: str
    scale: Literal["ratio", "value"]
    axis: str
    ticks: tuple[str, ...]
    margins: tuple[float, ...]
    caption: str
    unit: str
    provenance: str
    source: str
    panels: tuple[Panel, ...]
    low: float
    high: float

    @property
    def legend(self) -> tuple[Curve, ...]:
        """One curve per label, in the order in which they are drawn."""
        return tuple({curve.label: curve for panel in self.panels for curve in panel.curves}.values())


def group_charts(plan: Plan, experiment: str, group: GroupPlan, comparisons: Iterable[Comparison]) -> tuple[Chart, ...]:
    """The charts of a group, the clock first, then the other metrics in the plan's order.

    A metric with fewer than two comparisons that have a value, or with nothing but zeros, gets none: its table says it.
    """
    mine = [
        one
        for one in comparisons
        if (one.key.experiment, one.key.group, one.key.control) == (experiment, group.name, False)
    ]
    known = {metric.name: metric for metric in plan.metrics}
    for one in mine:  # a ledger's counters need no entry in the plan
        known.setdefault(one.key.metric, Metric(one.key.metric, one.key.unit, word(one.key.metric), ""))
    metrics = sorted(known.values(), key=lambda metric: metric.name != TIME)
    charts = (_chart(plan, group, metric, [one for one in mine if one.key.metric == metric.name]) for metric in metrics)
    return tuple(chart for chart in charts if chart is not None)


def _chart(plan: Plan, group: GroupPlan, metric: Metric, comparisons: list[Comparison]) -> Chart | None:
    timed = metric.name == TIME
    drawn = [one for one in comparisons if _can_be_drawn(one, timed)]
    if len(drawn) < 2 or not (timed or any(one.estimate.baseline_value or one.estimate.arm_value for one in drawn)):
        return None
    levels = _levels(plan, drawn)
    varied = [name for name, seen in levels.items() if len(seen) > 1]
    axis = group.axis if group.axis in varied else max(varied, key=lambda name: len(levels[name]), default="")
    series = group.series if group.series in varied and group.series != axis else ""
    facets = [name for name in varied if name not in (axis, series)]
    panels = _panels(drawn, levels, axis=axis, series=series, facets=facets)
    points = [point for panel in panels for curve in panel.curves for point in curve.points]
    spread = [end for point in points for end in (point.value, point.low, point.high) if end is not None]
    return Chart(
        key="-".join((drawn[0].key.experiment, group.name, metric.name)),
        metric=metric.name,
        title=metric.label or word(metric.name),
        scale="ratio" if timed else "value",
        axis=word(axis) if axis else "arm",
        ticks=_ticks(plan, drawn, levels, axis),
        margins=_margins(plan, drawn, levels, axis) if timed else (),
        caption=f"ratio to {drawn[0].key.baseline}" if timed else f"per {drawn[0].key.item or 'run'}",
        unit="" if timed else metric.unit,
        provenance=drawn[0].key.provenance,
        source=provenance_label(drawn[0].key.provenance, metric.probe),
        panels=panels,
        low=min(spread),
        high=max(spread),
    )


def _can_be_drawn(one: Comparison, timed: bool) -> bool:
    if timed:
        return one.estimate.ratio is not None and math.isfinite(one.estimate.ratio) and one.estimate.ratio > 0
    return numbers.finite(one.estimate.baseline_value) and numbers.finite(one.estimate.arm_value)


def _levels(plan: Plan, comparisons: Sequence[Comparison]) -> dict[str, list[str]]:
    """Factor -> the levels that occur, in the plan's order."""
    drawn = {one.key.case for one in comparisons}
    levels: dict[str, dict[str, None]] = {}
    for case in plan.cases:
        if case.id in drawn:
            for name, level in case.factors.items():
                levels.setdefault(name, {})[level] = None
    return {name: list(seen) for name, seen in levels.items()}


def _ticks(plan: Plan, drawn: Sequence[Comparison], levels: dict[str, list[str]], axis: str) -> tuple[str, ...]:
    if not axis:
        return tuple(dict.fromkeys(one.key.arm for one in drawn))
    sizes = {
        case.factors.get(axis): case.working_set_bytes
        for case in plan.cases
        if case.id in {one.key.case for one in drawn}
    }
    if axis == "working_set" and all(level.isdigit() for level in levels[axis]):
        return tuple(numbers.quantity(int(level), "B").replace(" ", "\n") for level in levels[axis])
    if axis != "working_set" or not all(sizes.values()):
        return tuple(levels[axis])
    return tuple(f"{level}\n{numbers.quantity(sizes[level], 'B')}" for level in levels[axis])


def _margins(plan: Plan, drawn: Sequence[Comparison], levels: dict[str, list[str]], axis: str) -> tuple[float, ...]:
    """The widest margin among the comparisons at each tick."""
    names = levels[axis] if axis else list(dict.fromkeys(one.key.arm for one in drawn))
    margins = dict.fromkeys(names, 0.0)
    for one in drawn:
        name = one.key.factors[axis] if axis else one.key.arm
        if one.key.kind in plan.rule.margins:
            margins[name] = max(margins[name], plan.rule.margins[one.key.kind].same)
    return tuple(margins.values())


def _panels(
    drawn: Sequence[Comparison], levels: dict[str, list[str]], *, axis: str, series: str, facets: list[str]
) -> tuple[Panel, ...]:
    timed = drawn[0].key.metric == TIME
    arms = list(dict.fromkeys(one.key.arm for one in drawn))
    shown = arms if timed else [drawn[0].key.baseline, *arms]
    crowded = bool(series) and (len(shown) == 1 or len(shown) * len(levels[series]) > MOST_CURVES)
    if crowded and not timed:
        facets, series, crowded = [*facets, series], "", False
    steps = levels[series] if series else [""]
    panels = []
    for combination in itertools.product(*(levels[name] for name in facets)):
        where = dict(zip(facets, combination, strict=True))
        inside = [one for one in drawn if where.items() <= one.key.factors.items()]
        for panel_arms in [[arm] for arm in shown] if crowded else [shown]:
            curves = []
            for arm, step in itertools.product(panel_arms, steps):
                here = [one for one in inside if not series or one.key.factors[series] == step]
                points = _points(here, arm, levels, axis, arms)
                if points:
                    rank = arms.index(arm) if arm in arms else BASELINE
                    name = level_label(series, step) if series else ""
                    label = name if crowded else f"{arm} · {name}" if series else arm
                    shape = steps.index(step) if series else shown.index(arm)
                    curves.append(Curve(label, steps.index(step) if crowded else rank, shape, points))
            if curves:
                title = " · ".join(filter(None, [panel_arms[0] if crowded else "", case_label(where)]))
                panels.append(Panel(title, tuple(curves)))
    return tuple(panels)


def _points(
    inside: Sequence[Comparison], arm: str, levels: dict[str, list[str]], axis: str, arms: list[str]
) -> tuple[Point, ...]:
    """Points of `arm`, one per tick; the baseline's values are taken from its comparison with any treatment."""
    points: dict[int, Point] = {}
    for one in inside:
        if arm in (one.key.arm, one.key.baseline):
            x = levels[axis].index(one.key.factors[axis]) if axis else arms.index(one.key.arm)
            points.setdefault(x, _point(one, arm, x))
    return tuple(points[x] for x in sorted(points))


def _point(one: Comparison, arm: str, x: int) -> Point:
    case = case_label(one.key.factors)
    if one.key.metric == TIME:
        assert one.estimate.ratio is not None
        said = f"{numbers.estimate(one.estimate.ratio, one.estimate.low, one.estimate.high)}, {one.verdict}"
        return Point(
            x,
            one.estimate.ratio,
            _end(one.estimate.low),
            _end(one.estimate.high),
            one.verdict,
            f"{arm} · {case}: {said}",
        )
    value = one.estimate.baseline_value if arm == one.key.baseline else one.estimate.arm_value
    assert value is not None
    return Point(x, value, value, value, "exact", f"{arm} · {case}: {numbers.quantity(value, one.key.unit)}")


def _end(bound: float | None) -> float | None:
    return bound if bound is not None and math.isfinite(bound) and bound > 0 else None
