"""Every reason has its wording, and sentences read as promised."""

import math
from typing import get_args

import pytest

from lab.core.reasons import Reason, ReasonCode
from lab.core.schema import Rule
from lab.report import numbers, wording
from tests.analysis.test_answers import cell, the_answer


def test_every_code_has_a_wording_and_every_wording_a_code() -> None:
    assert set(wording.WORDINGS) == set(get_args(ReasonCode))


def test_wordings_name_only_ways_of_writing_a_number_that_exist() -> None:
    for text in wording.WORDINGS.values():
        for _, name, spec, _ in wording._FORMATTER.parse(text):
            assert name is None or not spec or spec in wording._WAYS, text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason("too few processes", {"count": 1, "fewest": 10}), "1 process; better or worse takes at least 10"),
        (Reason("too few processes", {"count": 0, "fewest": 8}), "no processes; better or worse takes at least 8"),
        (Reason("order effect", {"effect": 0.98, "bias": 0.005}), "shifts the ratio by -2 %, more than"),
        (Reason("above ceiling", {"fraction": 1.3}), "130 % of what the memory can do"),
        (Reason("lower bound", {"ceiling": 32e9}), "of 32 GB/s"),
        (Reason("failed", names={"why": "signal 11"}), "failed: signal 11"),
        (Reason("cache-resident", {"fraction": 7e-6, "least": 0.01}), "0.0007 % of the memory's bandwidth"),
    ],
)
def test_reasons_are_written_with_their_figures(reason: Reason, text: str) -> None:
    assert text in wording.reason(reason)


def test_answer_names_factor_and_times_where_it_pays_and_where_it_does_not() -> None:
    found = the_answer(
        cell("1", "sequential", 0.1, "better", baseline_value=2.3e-9, arm_value=0.23e-9),
        cell("8", "random", 2.5, "worse", baseline_value=4e-9, arm_value=10e-9),
    )
    assert wording.answer(found) == (
        "fast is up to 10x faster than plain (fields 1, sequential: 2.3 ns to 0.23 ns a row) and up to 2.5x slower"
        " (fields 8, random: 4 ns to 10 ns a row). Better in 1 of 2 cases, worse in 1 (fields 8, random)."
    )


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (
            (0.5, "better"),
            (0.9, "better"),
            "up to 2x faster than plain (fields 1: 2 ns to 1 ns a row) and takes 10 %",
        ),
        (
            (1.2, "worse"),
            (3.0, "worse"),
            "20 % slower than plain at best (fields 1: 2 ns to 1 ns a row) and 3x slower",
        ),
        ((0.5, "better"), (1.0, "same"), "and takes the same time at worst (fields 2"),
        ((1.0, "same"), (1.0, "same"), "takes the same time as plain at best"),
        ((0.5, "unresolved"), (1.0, "unresolved"), "No verdict yet for fast against plain: the medians run from 0.50x"),
    ],
)
def test_answer_fits_every_pair_of_verdicts(first: tuple, second: tuple, text: str) -> None:
    found = the_answer(*(cell(str(n), "random", *one) for n, one in enumerate((first, second), start=1)))
    assert text in wording.answer(found)


def test_single_case_without_a_verdict_shows_its_median() -> None:
    found = the_answer(cell("1", "random", 0.5, "unresolved"))
    assert wording.answer(found) == (
        "No verdict yet for fast against plain: the median is 0.50x (2 ns to 1 ns a row). Unresolved in 1 of 1 case."
    )


def test_levels_of_the_memory_are_named_as_people_say_it() -> None:
    assert wording.place({"fields": "1", "working_set": "DRAM"}) == "fields 1, beyond the caches"


def test_meaning_of_a_verdict_follows_the_procedure() -> None:
    rule = Rule(0.02, 10, 0.05, {}, procedure="e-BH")
    assert wording.verdict_meaning(rule).endswith("at most 2 are expected to be wrong.")
    assert "any verdict" in wording.verdict_meaning(Rule(0.05, 10, 0.05, {}))


def test_identical_code_is_reported_in_words() -> None:
    assert wording.identical(0, 1, 0.95).startswith(
        "the same code compared with itself: no false alarm in 1 comparison,"
    )
    assert "2 false alarms in 60 comparisons" in wording.identical(2, 60, 0.1)


def test_numbers_of_a_ratio_look_the_same_everywhere() -> None:
    assert numbers.estimate(2.351, 2.291, 2.402) == "2.35x (2.291x to 2.402x)"
    assert numbers.estimate(0.5, 0.5, 0.5) == "0.50x"
    assert numbers.estimate(0.5, None, None) == "0.50x"
    assert (numbers.signed(0.98), numbers.signed(1.05), numbers.signed(math.nan)) == ("-2 %", "+5 %", numbers.NOTHING)
