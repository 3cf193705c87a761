"""What each switch brings among all the others."""

import itertools
import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from lab.analysis import analyse
from lab.analysis.attribution import attributions, shapley_weights
from lab.analysis.claims import claim_results, gain_outcome
from lab.core.results import Attribution
from lab.core.schema import ArmPlan, CasePlan, Claim, ClaimTest, ExperimentPlan, GroupPlan, Plan
from lab.experiment.settings import cyclic, every
from lab.report import wording
from tests.analysis.tables import a_table, count_row, pair_rows
from tests.store.plans import a_case, a_plan

Setting = frozenset[str]
Game = Callable[[Setting], float]


def by_definition(switches: tuple[str, ...], game: Game) -> dict[str, float]:
    """The mean change over all n! orders."""
    total = dict.fromkeys(switches, 0.0)
    for order in itertools.permutations(switches):
        for place, switch in enumerate(order):
            total[switch] += game(frozenset(order[: place + 1])) - game(frozenset(order[:place]))
    return {switch: value / math.factorial(len(switches)) for switch, value in total.items()}


def shares(switches: tuple[str, ...], settings: tuple[Setting, ...], game: Game) -> dict[str, float]:
    weights = shapley_weights(switches, frozenset(settings))
    assert weights is not None
    return {switch: sum(w * game(on) for on, w in weights[switch].items()) for switch in switches}


def random_game(switches: tuple[str, ...], seed: int, most: int) -> Game:
    """Every group of up to `most` switches adds something of its own."""
    random = np.random.default_rng(seed)
    parts = {
        frozenset(some): random.normal()
        for size in range(1, most + 1)
        for some in itertools.combinations(switches, size)
    }
    return lambda on: sum(value for some, value in parts.items() if some <= on)


@pytest.mark.parametrize("seed", range(5))
def test_complete_settings_give_the_mean_over_all_orders(seed: int) -> None:
    switches = tuple("abcde")
    game = random_game(switches, seed, 5)
    assert shares(switches, every(switches), game) == pytest.approx(by_definition(switches, game))


@pytest.mark.parametrize("count", [3, 5, 8])
@pytest.mark.parametrize("seed", range(3))
def test_balanced_part_is_exact_where_switches_act_together_in_twos(count: int, seed: int) -> None:
    switches = tuple("abcdefgh"[:count])
    game = random_game(switches, seed, 2)
    expected = shares(switches, every(switches), game)
    assert shares(switches, cyclic(switches), game) == pytest.approx(expected)


def test_shares_add_up_to_the_whole_whatever_acts_together() -> None:
    switches = tuple("abcdefgh")
    game = random_game(switches, 11, 8)
    assert sum(shares(switches, cyclic(switches), game).values()) == pytest.approx(game(frozenset(switches)))


def test_unbalanced_settings_attribute_nothing() -> None:
    one_order = [frozenset("abc"[:size]) for size in range(4)]
    assert shapley_weights("abc", frozenset(one_order)) is None


def test_settings_without_a_way_from_none_to_all_attribute_nothing() -> None:
    assert shapley_weights("ab", frozenset([frozenset(), frozenset("ab")])) is None


SETTINGS: Mapping[str, tuple[str, ...]] = {"plain": (), "a": ("a",), "b": ("b",), "all": ("a", "b")}


def factorial_plan(*, where: str = "1", claims: tuple[Claim, ...] = (), tests: tuple[ClaimTest, ...] = ()) -> Plan:
    case = a_case(
        f"demo/group/size={where}",
        factors={"size": where},
        null=False,
        arms=tuple(ArmPlan(arm, {}) for arm in SETTINGS),
    )
    group = GroupPlan("group", "Group", "size", "", settings=dict(SETTINGS))
    experiment = ExperimentPlan("demo", "Demo", "Does it?", (group,), {}, tests)
    return a_plan(case, experiments=(experiment,), claims=claims)


def timed(case: CasePlan, logs: Mapping[str, float], processes: int, jitter: float = 0.0) -> list[object]:
    random = np.random.default_rng(5)
    rows: list[object] = []
    for replicate in range(processes):
        shift = random.normal(0, jitter) if jitter else 0.0
        for arm, log in logs.items():
            pairs = [(1e-3, 1e-3 * math.exp(log + shift), order, "") for order in (0, 1) for _ in range(2)]
            numbered = [(before, after, order, cut) for before, after, order, cut in pairs]
            rows += pair_rows(case, arm, replicate, numbered)
    return rows


def test_factors_of_time_multiply_to_the_whole() -> None:
    plan = factorial_plan()
    (case,) = plan.cases
    table = a_table(timed(case, {"a": math.log(0.8), "b": math.log(1.1), "all": math.log(0.5)}, processes=9))
    found = {one.switch: one for one in attributions(plan, table)}
    assert found["a"].value == pytest.approx(math.sqrt(0.8 * 0.5 / 1.1))
    assert found["a"].value * found["b"].value == pytest.approx(0.5)
    assert found["b"].alone == pytest.approx(1.1)
    assert found["b"].last == pytest.approx(0.5 / 0.8)
    assert (found["a"].together, found["a"].before) == (pytest.approx(0.5), pytest.approx(1e-6))
    assert (found["a"].settings, found["a"].complete, found["a"].processes) == (4, True, 9)


def test_interval_holds_the_truth_and_needs_seven_processes() -> None:
    plan = factorial_plan()
    (case,) = plan.cases
    logs = {"a": -0.2, "b": 0.0, "all": -0.2}
    few = attributions(plan, a_table(timed(case, logs, processes=6, jitter=0.01)))
    many = attributions(plan, a_table(timed(case, logs, processes=30, jitter=0.01)))
    assert {(one.low, one.high) for one in few} == {(None, None)}
    for one in many:
        assert one.low is not None
        assert one.high is not None
        assert one.low < (math.exp(-0.2) if one.switch == "a" else 1.0) < one.high


def test_process_that_lacks_a_setting_is_left_out() -> None:
    plan = factorial_plan()
    (case,) = plan.cases
    rows = timed(case, {"a": -0.2, "b": 0.0, "all": -0.2}, processes=8)
    rows = [row for row in rows if not (row.replicate == 3 and "b" in (row.arm, row.against))]
    assert {one.processes for one in attributions(plan, a_table(rows))} == {7}


def test_nothing_is_attributed_while_a_setting_was_never_measured() -> None:
    plan = factorial_plan()
    (case,) = plan.cases
    assert attributions(plan, a_table(timed(case, {"a": -0.2, "all": -0.2}, processes=8))) == ()


def test_counts_are_shared_out_as_differences_per_item() -> None:
    plan = factorial_plan()
    (case,) = plan.cases
    counted = {"plain": 500_000.0, "a": 100_000.0, "b": 500_000.0, "all": 0.0}
    rows = [count_row(case, arm, "allocations", value) for arm, value in counted.items()]
    found = {one.switch: one for one in attributions(plan, a_table(rows))}
    assert (found["a"].value, found["b"].value) == (-450.0, -50.0)
    assert (found["a"].together, found["a"].before, found["a"].scale) == (-500.0, 500.0, "difference")
    assert (found["b"].alone, found["b"].last) == (0.0, -100.0)


def test_only_the_whole_is_an_answer() -> None:
    plan = factorial_plan()
    (case,) = plan.cases
    results = analyse(plan, a_table(timed(case, {"a": -0.2, "b": 0.0, "all": -0.2}, processes=8)))
    assert [answer.arm for answer in results.answers] == ["all"]
    assert len(results.attributions) == 2


def a_share(low: float | None, high: float | None, value: float = 0.8) -> Attribution:
    return Attribution(
        experiment="demo", group="group", case="demo/group/size=1", factors={"size": "1"}, metric="time", unit="s",
        provenance="clock", item="row", scale="ratio", switch="a", value=value, low=low, high=high, alone=1.1, last=0.7,
        together=0.5, before=1e-6, settings=4, complete=True, processes=20,
    )  # fmt: skip


GAIN = Claim("C9", "a", "It brings 20-30 %", "speed_gain", "fraction", "all", "gain", 0.2, 0.3)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1 / 1.29, 1 / 1.21, "kept"),
        (1 / 1.5, 1 / 1.4, "exceeded"),
        (1 / 1.1, 1 / 1.05, "short"),
        (1.05, 1.1, "opposite"),
        (1 / 1.1, 1.1, "unresolved"),
        (1 / 1.25, 1 / 1.1, "unresolved"),
        (None, None, "unresolved"),
    ],
)
def test_promised_gain_is_judged_by_the_interval_of_the_share(low, high, expected) -> None:
    assert gain_outcome(GAIN, a_share(low, high)) == expected


def test_gain_says_what_the_switch_does_alone_and_last() -> None:
    plan = factorial_plan(claims=(GAIN,), tests=(ClaimTest("C9", "speed_gain", "a"),))
    (found,) = claim_results(plan, (), (), [a_share(1 / 1.29, 1 / 1.21)])
    assert found.outcome == "kept"
    assert wording.found(found) == "+25 % (+21 % to +29 %)"
    assert "switched on alone it changes the speed by -9.1 %, added last by +42.9 %" in wording.claim(found)
    assert wording.promised(found.promise) == "+20 % to +30 %"


@pytest.mark.parametrize(("low", "high", "broken"), [(0.99, 1.01, True), (0.8, 1.01, False), (0.9, 0.95, False)])
def test_gain_that_is_broken_either_way_says_so(low: float, high: float, *, broken: bool) -> None:
    """0.99 to 1.01 of the time is no gain of 20 %, though the gain's sign is open."""
    plan = factorial_plan(claims=(GAIN,), tests=(ClaimTest("C9", "speed_gain", "a"),))
    (found,) = claim_results(plan, [], [], [a_share(low, high)])
    assert ("less than promised in any case" in wording.claim(found)) == broken


def test_gain_without_data_is_not_measured() -> None:
    plan = factorial_plan(claims=(GAIN,), tests=(ClaimTest("C9", "speed_gain", "a"),))
    (found,) = claim_results(plan, (), (), [])
    assert found.outcome == "not measured"
