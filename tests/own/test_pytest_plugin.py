"""The pytest fixture, in a session of its own."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lab.api.answer import ArmAnswer, Count
from lab.core.schema import Verdict
from lab.pytest_plugin import Compared, _alone

TESTS = """
def slow():
    total = 0
    for number in range(500):
        total += number
    return total

def fast():
    return sum(range(500))

def hungry():
    return sum(list(range(500)))

def broken():
    raise ValueError("made to raise")

def test_faster(compare):
    compare(baseline=slow, candidate=fast).faster(by=0.2).not_slower().allocates_no_more()

def test_slower(compare):
    compare(baseline=fast, candidate=slow).not_slower(by=0.5)

def test_hungry(compare):
    compare(baseline=fast, candidate=hungry).allocates_no_more()

def test_broken(compare):
    compare(baseline=slow, candidate=broken)

def test_lambda(compare):
    compare(baseline=slow, candidate=lambda: 1)
"""


def session(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:randomly", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def test_tests_pass_and_fail_by_verdict(tmp_path: Path) -> None:
    (tmp_path / "test_speed.py").write_text(TESTS)
    done = session(tmp_path, "--lab-budget", "90", "--lab-strict")
    assert "PASSED test_speed.py::test_faster" in done.stdout
    assert "FAILED test_speed.py::test_slower" in done.stdout
    assert "test_speed:slow was expected at most 50 % slower than test_speed:fast." in done.stdout
    assert "FAILED test_speed.py::test_hungry" in done.stdout
    assert "test_speed:hungry allocates more than test_speed:fast: " in done.stdout
    assert "ValueError: made to raise" in done.stdout
    assert "is a lambda" in done.stdout
    assert "= comparisons =" in done.stdout
    assert "test_speed.py::test_faster: test_speed:fast is " in done.stdout
    assert not (tmp_path / "reports").exists()
    assert list((tmp_path / ".pytest_cache" / "d" / "lab" / "runs").iterdir())


def test_plugin_is_silent_and_imports_nothing_where_it_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\ndef test_it():\n    assert not [name for name in sys.modules if name.startswith('lab.api')]\n"
    )
    done = session(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "comparisons" not in done.stdout
    assert "\nlab" not in done.stdout


class FakeRun:
    """A run with an answer of its own."""

    def __init__(self, low: float | None, high: float | None, *counts: Count) -> None:
        verdict: Verdict = "unresolved"
        self.answer = ArmAnswer(
            arm="new", baseline="old", item="call", verdict=verdict, ratio=1.0, low=low, high=high, baseline_s=None,
            arm_s=None, processes=10, detectable=None, counts=counts, reason="",
        )  # fmt: skip


def outcome(run: FakeRun, question: str, *, strict: bool = False, **limits: float) -> str:
    try:
        getattr(Compared(run, strict=strict), question)(**limits)  # type: ignore[arg-type]
    except pytest.skip.Exception as skipped:
        return f"skipped: {skipped}"
    except pytest.fail.Exception as failed:
        return f"failed: {failed}"
    return "passed"


@pytest.mark.parametrize(
    ("low", "high", "question", "by", "expected"),
    [
        (0.90, 1.04, "not_slower", 0.05, "passed"),
        (0.90, 1.06, "not_slower", 0.05, "skipped"),
        (1.051, 1.2, "not_slower", 0.05, "failed"),
        (None, None, "not_slower", 0.05, "skipped"),
        (0.5, 0.89, "faster", 0.1, "passed"),
        (0.5, 0.91, "faster", 0.1, "skipped"),
        (0.91, 0.99, "faster", 0.1, "failed"),
    ],
)
def test_interval_decides(low: float | None, high: float | None, question: str, by: float, expected: str) -> None:
    assert outcome(FakeRun(low, high), question, by=by).startswith(expected)
    strict = outcome(FakeRun(low, high), question, strict=True, by=by)
    assert strict.startswith(expected.replace("skipped", "failed"))


@pytest.mark.parametrize(
    ("baseline", "arm", "expected"), [(10, 10, "passed"), (10, 9, "passed"), (10, 11, "failed"), (0, 1, "failed")]
)
def test_allocations_are_counted_exactly(baseline: float, arm: float, expected: str) -> None:
    count = Count("python_allocations", "allocations", "count", baseline, arm, "traced")
    assert outcome(FakeRun(1.0, 1.0, count), "allocates_no_more").startswith(expected)


def test_allocations_that_were_not_counted_decide_nothing() -> None:
    assert outcome(FakeRun(1.0, 1.0), "allocates_no_more").startswith("skipped: allocations could not be counted")


class FakeConfig:
    """A session's configuration, as pytest-xdist changes it in a worker."""

    def __init__(self, run: str | None) -> None:
        if run is not None:
            self.workerinput = {"testrunuid": run, "workerid": "gw0"}


def test_workers_of_xdist_measure_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    inside: list[int] = []
    most: list[int] = []

    def measure(config: FakeConfig) -> None:
        with _alone(config):  # type: ignore[arg-type]
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    def together(config: FakeConfig) -> int:
        most.clear()
        threads = [threading.Thread(target=measure, args=(config,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return max(most)

    assert together(FakeConfig("one")) == 1
    assert together(FakeConfig(None)) > 1
