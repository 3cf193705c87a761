"""Every comparison of a run: what was planned for the clock, and what the other probes found."""

import math
from collections.abc import Iterator, Mapping

import pandas as pd

from lab.analysis import words
from lab.analysis.decide import Decision, Mode, decide_modes, margin_of, modes_needed
from lab.analysis.exact import Count, counts, decide_exact, decide_sampled, is_exact
from lab.analysis.pairs import is_control, paired_effects
from lab.analysis.separate import separate_effects, solo_medians
from lab.core.results import Comparison
from lab.core.schema import NULL_SUFFIX, TIME, CasePlan, Plan, Provenance

MANY_DROPPED = 0.2  # of the pairs; from here on the reason says so

Effects = dict[tuple[str, str], pd.DataFrame]


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
    effects: dict[Mode, Effects] = {
        "paired": _by_comparison(paired_effects(table, baselines)),
        "separate": _by_comparison(separate_effects(solo_medians(table, baselines), baselines)),
    }
    failures = _failures(table)
    counted: dict[str, list[Count]] = {}
    for count in counts(table):
        counted.setdefault(count.case, []).append(count)
    return tuple(
        comparison
        for case in plan.cases
        for comparison in (
            *_clock(case, plan, effects, failures),
            *(found for count in counted.get(case.id, ()) for found in _counted(case, plan, count)),
        )
    )


def timed(comparison: Comparison) -> bool:
    """Whether this is a comparison of the clock."""
    return comparison.metric == TIME and comparison.provenance == "clock"


def _by_comparison(effects: pd.DataFrame) -> Effects:
    return {(str(case), str(arm)): rows for (case, arm), rows in effects.groupby(["case", "arm"])}


def _failures(table: pd.DataFrame) -> Mapping[tuple[str, str], str]:
    """(case, arm) -> why the clock could not time it, the first reason of each."""
    bad = table.loc[((table["probe"] == "clock") & (table["status"] != "ok")).to_numpy(dtype=bool)]
    first = bad.drop_duplicates(["case", "arm"])
    return {
        (str(case), str(arm)): str(reason)
        for case, arm, reason in zip(first["case"], first["arm"], first["reason"], strict=True)
    }


def _clock(
    case: CasePlan, plan: Plan, effects: Mapping[Mode, Effects], failures: Mapping[tuple[str, str], str]
) -> Iterator[Comparison]:
    arms = [arm.name for arm in case.arms if arm.name != case.baseline]
    for arm in [*arms, case.baseline + NULL_SUFFIX] if case.null else arms:
        found = {
            mode: effects[mode][case.id, arm] for mode in modes_needed(case, arm) if (case.id, arm) in effects[mode]
        }
        usable = {mode: rows[rows["d"].notna()] for mode, rows in found.items()}
        decision = decide_modes(case, arm, {mode: rows["d"].tolist() for mode, rows in usable.items()}, plan.rule)
        shown = next((rows for rows in usable.values() if len(rows)), None)
        paired = found.get("paired")
        order_effect = None if paired is None or paired["d"].isna().all() else float(paired["order_effect"].median())
        reasons = [decision.reason, *_warnings(case, plan, found, order_effect)]
        if failure := failures.get((case.id, arm)):
            reasons.append(f"a process failed: {failure}")
        elif not found:
            reasons = ["not measured before the budget ended"]
        yield _comparison(
            case, arm, decision,
            metric=TIME, unit="s", provenance="clock",
            baseline_value=None if shown is None else float(shown["baseline_value"].median()),
            arm_value=None if shown is None else float(shown["arm_value"].median()),
            item=case.item,
            order_effect=order_effect,
            dropped=sum(int(rows["dropped"].sum()) for rows in found.values()),
            mode="both" if len(usable) > 1 else next(iter(usable), modes_needed(case, arm)[0]),
            reason="; ".join(filter(None, reasons)),
        )  # fmt: skip


def _warnings(
    case: CasePlan, plan: Plan, found: Mapping[Mode, pd.DataFrame], order_effect: float | None
) -> Iterator[str]:
    """What a verdict of the clock may hide."""
    bias = margin_of(plan.rule, case.kind).bias
    if order_effect is not None and abs(order_effect) > bias:
        yield (
            f"the position in a pair shifts the ratio by {words.change(math.exp(order_effect))}, more than the bias"
            f" floor of {words.percent(math.expm1(bias))}"
        )
    for rows in found.values():
        dropped, all_of_them = rows["dropped"].sum(), (rows["dropped"] + rows["pairs"]).sum()
        if dropped > MANY_DROPPED * all_of_them:
            yield (
                f"{dropped} of {all_of_them} samples dropped because preempted (the baseline in"
                f" {rows['dropped_baseline'].sum()}, the arm in {rows['dropped_arm'].sum()})"
            )


def _counted(case: CasePlan, plan: Plan, count: Count) -> Iterator[Comparison]:
    baseline = count.values.get(case.baseline, ())
    exact = is_exact(plan.metrics, count.metric, count.probe)
    for arm, values in count.values.items():
        if arm == case.baseline:
            continue
        if not baseline:
            decision = Decision(len(values), None, None, None, None, "unresolved", "the baseline has no such figure")
        elif exact:
            margin = plan.rule.exact_margin.get(count.metric, 0.0)
            decision = decide_exact([value for _, value in baseline], [value for _, value in values], margin)
        else:
            decision = decide_sampled(baseline, values, plan.rule, margin_of(plan.rule, case.kind))
        yield _comparison(
            case, arm, decision,
            metric=count.metric, unit=count.unit, provenance=count.provenance,
            baseline_value=_median(baseline),
            arm_value=_median(values),
            item=case.item if count.per_item else "",
            order_effect=None,
            dropped=0,
            mode="exact" if exact else "separate",
            reason=decision.reason,
        )  # fmt: skip


def _median(values: tuple[tuple[int, float], ...]) -> float | None:
    return float(pd.Series([value for _, value in values]).median()) if values else None


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
