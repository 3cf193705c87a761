"""The answer of a comparison in three lines: what was found, why as far as counts tell, and what to do for more."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lab.analysis.compare import timed
from lab.analysis.pairs import paired_effects
from lab.analysis.sequence import interval
from lab.core.results import Comparison, Results
from lab.core.schema import Metric, Plan, RunSummary, Verdict
from lab.report import numbers, wording

NOTABLE = 0.005  # a count that differs by less is the same for this purpose
KERNEL_NOTABLE = 0.02  # the same for what the kernel counts, which varies,
RESIDENT_SLACK_BYTES = 1 << 20  # and for resident memory, which it folds in batches of pages for each processor
MOST_COUNTS = 4  # named in the line that says why
# Shown first: what is closest to the time comes first.
ORDER = (
    "instructions", "process_instructions", "allocations", "python_allocations", "allocated_bytes",
    "python_allocated_bytes", "d1_misses", "ll_misses", "process_cpu_time", "peak_live_bytes", "python_peak_bytes",
    "process_peak_bytes", "process_minor_faults", "minor_faults", "resident_peak_bytes",
    "python_resident_growth_bytes", "frees",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """A figure besides time, per item (of the whole pass where it is a peak), of the baseline and of an arm."""

    metric: str
    label: str
    unit: str
    baseline: float
    arm: float
    provenance: str

    @property
    def differs(self) -> bool:
        """Whether the two are apart by more than counts of the same code are."""
        largest, apart = max(abs(self.baseline), abs(self.arm)), abs(self.arm - self.baseline)
        if self.provenance != "kernel":
            return apart > NOTABLE * largest
        return apart > KERNEL_NOTABLE * largest and (self.unit != "B" or apart > RESIDENT_SLACK_BYTES)


@dataclass(frozen=True, slots=True)
class ArmAnswer:
    """One arm against the baseline.

    Attributes:
        ratio, low, high: arm / baseline of the time with its 95 % interval; None where the data give none.
        baseline_s, arm_s: seconds per item, lowest and highest that the data allow; None where there are none.
        processes: behind the interval.
        detectable: smallest slowdown that would have been called, as a fraction; None where none would have been.
        counts: figures besides time.
        reason: why there is no verdict, or what it hides.
    """

    arm: str
    baseline: str
    item: str
    verdict: Verdict
    ratio: float | None
    low: float | None
    high: float | None
    baseline_s: tuple[float, float] | None
    arm_s: tuple[float, float] | None
    processes: int
    detectable: float | None
    counts: tuple[Count, ...]
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a program that reads them."""
        return {
            "arm": self.arm,
            "baseline": self.baseline,
            "verdict": self.verdict,
            "ratio": self.ratio,
            "low": self.low,
            "high": self.high,
            "item": self.item,
            "baseline_seconds": self.baseline_s,
            "arm_seconds": self.arm_s,
            "processes": self.processes,
            "detectable": self.detectable,
            "reason": self.reason,
            "counts": [
                {name: getattr(count, name) for name in ("metric", "unit", "baseline", "arm", "provenance")}
                for count in self.counts
            ],
        }


def arm_answers(plan: Plan, results: Results, table: pd.DataFrame) -> list[ArmAnswer]:
    """An answer for each arm that was measured, in the plan's order."""
    missing = {arm.name for case in plan.cases for arm in case.arms if arm.missing}
    baselines = {case.id: case.baseline for case in plan.cases}
    effects = paired_effects(table, baselines)
    labels = {metric.name: metric for metric in plan.metrics}
    counts = _counts(table)
    return [
        _answer(comparison, effects, counts, labels)
        for comparison in results.comparisons
        if timed(comparison) and not comparison.key.control and comparison.key.arm not in missing
    ]


def _answer(
    comparison: Comparison,
    effects: pd.DataFrame,
    counts: Mapping[tuple[str, str], Mapping[str, tuple[float, str, str]]],
    labels: Mapping[str, Metric],
) -> ArmAnswer:
    mine = effects[(effects["case"] == comparison.key.case) & (effects["arm"] == comparison.key.arm)]
    base, own = (
        counts.get((comparison.key.case, comparison.key.baseline), {}),
        counts.get((comparison.key.case, comparison.key.arm), {}),
    )
    found = [
        Count(name, labels[name].label if name in labels else name, unit, value, own[name][0], provenance)
        for name, (value, unit, provenance) in base.items()
        if name in own and not (name in labels and labels[name].aside)
    ]
    found.sort(key=lambda count: ORDER.index(count.metric) if count.metric in ORDER else len(ORDER))
    return ArmAnswer(
        arm=comparison.key.arm,
        baseline=comparison.key.baseline,
        item=comparison.key.item,
        verdict=comparison.verdict,
        ratio=comparison.estimate.ratio,
        low=comparison.estimate.low,
        high=comparison.estimate.high,
        baseline_s=_range(mine["baseline_value"].dropna().tolist()),
        arm_s=_range(mine["arm_value"].dropna().tolist()),
        processes=comparison.estimate.processes,
        detectable=comparison.estimate.detectable,
        counts=tuple(found),
        reason=wording.reasons(comparison.reasons),
    )


def _counts(table: pd.DataFrame) -> dict[tuple[str, str], dict[str, tuple[float, str, str]]]:
    """(Case, arm) -> metric -> value per item, unit, provenance; the median where it was counted several times."""
    rows = table[((table["probe"] != "clock") & (table["status"] == "ok")).to_numpy(dtype=bool)]
    rows = rows.assign(each=rows["value"] / rows["items"].clip(lower=1))
    found: dict[tuple[str, str], dict[str, tuple[float, str, str]]] = {}
    for (case, arm, metric), group in rows.groupby(["case", "arm", "metric"], sort=False):
        first = group.iloc[0]
        value = (float(group["each"].median()), str(first["unit"]), str(first["provenance"]))
        found.setdefault((str(case), str(arm)), {})[str(metric)] = value
    return found


def process_times(plan: Plan, table: pd.DataFrame) -> dict[str, list[float]]:
    """Arm -> seconds per item, one value a process: the baseline's as it was measured beside the first arm."""
    case = plan.cases[0]
    effects = paired_effects(table, {case.id: case.baseline})
    found: dict[str, list[float]] = {arm.name: [] for arm in case.arms if not arm.missing}
    for arm in list(found):
        mine = effects[effects["arm"] == arm]
        found[arm] = mine["arm_value"].dropna().tolist()
        found[case.baseline] = found[case.baseline] or mine["baseline_value"].dropna().tolist()
    return found


def _range(values: Sequence[float]) -> tuple[float, float] | None:
    """The medians that the values allow at 95 %; the smallest and largest value where they are too few for that."""
    if not values:
        return None
    low, high = interval(values, 0.05)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (min(values), max(values))


# --- in words --------------------------------------------------------------------------------------------------------


def answer_lines(plan: Plan, summary: RunSummary, answers: Sequence[ArmAnswer], folder: Path) -> list[str]:
    """The answer on a terminal: two lines for each arm, and one of what to do for more."""
    lines = [line for answer in answers for line in (headline(answer), why(answer))]
    return [*lines, more(plan, summary, answers, folder)]


def headline(answer: ArmAnswer) -> str:
    """The verdict with its interval and absolute times."""
    times = ""
    if answer.baseline_s and answer.arm_s:
        times = f"; {_span(answer.arm_s)} a {answer.item}, {answer.baseline}: {_span(answer.baseline_s)}"
    figure = f"{numbers.ratio(answer.ratio)} [{numbers.interval(answer.low, answer.high)}] of its time"
    if answer.ratio is None:
        return f"{answer.arm} against {answer.baseline}: not measured; {answer.reason}"
    match answer.verdict:
        case "better" | "worse":
            said = f"{answer.arm} is {_change(answer.ratio)} than {answer.baseline}: {figure}"
        case "same":
            said = f"{answer.arm} takes the same time as {answer.baseline}: {figure}"
        case _:
            said = f"no verdict yet on {answer.arm} against {answer.baseline}: {figure}"
    return f"{said}{times} ({answer.processes} processes)"


def _change(ratio: float) -> str:
    faster = ratio < 1
    factor = 1 / ratio if faster else ratio
    word = "faster" if faster else "slower"
    if factor >= 1.5:
        return f"{numbers.plain(factor, 3)}x {word}"
    return f"{numbers.plain(100 * abs(1 - ratio), 2)} % {word}"


def _span(seconds: tuple[float, float]) -> str:
    low, high = (numbers.quantity(value, "s") for value in seconds)
    if low == high:
        return low
    if low.rpartition(" ")[2] == high.rpartition(" ")[2]:
        low = low.rpartition(" ")[0]
    return f"{low} to {high}"


def why(answer: ArmAnswer) -> str:
    """What counts besides time say."""
    if not answer.counts:
        return "why: nothing was counted besides time"
    different = [count for count in answer.counts if count.differs]
    same = [count.label for count in answer.counts if not count.differs]
    if not different:
        also = " the difference lies in how fast the same work runs" if answer.verdict in ("better", "worse") else ""
        return f"why: the same {_listed(same[:MOST_COUNTS])};{also}".rstrip(";")
    shown = [
        f"{numbers.quantity(count.arm, count.unit)} {count.label.removeprefix('bytes ')}, not"
        f" {numbers.quantity(count.baseline, count.unit)}"
        for count in different[:MOST_COUNTS]
    ]
    also = f"; the same {_listed(same[:2])}" if same else ""
    return f"why: {'; '.join(shown)}{also}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def more(plan: Plan, summary: RunSummary, answers: Sequence[ArmAnswer], folder: Path) -> str:
    """Where the report is, and what a larger budget would bring."""
    report = f"report: {folder / 'index.html'}"
    if any(answer.verdict == "unresolved" for answer in answers):
        reason = next((out.reason for out in summary.left_out if "settle" in out.reason), "")
        return f"more: {reason or f'--budget {plan.clock.budget_s * 4:.0f} measures longer'}; {report}"
    return f"more: every figure and how it was measured; {report}"
