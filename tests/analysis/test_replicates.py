"""The quick reading of one worker's rows against the tables, and its estimates of spread."""

import math

import numpy as np
import pytest

from lab.analysis.pairs import paired_effects
from lab.analysis.replicates import deviation, median, paired, solo
from lab.analysis.separate import solo_medians
from lab.core.errors import CorruptRun
from tests.analysis.tables import a_table, case_with, count_row, pair_rows, simulate, solo_rows
from tests.store.plans import a_plan

CASE = case_with("fast", "slow", null=True)
BASELINES = {CASE.id: "plain"}


def test_pairs_give_exactly_what_the_table_gives() -> None:
    rows = simulate(a_plan(CASE), {"fast": -0.2, "slow": 0.01}, processes=5, seed=4, noise=0.02)
    rows += pair_rows(CASE, "fast", 9, [(1.0, 2.0, 0, ""), (1.0, 2.0, 1, "A")])  # no pair left in one of the orders
    rows.append(count_row(CASE, "fast", "time", None, probe="clock", status="failed", mode="paired"))
    table = paired_effects(a_table(rows), BASELINES)
    expected = {
        (str(c), str(a), int(r)): d
        for c, a, r, d in zip(*(table[n] for n in ("case", "arm", "replicate", "d")), strict=True)
    }
    found = {one[:3]: one.d for one in paired(rows, BASELINES)}
    assert found.keys() == expected.keys()
    assert all(found[key] == d or (math.isnan(found[key]) and math.isnan(d)) for key, d in expected.items())
    assert sum(map(math.isnan, found.values())) == 1


def test_arms_alone_give_exactly_what_the_table_gives() -> None:
    rows = [
        row
        for replicate in range(4)
        for arm in ("plain", "fast")
        for row in solo_rows(CASE, arm, replicate, [2.0, 1.0, 5.0, 3.5], iterations=7, preempted=replicate)
    ]
    table = solo_medians(a_table(rows), BASELINES)
    expected = {
        (str(c), str(a), int(r)): v
        for c, a, r, v in zip(*(table[n] for n in ("case", "arm", "replicate", "value")), strict=True)
    }
    assert {one[:3]: one.value for one in solo(rows, BASELINES)} == expected


def test_pairs_that_the_clock_does_not_write_are_refused() -> None:
    rows = pair_rows(CASE, "fast", 0, [(1.0, 2.0, 0, "")])
    with pytest.raises(CorruptRun, match="numbered uniquely"):
        paired([*rows, rows[0]], BASELINES)


def test_spread_within_and_between_processes_is_told_apart() -> None:
    random = np.random.default_rng(8)
    within, between, values = [], [], []
    for replicate in range(400):
        offset = random.normal(0, 0.02)
        logs = offset + random.normal(0, 0.08, 16)
        (one,) = paired(
            pair_rows(CASE, "fast", replicate, [(1.0, math.exp(log), n % 2, "") for n, log in enumerate(logs)]),
            BASELINES,
        )
        values.append(one.d)
        within.append(one.within)
        between.append(one.within * one.noise)
    assert math.sqrt(np.mean(within)) == pytest.approx(0.08, rel=0.05)
    assert math.sqrt(deviation(values) ** 2 - np.mean(between)) == pytest.approx(0.02, rel=0.3)


@pytest.mark.parametrize("count", [2, 3, 4, 7, 11, 40])
def test_robust_deviation_is_unbiased_for_normal_values_and_forgives_an_outlier(count: int) -> None:
    random = np.random.default_rng(count)
    assert np.mean([deviation(random.normal(3, 0.5, count)) for _ in range(3000)]) == pytest.approx(0.5, rel=0.05)
    if count > 6:
        assert deviation([*random.normal(3, 0.5, count), 1e9]) < 1.5


def test_median_and_deviation_of_too_few_values_are_nan() -> None:
    assert math.isnan(median([])) and math.isnan(deviation([1.0]))
