"""What the figures show, and that drawing them is reproducible."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from lab.core.schema import GroupPlan
from lab.report.charts import Chart, group_charts
from lab.report.figures import chart_figure, figure_svg, panel_svg
from tests.analysis.tables import altered

if TYPE_CHECKING:
    from tests.report.conftest import Sample


def _charts(sample: Sample, experiment: str, group: str) -> dict[str, Chart]:
    plan = next(one for one in sample.plan.experiments if one.name == experiment)
    part: GroupPlan = next(one for one in plan.groups if one.name == group)
    return {one.metric: one for one in group_charts(sample.plan, experiment, part, sample.results.comparisons)}


def test_the_clock_comes_first_and_every_case_is_drawn_once(sample: Sample) -> None:
    """All time ratios of a group are points of its first chart, the control excepted."""
    charts = _charts(sample, "layout", "scan")
    assert next(iter(charts)) == "time"
    points = [point for panel in charts["time"].panels for curve in panel.curves for point in curve.points]
    assert len(points) == 2 * 32


def test_a_crowded_panel_is_split_by_arm(sample: Sample) -> None:
    """Two arms over four levels of the series make panels of one arm with four curves each."""
    panels = _charts(sample, "layout", "scan")["time"].panels
    expected = ["soa · sequential", "aosoa · sequential", "soa · random", "aosoa · random"]
    assert expected == [panel.title for panel in panels]
    assert [len(panel.curves) for panel in panels] == [4, 4, 4, 4]


def test_counts_are_shown_per_item_beside_their_baseline(sample: Sample) -> None:
    """Simulated misses are drawn as values of all arms, zeros included, and say where they come from."""
    chart = _charts(sample, "layout", "scan")["d1_misses"]
    assert chart.scale == "value"
    assert chart.source == "simulated by callgrind"
    assert [curve.label for curve in chart.legend] == ["aos", "soa", "aosoa"]
    assert chart.low == 0.0


def test_ticks_carry_the_size_of_the_working_set(sample: Sample) -> None:
    """The axis tells how much memory each level stands for."""
    assert _charts(sample, "layout", "scan")["time"].ticks[-1] == "DRAM\n96 MiB"


@pytest.mark.parametrize(
    "names", [("arena", "intern", "views", "soa", "pool", "simd", "aligned", "prefetch"), ("a", "b")]
)
def test_no_tick_is_cut_that_has_room_when_slanted(sample: Sample, names: tuple[str, ...]) -> None:
    """Eight switches are named in full, slanted; short names stay level."""
    chart = _charts(sample, "layout", "scan")["time"]
    chart = replace(chart, ticks=names, margins=chart.margins[:1] * len(names))
    labels = chart_figure(chart).axes[0].get_xticklabels()
    assert tuple(label.get_text() for label in labels) == names
    assert {label.get_rotation() > 0 for label in labels} == {len(names) > 4}
    assert all(f">{name}</text>" in panel_svg(chart, 0) for name in names)


def test_a_narrow_axis_has_its_ticks_around_one(sample: Sample) -> None:
    """Ratios within a few percent are read off equal steps to both sides of 1."""
    group = sample.plan.experiments[0].groups[0]
    near = [
        altered(one, ratio=1.002, low=0.997, high=1.005)
        for one in sample.results.comparisons
        if (one.key.group, one.key.metric, one.key.control) == ("scan", "time", False)
    ]
    (chart,) = group_charts(sample.plan, "layout", group, near)
    axes = chart_figure(chart).axes[0]
    low, high = axes.get_ylim()
    assert [tick for tick in axes.get_yticks() if low < tick < high] == pytest.approx([0.96, 0.98, 1, 1.02, 1.04])


def test_the_margin_of_same_is_drawn_where_it_applies(sample: Sample) -> None:
    """Each tick knows the margin of its kind of work; noise within it never fills the figure."""
    chart = _charts(sample, "alignment", "stream")["time"]
    assert chart.margins == (0.01, 0.01, 0.01, 0.02)
    assert _charts(sample, "layout", "scan")["d1_misses"].margins == ()


def test_an_open_interval_has_no_invented_end(sample: Sample) -> None:
    """A bound that the data do not give stays None in the chart."""
    charts = _charts(sample, "alignment", "stream")
    points = chain.from_iterable(curve.points for panel in charts["time"].panels for curve in panel.curves)
    assert any(point.low is None and point.high is None for point in points)


def test_a_metric_with_one_value_or_nothing_but_zeros_gets_no_chart(sample: Sample) -> None:
    """Such a metric is left to its table."""
    group = sample.plan.experiments[0].groups[0]
    some = next(
        one for one in sample.results.comparisons if one.key.metric == "d1_misses" and one.estimate.baseline_value == 0
    )
    again = altered(some, case=sample.plan.cases[1].id)
    assert group_charts(sample.plan, "layout", group, [some, again]) == ()
    timed = next(one for one in sample.results.comparisons if one.key.metric == "time")
    assert group_charts(sample.plan, "layout", group, [timed]) == ()


def test_cases_that_differ_in_nothing_are_drawn_over_their_arms(sample: Sample) -> None:
    """Where no factor varies the arms stand along the axis."""
    group = sample.plan.experiments[0].groups[0]
    case = sample.plan.cases[0].id
    some = [
        one
        for one in sample.results.comparisons
        if (one.key.case, one.key.metric, one.key.control) == (case, "time", False)
    ]
    (chart,) = group_charts(sample.plan, "layout", group, some)
    assert (chart.axis, chart.ticks) == ("arm", ("soa", "aosoa"))


def test_inline_svg_takes_its_colours_from_the_page_and_is_reproducible(sample: Sample) -> None:
    """Same chart, same bytes; no fixed colour, no metadata, ids of its own, a tooltip per point."""
    chart = _charts(sample, "layout", "tasks")["time"]
    svg = panel_svg(chart, 0)
    assert panel_svg(chart, 0) == svg
    root = ET.fromstring(svg)
    assert "width" not in root.attrib
    assert root.attrib["role"] == "img"
    assert not any(word in svg for word in ("metadata", "#fe00", "<script"))
    assert "var(--c1)" in svg
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert all(one.startswith("layout-tasks-time-0-") for one in ids)
    assert len(set(ids)) == len(ids)
    assert svg.count("<title>") == 3


@pytest.mark.parametrize("metric", ["time", "allocations_per_task"])
def test_a_figure_for_notebooks_holds_every_panel_and_a_legend(sample: Sample, metric: str) -> None:
    """One figure with a subplot per panel and one legend, drawn without pyplot."""
    chart = _charts(sample, "pooling", "acquire")[metric]
    figure = chart_figure(chart)
    assert len(chart.panels) == sum(axes.get_visible() for axes in figure.axes)
    assert [curve.label for curve in chart.legend] == [text.get_text() for text in figure.legends[0].get_texts()]
    assert figure_svg(chart_figure(chart)) == figure._repr_svg_()
