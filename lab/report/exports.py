"""A run in forms that other tools read: JSON and CSV of the comparisons, pyperf, pytest-benchmark."""

import csv
import io
import math
from collections.abc import Iterator
from typing import Any

import msgspec
import pandas as pd

from lab.core.results import COMPARISON_FIELDS, Comparison, Results
from lab.core.schema import TIME, Plan
from lab.report import wording

_JUDGEMENT = ("baseline", "ratio", "low", "high", "detectable", "verdict")


def strict(value: Any) -> Any:
    """`value` with every NaN and infinity replaced by None, as strict JSON wants it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    return value


def comparisons_json(results: Results) -> dict[str, Any]:
    """Everything that analysis says, as objects of strict JSON.

    Returns:
        run, comparisons, answers, claims, unavailable: as the records of `lab.core.results` name their fields, those of
        a comparison side by side; a bound that the data do not give is null, and reasons are also given in words.
        `null`: called, count and upper limit of the same-against-same control.
    """
    data: dict[str, Any] = msgspec.to_builtins(results)
    data["comparisons"] = [_record(one) for one in results.comparisons]
    for record, answer in zip(data["answers"], results.answers, strict=True):
        record["sentence"] = wording.answer(answer)
        for end, extreme in (("best", answer.best), ("worst", answer.worst)):
            record[end] = extreme and {**_record(extreme.comparison), "where": extreme.where}
    data["claims"] = [
        {
            "id": one.id, "claim": one.promise.claim, "outcome": one.outcome, "promised": wording.promised(one.promise),
            "found": wording.found(one), "sentence": wording.claim(one), "case": one.case, "arm": one.arm,
            "metric": one.metric, "provenance": one.provenance or "",
        }
        for one in results.claims
    ]  # fmt: skip
    if results.selftest is not None:
        for record, plant in zip(data["selftest"]["plants"], results.selftest.plants, strict=True):
            record["comparison"] = _record(plant.comparison)
    data = strict(data)
    null = {name: data.pop(f"null_{name}") for name in ("called", "count", "upper")}
    return data | {"null": null}


def _record(one: Comparison) -> dict[str, Any]:
    """A comparison with all its fields side by side and its reasons in words."""
    return {**one.flat(), "reason": wording.why(one)}


def comparisons_csv(results: Results) -> str:
    """All comparisons as CSV, one line each; factors as `name=level` joined by semicolons, open bounds empty."""
    file = io.StringIO()
    fields = [*COMPARISON_FIELDS, "reason"]
    fields.sort(key=lambda name: name == "factors")
    writer = csv.DictWriter(file, fields, lineterminator="\n")
    writer.writeheader()
    for one in results.comparisons:
        factors = ";".join(f"{name}={level}" for name, level in one.key.factors.items())
        writer.writerow(strict(_record(one)) | {"factors": factors})
    return file.getvalue()


def clock_samples(table: pd.DataFrame) -> pd.DataFrame:
    """The samples of the clock that count: paired, ok, not preempted; `per_item` is their value in seconds per item.

    If a case was timed only with each arm in its own process, those samples are used.

    Returns:
        Columns case, arm, replicate, iterations, per_item; in the table's order.
    """
    used = table[(table.metric == TIME) & (table.provenance == "clock") & (table.status == "ok") & ~table.preempted]
    used = used[used["mode"].isin(["paired", "separate"]) & (used["value"] > 0)]
    paired = used["case"].isin(used.loc[used["mode"] == "paired", "case"])
    used = used[(used["mode"] == "paired") | ~paired]
    divisor = used["items"].where(used["items"] > 0, used["iterations"]).clip(lower=1)
    return used.assign(per_item=used["value"] / divisor)[["case", "arm", "replicate", "iterations", "per_item"]]


def _by_arm(table: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for (case, arm), samples in clock_samples(table).groupby(["case", "arm"], sort=False):
        yield str(case), str(arm), samples


def to_pyperf(plan: Plan, table: pd.DataFrame) -> dict[str, Any]:
    """The clock's samples as a pyperf benchmark suite (JSON format 1.0), which `python -m pyperf stats` reads.

    One benchmark per case and arm, named "case [arm]"; one pyperf run per process; values in seconds per item.
    pyperf's own comparison knows nothing of pairs: the verdicts are those of the lab's report.
    """
    items = {case.id: case.item for case in plan.cases}
    benchmarks = []
    for case, arm, samples in _by_arm(table):
        runs = [{"values": run["per_item"].tolist()} for _, run in samples.groupby("replicate")]
        what = f"seconds per {items.get(case) or 'item'}"
        metadata = {"name": f"{case} [{arm}]", "unit": "second", "description": what}
        benchmarks.append({"metadata": metadata, "runs": runs})
    common = {"hostname": plan.host, "lab_run": plan.id, "lab_revision": plan.revision}
    return {"version": "1.0", "metadata": {key: text for key, text in common.items() if text}, "benchmarks": benchmarks}


def to_pytest_benchmark(plan: Plan, results: Results, table: pd.DataFrame) -> dict[str, Any]:
    """The clock's samples as pytest-benchmark writes them, which `pytest-benchmark compare` reads.

    One benchmark per case and arm, grouped by case; statistics are over the medians of the processes, in seconds per
    item; `extra_info` holds the lab's own judgement of the arm against its baseline.
    """
    judged = {
        (one.key.case, one.key.arm): one
        for one in results.comparisons
        if one.key.metric == TIME and not one.key.control
    }
    factors = {case.id: case.factors for case in plan.cases}
    benchmarks = []
    for case, arm, samples in _by_arm(table):
        one = judged.get((case, arm))
        name = f"{case}[{arm}]"
        extra = {} if one is None else {key: one.flat()[key] for key in _JUDGEMENT}
        benchmarks.append(
            {
                "group": case,
                "name": name,
                "fullname": name,
                "params": {"arm": arm} | factors.get(case, {}),
                "param": arm,
                "extra_info": strict(extra),
                "options": {"timer": "lab", "warmup": True},
                "stats": _stats(samples),
            }
        )
    machine = {"node": plan.host} | plan.machine
    commit = {"id": plan.revision or "unknown", "time": plan.created, "dirty": False, "branch": "(unknown)"}
    return {
        "machine_info": machine,
        "commit_info": commit,
        "benchmarks": benchmarks,
        "datetime": plan.created,
        "version": "5.0.0",
    }


def _stats(samples: pd.DataFrame) -> dict[str, Any]:
    """The statistics that pytest-benchmark stores, over one median per process."""
    values = samples.groupby("replicate")["per_item"].median()
    q1, median, q3 = values.quantile([0.25, 0.5, 0.75])
    spread, mean = q3 - q1, values.mean()
    stddev = values.std() if len(values) > 1 else 0.0
    inside = values[(values >= q1 - 1.5 * spread) & (values <= q3 + 1.5 * spread)]
    far = int(((values - mean).abs() > stddev).sum())
    outside = len(values) - len(inside)
    stats = {
        "min": values.min(),
        "max": values.max(),
        "mean": mean,
        "stddev": stddev,
        "rounds": len(values),
        "median": median,
        "iqr": spread,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": outside,
        "stddev_outliers": far,
        "outliers": f"{far};{outside}",
        "ld15iqr": inside.min(),
        "hd15iqr": inside.max(),
        "ops": 1 / mean,
        "total": values.sum(),
        "iterations": int(samples["iterations"].max()),
        "data": values.tolist(),
    }
    return {name: value.item() if hasattr(value, "item") else value for name, value in stats.items()}
