"""How the report shows what each switch brings."""

import io
import math

import pytest
from rich.console import Console

from lab.analysis import analyse
from lab.core.results import Results
from lab.core.schema import Plan, RunSummary
from lab.report.attribution import CURVES, share_chart, share_tables
from lab.report.html import render_report
from lab.report.text import results_text
from tests.analysis.tables import a_table, count_row
from tests.analysis.test_attribution import SETTINGS, factorial_plan, timed


@pytest.fixture(scope="module")
def run() -> tuple[Plan, Results]:
    plan = factorial_plan()
    (case,) = plan.cases
    rows = timed(case, {"a": math.log(0.8), "b": math.log(1.1), "all": math.log(0.5)}, processes=9, jitter=0.001)
    counted = zip(SETTINGS, (500_000.0, 100_000.0, 500_000.0, 0.0), strict=True)
    rows += [count_row(case, arm, "allocations", value) for arm, value in counted]
    rows += [count_row(case, arm, "copies", 1.0) for arm in SETTINGS]
    return plan, analyse(plan, a_table(rows))


def test_figure_shows_all_three_ways_of_asking(run: tuple[Plan, Results]) -> None:
    chart = share_chart(run[0], run[1].attributions)
    assert chart is not None
    assert [curve.label for curve in chart.legend] == list(CURVES)
    assert chart.ticks == ("a", "b")
    (panel,) = chart.panels
    assert [point.verdict for point in panel.curves[0].points] == ["better", "better"]
    assert [point.verdict for point in panel.curves[1].points] == ["better", "worse"]


def test_no_attribution_of_time_has_no_figure(run: tuple[Plan, Results]) -> None:
    assert share_chart(run[0], [one for one in run[1].attributions if one.metric != "time"]) is None


def test_tables_say_the_whole_and_how_it_was_divided(run: tuple[Plan, Results]) -> None:
    time, allocations = share_tables(run[0], run[1].attributions)
    assert "all switches together: 0.50x" in time.together
    assert time.method == "Shapley values over all 4 settings; 9 processes"
    assert [(row.switch, row.share, row.alone, row.last) for row in allocations.rows] == [
        ("a", "-450", "-400", "-500"),
        ("b", "-50", "0", "-100"),
    ]
    assert allocations.rows[0].percent == "-90 %"


def test_count_that_no_switch_changes_has_no_table(run: tuple[Plan, Results]) -> None:
    assert "copies" not in {table.label for table in share_tables(run[0], run[1].attributions)}


def test_report_and_terminal_show_the_shares(run: tuple[Plan, Results]) -> None:
    plan, results = run
    summary = RunSummary(plan.schema, plan.id, plan.created, 1, 1, 1.0, (), (), ())
    html = render_report(plan, summary, results)
    assert "What each switch brings: time" in html
    assert "Among all the others" in html
    out = io.StringIO()
    results_text(results, Console(file=out))
    assert "What each switch brings among all the others" in out.getvalue()
