"""The headline of each arm."""

from msgspec.structs import replace

from lab.analysis.answers import answers
from lab.core.results import Answer
from tests.analysis.tables import a_comparison
from tests.analysis.test_attribution import a_share
from tests.store.plans import a_plan


def the_answer(*comparisons: object) -> Answer:
    (found,) = answers(a_plan(), comparisons)  # type: ignore[arg-type]
    return found


def cell(fields: str, order: str, ratio: float, verdict: str, **changes: object) -> object:
    return a_comparison(
        **{
            "case": f"{fields}/{order}", "factors": {"fields": fields, "order": order, "regime": "warm"},
            "ratio": ratio, "low": ratio - 0.02, "high": ratio + 0.02, "verdict": verdict, **changes,
        }
    )  # fmt: skip


def test_sentence_tells_best_and_worst_case_and_counts_every_verdict() -> None:
    found = the_answer(
        cell("1", "sequential", 0.31, "better"), cell("1", "random", 0.9, "better"), cell("8", "random", 1.5, "worse"),
        cell("4", "random", 1.3, "worse"), cell("8", "sequential", 1.0, "same"),
        cell("4", "sequential", 0.1, "unresolved"),
    )  # fmt: skip
    assert found.sentence == (
        "fast took 0.31 [0.29, 0.33] of the time of plain at best (fields 1, sequential) and 1.5 [1.5, 1.5] at worst"
        " (fields 8, random); better in 2 of 6 cases, worse in 2 (random), same in 1, unresolved in 1."
    )
    assert (found.cases, found.better, found.worse, found.same, found.unresolved) == (6, 2, 2, 1, 1)
    assert found.best is not None and found.best.ratio == 0.31
    assert found.worst is not None and found.worst.ratio == 1.5


def test_single_case_has_no_best_and_worst() -> None:
    found = the_answer(cell("1", "random", 0.31, "better"))
    assert found.sentence == "fast took 0.31 [0.29, 0.33] of the time of plain; better in 1 of 1 case."


def test_group_is_named_where_an_experiment_has_several() -> None:
    found = the_answer(
        cell("1", "random", 0.5, "better", group="scan"), cell("1", "random", 0.7, "better", group="tasks")
    )
    assert "at best (scan)" in found.sentence
    assert "at worst (tasks)" in found.sentence


def test_nothing_resolved_still_shows_the_ratios() -> None:
    found = the_answer(cell("1", "random", 0.5, "unresolved"), cell("2", "random", 0.7, "unresolved"))
    assert found.sentence.endswith("unresolved in 2 of 2 cases.")
    assert found.best is not None


def test_nothing_measured_says_why() -> None:
    found = the_answer(a_comparison(ratio=None, low=None, high=None, verdict="unresolved", reason="crashed"))
    assert (found.best, found.worst) == (None, None)
    assert found.sentence == "fast against plain: measured in none of 1 case (crashed)."


def test_controls_and_counts_are_no_answers() -> None:
    rows = [a_comparison(control=True, arm="plain~null"), a_comparison(metric="instructions", provenance="simulated")]
    assert answers(a_plan(), rows) == ()


def test_arms_with_different_baselines_are_answered_apart() -> None:
    found = answers(a_plan(), [a_comparison(), a_comparison(baseline="other")])
    assert [answer.baseline for answer in found] == ["plain", "other"]


def test_every_switch_is_answered_for_with_the_setting_that_has_all() -> None:
    """The most helpful first, the most harmful first, then what the data leave open."""
    case = a_comparison(case="demo/group/size=1", ratio=0.5, low=0.49, high=0.51, verdict="better")
    shares = [
        replace(a_share(low, high, value), switch=switch)
        for switch, value, low, high in (
            ("pool", 0.9, 0.89, 0.92), ("arena", 0.6, 0.58, 0.61), ("intern", 1.02, 1.01, 1.03),
            ("soa", 1.1, 1.09, 1.12), ("prefetch", 0.99, 0.98, 1.01), ("views", 0.8, None, None),
        )
    ]  # fmt: skip
    (found,) = answers(a_plan(), [case], [*shares, replace(shares[0], metric="allocations", switch="never")])
    assert found.sentence.endswith(
        "better in 1 of 1 case. Each switch among all others: less time through arena (40 %) and pool (10 %); more"
        " through soa (10 %) and intern (2 %); undecided for views and prefetch."
    )
