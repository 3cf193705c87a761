"""Pairs per process: one where a process decides by itself, more where they average away what hides the effect."""

import math

import pytest

from lab.core.schema import Margin
from lab.core.standing import Standing
from lab.experiment.pairing import FIRST_PAIRS, best_pairs, processes, spread

MARGIN = Margin(bias=0.005, same=0.01)


def standing(ratio: float, within: float, between: float, count: int = 100) -> Standing:
    return Standing("unresolved", count, 10.0, within, between, ratio, 0.0, math.inf)


def test_before_anything_is_known_a_few_pairs_show_the_spread() -> None:
    unknown = Standing("unresolved", 0, 10.0, math.nan, math.nan, math.nan, 0.0, math.inf)
    assert best_pairs(unknown, MARGIN, 0.01, 0.001, 16) == FIRST_PAIRS
    assert best_pairs(unknown, MARGIN, 0.01, 0.001, 1) == 1


def test_effect_beyond_all_spread_takes_one_pair_however_cheap_pairs_are() -> None:
    assert best_pairs(standing(0.5, 0.05, 0.02), MARGIN, 0.01, 1e-5, 16) == 1


def test_small_effect_in_a_large_spread_within_the_process_takes_many_cheap_pairs() -> None:
    small = standing(1.02, 0.08, 0.002)
    assert best_pairs(small, MARGIN, 0.02, 2e-4, 16) == 16
    assert best_pairs(small, MARGIN, 1e-4, 0.5, 16) < 16  # where pairs are what costs, another process may be better


def test_spread_between_processes_is_not_bought_away_with_pairs() -> None:
    assert best_pairs(standing(1.02, 0.001, 0.03, 10**6), MARGIN, 0.02, 2e-4, 16) == 1


@pytest.mark.parametrize("most", [1, 2, 3, 8, 12, 16])
def test_number_never_exceeds_the_profiles(most: int) -> None:
    for ratio in (0.5, 0.98, 1.0, 1.0075, 1.02):
        assert 1 <= best_pairs(standing(ratio, 0.08, 0.005), MARGIN, 0.02, 2e-4, most) <= most


def test_chosen_number_is_the_cheapest_by_the_formula() -> None:
    """Against a plain search over all numbers: no power of two that was looked at is worse than the one chosen."""
    for ratio, within, between in ((1.03, 0.08, 0.01), (0.97, 0.2, 0.02), (1.0, 0.05, 0.002)):
        chosen = best_pairs(standing(ratio, within, between, 10**6), MARGIN, 0.01, 1e-3, 16)
        effect = abs(math.log(ratio))
        costs = {
            p: (0.01 + 2 * p * 1e-3) * processes(effect, MARGIN, spread(within, between, p)) for p in (1, 2, 4, 8, 16)
        }
        assert costs[chosen] == pytest.approx(min(costs.values()), rel=1e-3)


def test_more_processes_are_needed_the_nearer_the_effect_is_to_the_floor() -> None:
    counts = [processes(effect, MARGIN, 0.03) for effect in (0.5, 0.1, 0.05, 0.03)]
    assert counts == sorted(counts)
    assert counts[0] == pytest.approx(9, abs=2)
