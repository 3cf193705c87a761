"""How the report shows counts of the same run."""

import io

import pytest
from rich.console import Console

from lab.analysis import analyse
from lab.core.results import Results
from lab.core.schema import Plan, RunSummary
from lab.report.agreement import TITLE, agreement_table
from lab.report.html import render_report
from lab.report.text import results_text
from tests.analysis.tables import a_table
from tests.analysis.test_agreement import ROUNDED, a_run, rows


@pytest.fixture(scope="module")
def run() -> tuple[Plan, Results]:
    plan = a_run(ROUNDED)
    counted = [*rows(allocations=231_940.0, traced=231_941.0, aligned=2.0), *rows("fast", traced=None)]
    return plan, analyse(plan, a_table(counted))


def test_counts_stand_side_by_side_to_their_last_digit(run: tuple[Plan, Results]) -> None:
    table = agreement_table(run[1].agreements)
    assert table.sources == (("ledger", "ledger"), ("traced", "allocations"), ("traced", "memray"))
    row = table.rows[0]
    assert [(counted.replace("\u202f", " "), apart) for counted, apart in row.counts] == [
        ("231 880", ""),
        ("231 940", ""),
        ("231 941", "1 of it by setup"),
    ]
    assert (row.difference, row.left, row.status) == (("61", "0.026 %"), ("60", "at most 126"), "explained")
    assert table.notes == (("blocks", "memray sees setup."),)


def test_missing_count_is_a_dash_with_its_reason(run: tuple[Plan, Results]) -> None:
    row = agreement_table(run[1].agreements).rows[1]
    assert (row.arm, row.counts[2], row.status) == ("fast", ("\u2013", ""), "not available")
    assert row.reason == "traced: memray is not installed"


def test_report_and_terminal_say_which_source_counted_what(run: tuple[Plan, Results]) -> None:
    plan, results = run
    summary = RunSummary(plan.schema, plan.id, plan.created, 1, 1, 1.0, (), (), ())
    html = render_report(plan, summary, results)
    out = io.StringIO()
    results_text(results, Console(file=out))
    for shown in (html, out.getvalue()):
        assert TITLE in shown
        for words in ("counted by the layer's ledger", "traced by the allocation counter", "traced by memray"):
            assert words in shown.replace("&#39;", "'")
        assert "1 of it by setup" in shown
        assert "not available" in shown
        assert "memray sees setup." in shown


def test_run_without_agreements_has_no_such_table(run: tuple[Plan, Results]) -> None:
    plan = a_run()
    summary = RunSummary(plan.schema, plan.id, plan.created, 1, 1, 1.0, (), (), ())
    results = analyse(plan, a_table(rows()))
    assert TITLE not in render_report(plan, summary, results)
    out = io.StringIO()
    results_text(results, Console(file=out))
    assert TITLE not in out.getvalue()
