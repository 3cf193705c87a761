"""How verdicts came about, and where the spread comes from."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from lab.analysis import analyse
from lab.core.schema import Measurement
from tests.analysis.tables import a_table, case_with, pair_rows, simulate
from tests.store.plans import a_plan

CASE = case_with("fast")


def rows(*, within: float, layout: float, other: float, processes: int = 200, seed: int = 2) -> list[Measurement]:
    """Processes whose spread has three known parts."""
    random = np.random.default_rng(seed)
    found = []
    for replicate in range(processes):
        builds = int(random.integers(4)), int(random.integers(4))
        shift = (1 if builds[1] % 2 else -1) * layout + random.normal(0, other)
        logs = shift + random.normal(0, within, 16)
        pairs = [(1e-4, 1e-4 * math.exp(log), number % 2, "") for number, log in enumerate(logs)]
        for row in pair_rows(CASE, "fast", replicate, pairs):
            found.append(replace(row, layout=builds[row.arm == "fast"]))
    return found


@pytest.mark.parametrize(
    ("parts", "largest"),
    [
        ({"within": 0.1, "layout": 0.0, "other": 0.001}, "pairs"),
        ({"within": 0.01, "layout": 0.03, "other": 0.001}, "code layout"),
        ({"within": 0.01, "layout": 0.0, "other": 0.03}, "other"),
    ],
)
def test_share_of_the_spread_goes_to_its_cause(parts: dict[str, float], largest: str) -> None:
    (found,) = analyse(a_plan(CASE), a_table(rows(**parts))).spreads
    assert found.shares[largest] > 0.7
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert found.within == pytest.approx(parts["within"], rel=0.1)
    assert (found.kind, found.comparisons, found.processes) == ("cache", 1, 200)


def test_few_processes_have_no_spread_to_divide() -> None:
    assert analyse(a_plan(CASE), a_table(rows(within=0.1, layout=0, other=0, processes=3))).spreads == ()


def test_trajectory_ends_at_the_evidence_and_threshold_of_the_verdict() -> None:
    plan = a_plan(CASE, rule=replace(a_plan().rule, alpha=0.01, comparisons=1, procedure="e-BH", mixture=0.1))
    results = analyse(plan, a_table(simulate(plan, {"fast": -0.1}, processes=12, seed=4)))
    (found,) = results.trajectories
    (logs,) = found.evidence.values()
    assert (found.verdict, len(logs)) == ("better", 12)
    assert list(logs) == sorted(logs)
    assert found.needed == pytest.approx(2.0)
    assert logs[-1] >= found.needed > logs[0]


def test_chance_is_not_taken_for_code_layout_where_processes_are_few() -> None:
    cases = [case_with("fast", id=f"demo/group/size={size}") for size in range(30)]
    found = []
    for number, case in enumerate(cases):
        for row in rows(within=0.01, layout=0.0, other=0.03, processes=9, seed=100 + number):
            found.append(replace(row, case=case.id))
    (spread,) = analyse(a_plan(*cases), a_table(found)).spreads
    assert spread.comparisons == 30
    assert spread.shares["code layout"] < 0.15
