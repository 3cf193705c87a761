"""A made-up run of three experiments with every oddity that a view has to survive."""

import itertools
import math
import random
from dataclasses import dataclass

import msgspec
import pandas as pd
import pytest

from lab.core.reasons import Reason
from lab.core.results import Answer, ClaimResult, Comparison, Extreme, Results, Unavailable
from lab.core.schema import (
    MEASUREMENT_FIELDS,
    SCHEMA_VERSION,
    ArmPlan,
    Artifact,
    CasePlan,
    Claim,
    ClaimTest,
    Clock,
    ExperimentPlan,
    GroupPlan,
    Kind,
    LeftOut,
    Margin,
    Metric,
    Plan,
    Provenance,
    Rule,
    RunSummary,
    Verdict,
)
from tests.analysis.tables import a_comparison

HOSTILE = "<script>alert(\"x\")</script> & 'co'"
WORKING_SETS = {"L1": 16 << 10, "L2": 512 << 10, "L3": 3 << 20, "DRAM": 96 << 20}


@dataclass(frozen=True)
class Sample:
    """One run as the views get it."""

    plan: Plan
    summary: RunSummary
    results: Results
    table: pd.DataFrame
    hostile: str = HOSTILE  # a name full of markup that occurs in levels, promises, facts and reasons


METRICS = (
    Metric("time", "s", "time", "clock"),
    Metric("instructions", "count", "instructions", "callgrind", exact=True),
    Metric("d1_misses", "count", "first-level data cache misses", "callgrind", exact=True),
    Metric("ll_misses", "count", "last-level cache misses", "callgrind", exact=True),
    Metric("allocations_per_task", "count", "allocations per task", "memray", exact=True),
    Metric("context_switches", "count", "context switches", "perf"),
)


def _cases(
    experiment: str, group: str, factors: dict[str, tuple[str, ...]], arms: tuple[str, ...], passes: tuple[str, ...]
) -> list[CasePlan]:
    cases = []
    for levels in itertools.product(*factors.values()):
        named = dict(zip(factors, levels, strict=True))
        working_set = named.get("working_set", "")
        text = ",".join(f"{name}={level}" for name, level in named.items())
        kind: Kind = "dram" if working_set == "DRAM" else "allocating" if experiment == "pooling" else "cache"
        cases.append(
            CasePlan(
                id=f"{experiment}/{group}/{text}",
                experiment=experiment,
                group=group,
                factors=named,
                kernel=f"{experiment}.{group}",
                item={"layout": "row", "pooling": "object", "alignment": "byte"}[experiment],
                input_digest="sha256:0123456789abcdef",
                kind=kind,
                regime="warm",
                baseline=arms[0],
                arms=tuple(ArmPlan(arm, {"arm": arm}) for arm in arms),
                null=True,
                separate=experiment == "pooling",
                passes=passes,
                working_set_bytes=WORKING_SETS.get(working_set, 0),
            )
        )
    return cases


def _all_cases() -> list[CasePlan]:
    scan = {"fields": ("1", "2", "4", "8"), "order": ("sequential", "random"), "working_set": tuple(WORKING_SETS)}
    passes = {"pass": ("length", "contains", HOSTILE)}
    acquire = {"size": ("256 B", "1 KiB", "32 entries"), "threads": ("1", "all", "cross")}
    stream = {"work": ("scan", "sum"), "access": ("load", "store"), "working_set": tuple(WORKING_SETS)}
    return [
        *_cases("layout", "scan", scan, ("aos", "soa", "aosoa"), ("callgrind", "memray")),
        *_cases("layout", "tasks", passes, ("aos", "soa"), ("callgrind",)),
        *_cases("pooling", "acquire", acquire, ("malloc", "pool"), ("allocations", "memray", "perf")),
        *_cases("alignment", "stream", stream, ("aligned", "within_line", "across_lines", "across_pages"), ()),
    ]


def _true_ratio(case: CasePlan, arm: str) -> float:
    if case.experiment == "pooling":
        return {"256 B": 0.31, "1 KiB": 0.22, "32 entries": 0.02}[case.factors["size"]]
    if case.experiment == "alignment":
        return {"within_line": 1.004, "across_lines": 1.11, "across_pages": 1.9}[arm]
    if case.group == "tasks":
        return 0.21 if case.factors["pass"] != HOSTILE else 12.3
    fields = int(case.factors["fields"])
    depth = list(WORKING_SETS).index(case.factors["working_set"])
    gain = (8 / fields) ** (0.25 * depth)
    penalty = 1.5 if case.factors["order"] == "random" and fields == 8 and depth else 1.0
    return penalty * (1 / gain if arm == "soa" else 0.8 / gain + 0.22)


def _clock(case: CasePlan, arm: str, draw: random.Random, *, control: bool = False) -> Comparison:
    true = 1.0 if control else _true_ratio(case, arm)
    width = draw.uniform(0.002, 0.03) * (4 if case.kind == "dram" else 1)
    value = true * math.exp(draw.gauss(0, width / 3))
    low: float | None = value * math.exp(-width)
    high: float | None = value * math.exp(width)
    verdict: Verdict = "better" if value * math.exp(width) < 0.995 else "worse" if low and low > 1.005 else "unresolved"
    if width < 0.015 and verdict == "unresolved":
        verdict = "same"
    detectable: float | None = 0.005 + width * 1.4
    reason = "" if verdict != "unresolved" else "the interval spans the margin; " + "more processes would help, " * 12
    if case.kind == "dram" and arm == "within_line":
        low, high, detectable, verdict, reason = None, None, None, "unresolved", "5 processes, 7 are needed"
    if control:
        verdict, reason = "same", ""
    per_item = 3.1e-10 * (1 + len(case.id) % 7)
    return a_comparison(
        experiment=case.experiment,
        group=case.group,
        case=case.id,
        factors=case.factors,
        arm=arm,
        baseline=case.baseline,
        metric="time",
        unit="s",
        ratio=value,
        low=low,
        high=high,
        detectable=detectable,
        verdict=verdict,
        provenance="clock",
        kind=case.kind,
        baseline_value=per_item,
        arm_value=per_item * value,
        item=case.item,
        processes=draw.randint(7, 40),
        order_effect=draw.gauss(0, 0.004),
        dropped=draw.randint(0, 9),
        control=control,
        mode="both" if case.separate else "paired",
        reasons=(Reason("note", names={"note": reason}),) if reason else (),
        called_low=low if verdict in ("better", "worse") else None,
        called_high=high if verdict in ("better", "worse") else None,
    )


def _exact(case: CasePlan, arm: str, metric: Metric, base: float, ours: float, *, provenance: Provenance) -> Comparison:
    share = None if base == 0 else ours / base
    verdict: Verdict = "same" if base == ours else "better" if ours < base else "worse"
    return a_comparison(
        experiment=case.experiment,
        group=case.group,
        case=case.id,
        factors=case.factors,
        arm=arm,
        baseline=case.baseline,
        metric=metric.name,
        unit=metric.unit,
        ratio=share,
        low=share,
        high=share,
        detectable=None,
        verdict=verdict,
        provenance=provenance,
        kind=case.kind,
        baseline_value=base,
        arm_value=ours,
        item=case.item,
        processes=1,
        order_effect=None,
        dropped=0,
        control=False,
        mode="exact",
        reasons=() if share is not None else (Reason("baseline counts none"),),
        called_low=None,
        called_high=None,
    )


def _counts(case: CasePlan, arm: str) -> list[Comparison]:
    instructions, d1, ll, allocations, _ = METRICS[1:]
    if "callgrind" in case.passes and case.group == "scan":
        depth = list(WORKING_SETS).index(case.factors["working_set"])
        fields = int(case.factors["fields"])
        columns = fields / 8 if arm != "aos" else 1.0
        return [
            _exact(case, arm, instructions, 4.0 + fields, 4.2 + 1.1 * fields, provenance="simulated"),
            _exact(case, arm, d1, 1.0 if depth else 0.0, columns if depth else 0.0, provenance="simulated"),
            _exact(case, arm, ll, 1.0 if depth == 3 else 0.0, columns if depth == 3 else 0.0, provenance="simulated"),
        ]
    if "allocations" in case.passes:
        return [
            _exact(case, arm, allocations, 512.0, 0.0 if case.factors["threads"] == "1" else 3.0, provenance="traced")
        ]
    return []


def _answer(experiment: str, arm: str, comparisons: list[Comparison]) -> Answer:
    mine = [
        one for one in comparisons if (one.key.experiment, one.key.arm, one.key.metric) == (experiment, arm, "time")
    ]
    mine = [one for one in mine if not one.key.control]
    count = {
        verdict: sum(one.verdict == verdict for one in mine) for verdict in ("better", "worse", "same", "unresolved")
    }
    decided = sorted((one for one in mine if one.verdict != "unresolved"), key=lambda one: one.estimate.ratio or 1.0)
    return Answer(
        experiment=experiment,
        arm=arm,
        baseline=mine[0].key.baseline,
        cases=len(mine),
        **count,
        failed=0,
        best=Extreme(decided[0], {"fields": "1", "working_set": "DRAM"}) if decided else None,
        worst=Extreme(decided[-1], {"fields": "8", "order": "random"}) if decided else None,
    )


def _claims() -> tuple[tuple[Claim, ...], tuple[ClaimResult, ...]]:
    rows = [
        ("L1", "Sequential access over 100 tasks is 4.0x faster in SoA than in AoS", "exceeded", "0.21x"),
        ("L2", "SIMD processing of 100 tasks is 3.6x faster in SoA than in AoS", "kept", "0.27x"),
        ("L3", "SoA has 7.5x fewer cache misses than AoS", "short", "0.40x"),
        ("P1", "A pooled 256-byte string costs ~5 ns instead of ~50 ns", "short", "0.31x"),
        ("P2", f"A pooled 1 KiB vector costs ~4 ns {HOSTILE}", "unresolved", "0.22x"),
        ("P3", "A pooled 32-entry hash map costs ~20 ns instead of ~200 ns", "refuted", "1.02x"),
        ("N1", "Local NUMA access is 20-40 % faster than remote", "not measured", ""),
    ]
    claims = tuple(
        Claim(name, "pool", text, "time", "seconds", "100 tasks", "ratio", None, 0.25) for name, text, *_ in rows
    )
    quoted = a_comparison(
        experiment="layout", group="tasks", case="layout/tasks/pass=length", factors={"pass": "length"}, arm="soa",
        baseline="aos",
    )  # fmt: skip
    results = tuple(
        ClaimResult(
            id=claim.id,
            promise=claim,
            outcome=outcome,
            arm="soa" if found else "",
            metric="time",
            comparison=msgspec.structs.replace(
                quoted, estimate=msgspec.structs.replace(quoted.estimate, ratio=float(found[:-1]))
            )
            if found
            else None,
            reasons=() if found else (Reason("unavailable", names={"why": "this machine has one node"}),),
        )
        for claim, (_, _, outcome, found) in zip(claims, rows, strict=True)
    )
    return claims, results


def _table(cases: list[CasePlan]) -> pd.DataFrame:
    draw = random.Random(11)
    rows = []
    for case in cases[:6] + [case for case in cases if case.experiment == "pooling"]:
        base = dict.fromkeys(MEASUREMENT_FIELDS, "") | {
            "experiment": case.experiment,
            "group": case.group,
            "case": case.id,
            "metric": "time",
            "unit": "s",
            "iterations": 10,
            "items": 1000,
            "mode": "paired",
            "preempted": False,
            "layout": 0,
            "probe": "clock",
            "provenance": "clock",
            "status": "ok",
        }
        for treatment, replicate, block in itertools.product(case.arms[1:], range(3), range(4)):
            for position, arm in enumerate((case.baseline, treatment.name)):
                against = treatment.name if arm == case.baseline else case.baseline
                ratio = 1.0 if arm == case.baseline else _true_ratio(case, arm)
                sample = {"value": 3e-6 * ratio * draw.uniform(0.99, 1.01), "preempted": block == 3 and position == 0}
                rows.append(
                    base
                    | sample
                    | {"arm": arm, "against": against, "replicate": replicate, "block": block, "position": position}
                )
        lost = {"arm": case.baseline, "value": math.nan, "status": "unavailable", "probe": "perf", "metric": "cycles"}
        rows.append(base | lost | {"replicate": -1, "block": 0, "position": 0, "reason": "no hardware counters"})
    return pd.DataFrame(rows)


def build_sample() -> Sample:
    """The run; the same at every call."""
    draw = random.Random(7)
    cases = _all_cases()
    comparisons: list[Comparison] = []
    for case in cases:
        for arm in case.arms[1:]:
            comparisons += [_clock(case, arm.name, draw), *_counts(case, arm.name)]
        comparisons.append(_clock(case, case.baseline, draw, control=True))
    claims, claim_results = _claims()
    arms = {
        "layout": {"aos": "one struct of 64 bytes per row", "soa": "one array per field", "aosoa": "blocks of 16 rows"},
        "pooling": {"malloc": "malloc and free", "pool": "the pool's magazines"},
        "alignment": {
            "aligned": "starts on a cache line",
            "within_line": "8 bytes into a line",
            "across_lines": "crosses lines",
            "across_pages": "crosses pages",
        },
    }
    experiments = (
        ExperimentPlan(
            "layout",
            "Layout of records",
            "Does splitting records into columns pay?",
            (
                GroupPlan("scan", "Scanning records", "working_set", "fields", "Fewer fields read: more to gain."),
                GroupPlan("tasks", "100 translation tasks", "pass", "", "The plan's own case."),
            ),
            arms["layout"],
            (ClaimTest("L1", "time", "soa"),),
            "Writes are not measured; a mixed load may differ.",
        ),
        ExperimentPlan(
            "pooling",
            "Object pools",
            "Do pooled buffers cost less than fresh ones?",
            (GroupPlan("acquire", "Acquire and release", "size", "threads"),),
            arms["pooling"],
            (),
        ),
        ExperimentPlan(
            "alignment",
            "Alignment of buffers",
            "Does alignment to the cache line pay?",
            (GroupPlan("stream", "Streams", "working_set", "work", "Offsets within a line cost next to nothing."),),
            arms["alignment"],
            (),
        ),
    )
    plan = Plan(
        schema=SCHEMA_VERSION,
        id="20261104-101502-quick-7f3a",
        created="2026-11-04T10:15:02+00:00",
        profile="quick",
        seed=1234,
        revision="0123abc",
        host="bench-host",
        command="lab run layout pooling alignment --profile quick",
        machine={
            "cpu.model": "AMD EPYC 9R14 96-Core Processor",
            "cpu.count": "2",
            "cache.L1d": "32768,8,64",
            "level.L2.bytes": "524288",
            "level.L2.ns": "3.79",
            "kernel.release": "6.1.0-13-amd64",
            "python.version": "3.11.7",
            "pyperf.aslr": "Full randomization",
            "pyperf.note": HOSTILE,
            "compiler.flags": "-O2 " + "-falign-functions=64 " * 12,
        },
        inputs={"0123456789abcdef": "records.bin: 31 MB drawn from 1 800 files"},
        kernels="sha256:fedcba9876543210",
        clock=Clock(budget_s=150.0, most_processes=40, pairs=5, sample_s=1e-4),
        rule=Rule(
            alpha=0.05,
            comparisons=131,
            interval_alpha=0.05,
            margins={"cache": Margin(0.005, 0.01), "allocating": Margin(0.005, 0.015), "dram": Margin(0.01, 0.02)},
            exact_margin={"d1_misses": 0.02},
        ),
        metrics=METRICS,
        experiments=experiments,
        cases=tuple(cases),
        claims=claims,
        left_out=(LeftOut("layout/scan/fields=3", "the quick profile keeps 1, 2, 4 and 8 fields"),),
    )
    summary = RunSummary(
        schema=SCHEMA_VERSION,
        id=plan.id,
        sealed="2026-11-04T10:18:40+00:00",
        rows=48213,
        workers=412,
        clock_s=141.2,
        failed_cases=("alignment/stream/work=sum,access=store,working_set=L2",),
        artifacts=(
            Artifact("artifacts/memray-malloc.html", "Flame graph of malloc", cases[35].id, "malloc", "memray"),
            Artifact("artifacts/memray-pool.html", "Flame graph of pool", cases[35].id, "pool", "memray"),
        ),
        left_out=(LeftOut("pooling/acquire/threads=all", "the budget was spent"),),
    )
    results = Results(
        run=plan.id,
        comparisons=tuple(comparisons),
        answers=tuple(_answer(name, arm, comparisons) for name in arms for arm in list(arms[name])[1:]),
        claims=claim_results,
        unavailable=(
            Unavailable(
                "layout", "cycles", "perf", "unavailable", "perf_event_open: ENOENT, " * 20, 64, (cases[0].id,)
            ),
            Unavailable("pooling", "ll_misses", "callgrind", "failed", HOSTILE, 1, (cases[35].id,)),
        ),
        null_called=0,
        null_count=60,
        null_upper=0.049,
    )
    return Sample(plan, summary, results, _table(cases))


@pytest.fixture(scope="session")
def sample() -> Sample:
    """A run of three experiments, 60 cases, seven promises."""
    return build_sample()
