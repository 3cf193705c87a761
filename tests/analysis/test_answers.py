"""The headline of each arm."""

from msgspec.structs import replace

from lab.analysis.answers import answers
from lab.core.reasons import Reason
from lab.core.results import Answer
from lab.report import wording
from tests.analysis.tables import a_comparison
from tests.analysis.test_attribution import a_share
from tests.store.plans import a_case, a_plan

CRASHED = Reason("failed", names={"why": "it crashed"})


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
    assert wording.answer(found) == (
        "fast is up to 3.2x faster than plain (fields 1, sequential: 2 ns to 1 ns a row) and up to 1.5x slower (fields"
        " 8, random: 2 ns to 1 ns a row). Better in 2 of 6 cases, worse in 2 (random), same in 1, unresolved in 1."
    )
    assert (found.cases, found.better, found.worse, found.same, found.unresolved) == (6, 2, 2, 1, 1)
    assert found.best is not None and found.best.comparison.estimate.ratio == 0.31
    assert found.worst is not None and found.worst.comparison.estimate.ratio == 1.5


def test_single_case_has_no_best_and_worst() -> None:
    found = the_answer(cell("1", "random", 0.31, "better"))
    assert wording.answer(found) == "fast is 3.2x faster than plain (2 ns to 1 ns a row). Better in 1 of 1 case."


def test_group_is_named_where_an_experiment_has_several() -> None:
    found = the_answer(
        cell("1", "random", 0.5, "better", group="scan"), cell("1", "random", 0.7, "better", group="tasks")
    )
    assert found.best is not None and found.best.where == {"group": "scan"}
    assert found.worst is not None and found.worst.where == {"group": "tasks"}


def test_nothing_resolved_still_shows_the_ratios() -> None:
    found = the_answer(cell("1", "random", 0.5, "unresolved"), cell("2", "random", 0.7, "unresolved"))
    assert wording.answer(found).startswith(
        "No verdict yet for fast against plain: the medians run from 0.50x (fields 1"
    )
    assert wording.answer(found).endswith("Unresolved in 2 of 2 cases.")
    assert found.best is not None


def test_nothing_measured_says_why() -> None:
    found = the_answer(
        a_comparison(ratio=None, low=None, high=None, verdict="unresolved", status="failed", reasons=(CRASHED,))
    )
    assert (found.best, found.worst) == (None, None)
    assert found.failed == 1
    assert wording.answer(found) == "No figure for fast against plain (failed: it crashed). Failed in 1 of 1 case."


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
    assert wording.answer(found).endswith(
        "Better in 1 of 1 case. Each switch among all others: less time through arena (40 %) and pool (10 %); more"
        " through soa (10 %) and intern (2 %); undecided for views and prefetch."
    )


def test_answer_hangs_on_the_cases_of_priority_zero_if_there_are_any() -> None:
    cases = [a_case("a", priority=0), a_case("b"), a_case("c", priority=0)]
    found = [a_comparison(case=name, ratio=ratio) for name, ratio in (("a", 0.5), ("b", 0.1), ("c", 0.6))]
    (answer,) = answers(a_plan(*cases), found)
    assert (answer.cases, answer.better) == (2, 2)
    assert answer.best is not None and answer.best.comparison.key.case == "a"
    (everywhere,) = answers(a_plan(*(replace(case, priority=1) for case in cases)), found)
    assert everywhere.cases == 3


def test_failed_and_implausible_cases_are_counted_and_never_quoted() -> None:
    found = the_answer(
        cell("1", "random", 0.5, "better"), cell("2", "random", 0.01, "unresolved", status="implausible"),
        cell("3", "random", 0.02, "unresolved", status="failed"), cell("4", "random", 0.9, "unresolved"),
    )  # fmt: skip
    assert (found.better, found.unresolved, found.failed) == (1, 1, 2)
    assert found.best == found.worst
    assert wording.answer(found).endswith("Better in 1 of 4 cases, unresolved in 1, failed in 2.")
