"""What each switch brings, as a figure of factors on the time and a table per metric."""

from collections.abc import Iterable
from dataclasses import dataclass

from lab.core.results import Attribution
from lab.core.schema import TIME, Plan
from lab.report import numbers
from lab.report.charts import Chart, Curve, Panel, Point
from lab.report.words import case_label, metric_label, provenance_label

# Name of the curve -> the figure it shows, in the order in which they are drawn.
CURVES = ("among all the others", "alone", "added last")


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One switch: its share with the interval, and what the two simpler ways of asking say."""

    switch: str
    share: str
    interval: str
    percent: str
    alone: str
    last: str


@dataclass(frozen=True, slots=True)
class ShareTable:
    """All switches of one metric of one case; `together` is the whole in words, `method` how it was divided."""

    label: str
    case: str
    provenance: str
    probe: str
    together: str
    method: str
    rows: tuple[ShareRow, ...]


def share_chart(plan: Plan, shares: Iterable[Attribution]) -> Chart | None:
    """Factors on the time, a panel per case; None where no time was attributed. All of one group."""
    timed = [one for one in shares if one.metric == TIME]
    if not timed:
        return None
    switches = list(dict.fromkeys(one.switch for one in timed))
    panels = []
    for case in dict.fromkeys(one.case for one in timed):
        mine = [one for one in timed if one.case == case]
        curves = [
            Curve(name, colour, colour, points)
            for colour, name in enumerate(CURVES)
            if (points := tuple(_points(mine, name, switches)))
        ]
        panels.append(Panel(case_label(mine[0].factors), tuple(curves)))
    values = [
        end
        for panel in panels
        for curve in panel.curves
        for point in curve.points
        for end in (point.value, point.low, point.high)
        if end is not None
    ]
    margins = [plan.rule.margins[case.kind].same for case in plan.cases if case.id == timed[0].case]
    return Chart(
        key=f"{timed[0].experiment}-{timed[0].group}-shares",
        metric=TIME,
        title="what each switch brings",
        scale="ratio",
        axis="switch",
        ticks=tuple(switches),
        margins=tuple(margins * len(switches)),
        caption="factor on the time; the factors among all the others multiply to the whole",
        unit="",
        provenance="clock",
        source=provenance_label("clock"),
        panels=tuple(panels),
        low=min(values),
        high=max(values),
    )


def _points(shares: Iterable[Attribution], name: str, switches: list[str]) -> Iterable[Point]:
    for one in shares:
        value = dict(zip(CURVES, (one.value, one.alone, one.last), strict=True))[name]
        if value is None:
            continue
        low, high = (one.low, one.high) if name == CURVES[0] else (value, value)
        verdict = "unresolved" if low is None or high is None or low <= 1 <= high else "better" if high < 1 else "worse"
        said = f"{one.switch}, {name}: {numbers.ratio(value)}"
        said += f" ({numbers.interval(low, high)})" if name == CURVES[0] else ""
        yield Point(switches.index(one.switch), value, low, high, verdict, said)


def share_tables(plan: Plan, shares: Iterable[Attribution]) -> tuple[ShareTable, ...]:
    """A table per metric and case, the clock first; a count that no switch changes has none."""
    labels = {metric.name: metric.label for metric in plan.metrics}
    probes = {metric.name: metric.probe for metric in plan.metrics}
    found: dict[tuple[str, str], list[Attribution]] = {}
    for one in shares:
        found.setdefault((one.metric, one.case), []).append(one)
    return tuple(
        ShareTable(
            label=metric_label(metric, labels),
            case=case_label(mine[0].factors),
            provenance=mine[0].provenance,
            probe=probes.get(metric, ""),
            together=_together(mine[0]),
            method=_method(mine[0]),
            rows=tuple(_row(one) for one in mine),
        )
        for (metric, _), mine in sorted(found.items(), key=lambda item: item[0][0] != TIME)
        if any(one.value or one.alone or one.last for one in mine)
    )


def _row(one: Attribution) -> ShareRow:
    if one.scale == "ratio":
        return ShareRow(
            switch=one.switch,
            share=numbers.ratio(one.value),
            interval=numbers.interval(one.low, one.high),
            percent=numbers.change(one.value, one.unit),
            alone=numbers.ratio(one.alone),
            last=numbers.ratio(one.last),
        )
    return ShareRow(
        switch=one.switch,
        share=_signed(one.value, one.unit),
        interval="exact",
        percent=numbers.percent(one.value / one.before) if one.before else numbers.NOTHING,
        alone=_signed(one.alone, one.unit),
        last=_signed(one.last, one.unit),
    )


def _signed(value: float | None, unit: str) -> str:
    return ("+" if value is not None and value > 0 else "") + numbers.quantity(value, unit)


def _together(one: Attribution) -> str:
    per = f" per {one.item}" if one.item else ""
    if one.scale == "ratio":
        whole = f"all switches together: {numbers.ratio(one.together)} ({numbers.change(one.together, one.unit)})"
        return f"{whole}, from {numbers.quantity(one.before, one.unit)}{per}"
    return (
        f"all switches together: {_signed(one.together, one.unit)}{per}, from {numbers.quantity(one.before, one.unit)}"
    )


def _method(one: Attribution) -> str:
    many = f"all {one.settings}" if one.complete else f"{one.settings}"
    settings = f"Shapley values over {many} settings"
    if not one.complete:
        settings += ", a balanced part: exact unless three switches do together what no two of them do"
    return settings + (f"; {one.processes} processes" if one.scale == "ratio" else "")
