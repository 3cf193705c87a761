"""What repeated runs of the self-test say about a machine."""

import math

import pytest

from lab.analysis.calibrate import LEAST_BIAS, margins_of, sorts_of
from lab.core.calibration import Sort
from lab.core.schema import ArmPlan, CasePlan, Kind, Margin, Plan
from tests.analysis.tables import a_table, simulate
from tests.store.plans import a_case, a_plan

SHIPPED = {"cache": Margin(bias=0.005, same=0.01), "dram": Margin(bias=0.01, same=0.02)}


def a_sort(kind: Kind = "cache", *, bias: float = 0.0, within: float | None = None) -> Sort:
    return Sort(
        name=f"{kind} work", kind=kind, identical=100, called=0, upper=0.03, bias=bias, within=within, spread=0.02,
        plants=(),
    )  # fmt: skip


def test_without_measurements_the_shipped_margins_stay() -> None:
    assert margins_of((), SHIPPED) == SHIPPED
    assert margins_of((a_sort(),), SHIPPED) == SHIPPED


def test_a_certain_bias_above_the_shipped_floor_raises_it() -> None:
    found = margins_of((a_sort(bias=0.008, within=0.02),), SHIPPED)
    assert found["cache"] == Margin(bias=0.008, same=pytest.approx(0.016))
    assert found["dram"] == SHIPPED["dram"]


def test_sure_agreement_of_identical_code_lowers_the_floor() -> None:
    found = margins_of((a_sort(within=0.003), a_sort(within=0.004)), SHIPPED)
    assert found["cache"].bias == 0.004


def test_the_floor_is_never_lowered_below_what_is_certain_or_a_tenth_of_a_percent() -> None:
    assert margins_of((a_sort(within=1e-6),), SHIPPED)["cache"].bias == LEAST_BIAS
    assert margins_of((a_sort(bias=0.004, within=0.002),), SHIPPED)["cache"].bias == 0.004


def test_the_floor_is_not_lowered_while_one_sort_of_work_is_uncertain() -> None:
    assert margins_of((a_sort(within=0.002), a_sort(within=None)), SHIPPED) == SHIPPED
    assert margins_of((a_sort(within=0.002), a_sort(within=0.3)), SHIPPED) == SHIPPED


def test_margins_keep_their_proportion() -> None:
    found = margins_of((a_sort("dram", within=0.004),), SHIPPED)["dram"]
    assert math.isclose(found.same / found.bias, SHIPPED["dram"].same / SHIPPED["dram"].bias)


def a_selftest_case(group: str, size: str, plants: dict[str, str]) -> CasePlan:
    arms = tuple(ArmPlan(name, {"plant": plant}) for name, plant in plants.items())
    return a_case(
        id=f"selftest/{group}/size={size}", experiment="selftest", group=group, factors={"size": size}, baseline="same",
        arms=arms, null=False,
    )  # fmt: skip


def a_selftest() -> Plan:
    same = {"same": "0", "again": "0"}
    return a_plan(
        *(a_selftest_case("cache", size, same) for size in "1234"),
        a_selftest_case("planted_cache", "1", {"same": "0", "20": "20", "50": "50"}),
    )


def test_identical_code_and_plants_of_a_run_are_told_apart() -> None:
    plan = a_selftest()
    rows = simulate(plan, {"20": math.log(1.02), "50": math.log(1.05)}, processes=25, seed=3)
    (sort,) = sorts_of([(plan, a_table(rows))])
    assert (sort.name, sort.kind, sort.called, sort.identical) == ("cache", "cache", 0, 4)
    assert [(plant.size, plant.found, plant.count) for plant in sort.plants] == [(0.02, 1, 1), (0.05, 1, 1)]
    assert all(plant.seconds is not None and plant.seconds > 0 for plant in sort.plants)
    assert sort.bias == 0
    assert sort.within is not None and 0 < sort.within < 0.01


def test_a_lasting_bias_of_identical_code_is_certain_after_enough_runs() -> None:
    plan = a_selftest()
    runs = [(plan, a_table(simulate(plan, {"again": 0.02}, processes=20, seed=seed))) for seed in range(2)]
    (sort,) = sorts_of(runs)
    assert 0.015 < sort.bias < 0.02
    assert margins_of((sort,), SHIPPED)["cache"].bias == sort.bias


def test_other_experiments_are_no_part_of_a_calibration() -> None:
    plan = a_plan(a_case(null=False))
    assert sorts_of([(plan, a_table(simulate(plan, {}, processes=3, seed=1)))]) == ()
