"""Which comparisons are called: e-BH against its definition, and the union bound."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.analysis.discoveries import (
    Signs,
    Threshold,
    difference,
    joint_evidence,
    level,
    signed_evidence,
    signs_of,
    threshold,
)
from lab.analysis.sequence import log_evidence_against
from lab.core.schema import Margin, Rule

MARGIN = Margin(bias=1.0, same=2.0)


def a_rule(comparisons: int, **changes: object) -> Rule:
    fields: dict[str, object] = {"procedure": "e-BH", "mixture": 0.1, **changes}
    return Rule(0.01, comparisons, 0.05, {"cache": MARGIN}, **fields)  # type: ignore[arg-type]


logs = st.lists(st.floats(-5, 20), max_size=30)


@given(logs, st.integers(0, 10))
def test_k_is_the_greatest_number_whose_smallest_evidence_suffices(evidence: list[float], unmeasured: int) -> None:
    rule = a_rule(len(evidence) + unmeasured or 1)
    ordered = sorted(evidence, reverse=True)
    by_definition = [k for k in range(1, len(ordered) + 1) if ordered[k - 1] >= math.log(rule.comparisons / (0.01 * k))]
    found = threshold(evidence, rule)
    assert found.called == max(by_definition, default=0)
    assert sum(map(found.calls, evidence)) == found.called


@given(logs, st.integers(0, 29), st.floats(0, 10))
def test_called_comparisons_stay_called_while_others_go_on(evidence: list[float], which: int, change: float) -> None:
    """A called comparison is measured no more, so its evidence stays; that of any other may rise or fall."""
    rule = a_rule(max(len(evidence), 1))
    before = threshold(evidence, rule)
    later = [e if before.calls(e) else e + (change if number % 2 else -change) for number, e in enumerate(evidence)]
    after = threshold(later, rule)
    assert all(after.calls(e) for e in evidence if before.calls(e))


@given(logs, st.floats(-5, 20))
def test_level_of_a_comparison_not_called_is_the_one_that_would_call_it(evidence: list[float], own: float) -> None:
    rule = a_rule(len(evidence) + 1)
    found = threshold([*evidence, own], rule)
    assert found.calls(own) == (own >= -math.log(found.alpha(own)))
    if not found.calls(own):
        needed = -math.log(found.alpha(own)) + 1e-9
        assert threshold([*evidence, needed], rule).calls(needed)


def test_one_difference_among_equals_needs_what_the_union_bound_asks() -> None:
    evidence = [math.log(288 / 0.01) - 1e-9, *[0.0] * 287]
    assert threshold(evidence, a_rule(288)).called == 0
    evidence[0] += 2e-9
    assert threshold(evidence, a_rule(288)).called == 1


def test_many_differences_need_less_evidence_each() -> None:
    assert threshold([math.log(2 / 0.01)] * 144, a_rule(288)).called == 144
    assert threshold([math.log(2 / 0.01)] * 143, a_rule(288)).called == 0


def test_union_bound_does_not_depend_on_the_number_called() -> None:
    rule = a_rule(100, procedure="union bound")
    assert level(rule, 1) == level(rule, 100) == pytest.approx(0.0001)
    assert threshold([math.log(9999), math.log(10001)], rule).called == 1


@given(st.lists(st.integers(-3, 3).map(float), max_size=30), st.sampled_from([0.5, 0.1]))
def test_evidence_of_signs_is_the_least_against_any_ratio_within_the_floor(values: list[float], mixture: float) -> None:
    evidence, direction = signed_evidence(signs_of(values, MARGIN), mixture)
    assert evidence == pytest.approx(log_evidence_against(values, -MARGIN.bias, MARGIN.bias, mixture))
    above, below = sum(value > 1 for value in values), sum(value < -1 for value in values)
    assert direction == (2 * above > len(values)) - (2 * below > len(values))


def test_two_ways_of_measuring_count_as_the_weaker_and_only_in_one_direction() -> None:
    assert joint_evidence([(5.0, 1), (3.0, 1)]) == 3.0
    assert joint_evidence([(5.0, 1), (3.0, -1)]) == -math.inf
    assert joint_evidence([(5.0, 0)]) == -math.inf


@pytest.mark.parametrize(
    ("signs", "found"),
    [
        (Signs(9, 9, 0), "worse"),
        (Signs(9, 0, 9), "better"),
        (Signs(9, 8, 1), "unresolved"),
        (Signs(0, 0, 0), "unresolved"),
    ],
)
def test_signs_call_a_difference_at_the_level(signs: Signs, found: str) -> None:
    assert difference(signs, 0.01, 0.1) == found


def test_threshold_without_called_comparisons_asks_the_most() -> None:
    assert Threshold(a_rule(50), 0).alpha(0.0) == pytest.approx(0.01 / 50)
