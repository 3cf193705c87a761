"""Every comparison of a run: what was planned for the clock, and what the other probes found."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from lab.analysis import words
from lab.analysis.decide import Decision, Mode, decide_modes, evidence_of, margin_of, modes_needed
from lab.analysis.discoveries import Threshold, threshold
from lab.analysis.exact import Count, counts, decide_exact, decide_sampled, metric_of, turned
from lab.analysis.pairs import EFFECT_COLUMNS, is_control, paired_effects
from lab.analysis.separate import separate_effects, solo_medians
from lab.core.results import Comparison
from lab.core.schema import NULL_SUFFIX, TIME, CasePlan, Plan, Provenance

MANY_DROPPED = 0.2  # of the pairs; from here on the reason says so

# Of one comparison: column of `paired_effects` -> one value per process.
Effects = Mapping[str, npt.NDArray[np.float64]]


class _Bar(NamedTuple):
    """The present threshold, and the log evidence of every comparison by case and arm."""

    threshold: Threshold
    evidence: Mapping[tuple[str, str], float]


def compare(plan: Plan, table: pd.DataFrame) -> tuple[Comparison, ...]:
    """All comparisons: case by case in the plan's order, the clock first, then other metrics by name.

    A comparison that was planned for the clock and has no data is there too, unresolved, with the reason.

    Args:
        plan: of the run.
        table: its tidy table; rows of cases that the plan does not know are ignored.

    Raises:
        CorruptRun: the table's pairs are not what the paired clock writes.
        UsageError: the rule has no margin for some kind of work.
    """
    baselines = {case.id: case.baseline for case in plan.cases}
    effects: dict[Mode, dict[tuple[str, str], Effects]] = {
        "paired": _by_comparison(paired_effects(table, baselines)),
        "separate": _by_comparison(separate_effects(solo_medians(table, baselines), baselines)),
    }
    bar = _threshold(plan, effects)
    failures = _failures(table)
    counted: dict[str, list[Count]] = {}
    for count in counts(table):
        counted.setdefault(count.case, []).append(count)
    return tuple(
        comparison
        for case in plan.cases
        for comparison in (
            *_clock(case, plan, effects, failures, bar),
            *(found for count in counted.get(case.id, ()) for found in _counted(case, plan, count)),
        )
    )


def timed(comparison: Comparison) -> bool:
    """Whether this is a comparison of the clock."""
    return comparison.metric == TIME and comparison.provenance == "clock"


def _by_comparison(effects: pd.DataFrame) -> dict[tuple[str, str], Effects]:
    columns = {name: effects[name].to_numpy(dtype=np.float64) for name in EFFECT_COLUMNS[2:]}
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(effects["case"], effects["arm"], strict=True)):
        rows.setdefault(key, []).append(row)
    return {key: {name: column[where] for name, column in columns.items()} for key, where in rows.items()}


def _failures(table: pd.DataFrame) -> Mapping[tuple[str, str], str]:
    """(Case, arm) -> why the clock gave it up; arm "": the whole case, for a failure in one arm ends it for all."""
    bad = table.loc[((table["probe"] == "clock") & (table["status"] != "ok")).to_numpy(dtype=bool)]
    found: dict[tuple[str, str], str] = {}
    for case, arm, status, reason in zip(bad["case"], bad["arm"], bad["status"], bad["reason"], strict=True):
        whose = str(arm) if status == "unavailable" else ""
        found.setdefault((str(case), whose), f"{status}: {reason}")
    return found


def _clock(
    case: CasePlan,
    plan: Plan,
    effects: Mapping[Mode, Mapping[tuple[str, str], Effects]],
    failures: Mapping[tuple[str, str], str],
    bar: _Bar,
) -> Iterator[Comparison]:
    for arm in _arms(case):
        needed = modes_needed(case, arm)
        found = {mode: effects[mode][case.id, arm] for mode in needed if (case.id, arm) in effects[mode]}
        usable = {mode: _usable(columns) for mode, columns in found.items()}
        values = {mode: columns["d"].tolist() for mode, columns in usable.items()}
        decision = decide_modes(case, arm, values, plan.rule, bar.threshold.alpha(bar.evidence[case.id, arm]))
        shown = next((columns for columns in usable.values() if columns["d"].size), None)
        order_effect = _middle(usable["paired"]["order_effect"]) if "paired" in usable else None
        reasons = [decision.reason, *_warnings(case, plan, found, order_effect)]
        why = [failures[case.id, whose] for whose in ("", arm, case.baseline) if (case.id, whose) in failures]
        if why:
            reasons.append(why[0])
        elif not found:
            reasons = ["not measured before the budget ended"]
        yield _comparison(
            case, arm, decision,
            metric=TIME, unit="s", provenance="clock",
            baseline_value=_middle(shown["baseline_value"]) if shown else None,
            arm_value=_middle(shown["arm_value"]) if shown else None,
            item=case.item,
            order_effect=order_effect,
            dropped=sum(int(columns["dropped"].sum()) for columns in found.values()),
            mode="both" if len(found) > 1 else next(iter(found), needed[0]),
            reason="; ".join(filter(None, reasons)),
        )  # fmt: skip


def _arms(case: CasePlan) -> list[str]:
    """The arms of a case that are compared with its baseline, the control last."""
    arms = [arm.name for arm in case.arms if arm.name != case.baseline]
    return [*arms, case.baseline + NULL_SUFFIX] if case.null else arms


def _threshold(plan: Plan, effects: Mapping[Mode, Mapping[tuple[str, str], Effects]]) -> _Bar:
    evidence = {}
    for case in plan.cases:
        for arm in _arms(case):
            found = {mode: of_it[case.id, arm] for mode, of_it in effects.items() if (case.id, arm) in of_it}
            values = {mode: _usable(columns)["d"].tolist() for mode, columns in found.items()}
            evidence[case.id, arm] = evidence_of(case, arm, values, plan.rule)
    return _Bar(threshold(evidence.values(), plan.rule), evidence)


def _usable(effects: Effects) -> Effects:
    """Those of the processes that yielded a number."""
    good = ~np.isnan(effects["d"])
    return {name: column[good] for name, column in effects.items()}


def _middle(values: Sequence[float] | npt.NDArray[np.float64]) -> float | None:
    """The median; None of nothing."""
    return float(np.median(values)) if len(values) else None


def _warnings(case: CasePlan, plan: Plan, found: Mapping[Mode, Effects], order_effect: float | None) -> Iterator[str]:
    """What a verdict of the clock may hide."""
    bias = margin_of(plan.rule, case.kind).bias
    if order_effect is not None and abs(order_effect) > bias:
        yield (
            f"the position in a pair shifts the ratio by {words.change(math.exp(order_effect))}, more than the bias"
            f" floor of {words.percent(math.expm1(bias))}"
        )
    for mode, columns in found.items():
        sums = {name: int(columns[name].sum()) for name in ("pairs", "dropped", "dropped_baseline", "dropped_arm")}
        total = sums["pairs"] + sums["dropped"]
        if sums["dropped"] > MANY_DROPPED * total:
            yield (
                f"{sums['dropped']} of {total} {'pairs' if mode == 'paired' else 'samples'} dropped because preempted"
                f" (the baseline in {sums['dropped_baseline']}, the arm in {sums['dropped_arm']})"
            )


def _counted(case: CasePlan, plan: Plan, count: Count) -> Iterator[Comparison]:
    baseline = count.values.get(case.baseline, ())
    metric = metric_of(plan.metrics, count)
    for arm, values in count.values.items():
        if arm == case.baseline or metric.aside:
            continue
        if not baseline:
            decision = Decision(len(values), None, None, None, None, "unresolved", "the baseline has no such figure")
        elif metric.exact:
            margin = plan.rule.exact_margin.get(count.metric, 0.0)
            decision = decide_exact([value for _, value in baseline], [value for _, value in values], margin)
        else:
            decision = decide_sampled(baseline, values, plan.rule, margin_of(plan.rule, case.kind))
        yield _comparison(
            case, arm, turned(decision) if metric.more_is_better else decision,
            metric=count.metric, unit=count.unit, provenance=count.provenance,
            baseline_value=_middle([value for _, value in baseline]),
            arm_value=_middle([value for _, value in values]),
            item=case.item if count.per_item else "",
            order_effect=None,
            dropped=0,
            mode="exact" if metric.exact else "separate",
            reason=decision.reason,
        )  # fmt: skip


def _comparison(
    case: CasePlan, arm: str, decision: Decision, *, metric: str, unit: str, provenance: Provenance,
    baseline_value: float | None, arm_value: float | None, item: str, order_effect: float | None, dropped: int,
    mode: str, reason: str,
) -> Comparison:  # fmt: skip
    return Comparison(
        experiment=case.experiment,
        group=case.group,
        case=case.id,
        factors=case.factors,
        arm=arm,
        baseline=case.baseline,
        metric=metric,
        unit=unit,
        ratio=decision.ratio,
        low=decision.low,
        high=decision.high,
        detectable=decision.detectable,
        verdict=decision.verdict,
        provenance=provenance,
        kind=case.kind,
        baseline_value=baseline_value,
        arm_value=arm_value,
        item=item,
        processes=decision.count,
        order_effect=order_effect,
        dropped=dropped,
        control=is_control(arm),
        mode=mode,
        reason=reason,
    )
