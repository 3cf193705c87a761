"""How verdicts came about, and where the spread between processes comes from."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lab.analysis.compare import Clock, Effects, timed, usable
from lab.analysis.decide import margin_of
from lab.analysis.discoveries import signed_evidence, signs_of
from lab.analysis.replicates import deviation, median
from lab.core.results import Answer, Comparison, Spread, Trajectory
from lab.core.schema import TIME, CasePlan, Kind, Plan

FEWEST = 4  # processes of a comparison that takes part in the spread


def trajectories(plan: Plan, clock: Clock, answers: Iterable[Answer]) -> tuple[Trajectory, ...]:
    """The evidence after each process of every comparison that an answer quotes, each once, in the answers' order."""
    cases = {case.id: case for case in plan.cases}
    quoted: dict[tuple[str, str], Comparison] = {}
    for answer in answers:
        for extreme in (answer.best, answer.worst):
            if extreme is not None and timed(extreme.comparison):
                quoted.setdefault((extreme.comparison.key.case, extreme.comparison.key.arm), extreme.comparison)
    found = []
    for (name, arm), one in quoted.items():
        values = clock.values(cases[name], arm)
        alpha = clock.threshold.alpha(clock.evidence[name, arm])
        logs = {str(mode): _evidence(cases[name], plan, mode_values) for mode, mode_values in values.items()}
        found.append(Trajectory(one.key, one.verdict, logs, -math.log10(alpha)))
    return tuple(found)


def _evidence(case: CasePlan, plan: Plan, values: Sequence[float]) -> tuple[float, ...]:
    margin = margin_of(plan.rule, case.kind)
    signs = (signs_of(values[: number + 1], margin) for number in range(len(values)))
    return tuple(signed_evidence(one, plan.rule.mixture)[0] / math.log(10) for one in signs)


def spreads(plan: Plan, table: pd.DataFrame, clock: Clock) -> tuple[Spread, ...]:
    """One per kind of work with enough processes, of the paired comparisons, in the order of the plan's cases.

    The variance of a process's ln(ratio) is split into what the spread of its pairs leaves in their median, what the
    builds of the two arms explain (a one-way analysis of variance over the combinations that were drawn, less what
    chance explains), and the rest.
    """
    cases = {case.id: case for case in plan.cases}
    pairs = _pairs(table, cases)
    parts: dict[Kind, list[_Parts]] = {}
    for (name, arm), effects in clock.effects["paired"].items():
        found = _parts(usable(effects), pairs.get((name, arm), {}))
        if found is not None:
            parts.setdefault(cases[name].kind, []).append(found)
    return tuple(
        _spread(kind, parts[kind]) for kind in dict.fromkeys(case.kind for case in plan.cases) if kind in parts
    )


class _Process(NamedTuple):
    """The pairs of one process: variance of ln(ratio) within an order, pairs per order, and the builds of both arms."""

    variance: float
    counts: tuple[int, int]
    layout: tuple[int, int]


class _Parts(NamedTuple):
    """One comparison: variances of its pairs and of its processes, and the shares of the latter by cause.

    The share of the builds may be negative by chance, or NaN if too few processes share a combination of builds.
    """

    within: float
    process: float
    pairs: float
    layout: float
    order: float
    processes: int


def _pairs(table: pd.DataFrame, cases: Mapping[str, CasePlan]) -> dict[tuple[str, str], dict[int, _Process]]:
    """(Case, arm) -> process -> its pairs."""
    wanted = (
        (table["probe"] == "clock") & (table["metric"] == TIME) & (table["status"] == "ok")
        & table["mode"].isin(["paired", "null"]) & table["case"].isin(list(cases))
    )  # fmt: skip
    rows = table.loc[wanted.to_numpy(dtype=bool)]
    baseline = rows["arm"].astype(str) == rows["case"].astype(str).map({name: c.baseline for name, c in cases.items()})
    names = ["case", "replicate", "block"]
    first = rows[baseline.to_numpy(dtype=bool)].assign(treatment=rows["against"])
    second = rows[~baseline.to_numpy(dtype=bool)].assign(treatment=rows["arm"])
    both = first.merge(second, on=[*names, "treatment"], suffixes=("_a", "_b"))
    both = both[~(both["preempted_a"].astype(bool) | both["preempted_b"].astype(bool)).to_numpy(dtype=bool)]
    both = both.assign(
        log=np.log(both["value_b"].to_numpy(dtype=np.float64) / both["value_a"].to_numpy(dtype=np.float64)),
        late=both["position_a"] > both["position_b"],
    )
    key = ["case", "treatment", "replicate"]
    each = both.groupby([*key, "late"])["log"].agg(["var", "size"])
    late = each.index.get_level_values("late").to_numpy(dtype=bool)
    ab, ba = each[~late].droplevel("late"), each[late].droplevel("late")
    spread = ab.add_suffix("_ab").join(ba.add_suffix("_ba"), how="inner")
    layouts = both.groupby(key)[["layout_a", "layout_b"]].first().reindex(spread.index)
    numbers = [spread[name].to_numpy(dtype=np.int64) for name in ("size_ab", "size_ba")]
    freedom = [count - 1 for count in numbers]
    variances = [np.nan_to_num(spread[name].to_numpy(dtype=np.float64)) for name in ("var_ab", "var_ba")]
    squares = variances[0] * freedom[0] + variances[1] * freedom[1]
    found: dict[tuple[str, str], dict[int, _Process]] = {}
    builds = zip(layouts["layout_a"], layouts["layout_b"], strict=True)
    for index, square, free, *counts, build in zip(
        spread.index, squares, freedom[0] + freedom[1], *numbers, builds, strict=True
    ):
        if free > 0:
            case, arm, replicate = index
            process = _Process(float(square / free), (int(counts[0]), int(counts[1])), (int(build[0]), int(build[1])))
            found.setdefault((str(case), str(arm)), {})[int(replicate)] = process
    return found


def _parts(effects: Effects, pairs: Mapping[int, _Process]) -> _Parts | None:
    numbers = [int(number) for number in effects["replicate"]]
    known = [place for place, number in enumerate(numbers) if number in pairs]
    values = effects["d"][known]
    if len(values) < FEWEST:
        return None
    mine = [pairs[numbers[place]] for place in known]
    process = deviation(values.tolist()) ** 2
    if not process > 0:
        return None
    explained = median(one.variance * sum(math.pi / (2 * n + math.pi - 2) for n in one.counts) / 4 for one in mine)
    pairs_share = min(explained / process, 1.0)
    return _Parts(
        within=median(one.variance for one in mine),
        process=process,
        pairs=pairs_share,
        layout=_between_builds(values.tolist(), [one.layout for one in mine]) * (1 - pairs_share),
        order=abs(median(effects["order_effect"][known].tolist())),
        processes=len(values),
    )


def _between_builds(values: Sequence[float], layouts: Sequence[tuple[int, int]]) -> float:
    """Share of the variance that the combination of builds explains, less what chance does (omega squared)."""
    groups: dict[tuple[int, int], list[float]] = {}
    for value, layout in zip(values, layouts, strict=True):
        groups.setdefault(layout, []).append(value)
    total = float(np.var(values)) * len(values)
    freedom = len(values) - len(groups)
    if len(groups) < 2 or freedom < 1 or total == 0:
        return math.nan
    inside = sum(float(np.var(group)) * len(group) for group in groups.values())
    error = inside / freedom
    return (total - inside - (len(groups) - 1) * error) / (total + error)


def _spread(kind: Kind, parts: Sequence[_Parts]) -> Spread:
    pairs = sum(one.pairs for one in parts) / len(parts)
    layouts = [one.layout for one in parts if not math.isnan(one.layout)]
    layout = min(max(sum(layouts) / max(len(layouts), 1), 0.0), 1 - pairs)
    return Spread(
        kind=kind,
        within=math.sqrt(median(one.within for one in parts)),
        process=math.sqrt(median(one.process for one in parts)),
        shares={"pairs": pairs, "code layout": layout, "other": 1 - pairs - layout},
        order=median(one.order for one in parts),
        comparisons=len(parts),
        processes=sum(one.processes for one in parts),
    )
