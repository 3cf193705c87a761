"""What each of several switches brings, where they were measured together: Shapley values.

Switching something on alone, or taking it alone out of the whole, gives it all the credit for what depends on the
others too, or none. The Shapley value is the mean of what the switch changes over all orders in which everything can be
switched on one after the other (L. S. Shapley, "A value for n-person games", 1953): the one attribution that adds up
to the whole, treats equals equally and gives nothing to what changes nothing.

Time is attributed in ln(ratio) to the setting with everything off, process by process, so that the values are factors
and have an interval like any comparison's; counts are attributed as differences per item, for a count may be zero.

Where all 2^n settings of n switches were measured the mean runs over all orders. Where a balanced part was measured
(`lab.experiment.settings.cyclic`) it runs over the orders that the part can follow. Those must be balanced: each switch
equally often at each place, each of any two equally often first. Otherwise nothing is attributed.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from lab.analysis.exact import counts
from lab.analysis.pairs import paired_effects
from lab.analysis.sequence import interval
from lab.core.results import Attribution
from lab.core.schema import TIME, CasePlan, GroupPlan, Plan, Provenance, Rule

MOST_SWITCHES = 12  # of a complete set: 4096 settings

Setting = frozenset[str]
# One switch's share as a weighted sum over settings.
Weights = Mapping[Setting, float]


def attributions(plan: Plan, table: pd.DataFrame) -> tuple[Attribution, ...]:
    """What every switch brings to every metric of every case whose arms are settings of switches.

    Args:
        plan: of the run.
        table: its tidy table.

    Raises:
        CorruptRun: the table's pairs are not what the paired clock writes.
    """
    groups = {(e.name, group.name): group for e in plan.experiments for group in e.groups if group.settings}
    cases = [case for case in plan.cases if (case.experiment, case.group) in groups]
    if not cases:
        return ()
    wanted = table[table["case"].isin([case.id for case in cases]).to_numpy(dtype=bool)]
    effects = paired_effects(wanted, {case.id: case.baseline for case in cases})
    found: list[Attribution] = []
    for case in cases:
        group = groups[case.experiment, case.group]
        found += _of_time(case, group, effects[effects["case"] == case.id], plan.rule)
        found += _of_counts(case, group, wanted[(wanted["case"] == case.id).to_numpy(dtype=bool)])
    return tuple(found)


def shapley_weights(switches: Sequence[str], settings: frozenset[Setting]) -> Mapping[str, Weights] | None:
    """How each switch's share is summed up from the settings measured; None where they are not balanced.

    Args:
        switches: names, in any order.
        settings: those measured, each the set of switches that are on.
    """
    return _weights(tuple(sorted(switches)), settings)


@lru_cache(maxsize=64)
def _weights(switches: tuple[str, ...], settings: frozenset[Setting]) -> Mapping[str, Weights] | None:
    count = len(switches)
    if count <= MOST_SWITCHES and len(settings) == 2**count:
        return {switch: _complete(switch, switches) for switch in switches}
    orders = list(_orders(frozenset(switches), settings))
    if not orders or not _balanced(orders, switches):
        return None
    weights: dict[str, dict[Setting, float]] = {switch: {} for switch in switches}
    for order in orders:
        on: Setting = frozenset()
        for switch in order:
            mine, after = weights[switch], on | {switch}
            mine[on] = mine.get(on, 0.0) - 1 / len(orders)
            mine[after] = mine.get(after, 0.0) + 1 / len(orders)
            on = after
    return weights


def _complete(switch: str, switches: Sequence[str]) -> Weights:
    """Shapley's formula: |S|! (n - |S| - 1)! / n! for each S without the switch."""
    others = [name for name in switches if name != switch]
    weights: dict[Setting, float] = {}
    for size in range(len(others) + 1):
        share = 1 / (len(switches) * math.comb(len(others), size))
        for chosen in itertools.combinations(others, size):
            weights[frozenset(chosen)] = -share
            weights[frozenset((*chosen, switch))] = share
    return weights


def _orders(left: Setting, settings: frozenset[Setting], on: Setting = frozenset()) -> Iterator[tuple[str, ...]]:
    """All orders of switching everything on whose every step is a setting that was measured."""
    if on not in settings:
        return
    if not left:
        yield ()
    for switch in sorted(left):
        for rest in _orders(left - {switch}, settings, on | {switch}):
            yield (switch, *rest)


def _balanced(orders: Sequence[tuple[str, ...]], switches: Sequence[str]) -> bool:
    places = np.zeros((len(switches), len(switches)))
    first = np.zeros((len(switches), len(switches)))
    for order in orders:
        at = [order.index(name) for name in switches]
        places[range(len(switches)), at] += 1
        first += np.less.outer(at, at)
    return bool(np.ptp(places) == 0 and np.array_equal(first, first.T))


def _of_time(case: CasePlan, group: GroupPlan, effects: pd.DataFrame, rule: Rule) -> Iterator[Attribution]:
    arms = [arm for arm in group.settings if arm != case.baseline]
    logs = effects[effects["arm"].isin(arms)].pivot_table(index="replicate", columns="arm", values="d", dropna=False)
    if set(arms) - set(logs.columns):
        return
    logs = logs.dropna()
    logs[case.baseline] = 0.0
    if logs.empty:
        return
    values = {frozenset(on): logs[arm].to_numpy() for arm, on in group.settings.items()}
    time = _Attributed(TIME, "s", "clock", case.item, "ratio", float(effects["baseline_value"].median()))
    yield from _shares(case, group, time, values, rule)


def _of_counts(case: CasePlan, group: GroupPlan, table: pd.DataFrame) -> Iterator[Attribution]:
    for count in counts(table):
        if set(group.settings) - set(count.values):
            continue
        values = {
            frozenset(on): np.array([np.median([value for _, value in count.values[arm]])])
            for arm, on in group.settings.items()
        }
        item, before = case.item if count.per_item else "", float(values[frozenset()][0])
        counted = _Attributed(count.metric, count.unit, count.provenance, item, "difference", before)
        yield from _shares(case, group, counted, values)


class _Attributed(NamedTuple):
    """The fields of an Attribution that are the metric's."""

    metric: str
    unit: str
    provenance: Provenance
    item: str
    scale: Literal["ratio", "difference"]
    before: float


Values = Mapping[Setting, np.ndarray[tuple[int], np.dtype[np.float64]]]


def _shares(
    case: CasePlan, group: GroupPlan, metric: _Attributed, values: Values, rule: Rule | None = None
) -> Iterator[Attribution]:
    """One for each switch, in the order of the settings that have it alone.

    Args:
        case: of the values.
        group: of the case.
        metric: what is attributed; on the scale "ratio" the values are logarithms.
        values: setting -> one value per replicate.
        rule: for the interval over replicates; None: a value is its own interval.
    """
    switches = list(dict.fromkeys(switch for on in group.settings.values() for switch in on))
    nothing, everything = frozenset[str](), frozenset(switches)
    to_scale: Callable[[float], float] = math.exp if metric.scale == "ratio" else float

    def change(before: Setting, after: Setting) -> float:
        return to_scale(float(np.median(values[after] - values[before])))

    weights = shapley_weights(switches, frozenset(values)) or {}
    for switch in switches if weights else ():
        share = np.sum([weight * values[setting] for setting, weight in weights[switch].items()], axis=0)
        alone, others = frozenset({switch}), everything - {switch}
        low, high = (share[0], share[0]) if rule is None else interval(share, rule.interval_alpha, rule.mixture)
        yield Attribution(
            experiment=case.experiment,
            group=case.group,
            case=case.id,
            factors=case.factors,
            switch=switch,
            value=to_scale(np.median(share)),
            low=to_scale(low) if math.isfinite(low) else None,
            high=to_scale(high) if math.isfinite(high) else None,
            alone=change(nothing, alone) if alone in values else None,
            last=change(others, everything) if others in values else None,
            together=change(nothing, everything),
            settings=len(values),
            complete=len(values) == 2 ** len(switches),
            processes=len(share),
            **metric._asdict(),
        )
