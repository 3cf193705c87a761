"""Tables as a run leaves them, made up from known truths."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from msgspec.structs import replace

from lab.core.results import Comparison, Estimate, Key
from lab.core.schema import MEASUREMENT_FIELDS, NULL_SUFFIX, ArmPlan, CasePlan, Measurement, Plan
from tests.store.plans import a_case

NS = 1e-9
DTYPES = {"string": "str", "float64": "float64", "int64": "int64", "int32": "int32", "int8": "int8", "bool": "bool"}


def a_table(rows: Sequence[Measurement]) -> pd.DataFrame:
    """The rows as the store reads them back."""
    columns = {name: [getattr(row, name) for row in rows] for name in MEASUREMENT_FIELDS}
    return pd.DataFrame(columns).astype({name: DTYPES[kind] for name, kind in MEASUREMENT_FIELDS.items()})


def case_with(*arms: str, **changes: object) -> CasePlan:
    """A case whose arms are "plain", the baseline, and these."""
    plans = tuple(ArmPlan(name, {"arm": name}) for name in ("plain", *arms))
    return a_case(**{"arms": plans, "null": False, **changes})


def pair_rows(
    case: CasePlan, arm: str, replicate: int, pairs: Sequence[tuple[float, float, int, str]], *, items: int = 1000
) -> list[Measurement]:
    """Rows of one process: (baseline seconds, arm seconds, 0 for AB or 1 for BA, which sides were preempted)."""
    rows = []
    for block, (baseline, value, order, cut) in enumerate(pairs):
        for name, other, seconds, position, side in (
            (case.baseline, arm, baseline, order, "A"),
            (arm, case.baseline, value, 1 - order, "B"),
        ):
            rows.append(
                Measurement(
                    experiment=case.experiment, group=case.group, case=case.id, arm=name, metric="time", unit="s",
                    value=seconds, probe="clock", provenance="clock", against=other, iterations=10, items=items,
                    replicate=replicate, mode="null" if arm.endswith(NULL_SUFFIX) else "paired", block=block,
                    position=position, preempted=side in cut,
                )
            )  # fmt: skip
    return rows


def solo_rows(
    case: CasePlan, arm: str, replicate: int, seconds: Sequence[float], *, iterations: int = 10, preempted: int = 0
) -> list[Measurement]:
    """Rows of a process that measured one arm alone; the first `preempted` samples were."""
    return [
        Measurement(
            experiment=case.experiment, group=case.group, case=case.id, arm=arm, metric="time", unit="s", value=value,
            probe="clock", provenance="clock", iterations=iterations, items=100 * iterations, replicate=replicate,
            mode="separate", block=block, preempted=block < preempted,
        )
        for block, value in enumerate(seconds)
    ]  # fmt: skip


def count_row(case: CasePlan, arm: str, metric: str, value: float | None, **changes: object) -> Measurement:
    """One count of a probe."""
    fields: dict[str, object] = {
        "experiment": case.experiment, "group": case.group, "case": case.id, "arm": arm, "metric": metric,
        "unit": "count", "value": value, "probe": "callgrind", "provenance": "simulated", "iterations": 1,
        "items": 1000,
    }  # fmt: skip
    return Measurement(**{**fields, **changes})


def simulate(
    plan: Plan, truth: Mapping[str, float], *, processes: int, seed: int, noise: float = 0.002, pairs: int = 8
) -> list[Measurement]:
    """Rows of the paired clock of every case: `truth` is arm -> ln(ratio), the control's is 0.

    The host's speed wanders by 20 % between pairs, every process has an offset of its own (`noise`), the second
    sample of a pair is 1 % slower, and one pair in twenty is preempted and takes much longer.
    """
    random = np.random.default_rng(seed)
    rows: list[Measurement] = []
    for replicate in range(processes):
        for case in plan.cases:
            arms = [arm.name for arm in case.arms if arm.name != case.baseline]
            for arm in [*arms, case.baseline + NULL_SUFFIX] if case.null else arms:
                effect = truth.get(arm, 0.0) + random.normal(0, noise)
                drawn = []
                for number in range(2 * pairs):
                    order, cut = number % 2, random.random() < 0.05
                    speed = 1e-4 * random.uniform(0.8, 1.2)
                    jitter = random.normal(0, noise, 2)
                    baseline = speed * np.exp(jitter[0] + 0.01 * order)
                    treated = speed * np.exp(effect + jitter[1] + 0.01 * (1 - order) + (2.0 if cut else 0.0))
                    drawn.append((float(baseline), float(treated), order, "B" if cut else ""))
                rows += pair_rows(case, arm, replicate, drawn)
    return rows


KEY: dict[str, object] = {
    "experiment": "demo", "group": "group", "case": "demo/group/size=1", "factors": {"size": "1"}, "arm": "fast",
    "baseline": "plain", "metric": "time", "unit": "s", "provenance": "clock", "kind": "cache", "item": "row",
    "control": False,
}  # fmt: skip
ESTIMATE: dict[str, object] = {
    "ratio": 0.5, "low": 0.4, "high": 0.6, "called_low": 0.3, "called_high": 0.7, "detectable": 0.02,
    "baseline_value": 2e-9, "arm_value": 1e-9, "processes": 20, "order_effect": 0.0, "dropped": 0, "mode": "paired",
}  # fmt: skip


def a_comparison(**changes: object) -> Comparison:
    """A comparison of the clock that took 0.5 [0.4, 0.6] of the baseline's time; `changes` of any of its fields."""
    key, estimate = ({name: changes.pop(name, old) for name, old in fields.items()} for fields in (KEY, ESTIMATE))
    return Comparison(Key(**key), Estimate(**estimate), **{"verdict": "better", **changes})  # type: ignore[arg-type]


def altered(comparison: Comparison, **changes: object) -> Comparison:
    """The comparison with other fields, its own or those of its key and estimate."""
    parts = {
        name: replace(part, **{field: changes.pop(field) for field in part.__struct_fields__ if field in changes})
        for name, part in (("key", comparison.key), ("estimate", comparison.estimate))
    }
    return replace(comparison, **parts, **changes)
