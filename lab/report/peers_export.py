"""The experiment `peers` as a flat list: our time against each contender's, work by work.

In a run the layer is the baseline and the contenders are the arms; here the ratio is turned round, ours / contender, so
that below 1 ours is faster.
"""

from typing import Any

from lab.core.results import Comparison, Results
from lab.core.schema import TIME, Plan, Verdict
from lab.report import numbers, wording
from lab.report.text import Block

WORK = "work"  # the factor that names what is done
_TURNED: dict[Verdict, Verdict] = {"better": "worse", "worse": "better"}


def to_peers(plan: Plan, results: Results) -> list[dict[str, Any]]:
    """One object per work and contender, in the plan's order: comparisons of cases that have a factor `work`.

    Returns:
        work, contender; ratio, low, high: ours / contender with its 95 % interval, below 1 is ours faster; ours,
        theirs: in `unit` per `item`; verdict: "better" where ours is faster; processes behind it; mode: how they were
        timed; provenance; conditions: the other factors; reason: why there is no verdict, or what to know about it.
        What could not be had is null: a contender that is not installed has no figures and a reason.
    """
    missing = {(case.id, arm.name): arm.missing for case in plan.cases for arm in case.arms if arm.missing}
    return [
        _row(one, missing.get((one.key.case, one.key.arm), ""))
        for one in results.comparisons
        if WORK in one.key.factors and one.key.metric == TIME and not one.key.control
    ]


def _row(one: Comparison, missing: str) -> dict[str, Any]:
    return {
        "work": one.key.factors[WORK],
        "contender": one.key.arm,
        "ratio": _turned(one.estimate.ratio),
        "low": _turned(one.estimate.high),
        "high": _turned(one.estimate.low),
        "ours": one.estimate.baseline_value if one.estimate.arm_value is not None else None,
        "theirs": one.estimate.arm_value,
        "unit": one.key.unit,
        "item": one.key.item,
        "verdict": _TURNED.get(one.verdict, one.verdict),
        "processes": one.estimate.processes,
        "mode": one.estimate.mode,
        "provenance": one.key.provenance,
        "conditions": {name: level for name, level in one.key.factors.items() if name != WORK},
        "reason": missing or wording.why(one),
    }


def _turned(ratio: float | None) -> float | None:
    return 1 / ratio if ratio else None


def peers_block(rows: list[dict[str, Any]]) -> Block:
    """The rows as a table for the terminal."""
    heads = ("work", "contender", "ours", "theirs", "ratio", "interval", "verdict")
    return Block(
        title="ours / contender: below 1 the memory layer is faster",
        heads=heads,
        rows=tuple(
            (
                row["work"],
                row["contender"],
                numbers.quantity(row["ours"], row["unit"]),
                numbers.quantity(row["theirs"], row["unit"]),
                numbers.ratio(row["ratio"]),
                numbers.interval(row["low"], row["high"]),
                row["verdict"] if row["ratio"] is not None else row["reason"],
            )
            for row in rows
        ),
    )
