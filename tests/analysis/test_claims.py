"""What a run says of each promise."""

import pytest
from msgspec.structs import replace

from lab.analysis.claims import claim_results, outcome
from lab.core.reasons import Reason
from lab.core.results import ClaimResult, Comparison, Unavailable
from lab.core.schema import Claim, ClaimTest, ExperimentPlan
from lab.report import wording
from tests.analysis.tables import a_comparison
from tests.store.plans import a_plan


def promise(low: float | None, high: float | None, quantity: str = "ratio", unit: str = "s") -> Claim:
    return Claim("X1", "component", "It pays", "time", unit, "work", quantity, low, high)


def results(
    claim: Claim, *comparisons: Comparison, missing: tuple[Unavailable, ...] = (), **test: object
) -> ClaimResult:
    fields: dict[str, object] = {"claim": "X1", "metric": "time", "arm": "fast", **test}
    experiment = ExperimentPlan("demo", "Demo", "Does it?", (), {}, (ClaimTest(**fields),))
    (found,) = claim_results(a_plan(claims=(claim,), experiments=(experiment,)), comparisons, missing)
    return found


@pytest.mark.parametrize(
    ("low", "high", "interval", "verdict", "expected"),
    [
        (0.2, 0.5, (0.3, 0.4), "better", "kept"),
        (0.2, 0.5, (0.2, 0.5), "better", "kept"),
        (0.2, 0.5, (0.1, 0.19), "better", "exceeded"),
        (0.2, 0.5, (0.6, 0.7), "better", "short"),
        (0.2, 0.5, (0.4, 0.6), "better", "unresolved"),
        (0.2, 0.5, (0.1, 0.3), "better", "unresolved"),
        (0.2, 0.5, (0.1, 0.2), "better", "unresolved"),
        (0.2, 0.5, (0.995, 1.005), "same", "refuted"),
        (0.2, 0.5, (1.1, 1.2), "worse", "opposite"),
        (0.2, 0.5, (0.3, 0.4), "unresolved", "unresolved"),
        (None, 0.3, (0.1, 0.3), "better", "kept"),
        (None, 0.3, (0.31, 0.32), "better", "short"),
        (None, 1.0, (0.99, 1.01), "same", "kept"),
        (None, 1.0, (0.5, 0.6), "better", "kept"),
        (None, 1.0, (1.1, 1.2), "worse", "opposite"),
        (0.2, 0.5, (None, 0.4), "better", "unresolved"),
        (None, None, (0.3, 0.4), "better", "not measured"),
    ],
)
def test_promised_ratio_is_judged_by_interval_and_verdict(low, high, interval, verdict, expected) -> None:
    comparison = a_comparison(low=interval[0], high=interval[1], verdict=verdict)
    assert outcome(promise(low, high), comparison) == expected


@pytest.mark.parametrize(
    ("low", "high", "baseline", "value", "expected"),
    [
        (0.85, None, 0.6, 0.9, "kept"),
        (0.85, None, 0.6, 0.7, "short"),
        (0.85, None, 0.6, 0.5, "opposite"),
        (0.85, None, 0.6, 0.6, "refuted"),
        (0.9, None, None, 0.8, "short"),
        (0.9, None, None, 0.0, "refuted"),
        (None, 1.0, 2000.0, 1.0, "kept"),
        (None, 1.0, 2000.0, 5.0, "short"),
        (None, 0.0, 5.0, 5.0, "refuted"),
        (None, 0.0, None, 5.0, "refuted"),
        (50.0, 100.0, 0.0, 70.0, "kept"),
        (50.0, 100.0, 0.0, 170.0, "exceeded"),
        (0.85, None, 0.6, None, "not measured"),
    ],
)
def test_promised_value_is_judged_on_the_arm(low, high, baseline, value, expected) -> None:
    comparison = a_comparison(baseline_value=baseline, arm_value=value, verdict="unresolved", mode="exact")
    assert outcome(promise(low, high, "value"), comparison) == expected


def test_promise_of_another_quantity_is_not_measured_here() -> None:
    assert outcome(promise(0.1, 0.2, "gain"), a_comparison()) == "not measured"


def test_sentence_says_what_was_found_and_promised() -> None:
    found = results(promise(None, 0.3), a_comparison(ratio=0.25, low=0.24, high=0.26), note="One corpus only.")
    assert found.outcome == "kept"
    assert wording.claim(found) == (
        "Kept: fast takes 0.25x (0.240x to 0.260x) of the time of plain (size 1); promised was at most 0.30x of the"
        " baseline; One corpus only."
    )
    assert wording.promised(found.promise) == "at most 0.30x of the baseline"
    assert (wording.found(found), found.case) == ("0.25x (0.240x to 0.260x)", "demo/group/size=1")


def test_promised_value_is_shown_in_its_unit() -> None:
    hidden = a_comparison(metric="hidden_latency", unit="s", arm_value=7e-8, mode="exact")
    claim = Claim("X1", "prefetch", "Hides latency", "hidden_latency", "seconds", "work", "value", 5e-8, 1e-7)
    found = results(claim, hidden, metric="hidden_latency")
    assert wording.claim(found) == "Kept: hidden latency of fast is 70 ns (size 1); promised was 50 ns to 100 ns."


def test_weakest_case_decides_and_is_quoted() -> None:
    cases = [
        a_comparison(case="a", ratio=0.2, low=0.2, high=0.2),
        a_comparison(case="b", ratio=0.7, low=0.7, high=0.7, factors={"size": "9"}),
        a_comparison(case="c", ratio=0.1, low=0.1, high=0.1),
    ]
    found = results(promise(None, 0.3), *cases)
    assert (found.outcome, found.case) == ("short", "b")
    assert "the weakest of 3 cases: 2 kept and 1 short" in wording.claim(found)


def test_only_comparisons_that_the_test_names_bear_on_the_promise() -> None:
    others = [
        a_comparison(factors={"size": "2"}, verdict="worse", case="x"),
        a_comparison(arm="other", verdict="worse", case="y"),
        a_comparison(metric="instructions", verdict="worse", case="z"),
        a_comparison(experiment="elsewhere", verdict="worse", case="w"),
    ]
    mine = a_comparison(ratio=0.2, low=0.2, high=0.2, factors={"size": "1", "order": "random"})
    assert results(promise(None, 0.3), mine, *others, where={"size": "1"}).outcome == "kept"


def test_measured_counts_speak_before_simulated_ones() -> None:
    simulated = a_comparison(provenance="simulated", ratio=0.9, low=0.9, high=0.9)
    counted = a_comparison(provenance="pmu", ratio=0.2, low=0.2, high=0.2)
    found = results(promise(None, 0.3), simulated, counted)
    assert (found.outcome, found.provenance) == ("kept", "pmu")


def test_what_this_machine_cannot_give_is_not_measurable_and_what_failed_is_not_measured() -> None:
    missing = Unavailable("demo", "time", "callgrind", "unavailable", "valgrind is not installed", 3, ("a",))
    found = results(promise(None, 0.3), missing=(missing,))
    assert found.outcome == "not measurable"
    assert wording.claim(found) == "Not measurable: not available here: valgrind is not installed."
    failed = replace(missing, status="failed", reason="it crashed")
    assert results(promise(None, 0.3), missing=(failed,)).outcome == "not measured"
    assert results(promise(None, 0.3)).outcome == "not measured"


def test_promise_that_nothing_tests_is_not_measured() -> None:
    (found,) = claim_results(a_plan(claims=(promise(None, 0.3),)), [], [])
    assert (found.outcome, wording.claim(found)) == (
        "not measured",
        "Not measured: no experiment of this run tests it.",
    )


def test_unresolved_promise_repeats_why_its_comparison_is() -> None:
    found = results(
        promise(None, 0.3), a_comparison(verdict="unresolved", reasons=(Reason("note", names={"note": "3 processes"}),))
    )
    assert found.outcome == "unresolved"
    assert wording.claim(found).endswith("; 3 processes.")


@pytest.mark.parametrize(("interval", "broken"), [((0.6, 1.2), True), ((0.4, 1.2), False), ((None, None), False)])
def test_promise_that_is_broken_either_way_says_so(
    interval: tuple[float | None, float | None], *, broken: bool
) -> None:
    """Whether the arm pays at all may stay open where it surely brings less than promised."""
    low, high = interval
    found = results(promise(0.2, 0.5), a_comparison(verdict="unresolved", low=low, high=high))
    assert found.outcome == "unresolved"
    assert ("less than promised in any case" in wording.claim(found)) == broken


def test_figure_that_means_nothing_leaves_the_promise_to_another_case() -> None:
    nothing = a_comparison(
        case="in cache",
        arm_value=7e-6,
        verdict="unresolved",
        status="implausible",
        reasons=(Reason("cache-resident", {"bytes": 1024, "cache": 4096}),),
    )
    measured = a_comparison(case="beyond", arm_value=0.8, verdict="unresolved")
    claim = promise(0.7, None, "value", "fraction")
    assert (results(claim, nothing, measured).outcome, results(claim, nothing, measured).case) == ("kept", "beyond")
    alone = results(claim, nothing)
    assert alone.outcome == "not measurable"
    assert wording.claim(alone) == (
        "Not measurable: the work fits the caches, where this figure has no meaning (1 KiB of 4 KiB)."
    )
