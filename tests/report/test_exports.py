"""A run for other tools: what they read back is what was measured."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyperf
import pytest

from lab.report.exports import clock_samples, comparisons_csv, comparisons_json, to_pyperf, to_pytest_benchmark
from tests.analysis.tables import altered

if TYPE_CHECKING:
    from tests.report.conftest import Sample

CASE = "layout/scan/fields=1,order=sequential,working_set=L1"


def test_comparisons_are_strict_json_with_null_for_open_ends(sample: Sample) -> None:
    """No NaN or infinity leaves the lab; every comparison has the promised fields."""
    odd = altered(sample.results.comparisons[0], ratio=math.nan, low=-math.inf, high=math.inf)
    results = msgspec.structs.replace(sample.results, comparisons=(odd, *sample.results.comparisons[1:]))
    data = json.loads(json.dumps(comparisons_json(results), allow_nan=False))
    assert tuple(data["comparisons"][0][name] for name in ("ratio", "low", "high")) == (None, None, None)
    assert len(results.comparisons) == len(data["comparisons"])
    promised = {"experiment", "case", "arm", "baseline", "metric", "unit", "ratio", "low", "high", "detectable",
                "verdict", "provenance"}  # fmt: skip
    assert all(promised <= one.keys() for one in data["comparisons"])
    assert {"run", "comparisons", "answers", "claims", "unavailable", "null"} <= data.keys()
    assert data["null"] == {"called": 0, "count": 60, "upper": 0.049}


def test_csv_has_a_line_per_comparison_and_reads_back(sample: Sample) -> None:
    """Hostile names survive the quoting; an open bound is an empty cell."""
    rows = list(csv.DictReader(comparisons_csv(sample.results).splitlines()))
    assert [one.key.case for one in sample.results.comparisons] == [row["case"] for row in rows]
    open_ends = [row for row in rows if row["reason"].startswith("5 processes")]
    assert open_ends
    assert {""} == {row["low"] for row in open_ends}


def test_preempted_and_missing_samples_are_not_exported(sample: Sample) -> None:
    """Only clean paired samples of the clock count, in seconds per item."""
    samples = clock_samples(sample.table)
    mine = samples[(samples["case"] == CASE) & (samples["arm"] == "aos")]
    assert len(mine) == 2 * 3 * 3
    assert mine["per_item"].between(2.9e-9, 3.1e-9).all()


def test_separate_samples_stand_in_where_no_pairs_were_timed(sample: Sample) -> None:
    """A case timed only with each arm in its own process is exported from those samples."""
    table = sample.table.assign(mode="separate")
    assert len(clock_samples(sample.table)) == len(clock_samples(table))
    assert clock_samples(sample.table.assign(mode="null")).empty


def test_pyperf_loads_the_suite(sample: Sample, tmp_path: Path) -> None:
    """pyperf finds one benchmark per case and arm, one run per process, and prints its statistics."""
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(to_pyperf(sample.plan, sample.table), allow_nan=False))
    suite = pyperf.BenchmarkSuite.load(str(path))
    benchmark = suite.get_benchmark(f"{CASE} [aos]")
    assert benchmark.get_nrun() == 3
    assert pytest.approx(benchmark.median(), rel=0.02) == 3e-9
    assert sample.plan.host == suite.get_metadata()["hostname"]
    command = [sys.executable, "-m", "pyperf", "stats", str(path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert f"{CASE} [aos]" in shown.stdout


def test_pytest_benchmark_compares_the_export(sample: Sample, tmp_path: Path) -> None:
    """pytest-benchmark's own command prints the arms of a case side by side."""
    path = tmp_path / "0001_lab.json"
    data = to_pytest_benchmark(sample.plan, sample.results, sample.table)
    path.write_text(json.dumps(data, allow_nan=False))
    judged = next(one for one in data["benchmarks"] if one["name"] == f"{CASE}[soa]")
    assert judged["extra_info"]["baseline"] == "aos"
    command = [sys.executable, "-m", "pytest_benchmark", "compare", str(path), "--columns=median,rounds"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path)
    assert f"{CASE}[soa]" in shown.stdout
