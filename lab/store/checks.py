"""Checks every field of a stored plan, summary, shard and table before anything uses it.

Decoding checks the types; this module checks the ranges and how fields relate to each other. It reports the first error
with the name of the field. A plan is checked by the same rules before it is stored, so the lab can read what it wrote.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from lab.core.printable import shortened
from lab.core.schema import (
    MEASUREMENT_FIELDS,
    NULL_SUFFIX,
    TIME,
    Artifact,
    CasePlan,
    ExperimentPlan,
    Measurement,
    Plan,
    RunSummary,
)

SHOWN = 80
MOST_CASES = 100_000
MOST_ARMS = 1024
_ID = re.compile(r"(?!\.)[^/\x00-\x1f\x7f]{1,128}")  # the name of a folder
_DIGEST = re.compile(r"[0-9a-f]{1,64}")
_STATUSES = ("ok", "unavailable", "failed")
_PROVENANCES = ("pmu", "kernel", "simulated", "traced", "ledger", "clock", "derived")
_FIELD_ENDS = set("\t\n\r\0")  # a worker's plan separates its fields with them


class Wrong(Exception):
    """A record is wrong; the message names the field and says what is wrong with it."""


def check_plan(plan: Plan) -> None:
    """Raise Wrong for the first field of a plan that has an impossible value."""
    _need(_ID.fullmatch(plan.id), "id", f"{plan.id!r} cannot be the name of a run")
    _need(0 <= plan.seed < 2**63, "seed", f"{plan.seed} is out of range")
    _need(plan.experiments, "experiments", "there are none")
    _need(plan.cases, "cases", "there are none")
    _need(len(plan.cases) <= MOST_CASES, "cases", f"there are {len(plan.cases)}; the most is {MOST_CASES}")
    for digest in plan.inputs:
        _need(_DIGEST.fullmatch(digest), "inputs", f"{_shown(digest)} is no digest")
    _check_rule(plan)
    clock = plan.clock
    _number(clock.budget_s, "clock.budget_s")
    _number(clock.sample_s, "clock.sample_s")
    _number(clock.measure_s, "clock.measure_s")
    _need(0 <= clock.most_processes <= 10**6, "clock.most_processes", f"{clock.most_processes} is out of range")
    _need(0 < clock.pairs <= 4096, "clock.pairs", f"{clock.pairs} is not from 1 to 4096")
    _unique((one.name for one in plan.metrics), "metrics")
    _unique((one.name for one in plan.experiments), "experiments")
    _unique((one.id for one in plan.cases), "cases")
    _unique((one.id for one in plan.claims), "claims")
    groups = {(one.name, group.name) for one in plan.experiments for group in one.groups}
    for experiment in plan.experiments:
        _check_experiment(experiment)
    for number, case in enumerate(plan.cases):
        _check_case(case, f"cases[{number}]", groups, plan)


def _check_rule(plan: Plan) -> None:
    rule = plan.rule
    for name in ("alpha", "interval_alpha"):
        value = getattr(rule, name)
        _need(0 < value < 1, f"rule.{name}", f"{value} is not between 0 and 1")
    _need(0 <= rule.comparisons <= 10**9, "rule.comparisons", f"{rule.comparisons} is out of range")
    for kind, margin in rule.margins.items():
        _number(margin.bias, f"rule.margins.{_shown(kind)}.bias")
        _number(margin.same, f"rule.margins.{_shown(kind)}.same")
        _need(margin.bias < margin.same, f"rule.margins.{_shown(kind)}", "bias is not below same")
    for metric, exact in rule.exact_margin.items():
        _number(exact, f"rule.exact_margin.{_shown(metric)}")
    for kind in {case.kind for case in plan.cases}:
        _need(kind in rule.margins, "rule.margins", f"there is none for {kind}")


def _check_experiment(experiment: ExperimentPlan) -> None:
    where = f"experiments.{_shown(experiment.name)}"
    _need(experiment.name and "/" not in experiment.name, where, "the name is empty or holds a slash")
    _need(experiment.groups, f"{where}.groups", "there are none")
    _unique((group.name for group in experiment.groups), f"{where}.groups")
    for group in experiment.groups:
        _need(group.ceiling_bytes >= 0, f"{where}.{_shown(group.name)}.ceiling_bytes", "it is negative")


def _check_case(case: CasePlan, where: str, groups: set[tuple[str, str]], plan: Plan) -> None:
    where = f"{where} ({_shown(case.id)})"
    _need((case.experiment, case.group) in groups, where, "it belongs to no planned group")
    _need(1 <= len(case.arms) <= MOST_ARMS, f"{where}.arms", f"there are {len(case.arms)}")
    names = [arm.name for arm in case.arms]
    _unique(names, f"{where}.arms")
    _need(case.baseline in names, f"{where}.baseline", f"{_shown(case.baseline)} is none of its arms")
    _need(not any(name.endswith(NULL_SUFFIX) for name in names), f"{where}.arms", f"a name ends with {NULL_SUFFIX}")
    _need(case.input_digest in ("", *plan.inputs), f"{where}.input_digest", "the plan has no such input")
    _need(case.working_set_bytes >= 0, f"{where}.working_set_bytes", "it is negative")
    texts = [case.id, case.kernel, *names, *(word for arm in case.arms for pair in arm.args.items() for word in pair)]
    for text in texts:
        _need(not _FIELD_ENDS & set(text), where, f"{_shown(text)} holds a tab, a line end or a NUL")
    for arm in case.arms:
        _need(not any("=" in key for key in arm.args), where, "the name of an argument holds an equals sign")
        for name, value in arm.environment.items():
            bad = not name or "=" in name or "\0" in name + value
            _need(not bad, f"{where}.environment", f"{_shown(name)} is no variable")


def check_summary(summary: RunSummary, plan: Plan) -> None:
    """Raise Wrong for the first field of a summary that is impossible or does not fit the plan."""
    _need(summary.id == plan.id, "id", f"{_shown(summary.id)} is not that of the plan, {_shown(plan.id)}")
    for name in ("rows", "workers"):
        _need(getattr(summary, name) >= 0, name, "it is negative")
    _number(summary.clock_s, "clock_s")
    known = {case.id for case in plan.cases}
    for case in summary.failed_cases:
        _need(case in known, "failed_cases", f"{_shown(case)} was not planned")
    _check_artifacts(summary.artifacts)


def is_below_run(artifact: Artifact) -> bool:
    """Whether the path of an artifact is relative, plain, and cannot lead out of the run's folder."""
    path = artifact.path
    pure = PurePosixPath(path)
    plain = re.fullmatch(r"[A-Za-z0-9_. /-]+", path) is not None and str(pure) == path
    return plain and not pure.is_absolute() and ".." not in pure.parts and len(pure.parts) > 1


def check_shard(rows: Sequence[Measurement], artifacts: Sequence[Artifact]) -> None:
    """Raise Wrong for the first row of a shard with an impossible value, or the first artifact outside the run."""
    for number, row in enumerate(rows):
        where = f"measurements[{number}]"
        if row.status == "ok":
            _need(row.value is not None and math.isfinite(row.value), f"{where}.value", f"{row.value} is no figure")
            _need(row.metric != TIME or (row.value or 0) >= 0, f"{where}.value", f"{row.value} s is no time")
        for name in ("iterations", "items", "block"):
            _need(0 <= getattr(row, name) < 2**63, f"{where}.{name}", f"{getattr(row, name)} is out of range")
    _check_artifacts(artifacts)


def _check_artifacts(artifacts: Sequence[Artifact]) -> None:
    for number, artifact in enumerate(artifacts):
        _need(is_below_run(artifact), f"artifacts[{number}].path", f"{_shown(artifact.path)} is not below the run")


def check_table(table: pa.Table, schema: pa.Schema, summary: RunSummary, plan: Plan) -> None:
    """Raise Wrong for the first column of a table that is not what the run's plan and summary describe."""
    _need(table.schema.names == list(MEASUREMENT_FIELDS), "columns", "they are not those of a table of measurements")
    _need(table.num_rows == summary.rows, "rows", f"there are {table.num_rows}, and run.json says {summary.rows}")
    for field in schema:
        found = table.schema.field(field.name).type
        _need(found.equals(field.type), field.name, f"it is of type {found}, not {field.type}")
        nulls = table.column(field.name).null_count
        _need(field.name == "value" or nulls == 0, field.name, f"{nulls} rows have none")
    known: dict[str, Iterable[str]] = {
        "case": {case.id for case in plan.cases},
        "status": _STATUSES,
        "provenance": _PROVENANCES,
    }
    for name, allowed in known.items():
        for value in sorted(set(pc.unique(table.column(name)).to_pylist()) - set(allowed))[:1]:
            raise Wrong(f"{name}: {_shown(value)} is not known to the plan")
    values = table.filter(pc.equal(table.column("status"), "ok")).column("value")
    finite = pc.sum(pc.is_finite(values).cast("int64")).as_py() or 0
    _need(finite == len(values), "value", f"{len(values) - finite} rows have status ok and no finite value")


def _need(condition: object, field: str, why: str) -> None:
    if not condition:
        raise Wrong(f"{field}: {why}")


def _number(value: float, field: str) -> None:
    _need(math.isfinite(value) and value >= 0, field, f"{value} is out of range")


def _unique(names: Iterable[str], field: str) -> None:
    for name in _twice(names):
        raise Wrong(f"{field}: {_shown(name)} is there twice")


def _twice(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)


def _shown(text: object) -> str:
    return shortened(str(text), SHOWN)
