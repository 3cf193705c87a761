"""Comparisons of what is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.exact import Count, counts, decide_exact, decide_sampled, metric_of
from lab.core.schema import Margin, Metric, Rule
from tests.analysis.tables import a_table, case_with, count_row

MARGIN = Margin(bias=0.005, same=0.01)
RULE = Rule(alpha=0.05, comparisons=1, interval_alpha=0.05, margins={"cache": MARGIN})


@pytest.mark.parametrize(
    ("baseline", "arm", "margin", "expected"),
    [
        ([4.0], [2.0], 0.0, (0.5, 0.5, 0.5, "better")),
        ([4.0], [4.0], 0.0, (1.0, 1.0, 1.0, "same")),
        ([1e9], [1e9 + 1], 0.0, (1 + 1e-9, 1 + 1e-9, 1 + 1e-9, "worse")),
        ([100.0], [101.0], 0.02, (1.01, 1.01, 1.01, "same")),
        ([100.0], [103.0], 0.02, (1.03, 1.03, 1.03, "worse")),
        ([0.0], [0.0], 0.0, (1.0, 1.0, 1.0, "same")),
        ([0.0], [0.0], 0.02, (1.0, 1.0, 1.0, "same")),
        ([0.0], [3.0], 0.0, (None, None, None, "worse")),
        ([3.0], [0.0], 0.0, (0.0, 0.0, 0.0, "better")),
        ([0.0], [3.0], 0.02, (None, None, None, "unresolved")),
        ([3.0], [0.0], 0.02, (0.0, 0.0, 0.0, "unresolved")),
        ([10.0, 12.0], [6.0, 5.0], 0.0, (0.5, 5 / 12, 0.6, "better")),
        ([10.0, 12.0], [11.0], 0.0, (1.0, 11 / 12, 1.1, "unresolved")),
        ([-1.0], [3.0], 0.0, (None, None, None, "unresolved")),
    ],
)
def test_exact_count_is_its_own_interval(baseline: list, arm: list, margin: float, expected: tuple) -> None:
    found = decide_exact(baseline, arm, margin)
    for figure, wanted in zip((found.ratio, found.low, found.high), expected[:3], strict=True):
        assert figure == (wanted if wanted is None else pytest.approx(wanted, rel=1e-12))
    assert found.verdict == expected[3]
    assert found.reasons or found.verdict != "unresolved"


@given(
    st.lists(st.integers(0, 5).map(float), min_size=1, max_size=3),
    st.lists(st.integers(0, 5).map(float), min_size=1, max_size=3),
    st.sampled_from([0.0, 0.02]),
)
def test_swapping_the_arms_swaps_better_and_worse(baseline: list, arm: list, margin: float) -> None:
    opposite = {"better": "worse", "worse": "better"}
    one, other = decide_exact(baseline, arm, margin), decide_exact(arm, baseline, margin)
    assert other.verdict == opposite.get(one.verdict, one.verdict)


def test_single_value_that_is_not_exact_has_a_ratio_and_is_never_called() -> None:
    found = decide_sampled([(-1, 100.0)], [(-1, 300.0)], RULE, MARGIN)
    assert (found.ratio, found.low, found.high, found.verdict) == (3.0, None, None, "unresolved")
    assert [one.code for one in found.reasons] == ["one value each"]


def test_repeated_values_are_judged_replicate_by_replicate() -> None:
    baseline = [(number, 100.0 * (1 + number)) for number in range(10)]
    arm = [(number, 200.0 * (1 + number)) for number in reversed(range(1, 10))]
    found = decide_sampled(baseline, arm, RULE, MARGIN)
    assert (found.count, found.verdict) == (9, "worse")
    assert (found.ratio, found.low, found.high) == pytest.approx((2.0, 2.0, 2.0))


def test_values_of_one_replicate_are_compared_in_their_order() -> None:
    found = decide_sampled([(-1, 1.0), (-1, 2.0)], [(-1, 2.0), (-1, 4.0)], RULE, MARGIN)
    assert (found.count, found.ratio) == (2, pytest.approx(2.0))


def test_counts_are_per_item_and_leave_out_the_clock_and_what_is_missing() -> None:
    case = case_with("fast")
    rows = [
        count_row(case, "plain", "instructions", 5000.0, items=1000),
        count_row(case, "fast", "instructions", 3000.0, items=0, iterations=10),
        count_row(case, "fast", "d1_misses", None, status="unavailable", reason="no valgrind"),
        count_row(case, "fast", "time", 1.0, probe="clock"),
    ]
    found = list(counts(a_table(rows)))
    assert [(one.metric, one.per_item, dict(one.values)) for one in found] == [
        ("instructions", False, {"fast": ((-1, 3000.0),)}),
        ("instructions", True, {"plain": ((-1, 5.0),)}),
    ]


def test_metric_is_exact_only_where_the_plan_says_so_of_its_probe() -> None:
    metrics = [Metric("instructions", "count", "instructions", "callgrind", exact=True)]
    found = {
        (name, probe): metric_of(metrics, Count("", name, "count", probe, "simulated", {}, True)).exact
        for name in ("instructions", "cycles")
        for probe in ("callgrind", "perf")
    }
    assert [key for key, exact in found.items() if exact] == [("instructions", "callgrind")]


@pytest.mark.parametrize(
    ("value", "count", "verdict"), [(0.0, 9, "same"), (0.0, 1, "unresolved"), (1.0, 9, "unresolved")]
)
def test_processes_with_nothing_on_both_sides_are_equal(value: float, count: int, verdict: str) -> None:
    arm = [(0, value), *((number, 0.0) for number in range(1, count))]
    found = decide_sampled([(number, 0.0) for number in range(count)], arm, RULE, MARGIN)
    assert found.verdict == verdict
    assert ([one.code for one in found.reasons] == ["zero in some process"]) == (value > 0)
