"""Every comparison of a run: what was planned for the clock, and what the other probes found."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from lab.analysis.decide import Decision, Mode, decide_modes, evidence_of, margin_of, modes_needed
from lab.analysis.discoveries import Threshold, threshold
from lab.analysis.exact import Count, counts, decide_exact, decide_sampled, metric_of, turned
from lab.analysis.pairs import EFFECT_COLUMNS, paired_effects
from lab.analysis.separate import separate_effects, solo_medians
from lab.core.arms import compared_arms, is_control
from lab.core.reasons import Reason
from lab.core.results import Comparison, ComparisonStatus, ContextFigure, Estimate, Key
from lab.core.schema import TIME, CasePlan, Plan, Provenance

MANY_DROPPED = 0.2  # of the pairs; from here on a reason says so

# Of one comparison: column of `paired_effects` -> one value per process, in the order of the processes.
Effects = Mapping[str, npt.NDArray[np.float64]]
# (Case, arm) -> the effects of each mode, those of processes that yielded no number included.
AllEffects = Mapping[Mode, Mapping[tuple[str, str], Effects]]


class Clock(NamedTuple):
    """What the clock gave of a whole run.

    Attributes:
        effects: by mode and comparison.
        failures: (case, arm) -> (status, reason); arm "" for the whole case.
        evidence: (case, arm) -> log evidence; -inf for a comparison that failed.
        threshold: at the end of the run.
    """

    effects: AllEffects
    failures: Mapping[tuple[str, str], tuple[ComparisonStatus, str]]
    evidence: Mapping[tuple[str, str], float]
    threshold: Threshold

    def values(self, case: CasePlan, arm: str) -> dict[Mode, list[float]]:
        """What each needed mode gave, one ln(ratio) per process."""
        found = {mode: self.effects[mode].get((case.id, arm)) for mode in modes_needed(case, arm)}
        return {mode: usable(effects)["d"].tolist() for mode, effects in found.items() if effects is not None}

    def trouble(self, case: CasePlan, arm: str) -> tuple[ComparisonStatus, str] | None:
        """Why a comparison cannot have a verdict: what failed, or what this machine does not have."""
        keys = ((case.id, whose) for whose in ("", arm, case.baseline))
        return next((self.failures[key] for key in keys if key in self.failures), None)


def read_clock(plan: Plan, table: pd.DataFrame) -> Clock:
    """Everything that the clock measured, and what it means for the threshold.

    Args:
        plan: of the run.
        table: its tidy table; rows of cases that the plan does not know are ignored.

    Raises:
        CorruptRun: the table's pairs are not what the paired clock writes.
        UsageError: the rule has no margin for some kind of work.
    """
    baselines = {case.id: case.baseline for case in plan.cases}
    effects: AllEffects = {
        "paired": _by_comparison(paired_effects(table, baselines)),
        "separate": _by_comparison(separate_effects(solo_medians(table, baselines), baselines)),
    }
    clock = Clock(effects, _failures(table), {}, Threshold(plan.rule, 0))
    evidence = {
        (case.id, arm): -math.inf
        if clock.trouble(case, arm)
        else evidence_of(case, arm, clock.values(case, arm), plan.rule)
        for case in plan.cases
        for arm in compared_arms(case)
    }
    return clock._replace(evidence=evidence, threshold=threshold(evidence.values(), plan.rule))


def compare(plan: Plan, table: pd.DataFrame, clock: Clock | None = None) -> tuple[Comparison, ...]:
    """All comparisons: case by case in the plan's order, the clock first, then other metrics by name.

    A comparison that was planned for the clock and has no data is among them, unresolved, with the reason.

    Args:
        plan: of the run.
        table: its tidy table; rows of cases that the plan does not know are ignored.
        clock: what `read_clock` makes of the table, if it is at hand.
    """
    clock = read_clock(plan, table) if clock is None else clock
    counted: dict[str, list[Count]] = {}
    for count in counts(table):
        counted.setdefault(count.case, []).append(count)
    return tuple(
        comparison
        for case in plan.cases
        for comparison in (
            *(_timed(case, arm, plan, clock) for arm in compared_arms(case)),
            *(found for count in counted.get(case.id, ()) for found in _counted(case, plan, count)),
        )
    )


def context_figures(plan: Plan, table: pd.DataFrame) -> tuple[ContextFigure, ...]:
    """The figures of metrics that are context, one per case, arm and metric, in the table's order of cases."""
    cases = {case.id: case for case in plan.cases}
    return tuple(
        ContextFigure(
            experiment=case.experiment, group=case.group, case=case.id, factors=case.factors, arm=arm,
            metric=count.metric, unit=count.unit, provenance=count.provenance,
            item=case.item if count.per_item else "", value=float(np.median([value for _, value in values])),
        )
        for count in counts(table)
        if (case := cases.get(count.case)) is not None and metric_of(plan.metrics, count).context
        for arm, values in count.values.items()
    )  # fmt: skip


def timed(comparison: Comparison) -> bool:
    """Whether this is a comparison of the clock."""
    return comparison.key.metric == TIME and comparison.key.provenance == "clock"


def usable(effects: Effects) -> Effects:
    """Those of the processes that yielded a number."""
    good = ~np.isnan(effects["d"])
    return {name: column[good] for name, column in effects.items()}


def _by_comparison(effects: pd.DataFrame) -> dict[tuple[str, str], Effects]:
    effects = effects.sort_values("replicate", kind="stable")
    columns = {name: effects[name].to_numpy(dtype=np.float64) for name in EFFECT_COLUMNS[2:]}
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(effects["case"], effects["arm"], strict=True)):
        rows.setdefault(key, []).append(row)
    return {key: {name: column[where] for name, column in columns.items()} for key, where in rows.items()}


def _failures(table: pd.DataFrame) -> Mapping[tuple[str, str], tuple[ComparisonStatus, str]]:
    """What the clock gave up. A failure in one arm ends the case for all: its samples cannot be trusted."""
    bad = table.loc[((table["probe"] == "clock") & (table["status"] != "ok")).to_numpy(dtype=bool)]
    found: dict[tuple[str, str], tuple[ComparisonStatus, str]] = {}
    for case, arm, status, reason in zip(bad["case"], bad["arm"], bad["status"], bad["reason"], strict=True):
        missing = status == "unavailable"
        found.setdefault(
            (str(case), str(arm) if missing else ""), ("unavailable" if missing else "failed", str(reason))
        )
    return found


def _timed(case: CasePlan, arm: str, plan: Plan, clock: Clock) -> Comparison:
    needed = modes_needed(case, arm)
    found = {mode: clock.effects[mode][case.id, arm] for mode in needed if (case.id, arm) in clock.effects[mode]}
    alpha = clock.threshold.alpha(clock.evidence[case.id, arm])
    decision = decide_modes(case, arm, clock.values(case, arm), plan.rule, alpha)
    shown = next((good for good in map(usable, found.values()) if good["d"].size), None)
    order_effect = _middle(usable(found["paired"])["order_effect"]) if "paired" in found else None
    reasons = [*decision.reasons, *_warnings(case, plan, found, order_effect)]
    status: ComparisonStatus = "ok"
    if trouble := clock.trouble(case, arm):
        status, reasons = trouble[0], [_gave_up(*trouble)]
    elif not found:
        status, reasons = "not measured", [Reason("budget spent")]
    if status != "ok":
        decision = replace(decision, verdict="unresolved", called_low=None, called_high=None)
    return _comparison(
        _key(case, arm, TIME, "s", "clock", case.item),
        replace(decision, reasons=tuple(reasons)),
        baseline_value=_middle(shown["baseline_value"]) if shown else None,
        arm_value=_middle(shown["arm_value"]) if shown else None,
        order_effect=order_effect,
        dropped=sum(int(columns["dropped"].sum()) for columns in found.values()),
        mode="both" if len(found) > 1 else next(iter(found), needed[0]),
        status=status,
    )


def _gave_up(status: ComparisonStatus, why: str) -> Reason:
    return Reason("unavailable" if status == "unavailable" else "failed", names={"why": why})


def _middle(values: Sequence[float] | npt.NDArray[np.float64]) -> float | None:
    """The median, or None if there are no values."""
    return float(np.median(values)) if len(values) else None


def _warnings(
    case: CasePlan, plan: Plan, found: Mapping[Mode, Effects], order_effect: float | None
) -> Iterator[Reason]:
    """What to know when reading a verdict of the clock."""
    bias = margin_of(plan.rule, case.kind).bias
    if order_effect is not None and abs(order_effect) > bias:
        yield Reason("order effect", {"effect": math.exp(order_effect), "bias": math.expm1(bias)})
    for mode, columns in found.items():
        sums = {name: int(columns[name].sum()) for name in ("pairs", "dropped", "dropped_baseline", "dropped_arm")}
        total = sums["pairs"] + sums["dropped"]
        if sums["dropped"] > MANY_DROPPED * total:
            names = {"what": "pairs" if mode == "paired" else "samples"}
            yield Reason("dropped", {**{name: float(sums[name]) for name in sums}, "total": float(total)}, names)


def _counted(case: CasePlan, plan: Plan, count: Count) -> Iterator[Comparison]:
    baseline = count.values.get(case.baseline, ())
    metric = metric_of(plan.metrics, count)
    for arm, values in count.values.items():
        if arm == case.baseline or metric.aside or metric.context:
            continue
        if not baseline:
            reasons = (Reason("no baseline figure"),)
            decision = Decision(len(values), None, None, None, None, "unresolved", reasons)
        elif metric.exact:
            margin = plan.rule.exact_margin.get(count.metric, 0.0)
            decision = decide_exact([value for _, value in baseline], [value for _, value in values], margin)
        else:
            decision = decide_sampled(baseline, values, plan.rule, margin_of(plan.rule, case.kind))
        yield _comparison(
            _key(case, arm, count.metric, count.unit, count.provenance, case.item if count.per_item else ""),
            turned(decision) if metric.more_is_better else decision,
            baseline_value=_middle([value for _, value in baseline]),
            arm_value=_middle([value for _, value in values]),
            mode="exact" if metric.exact else "separate",
        )


def _key(case: CasePlan, arm: str, metric: str, unit: str, provenance: Provenance, item: str) -> Key:  # noqa: PLR0917
    return Key(
        experiment=case.experiment, group=case.group, case=case.id, factors=case.factors, arm=arm,
        baseline=case.baseline, metric=metric, unit=unit, provenance=provenance, kind=case.kind, item=item,
        control=is_control(arm),
    )  # fmt: skip


def _comparison(
    key: Key, decision: Decision, *, baseline_value: float | None, arm_value: float | None, mode: str,
    order_effect: float | None = None, dropped: int = 0, status: ComparisonStatus = "ok",
) -> Comparison:  # fmt: skip
    estimate = Estimate(
        ratio=decision.ratio, low=decision.low, high=decision.high, called_low=decision.called_low,
        called_high=decision.called_high, detectable=decision.detectable, baseline_value=baseline_value,
        arm_value=arm_value, processes=decision.count, order_effect=order_effect, dropped=dropped, mode=mode,
    )  # fmt: skip
    return Comparison(key, estimate, decision.verdict, status, decision.reasons)
