"""Which part of the memory's bandwidth the work uses, derived from three other figures of the same run.

    fraction = misses of the last level * line / time / ceiling

The misses are simulated and the time is the clock's, both per item. The ceiling is what the fastest arm of the
experiment's ceiling group moved per second, measured side by side with everything else in the same run. Write-backs
are not among the misses, so the fraction is a lower bound. By itself it says little: work that needs less from memory
uses less of it, so that a fraction falls while everything improves. Above 1 the simulated cache is not the machine's,
and for work that lives in the cache the fraction means nothing; `lab.analysis.plausible` marks both.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from lab.analysis.compare import timed
from lab.core.reasons import Reason
from lab.core.results import Comparison, Estimate
from lab.core.schema import Plan

METRIC = "bandwidth_fraction"
MISSES = "ll_misses"
LINE_BYTES = 64


def bandwidth_fractions(plan: Plan, comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """One more comparison for each that has a time and misses, in an experiment that has a ceiling."""
    ceilings = _ceilings(plan, comparisons)
    misses = {(one.key.case, one.key.arm): one for one in comparisons if one.key.metric == MISSES and one.key.item}
    return tuple(
        found
        for one in comparisons
        if one.key.experiment in ceilings and timed(one) and (one.key.case, one.key.arm) in misses
        for found in _fraction(one, misses[one.key.case, one.key.arm], ceilings[one.key.experiment])
    )


def _ceilings(plan: Plan, comparisons: Sequence[Comparison]) -> Mapping[str, float]:
    """Experiment -> bytes per second of the fastest arm of its ceiling group."""
    moved = {
        (experiment.name, group.name): group.ceiling_bytes
        for experiment in plan.experiments
        for group in experiment.groups
        if group.ceiling_bytes
    }
    found: dict[str, float] = {}
    for one in comparisons:
        per_item = moved.get((one.key.experiment, one.key.group), 0)
        values = (one.estimate.baseline_value, one.estimate.arm_value) if per_item and timed(one) else ()
        for seconds in values:
            if seconds:
                found[one.key.experiment] = max(found.get(one.key.experiment, 0.0), per_item / seconds)
    return found


def _fraction(time: Comparison, misses: Comparison, ceiling: float) -> Iterator[Comparison]:
    clock, missed = time.estimate, misses.estimate
    if not (clock.baseline_value and clock.arm_value) or missed.baseline_value is None or missed.arm_value is None:
        return
    before = missed.baseline_value * LINE_BYTES / clock.baseline_value / ceiling
    after = missed.arm_value * LINE_BYTES / clock.arm_value / ceiling
    yield Comparison(
        key=msgspec.structs.replace(time.key, metric=METRIC, unit="fraction", provenance="derived", item=""),
        estimate=Estimate(
            ratio=after / before if before else None, low=None, high=None, called_low=None, called_high=None,
            detectable=None, baseline_value=before, arm_value=after, processes=clock.processes, order_effect=None,
            dropped=0, mode="derived",
        ),
        verdict="unresolved",
        reasons=(Reason("lower bound", {"ceiling": ceiling}),),
    )  # fmt: skip
