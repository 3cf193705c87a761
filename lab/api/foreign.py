"""Results of other tools as a run that can be looked at: pyperf, pytest-benchmark, hyperfine, Google Benchmark.

Such a run is of a lesser kind. Its arms were not measured in adjacent pairs, nor in random order, and there is no
control; what was measured in one process has no verdict, for processes are what verdicts count. Where a tool starts
a process for each value (hyperfine) or for some (pyperf), processes are compared as they come.
"""

import platform
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lab.api.runs import Run, reports_folder
from lab.core.errors import UsageError
from lab.core.schema import (
    SCHEMA_VERSION,
    TIME,
    ArmPlan,
    CasePlan,
    Clock,
    ExperimentPlan,
    GroupPlan,
    LeftOut,
    Measurement,
    Plan,
)
from lab.experiment.planner import TIME_METRIC
from lab.experiment.profiles import rule_for
from lab.store import RunWriter, point_latest
from lab.store.run import Shard

EXPERIMENT = "import"
LIMITS = (
    "Imported: no adjacent pairs, no random order, no control. What the tool measured in one process has no verdict."
)
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass(frozen=True, slots=True)
class Series:
    """A benchmark of a file.

    Attributes:
        group: what it is compared within, "" for the whole file.
        processes: seconds of one operation, the values of each process.
    """

    name: str
    group: str
    processes: tuple[tuple[float, ...], ...]


def read_series(path: Path) -> tuple[str, list[Series]]:
    """The tool that wrote a file, and its benchmarks in the file's order.

    Raises:
        UsageError: the file cannot be read, is of no tool that is known, or holds no values.
    """
    try:
        data = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no JSON: {error}") from error
    for tool, looks, read in _FORMATS:
        if isinstance(data, dict) and looks(data):
            try:
                found = [series for series in read(data) if any(series.processes)]
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise UsageError(f"{path} looks like a file of {tool}, but {error!r} is not what it writes") from error
            if not found:
                raise UsageError(f"{path}: {tool} kept no single values; save them (pytest: --benchmark-save-data)")
            return tool, found
    known = ", ".join(tool for tool, _, _ in _FORMATS)
    raise UsageError(f"{path} is of no tool that is known here: {known}")


def _first(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}


def _pyperf(data: Mapping[str, Any]) -> Iterator[Series]:
    for benchmark in data["benchmarks"]:
        metadata = {**data.get("metadata", {}), **benchmark.get("metadata", {})}
        if metadata.get("unit", "second") != "second":
            continue
        processes = tuple(tuple(map(float, run["values"])) for run in benchmark["runs"] if run.get("values"))
        yield Series(str(metadata.get("name", "benchmark")), "", processes)


def _pytest_benchmark(data: Mapping[str, Any]) -> Iterator[Series]:
    for benchmark in data["benchmarks"]:
        values = tuple(map(float, benchmark["stats"].get("data", ())))
        yield Series(str(benchmark["name"]), str(benchmark.get("group") or ""), (values,))


def _hyperfine(data: Mapping[str, Any]) -> Iterator[Series]:
    for result in data["results"]:
        yield Series(str(result["command"]), "", tuple((float(value),) for value in result.get("times", ())))


def _google_benchmark(data: Mapping[str, Any]) -> Iterator[Series]:
    values: dict[str, list[float]] = {}
    for one in data["benchmarks"]:
        if one.get("run_type", "iteration") == "iteration" and not one.get("error_occurred"):
            name = str(one.get("run_name", one["name"]))
            values.setdefault(name, []).append(float(one["real_time"]) * _SECONDS[one.get("time_unit", "ns")])
    for name, seen in values.items():
        yield Series(name, "", (tuple(seen),))


_Looks = Callable[[Mapping[str, Any]], bool]
_Read = Callable[[Mapping[str, Any]], Iterator[Series]]
_FORMATS: tuple[tuple[str, _Looks, _Read], ...] = (
    ("pyperf", lambda data: "runs" in _first(data, "benchmarks"), _pyperf),
    ("pytest-benchmark", lambda data: "stats" in _first(data, "benchmarks"), _pytest_benchmark),
    ("hyperfine", lambda data: "command" in _first(data, "results"), _hyperfine),
    ("Google Benchmark", lambda data: "real_time" in _first(data, "benchmarks"), _google_benchmark),
)


def import_files(paths: Sequence[Path], reports: Path | None = None, *, command: str = "") -> Run:
    """Make a sealed run with a report of files that other tools wrote.

    One file: its benchmarks are compared within each group, the first is the baseline. Several files: what has one
    name in all of them is compared, the first file's is the baseline.

    Args:
        paths: the files.
        reports: where the run is stored; `reports/` of the project one is in if None.
        command: how to repeat it.

    Raises:
        UsageError: a file cannot be read, or nothing in the files can be compared.
        StoreError: the run cannot be written.
    """
    read = [read_series(path) for path in paths]
    left_out: list[LeftOut] = []
    series = [_unique(found) for _, found in read]
    cases = _of_one(series[0]) if len(paths) == 1 else _of_several(_labels(paths), series, left_out)
    if not cases:
        raise UsageError(
            "nothing to compare: give a file with two benchmarks or more, or two files with benchmarks of one name"
        )
    folder = reports or reports_folder()
    tools = ", ".join(dict.fromkeys(tool for tool, _ in read))
    with RunWriter.create(folder, _plan(cases, tools, paths, left_out, command)) as writer:
        for name, arms in cases.items():
            for arm, one in arms.items():
                rows = tuple(_samples(name, arm, one))
                writer.add(Shard(work=f"import/{name}/{arm}", wall_s=0.0, measurements=rows))
        writer.seal(failed_cases=(), left_out=left_out)
    point_latest(folder, writer.folder)
    run = Run(writer.folder)
    run.write_report()
    return run


Cases = dict[str, dict[str, Series]]  # case -> arm -> values; the first arm is the baseline


def _unique(series: Sequence[Series]) -> list[Series]:
    """The same with names that are each their own."""
    names = [one.name for one in series]
    return [
        replace(one, name=f"{one.name} ({names[:at].count(one.name) + 1})") if one.name in names[:at] else one
        for at, one in enumerate(series)
    ]


def _of_one(series: Sequence[Series]) -> Cases:
    groups: Cases = {}
    for one in series:
        groups.setdefault(one.group or "all", {})[one.name] = one
    return {group: arms for group, arms in groups.items() if len(arms) > 1}


def _of_several(labels: Sequence[str], files: Sequence[Sequence[Series]], left_out: list[LeftOut]) -> Cases:
    by_name = [{one.name: one for one in series} for series in files]
    if all(len(series) == 1 for series in files):  # a file each, whatever the benchmarks are called
        return {"all": {label: series[0] for label, series in zip(labels, files, strict=True)}}
    cases: Cases = {}
    for name in dict.fromkeys(name for series in by_name for name in series):
        have = {label: series[name] for label, series in zip(labels, by_name, strict=True) if name in series}
        if len(have) == len(labels):
            cases[name] = have
        else:
            left_out.append(LeftOut(name, f"it is only in {', '.join(have)}"))
    return cases


def _labels(paths: Sequence[Path]) -> list[str]:
    names = [path.stem for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def _case_id(name: str) -> str:
    return f"{EXPERIMENT}/files/benchmark={name}"


def _plan(cases: Cases, tools: str, paths: Sequence[Path], left_out: Sequence[LeftOut], command: str) -> Plan:
    created = datetime.now(UTC)
    files = ", ".join(path.name for path in paths)
    group = GroupPlan("files", f"{tools}: {files}", "benchmark", "", LIMITS)
    question = "What do the imported results allow to be said?"
    return Plan(
        schema=SCHEMA_VERSION,
        id=f"{created:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
        created=created.isoformat(timespec="seconds"),
        profile="import",
        seed=0,
        revision="",
        host=platform.node(),
        command=command or f"lab import {files}",
        machine={"import.tools": tools},
        inputs={},
        kernels="",
        clock=Clock(budget_s=0.0, most_processes=0, pairs=1, sample_s=0.0),
        rule=rule_for(sum(len(arms) - 1 for arms in cases.values())),
        metrics=(TIME_METRIC,),
        experiments=(ExperimentPlan(EXPERIMENT, f"Imported: {files}", question, (group,), {}, (), LIMITS),),
        cases=tuple(
            CasePlan(
                id=_case_id(name), experiment=EXPERIMENT, group="files", factors={"benchmark": name}, kernel="",
                item="run", input_digest="", kind="allocating", regime="warm", baseline=next(iter(arms)),
                arms=tuple(ArmPlan(arm, {}) for arm in arms), null=False, separate=True, passes=(), paired=False,
                priority=0,
            )
            for name, arms in cases.items()
        ),
        claims=(),
        left_out=tuple(left_out),
    )  # fmt: skip


def _samples(name: str, arm: str, series: Series) -> Iterator[Measurement]:
    for replicate, values in enumerate(series.processes):
        for block, value in enumerate(values):
            yield Measurement(
                experiment=EXPERIMENT, group="files", case=_case_id(name), arm=arm, metric=TIME, unit="s", value=value,
                probe="clock", provenance="clock", iterations=1, items=1, replicate=replicate, mode="separate",
                block=block,
            )  # fmt: skip
