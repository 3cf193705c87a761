"""Which part of the memory's bandwidth the work uses, derived from three other figures of the same run.

    fraction = misses of the last level * line / time / ceiling

The misses are simulated and the time is the clock's, both per item. The ceiling is what the fastest arm of the
experiment's ceiling group moved per second, measured side by side with everything else in the same run. Write-backs
are not among the misses, so the fraction is a lower bound. It says little by itself: work that needs less from memory
uses less of it, so that a fraction falls while everything improves; above 1 it is not valid.
"""

from collections.abc import Iterator, Mapping, Sequence

from lab.analysis.compare import timed
from lab.core.results import Comparison
from lab.core.schema import Plan

METRIC = "bandwidth_fraction"
MISSES = "ll_misses"
LINE_BYTES = 64


def bandwidth_fractions(plan: Plan, comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """One more comparison for each that has a time and misses, in an experiment that has a ceiling."""
    ceilings = _ceilings(plan, comparisons)
    misses = {(one.case, one.arm): one for one in comparisons if one.metric == MISSES and one.item}
    return tuple(
        found
        for one in comparisons
        if one.experiment in ceilings and timed(one) and (one.case, one.arm) in misses
        for found in _fraction(one, misses[one.case, one.arm], ceilings[one.experiment])
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
        per_item = moved.get((one.experiment, one.group), 0)
        for seconds in (one.baseline_value, one.arm_value) if per_item and timed(one) else ():
            if seconds:
                found[one.experiment] = max(found.get(one.experiment, 0.0), per_item / seconds)
    return found


def _fraction(time: Comparison, misses: Comparison, ceiling: float) -> Iterator[Comparison]:
    if not (time.baseline_value and time.arm_value) or misses.baseline_value is None or misses.arm_value is None:
        return
    before = misses.baseline_value * LINE_BYTES / time.baseline_value / ceiling
    after = misses.arm_value * LINE_BYTES / time.arm_value / ceiling
    invalid = "above 1: the simulated cache is not the machine's; not valid" if max(before, after) > 1 else ""
    yield Comparison(
        experiment=time.experiment,
        group=time.group,
        case=time.case,
        factors=time.factors,
        arm=time.arm,
        baseline=time.baseline,
        metric=METRIC,
        unit="fraction",
        ratio=after / before if before else None,
        low=None,
        high=None,
        detectable=None,
        verdict="unresolved",
        provenance="derived",
        kind=time.kind,
        baseline_value=None if invalid else before,
        arm_value=None if invalid else after,
        item="",
        processes=time.processes,
        order_effect=None,
        dropped=0,
        control=time.control,
        mode="derived",
        reason=invalid or f"derived from medians, without an interval; a lower bound; of {ceiling / 1e9:.1f} GB/s",
    )
