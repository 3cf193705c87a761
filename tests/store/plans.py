"""Small plans and rows for the tests of the store and the runner."""

from lab.core.schema import (
    SCHEMA_VERSION,
    ArmPlan,
    CasePlan,
    Clock,
    ExperimentPlan,
    GroupPlan,
    Margin,
    Measurement,
    Metric,
    Plan,
    Rule,
)


def a_case(name: str = "demo/group/size=1", **changes: object) -> CasePlan:
    fields: dict[str, object] = {
        "id": name, "experiment": "demo", "group": "group", "factors": {"size": "1"}, "kernel": "demo.kernel",
        "item": "row", "input_digest": "", "kind": "cache", "regime": "warm", "baseline": "plain",
        "arms": (ArmPlan("plain", {"arm": "plain"}), ArmPlan("fast", {"arm": "fast"})), "null": True,
        "separate": False, "passes": (),
    }  # fmt: skip
    return CasePlan(**{**fields, **changes})


def a_plan(*cases: CasePlan, **changes: object) -> Plan:
    """A plan of these cases, with the groups and inputs that they name."""
    cases = cases or (a_case(),)
    groups = dict.fromkeys(["group", *(case.group for case in cases)])
    inputs = {case.input_digest: "" for case in cases if case.input_digest}
    fields: dict[str, object] = {
        "schema": SCHEMA_VERSION, "id": "20261122T100000Z-abcd", "created": "2026-11-22T10:00:00+00:00",
        "profile": "quick", "seed": 7, "revision": "abc", "host": "here", "command": "lab run demo",
        "machine": {"memory.evict_bytes": "1048576"}, "inputs": inputs, "kernels": "0123",
        "clock": Clock(budget_s=60.0, most_processes=8, pairs=2, sample_s=1e-4),
        "rule": Rule(0.05, 4, 0.05, {kind: Margin(0.005, 0.01) for kind in ("cache", "allocating", "dram")}),
        "metrics": (Metric("time", "s", "time", "clock"),),
        "experiments": (
            ExperimentPlan(
                "demo", "Demo", "Does it?", tuple(GroupPlan(name, "Group", "size", "") for name in groups),
                {"plain": "", "fast": ""}, (),
            ),
        ),
        "cases": cases, "claims": (), "left_out": (),
    }  # fmt: skip
    return Plan(**{**fields, **changes})


def a_row(value: float = 1.0, **changes: object) -> Measurement:
    fields: dict[str, object] = {
        "experiment": "demo", "group": "group", "case": "demo/group/size=1", "arm": "plain", "metric": "time",
        "unit": "s", "value": value, "probe": "clock", "provenance": "clock", "mode": "paired", "replicate": 0,
    }  # fmt: skip
    return Measurement(**{**fields, **changes})
