"""The claims of docs/statistics.md about the rules, at a smaller size."""

import pytest

from lab.analysis.simulate import NOISES, PROCEDURES, Noise, Procedure, simulate, table
from lab.experiment.profiles import rule_for
from lab.report.simulation import simulation_block

RULE = rule_for(288)
OURS = Procedure("e-BH", RULE.alpha, RULE.mixture)
UNION = Procedure("union bound", 0.05)
JEFFREYS = Procedure("e-BH", 0.01, 0.5)
RUNS = 40


def test_rule_of_a_run_is_the_one_that_is_simulated() -> None:
    assert RULE.procedure == "e-BH"
    assert OURS in PROCEDURES


@pytest.mark.parametrize("noise", NOISES)
def test_false_share_of_the_verdicts_stays_below_what_is_promised(noise: Noise) -> None:
    found = simulate(OURS, noise, seed=1, runs=RUNS)
    assert found.false_share < OURS.alpha
    assert simulate(OURS, noise, seed=2, runs=RUNS, identical=1.0).any_false <= 0.05


@pytest.mark.parametrize(("noise", "after_12"), [("normal", 0.9), ("heavy-tailed", 0.7), ("common shock", 0.8)])
def test_most_large_differences_are_called_after_twelve_processes(noise: Noise, after_12: float) -> None:
    ours, union = (simulate(rule, noise, seed=3, runs=RUNS).power for rule in (OURS, UNION))
    assert ours[12] > after_12
    assert union[12] == 0
    assert union[16] > 0.6


def test_mixture_of_the_rule_saves_processes() -> None:
    assert simulate(OURS, "normal", seed=4, runs=RUNS).power[10] > 0.9
    assert simulate(JEFFREYS, "normal", seed=4, runs=RUNS).power[10] < 0.1


@pytest.mark.parametrize("noise", NOISES)
def test_looking_at_p_values_after_every_process_is_caught(noise: Noise) -> None:
    """The negative control: a simulation that could not tell a wrong rule would show nothing of a right one."""
    invalid = Procedure("p-values", 0.01)
    assert not invalid.valid
    assert simulate(invalid, noise, seed=5, runs=RUNS, identical=1.0).any_false > 0.5
    wrong, ours = (simulate(rule, noise, seed=5, runs=RUNS) for rule in (invalid, OURS))
    assert wrong.any_false > 0.3 > ours.any_false


def test_same_seed_gives_the_same_table_and_every_rule_is_in_it() -> None:
    one, other = (table(7, runs=3, procedures=(OURS, UNION)) for _ in range(2))
    assert one == other
    block = simulation_block(one, 7)
    assert len(block.rows) == 2 * len(NOISES)
    assert "Seed 7, 3 runs" in block.note
