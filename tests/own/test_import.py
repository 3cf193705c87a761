"""Results of other tools become a run; what they cannot support has no verdict."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.api.foreign import import_files, read_series
from lab.core.errors import UsageError
from tests.own.conftest import Lab

HYPERFINE = {
    "results": [
        {"command": "quick", "times": [0.1 + number / 1e4 for number in range(14)]},
        {"command": "slow", "times": [0.2 + number / 1e4 for number in range(14)]},
    ]
}
GOOGLE = {
    "context": {"host_name": "here"},
    "benchmarks": [
        {"name": "BM_a/8", "run_name": "BM_a/8", "run_type": "iteration", "real_time": 12.5, "time_unit": "ns"},
        {"name": "BM_a/8", "run_name": "BM_a/8", "run_type": "iteration", "real_time": 12.7, "time_unit": "ns"},
        {"name": "BM_a/8_mean", "run_name": "BM_a/8", "run_type": "aggregate", "real_time": 12.6, "time_unit": "ns"},
        {"name": "BM_b", "run_name": "BM_b", "run_type": "iteration", "real_time": 2.0, "time_unit": "us"},
    ],
}


def write(folder: Path, name: str, data: object) -> Path:
    path = folder / name
    path.write_text(json.dumps(data))
    return path


def test_processes_of_hyperfine_give_a_verdict(lab: Lab, folder: Path) -> None:
    write(folder, "hyper.json", HYPERFINE)
    done = lab("import", "hyper.json", "--json")
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["comparisons"]
    assert (one["arm"], one["baseline"], one["verdict"], one["processes"]) == ("slow", "quick", "worse", 14)
    assert one["ratio"] == pytest.approx(2.0, rel=0.01)
    shown = lab("import", "hyper.json")
    assert "slow is 2x slower than quick" in shown.stdout
    report = Path(shown.stdout.splitlines()[-1])
    assert "no adjacent pairs, no random order, no control" in report.read_text()


def test_one_process_has_no_verdict(folder: Path) -> None:
    path = write(folder, "google.json", GOOGLE)
    tool, series = read_series(path)
    assert tool == "Google Benchmark"
    assert [(one.name, one.processes) for one in series] == [
        ("BM_a/8", ((pytest.approx(12.5e-9), pytest.approx(12.7e-9)),)),
        ("BM_b", ((pytest.approx(2e-6),),)),
    ]
    run = import_files([path], folder / "reports")
    assert list(run.frame()["verdict"]) == ["unresolved"]


def test_file_that_pytest_benchmark_writes(folder: Path) -> None:
    (folder / "test_it.py").write_text(
        "def test_one(benchmark):\n    benchmark(sum, range(10))\n"
        "def test_two(benchmark):\n    benchmark(sum, range(99))\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "--benchmark-json=out.json", "--benchmark-save-data",
               "--benchmark-max-time=0.01", "--benchmark-min-rounds=3"]  # fmt: skip
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    subprocess.run(command, cwd=folder, env=alone, check=True, capture_output=True)
    tool, series = read_series(folder / "out.json")
    assert (tool, [one.name for one in series]) == ("pytest-benchmark", ["test_one", "test_two"])
    assert all(len(one.processes) == 1 and len(one.processes[0]) >= 3 for one in series)
    without = json.loads((folder / "out.json").read_text())
    for benchmark in without["benchmarks"]:
        del benchmark["stats"]["data"]
    with pytest.raises(UsageError, match="--benchmark-save-data"):
        read_series(write(folder, "bare.json", without))


def test_files_that_pyperf_writes_are_compared_by_process(folder: Path) -> None:
    for name, code in (("a", "sum(range(100))"), ("b", "sum(range(3000))")):
        command = [sys.executable, "-m", "pyperf", "timeit", "-q", "-p", "12", "-n", "2", "-w", "1", "-l", "50",
                   "-o", f"{name}.json", code]  # fmt: skip
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    run = import_files([folder / "a.json", folder / "b.json"], folder / "reports")
    (row,) = run.frame().itertuples()
    assert (row.baseline, row.arm, row.verdict, row.processes) == ("a", "b", "worse", 12)


def test_benchmarks_of_one_name_are_compared_over_files(folder: Path) -> None:
    first = write(folder, "first.json", HYPERFINE)
    changed = {"results": [HYPERFINE["results"][1], {"command": "other", "times": [1.0]}]}
    run = import_files([first, write(folder, "second.json", changed)], folder / "reports")
    assert [(one.key.baseline, one.key.arm, one.key.factors) for one in run.results.comparisons] == [
        ("first", "second", {"benchmark": "slow"})
    ]
    assert {out.what for out in run.summary.left_out} == {"quick", "other"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([1, 2], "of no tool that is known"),
        ({"benchmarks": []}, "of no tool that is known"),
        ({"results": [{"command": "a", "times": ["x"]}]}, "looks like a file of hyperfine"),
        ({"results": [{"command": "a", "times": [1.0]}]}, "nothing to compare"),
        ({"results": [{"command": "a"}]}, "kept no single values"),
    ],
)
def test_files_that_hold_nothing_to_compare_are_told(folder: Path, data: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        import_files([write(folder, "bad.json", data)], folder / "reports")


def test_file_that_is_no_json_is_told(folder: Path) -> None:
    (folder / "bad.json").write_bytes(b"\xff{")
    with pytest.raises(UsageError, match="is no JSON"):
        read_series(folder / "bad.json")
    with pytest.raises(UsageError, match="No such file"):
        read_series(folder / "nowhere.json")
