"""What workers cost: learned per group, arm and target; guesses come from the like before they come from nowhere."""

import pytest

from lab.core.life import Cost
from lab.experiment.clock import Target
from lab.experiment.costs import GUESS_FIXED_S, GUESS_SETUP_S, CostModel
from tests.store.plans import a_case

ONE, TWO = a_case("demo/group/size=1"), a_case("demo/group/size=2")
CASES = {case.id: case for case in (ONE, TWO)}
BUNDLE = "clock/demo/group/pairs"
FAST = Target(ONE, "fast", "paired")


def learned(*workers: tuple[float, list[Cost]]) -> CostModel:
    model = CostModel()
    for wall, costs in workers:
        model.learn(BUNDLE, wall, costs, CASES)
    return model


def worker(check: float = 0.0) -> tuple[float, list[Cost]]:
    return 1.0 + check, [
        Cost(ONE.id, "plain", setup=0.1),
        Cost(ONE.id, "fast", setup=0.2),
        Cost(ONE.id, "fast", "paired", check=check, calibrate=0.01, warm=0.2, timed=0.2, pairs=8, iterations=5),
    ]


def test_what_is_left_of_the_wall_time_is_the_workers_own() -> None:
    model = learned(worker())
    assert model.fixed_s(BUNDLE) == pytest.approx(1.0 - 0.71)
    assert model.setup_s(BUNDLE, ONE, "fast") == pytest.approx(0.2)
    assert model.pair_s(BUNDLE, FAST) == pytest.approx(0.05)
    assert (model.iterations(FAST.key), model.known(FAST.key)) == (5, True)


def test_first_process_checks_whole_answers_and_is_not_taken_for_the_next() -> None:
    assert learned(worker(check=30.0)).before_s(BUNDLE, FAST) <= 0.05
    assert learned(worker(check=30.0), worker()).before_s(BUNDLE, FAST) < 0.05


def test_unmeasured_target_is_expected_to_cost_what_its_like_does() -> None:
    model = learned(worker())
    other = Target(TWO, "fast", "paired")
    assert not model.known(other.key)
    assert model.setup_s(BUNDLE, TWO, "fast") == pytest.approx(0.15)
    assert model.pair_s(BUNDLE, other) == pytest.approx(0.05)


def test_of_a_group_that_nothing_is_known_of_there_is_a_guess() -> None:
    model = CostModel()
    assert model.fixed_s("clock/demo/group/python-pairs") == GUESS_FIXED_S["python-pairs"]
    assert model.setup_s(BUNDLE, ONE, "fast") == GUESS_SETUP_S["cache"]
    assert model.pair_s(BUNDLE, FAST) > 0


def test_recent_workers_count_for_a_machine_that_changes() -> None:
    slow = (10.0, [Cost(ONE.id, "fast", setup=5.0)])
    fast = (1.0, [Cost(ONE.id, "fast", setup=0.5)])
    assert learned(slow, *[fast] * 5).setup_s(BUNDLE, ONE, "fast") == pytest.approx(0.5)


def test_second_working_set_of_a_size_beyond_the_caches_finds_its_pages_there() -> None:
    large = [a_case(f"demo/group/size={n}", kind="dram", working_set_bytes=1 << 26) for n in (1, 2)]
    model = CostModel()
    assert 0 < model.saving_s(BUNDLE, large[0], "fast") < model.setup_s(BUNDLE, large[0], "fast")
    costs = [
        Cost(case.id, arm, setup=setup) for case, setup in zip(large, (0.1, 0.02), strict=True) for arm in ("a", "b")
    ]
    model.learn(BUNDLE, 1.0, costs, {case.id: case for case in large})
    assert model.setup_s(BUNDLE, large[1], "a") == pytest.approx(0.1)  # as if it came first
    assert model.saving_s(BUNDLE, large[1], "a") == pytest.approx(0.08)
    assert model.saving_s(BUNDLE, ONE, "plain") == 0.0
