"""What repeated runs of the self-test say about a machine."""

import math

import pytest

from lab.analysis.calibrate import LEAST_BIAS, margins_of
from lab.core.calibration import Sort
from lab.core.schema import Kind, Margin

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
