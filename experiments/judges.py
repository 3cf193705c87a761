"""What other tools make of the self-test's Python kernel: false alarms and finds, in the same hour.

Each judge compares two versions of the same work, the second with `plant` per mille more of it, and says whether the
second is slower or faster. All of them are set to look for changes above 1 %.

Usage: python -m experiments.judges [--repetitions N] [--plants 0,20,50] [--judges NAME,...] [--json FILE]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from experiments.selftest_python import mixer
from lab.experiment.python_kernel import PythonKernel

THRESHOLD = 0.01
ITERATIONS = 4
LENGTH = 8

_PYTEST = """
from experiments.judges import work_of

def test_work(benchmark):
    benchmark(work_of({plant}))
"""
_PYPERF = """
import pyperf
from experiments.judges import work_of

pyperf.Runner().bench_func("work", work_of({plant}))
"""


def work_of(plant: int) -> Callable[[], object]:
    """The work as a function without arguments, `plant` per mille more than the baseline's."""
    kernel: PythonKernel = mixer({"plant": str(plant), "length": str(LENGTH)}, None)
    return lambda: kernel.run(0, ITERATIONS)


def mean_of_five(plant: int, _folder: Path) -> bool:
    """Time each five times, compare the means."""
    means = []
    for each in (0, plant):
        work = work_of(each)
        work()
        times = []
        for _ in range(5):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        means.append(statistics.fmean(times))
    return abs(means[1] / means[0] - 1) > THRESHOLD


def pytest_benchmark(plant: int, folder: Path) -> bool:
    """`--benchmark-compare-fail=mean:1%` against a stored run."""
    options = ["--benchmark-enable", "--benchmark-only", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
               f"--benchmark-storage={folder / 'stored'}", "--import-mode=importlib"]  # fmt: skip
    for each, more in (
        (0, ["--benchmark-save=base"]),
        (plant, ["--benchmark-compare", "--benchmark-compare-fail=mean:1%"]),
    ):
        file = folder / "test_work.py"
        file.write_text(_PYTEST.format(plant=each))
        done = _run([sys.executable, "-m", "pytest", str(file), "--rootdir", str(folder), *options, *more], folder)
        if done.returncode and "Performance has regressed" not in done.stdout + done.stderr:
            raise RuntimeError(f"pytest-benchmark did not run: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.returncode != 0


def pyperf_compare(plant: int, folder: Path) -> bool:
    """`pyperf compare_to` of two `--fast` runs; it tests for significance by itself."""
    for name, each in (("base", 0), ("new", plant)):
        (folder / f"{name}.py").write_text(_PYPERF.format(plant=each))
        (folder / f"{name}.json").unlink(missing_ok=True)
        _run([sys.executable, str(folder / f"{name}.py"), "--fast", "--quiet", "--inherit-environ=PYTHONPATH", "-o",
              str(folder / f"{name}.json")], folder)  # fmt: skip
    answer = subprocess.run(
        [sys.executable, "-m", "pyperf", "compare_to", "base.json", "new.json"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return "ot significant" not in answer.stdout


def hyperfine(plant: int, folder: Path) -> bool:
    """Ten runs of each whole command; called where the means differ by more than their deviations together."""
    commands = [
        f"{sys.executable} -c 'from experiments.judges import work_of; w = work_of({each}); [w() for _ in range(100)]'"
        for each in (0, plant)
    ]
    _run(["hyperfine", "--runs", "10", "--warmup", "1", "--export-json", "both.json", *commands], folder)
    first, second = json.loads((folder / "both.json").read_text())["results"]
    ratio = second["mean"] / first["mean"]
    error = ratio * ((first["stddev"] / first["mean"]) ** 2 + (second["stddev"] / second["mean"]) ** 2) ** 0.5
    return bool(abs(ratio - 1) > error)


JUDGES: Mapping[str, Callable[[int, Path], bool]] = {
    "mean of five": mean_of_five,
    "pytest-benchmark, compare-fail=mean:1%": pytest_benchmark,
    "pyperf compare_to": pyperf_compare,
    "hyperfine": hyperfine,
}


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    # Without what pytest tells its workers: pytest-benchmark measures nothing in them.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**inherited, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def compare_judges(
    judges: Mapping[str, Callable[[int, Path], bool]], plants: list[int], repetitions: int
) -> list[dict[str, object]]:
    """Ask each judge `repetitions` times about each plant, interleaved; returns one row per judge and plant."""
    called: dict[tuple[str, int], list[bool]] = {}
    spent: dict[str, float] = dict.fromkeys(judges, 0.0)
    for repetition in range(repetitions):
        for plant in plants:
            for name, judge in judges.items():
                with tempfile.TemporaryDirectory(prefix="lab-judges-") as folder:
                    start = time.monotonic()
                    called.setdefault((name, plant), []).append(judge(plant, Path(folder)))
                    spent[name] += time.monotonic() - start
        print(f"{repetition + 1} of {repetitions} repetitions", file=sys.stderr)
    return [
        {
            "judge": name, "plant": plant / 1000, "called": sum(answers), "asked": len(answers),
            "seconds_each": spent[name] / (repetitions * len(plants)),
        }
        for (name, plant), answers in sorted(called.items())
    ]  # fmt: skip


def main() -> None:
    """Read the options, ask the judges, print the table."""
    parser = argparse.ArgumentParser(prog="python -m experiments.judges", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--plants", default="0,20,50")
    parser.add_argument("--judges", default=",".join(JUDGES))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wanted = options.judges.split(",") if options.judges != ",".join(JUDGES) else list(JUDGES)
    chosen = {name: judge for name, judge in JUDGES.items() if name in wanted or name.split(",")[0] in wanted}
    if shutil.which("hyperfine") is None:
        chosen.pop("hyperfine", None)
        print("hyperfine is not installed; it is left out", file=sys.stderr)
    rows = compare_judges(chosen, [int(plant) for plant in options.plants.split(",")], options.repetitions)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2))
    print(f"{'judge':40} {'planted':>8} {'called':>10} {'seconds each':>13}")
    for row in rows:
        planted = f"{100 * float(str(row['plant'])):g} %"
        print(f"{row['judge']:40} {planted:>8} {row['called']:>4} of {row['asked']:<3} {row['seconds_each']:>12.1f}")


if __name__ == "__main__":
    main()
