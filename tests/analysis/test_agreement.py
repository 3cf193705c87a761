"""Whether sources that count the same agree, and what is said where they do not."""

import msgspec

from lab.analysis import analyse
from lab.analysis.agreement import agreements
from lab.core.results import AgreementResult
from lab.core.schema import Agreement, ExperimentPlan, GroupPlan, Measurement, Metric, Plan, Reading
from tests.analysis.tables import a_table, count_row
from tests.store.plans import a_case, a_plan

LEDGER = Reading("ledger", "ledger", ("per_task",), per_item=True)
COUNTER = Reading("allocations", "traced", ("allocations", "maps"))
TRACE = Reading("memray", "traced", ("traced",), apart=("of_setup",), because="by setup")
BLOCKS = Agreement("blocks", "count", (LEDGER, COUNTER, TRACE), {"size": "1"}, note="memray sees setup.")
ROUNDED = msgspec.structs.replace(BLOCKS, slack="aligned", slack_each=63.0)


def a_run(*declared: Agreement) -> Plan:
    group = GroupPlan("group", "Group", "size", "")
    experiment = ExperimentPlan("demo", "Demo", "Does it?", (group,), {}, (), agreements=declared)
    elsewhere = a_case("demo/group/size=2", factors={"size": "2"})
    return a_plan(a_case(), elsewhere, experiments=(experiment,))


def rows(arm: str = "plain", **figures: float | None) -> list[Measurement]:
    """Counts of a pass of 1000 items: 231.88 a task, all by malloc, and 1 by setup, but for `figures`."""
    known = {"per_task": 231.88, "allocations": 231_880.0, "maps": 0.0, "traced": 231_881.0, "of_setup": 1.0, **figures}
    probes = {"per_task": "ledger", "allocations": "allocations", "maps": "allocations"}
    return [
        count_row(
            a_case(),
            arm,
            metric,
            value,
            probe=probes.get(metric, "memray"),
            provenance="traced",
            items=1000 if metric in ("allocations", "maps") else 0,
            status="unavailable" if value is None else "ok",
            reason="memray is not installed" if value is None else "",
        )
        for metric, value in known.items()
    ]


def judged(declared: Agreement, measurements: list[Measurement]) -> AgreementResult:
    found = agreements(a_run(declared), a_table(measurements))
    assert {one.case for one in found} == {"demo/group/size=1"}
    return next(one for one in found if one.arm == "plain")


def test_counts_that_differ_by_what_setup_takes_are_explained() -> None:
    found = judged(BLOCKS, rows())
    assert [(one.counted, one.apart) for one in found.tallies] == [(231_880, 0), (231_880, 0), (231_881, 1)]
    assert (found.status, found.difference, found.left, found.allowed) == ("explained", 1, 0, 0)
    assert found.relative == 1 / 231_880
    assert found.note == "memray sees setup."


def test_counts_are_equal_where_nothing_has_to_be_explained() -> None:
    found = judged(BLOCKS, rows(traced=231_880.0, of_setup=0.0))
    assert (found.status, found.difference, found.left) == ("equal", 0, 0)


def test_one_allocation_that_no_source_explains_is_a_difference() -> None:
    found = judged(BLOCKS, rows(traced=231_882.0))
    assert (found.status, found.left) == ("differs", 1)


def test_equal_counts_differ_where_one_of_them_holds_what_is_not_of_the_pass() -> None:
    found = judged(BLOCKS, rows(traced=231_880.0))
    assert (found.status, found.difference, found.left) == ("differs", 0, 1)


def test_mappings_count_as_allocations_where_the_reading_says_so() -> None:
    assert judged(BLOCKS, rows(allocations=231_870.0, maps=10.0)).status == "explained"
    assert judged(BLOCKS, rows(maps=10.0)).status == "differs"


def test_what_may_remain_grows_with_what_was_counted() -> None:
    few, enough = (rows(allocations=231_940.0, traced=231_941.0, aligned=blocks) for blocks in (0.0, 1.0))
    assert judged(ROUNDED, few).status == "differs"
    found = judged(ROUNDED, enough)
    assert (found.status, found.left, found.allowed) == ("explained", 60, 63)


def test_a_source_that_lacks_what_the_ledger_counts_differs_whatever_may_remain() -> None:
    found = judged(ROUNDED, rows(allocations=231_879.0, aligned=100.0))
    assert (found.status, found.left) == ("differs", 1)


def test_missing_source_is_not_available_with_its_reason() -> None:
    found = judged(BLOCKS, rows(traced=None, of_setup=None))
    assert (found.status, found.reason) == ("not available", "traced: memray is not installed")
    assert [one.counted for one in found.tallies] == [231_880, 231_880, None]
    assert (found.difference, found.left) == (0, None)


def test_missing_count_of_what_may_remain_is_not_available() -> None:
    found = judged(ROUNDED, rows(aligned=None))
    assert (found.status, found.reason) == ("not available", "aligned: memray is not installed")


def test_figures_per_task_need_the_items_of_the_pass() -> None:
    (found, _) = agreements(a_run(BLOCKS), a_table([row for row in rows() if row.items == 0]))
    assert found.tallies[0].missing == "the items of a pass are not known"
    assert (found.status, found.difference) == ("not available", None)


def test_arm_without_any_figure_was_not_measured() -> None:
    (_, found) = agreements(a_run(BLOCKS), a_table(rows()))
    assert (found.arm, found.status, found.reason) == ("fast", "not available", "per_task: not measured")
    assert (found.difference, found.relative, found.left) == (None, None, None)


def test_results_hold_the_agreements_and_arms_are_not_compared_in_what_is_aside() -> None:
    plan = a_run(BLOCKS)
    aside = Metric("of_setup", "count", "of setup", "memray", aside=True)
    plan = msgspec.structs.replace(plan, metrics=(*plan.metrics, aside))
    results = analyse(plan, a_table([*rows(), *rows("fast")]))
    assert [one.status for one in results.agreements] == ["explained", "explained"]
    compared = {one.key.metric for one in results.comparisons}
    assert "traced" in compared
    assert "of_setup" not in compared
