"""The verdict, what it could have detected, and how two ways of measuring agree."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.decide import Decision, agree, decide, decide_modes, detectable, verdict_of
from lab.analysis.sequence import minimum_count
from lab.core.errors import UsageError
from lab.core.reasons import Reason
from lab.core.schema import NULL_SUFFIX, Margin, Rule, Verdict
from lab.report import wording
from lab.report.numbers import NOTHING
from tests.analysis.tables import case_with

MARGIN = Margin(bias=0.005, same=0.01)
RULE = Rule(alpha=0.05, comparisons=5, interval_alpha=0.05, margins={"cache": MARGIN})
ENOUGH = minimum_count(0.05 / 5)

effects = st.lists(st.floats(-0.05, 0.05), min_size=0, max_size=40)


@pytest.mark.parametrize(
    ("value", "count", "verdict"),
    [
        (0.02, ENOUGH, "worse"),
        (-0.02, ENOUGH, "better"),
        (0.02, ENOUGH - 1, "unresolved"),
        (0.005, ENOUGH, "same"),
        (0.01, 7, "same"),
        (0.01, 6, "unresolved"),
        (0.0101, 7, "unresolved"),
        (-0.005, ENOUGH, "same"),
        (0.0051, ENOUGH, "worse"),
    ],
)
def test_verdict_follows_margins_and_minimum_numbers(value: float, count: int, verdict: Verdict) -> None:
    assert verdict_of([value] * count, RULE, MARGIN) == verdict


def test_difference_is_judged_at_alpha_over_the_number_of_comparisons() -> None:
    many = Rule(alpha=0.05, comparisons=5000, interval_alpha=0.05, margins={"cache": MARGIN})
    assert minimum_count(0.05 / 5000) > ENOUGH
    assert verdict_of([0.02] * ENOUGH, many, MARGIN) == "unresolved"


def test_difference_within_the_equivalence_margin_wins_and_says_so() -> None:
    found = decide([0.008] * ENOUGH, RULE, MARGIN)
    assert found.verdict == "worse"
    assert "within ±1" in wording.reasons(found.reasons)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "no processes; better or worse takes at least 10"),
        ([0.1], "1 process; better or worse takes at least 10"),
        (
            [-0.03, 0.03] * 10,
            "20 processes allow -3 % to +3 %: neither a difference beyond ±0.5 % nor sameness within ±1 % is certain",
        ),
    ],
)
def test_unresolved_says_why(values: list[float], words: str) -> None:
    found = decide(values, RULE, MARGIN)
    assert found.verdict == "unresolved"
    assert words in wording.reasons(found.reasons)


def test_bounds_that_the_data_do_not_give_are_none() -> None:
    found = decide([0.1] * 6, RULE, MARGIN)
    assert (found.low, found.high, found.detectable) == (None, None, None)
    assert found.ratio == pytest.approx(math.exp(0.1))
    assert decide([], RULE, MARGIN).ratio is None


@given(effects)
def test_swapping_the_arms_inverts_the_decision(values: list[float]) -> None:
    one, other = decide(values, RULE, MARGIN), decide([-value for value in values], RULE, MARGIN)
    opposite = {"better": "worse", "worse": "better"}
    assert other.verdict == opposite.get(one.verdict, one.verdict)
    if one.low is not None and one.high is not None and one.ratio is not None:
        assert (other.high, other.low) == pytest.approx((1 / one.low, 1 / one.high))
        assert other.ratio == pytest.approx(1 / one.ratio)
    assert other.detectable == pytest.approx(one.detectable)


@given(effects)
def test_interval_holds_the_ratio_and_a_called_difference_excludes_one(values: list[float]) -> None:
    found = decide(values, RULE, MARGIN)
    if found.low is not None and found.high is not None and found.ratio is not None:
        assert found.low * (1 - 1e-12) <= found.ratio <= found.high * (1 + 1e-12)
        assert found.verdict != "worse" or found.low > 1
        assert found.verdict != "better" or found.high < 1


def test_unknown_kind_of_work_is_refused() -> None:
    with pytest.raises(UsageError, match="no margin for dram work"):
        decide_modes(case_with("fast", kind="dram"), "fast", {}, RULE)


def test_identical_code_is_called_at_any_time_in_at_most_alpha_of_runs() -> None:
    random = np.random.default_rng(5)
    called = 0
    for _ in range(300):
        values = random.normal(0, 0.01, 40)
        called += any(verdict_of(values[:count], RULE, MARGIN) in ("better", "worse") for count in range(7, 41))
    assert called <= 0.05 * 300


@pytest.mark.parametrize(("count", "power"), [(12, 0.92), (17, 0.92), (25, 0.92), (50, 0.92)])
@pytest.mark.parametrize("effect", [1, -1])
def test_detectable_change_is_called_with_the_probability_that_it_names(count: int, power: float, effect: int) -> None:
    random = np.random.default_rng(count)
    found, tries = 0, 600
    for _ in range(tries):
        smallest = detectable(random.normal(0.2, 0.01, count), 0.01, MARGIN.bias)
        verdict = verdict_of(effect * smallest + random.normal(0, 0.01, count), RULE, MARGIN)
        found += verdict == ("worse" if effect > 0 else "better")
    assert power < found / tries < 0.99


@pytest.mark.parametrize(("count", "power"), [(12, 0.72), (25, 0.85), (50, 0.92)])
def test_detectable_change_survives_heavy_tails_as_far_as_values_can_show_them(count: int, power: float) -> None:
    random = np.random.default_rng(count)
    tries = 600
    found = sum(
        verdict_of(
            detectable(0.01 * random.standard_t(2, count), 0.01, MARGIN.bias) + 0.01 * random.standard_t(2, count),
            RULE,
            MARGIN,
        )
        == "worse"
        for _ in range(tries)
    )
    assert found / tries > power


def test_more_processes_detect_less() -> None:
    residuals = np.random.default_rng(1).normal(0, 0.01, 80)
    smallest = [detectable(residuals[:count], 0.01, 0.005) for count in (9, 10, 20, 40, 80)]
    assert smallest[0] == math.inf
    assert smallest[1:] == sorted(smallest[1:], reverse=True)
    assert smallest[-1] > 0.005


def test_values_without_spread_detect_what_exceeds_the_bias_floor() -> None:
    assert detectable([0.3] * 20, 0.01, 0.005) == pytest.approx(0.005)


WHY = Reason("note", names={"note": "why"})


def a_decision(verdict: Verdict, ratio: float | None, low: float | None, high: float | None) -> Decision:
    return Decision(10, ratio, low, high, 0.02, verdict, (WHY,) if verdict == "unresolved" else ())


def test_agreeing_ways_give_their_verdict_and_the_hull() -> None:
    found = agree(a_decision("better", 0.8, 0.7, 0.9), a_decision("better", 0.9, 0.85, 0.95))
    assert (found.verdict, found.low, found.high, found.reasons) == ("better", 0.7, 0.95, ())
    assert found.ratio == pytest.approx(math.sqrt(0.72))


def test_contradicting_ways_give_no_verdict_and_no_ratio_and_quote_both() -> None:
    found = agree(a_decision("better", 0.8, 0.7, 0.9), a_decision("worse", 1.2, 1.1, 1.3))
    assert (found.verdict, found.ratio, found.low, found.high) == ("unresolved", None, 0.7, 1.3)
    assert (
        "disagree (pairs: better, 0.80x (0.700x to 0.900x), 10 processes; separate processes: worse, 1.20x (1.100x to"
        in wording.reasons(found.reasons)
    )


def test_one_unresolved_way_leaves_both_unresolved_but_shows_the_hull() -> None:
    found = agree(a_decision("better", 0.8, 0.7, 0.9), a_decision("unresolved", 0.9, 0.6, 1.2))
    assert (found.verdict, found.low, found.high) == ("unresolved", 0.6, 1.2)
    assert found.ratio is not None
    assert "must agree" in wording.reasons(found.reasons)


def test_way_that_was_not_measured_leaves_no_interval() -> None:
    case = case_with("fast", separate=True)
    found = decide_modes(case, "fast", {"paired": [-0.1] * 20}, RULE)
    assert (found.verdict, found.ratio, found.low, found.high, found.detectable) == (
        "unresolved",
        None,
        None,
        None,
        None,
    )
    assert f"separate processes: unresolved, {NOTHING}, no processes" in wording.reasons(found.reasons)


def test_control_of_a_case_with_separate_processes_needs_pairs_alone() -> None:
    case = case_with("fast", separate=True)
    assert decide_modes(case, "plain" + NULL_SUFFIX, {"paired": [0.0] * 20}, RULE).verdict == "same"


def test_unanimous_processes_short_of_the_threshold_say_how_much_evidence_is_missing() -> None:
    rule = Rule(0.01, 300, 0.05, {"cache": MARGIN}, procedure="e-BH", mixture=0.1)
    (reason,) = decide([-0.1] * 10, rule, MARGIN).reasons
    assert reason.code == "too little evidence"
    assert reason.figures["needed"] == pytest.approx(30_000)
    assert wording.reason(reason).startswith("10 processes allow -9.5 % to -9.5 %, but the evidence of ")
    (few,) = decide([-0.1] * 7, rule, MARGIN).reasons
    assert (few.code, few.figures["fewest"]) == ("too few processes", 8)
