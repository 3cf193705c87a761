"""Margins, false-alarm rates and power of one machine, from runs of the self-test.

Identical code can differ in time for lasting reasons: where its data lies, how its code is aligned. The bias floor m
must cover that. For each comparison of identical code the processes of all runs give a confidence sequence of its
median. With N comparisons of one kind of work:

- a bias is *certain* where the sequence at 0.05 / N excludes 0: |bias| is at least its distance from 0. If the largest
  one exceeds the shipped m, m is raised to it.
- a comparison *certainly* lies within ±x where its 95 % sequence does. If the x that holds for 95 % of them is below
  the shipped m, m is lowered to it, but never below LEAST_BIAS.

In between, the data speak neither for nor against the shipped m, and it stays. The equivalence margin keeps its shipped
proportion to m.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lab.analysis.compare import compare, timed
from lab.analysis.pairs import clock_rows, paired_effects
from lab.analysis.sequence import interval
from lab.analysis.unavailable import false_alarms
from lab.core.calibration import Found, Sort
from lab.core.results import Comparison
from lab.core.schema import CasePlan, Kind, Margin, Plan

LEAST_BIAS = math.log(1.001)
CERTAIN_SHARE = 0.95
PASSES = 2  # each timed pass follows an untimed one of the same arm


def sorts_of(runs: Sequence[tuple[Plan, pd.DataFrame]]) -> tuple[Sort, ...]:
    """What runs of the self-test say about each sort of work, in order of first appearance.

    Args:
        runs: plans and tidy tables of sealed runs on one machine.
    """
    identical: dict[str, list[Comparison]] = defaultdict(list)
    planted: dict[tuple[str, int], list[tuple[Comparison, float]]] = defaultdict(list)
    values: dict[str, dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    kinds: dict[str, Kind] = {}
    for plan, table in runs:
        cases = {case.id: case for case in plan.cases if _is_selftest(case)}
        seconds = _seconds(table, cases)
        for case in cases.values():
            kinds.setdefault(_sort(case), case.kind)
        for comparison in filter(timed, compare(plan, table)):
            own = cases.get(comparison.key.case)
            if own is None:
                continue
            size = _planted(own, comparison.key.arm)
            if size:
                planted[_sort(own), size].append((comparison, seconds.get((own.id, comparison.key.arm), 0.0)))
            else:
                identical[_sort(own)].append(comparison)
        effects = paired_effects(table, {case.id: case.baseline for case in cases.values()})
        good = effects[effects["d"].notna()]
        for (name, arm), rows in good.groupby(["case", "arm"]):
            if not _planted(cases[str(name)], str(arm)):
                values[_sort(cases[str(name)])][str(name), str(arm)] += rows["d"].tolist()
    return tuple(
        _sort_of_work(
            name, kind, identical[name], values[name], {size: planted[name, size] for size in _sizes(planted, name)}
        )
        for name, kind in kinds.items()
    )


def margins_of(sorts: Sequence[Sort], shipped: Mapping[str, Margin]) -> dict[str, Margin]:
    """The margins that the measured sorts of work ask for; the shipped one where they say nothing against it."""
    margins = {}
    for kind, before in shipped.items():
        own = [sort for sort in sorts if sort.kind == kind]
        certain = max((sort.bias for sort in own), default=0.0)
        within = [sort.within for sort in own]
        bias = before.bias
        if certain > bias:
            bias = certain
        elif own and all(limit is not None for limit in within):
            bias = min(bias, max(LEAST_BIAS, certain, *(limit for limit in within if limit is not None)))
        margins[kind] = Margin(bias=bias, same=bias * before.same / before.bias)
    return margins


def _is_selftest(case: CasePlan) -> bool:
    """Whether the arms of a case differ by planted work alone."""
    return all("plant" in arm.args for arm in case.arms)


def _sort(case: CasePlan) -> str:
    name = case.group.removeprefix("planted_")
    return f"{name}, {case.factors['pages']} pages" if "pages" in case.factors else name


def _planted(case: CasePlan, arm: str) -> int:
    """How much more work an arm does than the baseline, per mille."""
    plants = {plan.name: int(plan.args["plant"]) for plan in case.arms}
    return plants.get(arm, plants[case.baseline]) - plants[case.baseline]


def _sizes(planted: Mapping[tuple[str, int], object], name: str) -> list[int]:
    return sorted(size for sort, size in planted if sort == name)


def _seconds(table: pd.DataFrame, cases: Mapping[str, CasePlan]) -> dict[tuple[str, str], float]:
    """Warm and timed passes of each comparison, in seconds."""
    rows = clock_rows(table, ("paired", "null"), {name: case.baseline for name, case in cases.items()})
    if rows.empty:
        return {}
    baseline = (
        rows["arm"].to_numpy() == rows["case"].map({name: case.baseline for name, case in cases.items()}).to_numpy()
    )
    treatment = np.where(baseline, rows["against"].to_numpy(), rows["arm"].to_numpy())
    spent = rows["value"].groupby([rows["case"].to_numpy(), treatment]).sum() * PASSES
    names = ((str(case), str(arm)) for case, arm in spent.index)
    return dict(zip(names, spent.tolist(), strict=True))


def _sort_of_work(
    name: str,
    kind: Kind,
    identical: Sequence[Comparison],
    values: Mapping[tuple[str, str], Sequence[float]],
    planted: Mapping[int, Sequence[tuple[Comparison, float]]],
) -> Sort:
    called, count, upper = false_alarms(identical)
    ends = [interval(own, 0.05 / max(len(values), 1)) for own in values.values()]
    bias = max((max(0.0, low, -high) for low, high in ends), default=0.0)
    reach = sorted(max(abs(low), abs(high)) for low, high in (interval(own, 0.05) for own in values.values()))
    within = reach[math.ceil(CERTAIN_SHARE * len(reach)) - 1] if reach else math.inf
    spreads = [float(np.std(own, ddof=1)) for own in values.values() if len(own) > 1]
    return Sort(
        name=name,
        kind=kind,
        identical=count,
        called=called,
        upper=upper,
        bias=bias,
        within=within if math.isfinite(within) else None,
        spread=float(np.median(spreads)) if spreads else None,
        plants=tuple(_found(size, own) for size, own in planted.items()),
    )


def _found(size: int, planted: Sequence[tuple[Comparison, float]]) -> Found:
    found = [
        (comparison.estimate.processes, seconds) for comparison, seconds in planted if comparison.verdict == "worse"
    ]
    return Found(
        size=size / 1000,
        count=len(planted),
        found=len(found),
        processes=float(np.median([count for count, _ in found])) if found else None,
        seconds=float(np.median([seconds for _, seconds in found])) if found else None,
        slowest_s=max(seconds for _, seconds in found) if found else None,
    )
