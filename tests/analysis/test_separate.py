"""One number per pair of processes that measured one arm alone."""

import math

import pytest

from lab.analysis.separate import separate_effects, solo_medians
from lab.core.schema import Measurement
from tests.analysis.tables import a_table, case_with, solo_rows

CASE = case_with("fast", "faster", separate=True)
BASELINES = {CASE.id: CASE.baseline}


def effects(*rows: list[Measurement]) -> dict[tuple[str, int], float]:
    table = a_table([row for some in rows for row in some])
    found = separate_effects(solo_medians(table, BASELINES), BASELINES)
    return {
        (str(arm), int(number)): d for arm, number, d in zip(found["arm"], found["replicate"], found["d"], strict=True)
    }


def test_effect_is_the_log_ratio_of_the_medians_of_adjacent_processes() -> None:
    found = effects(
        solo_rows(CASE, "plain", 0, [2.0, 4.0, 90.0]),
        solo_rows(CASE, "fast", 0, [1.0, 2.0, 3.0]),
        solo_rows(CASE, "plain", 1, [8.0]),
        solo_rows(CASE, "fast", 1, [2.0]),
    )
    assert found == pytest.approx({("fast", 0): math.log(0.5), ("fast", 1): math.log(0.25)})


def test_one_process_of_the_baseline_serves_every_arm_beside_it() -> None:
    found = effects(
        solo_rows(CASE, "plain", 0, [4.0]), solo_rows(CASE, "fast", 0, [2.0]), solo_rows(CASE, "faster", 0, [1.0])
    )
    assert found == pytest.approx({("fast", 0): math.log(0.5), ("faster", 0): math.log(0.25)})


def test_processes_may_run_different_numbers_of_iterations() -> None:
    found = effects(solo_rows(CASE, "plain", 0, [4.0], iterations=10), solo_rows(CASE, "fast", 0, [8.0], iterations=40))
    assert found == pytest.approx({("fast", 0): math.log(0.5)})


def test_process_without_its_neighbour_yields_nothing() -> None:
    assert effects(solo_rows(CASE, "plain", 0, [4.0]), solo_rows(CASE, "fast", 1, [2.0])) == {}


def test_preempted_samples_are_dropped_and_a_process_of_nothing_else_yields_nothing() -> None:
    some = effects(solo_rows(CASE, "plain", 0, [90.0, 4.0], preempted=1), solo_rows(CASE, "fast", 0, [2.0]))
    assert some == pytest.approx({("fast", 0): math.log(0.5)})
    none = effects(solo_rows(CASE, "plain", 0, [4.0], preempted=1), solo_rows(CASE, "fast", 0, [2.0]))
    assert math.isnan(none["fast", 0])
