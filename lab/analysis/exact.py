"""Comparisons of what is counted rather than timed.

An exact count is the truth: its ratio is its own interval and any difference beyond the metric's margin is a verdict.
Where the same count came out differently from one pass to the next it was not exact after all: the interval then
spans every combination, and a verdict needs all of them on one side. A figure that is neither exact nor repeated
(resident memory of one process) has a ratio and no interval, and is never called; repeated, it is judged like the
clock, process by process.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lab.analysis.decide import Decision, decide
from lab.core.reasons import Reason
from lab.core.schema import Margin, Metric, Provenance, Rule, Verdict


class Count(NamedTuple):
    """What one probe counted of one case in one metric.

    Attributes:
        values: arm -> (replicate, value per item), as often as it was counted.
        per_item: whether the values are per item, or of the whole pass because the probe names no items (a peak).
    """

    case: str
    metric: str
    unit: str
    probe: str
    provenance: Provenance
    values: Mapping[str, tuple[tuple[int, float], ...]]
    per_item: bool


def counts(table: pd.DataFrame) -> Iterator[Count]:
    """Every figure in the table that is not the clock's, in order of case, metric and probe."""
    rows = table.loc[((table["probe"] != "clock") & (table["status"] == "ok")).to_numpy(dtype=bool)]
    rows = rows[np.isfinite(rows["value"].to_numpy(dtype=np.float64))]
    found: dict[tuple[Any, ...], dict[str, list[tuple[int, float]]]] = {}
    names = ("case", "metric", "unit", "probe", "provenance")
    keys = zip(*(rows[name].astype(str) for name in names), rows["items"] > 0, strict=True)
    values = rows["value"] / rows["items"].clip(lower=1)
    for key, arm, replicate, value in zip(keys, rows["arm"].astype(str), rows["replicate"], values, strict=True):
        found.setdefault(key, {}).setdefault(arm, []).append((int(replicate), float(value)))
    for key in sorted(found):
        case, metric, unit, probe, provenance, by_item = key
        by_arm = {arm: tuple(sorted(seen)) for arm, seen in found[key].items()}
        yield Count(case, metric, unit, probe, provenance, by_arm, bool(by_item))


def metric_of(metrics: Sequence[Metric], count: Count) -> Metric:
    """The plan's record of a count's metric; a metric without one is not exact, and less is better."""
    known = (metric for metric in metrics if (metric.name, metric.probe) == (count.metric, count.probe))
    return next(known, Metric(count.metric, count.unit, count.metric, count.probe))


def turned(decision: Decision) -> Decision:
    """The decision for a metric of which more is better."""
    opposite: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}
    return replace(decision, verdict=opposite.get(decision.verdict, decision.verdict))


def decide_exact(baseline: Sequence[float], arm: Sequence[float], margin: float) -> Decision:
    """Judge an exact count per item.

    Args:
        baseline: the baseline's values, at least one; several where it was counted several times.
        arm: the arm's values, at least one.
        margin: |ln ratio| up to which unequal counts are the same.

    Returns:
        Both zero: ratio 1, same. A zero on one side has no finite ln(ratio): it is better or worse where the margin
        is 0, and unresolved where the metric needs a tolerance, for a ratio cannot express one around zero.
    """
    count = min(len(baseline), len(arm))
    smallest = math.expm1(margin)
    if min(*arm, *baseline) < 0:
        return Decision(count, None, None, None, None, "unresolved", (Reason("negative"),))
    low, high = _ratio(min(arm), max(baseline)), _ratio(max(arm), min(baseline))
    middle = _ratio(float(np.median(arm)), float(np.median(baseline)))
    verdict, reasons = _exact_verdict(low, high, margin)
    if low != high:
        reasons.append(Reason("unequal counts"))
    elif math.isinf(high):
        reasons.append(Reason("baseline counts none"))
    return Decision(count, _finite(middle), _finite(low), _finite(high), smallest, verdict, tuple(reasons))


def _ratio(value: float, base: float) -> float:
    return value / base if base else 1.0 if value == 0 else math.inf


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _exact_verdict(low: float, high: float, margin: float) -> tuple[Verdict, list[Reason]]:
    if margin and (high == 0 or math.isinf(low)):
        return "unresolved", [Reason("tolerance around zero", {"tolerance": math.expm1(margin)})]
    if low > math.exp(margin):
        return "worse", []
    if high < math.exp(-margin):
        return "better", []
    if low >= math.exp(-margin) and high <= math.exp(margin):
        return "same", []
    return "unresolved", []


def decide_sampled(
    baseline: Sequence[tuple[int, float]], arm: Sequence[tuple[int, float]], rule: Rule, margin: Margin
) -> Decision:
    """Judge a figure that varies from process to process, given as (replicate, value per item).

    Values of the same replicate are compared, in their order where a replicate has several; two zeros are equal.
    """
    ours, theirs = _numbered(arm), _numbered(baseline)
    pairs = [(ours[key], theirs[key]) for key in ours if key in theirs]
    comparable = all(value > 0 < base or value == base == 0 for value, base in pairs)
    if comparable and len(pairs) > 1:
        return decide([math.log(_ratio(value, base)) for value, base in pairs], rule, margin)
    middle = _ratio(float(np.median([value for _, value in arm])), float(np.median([value for _, value in baseline])))
    reasons = (Reason("one value each" if comparable else "zero in some process"),)
    return Decision(len(pairs), _finite(middle), None, None, None, "unresolved", reasons)


def _numbered(values: Sequence[tuple[int, float]]) -> dict[tuple[int, int], float]:
    seen: dict[int, int] = {}
    numbered = {}
    for replicate, value in values:
        seen[replicate] = seen.get(replicate, -1) + 1
        numbered[replicate, seen[replicate]] = value
    return numbered
