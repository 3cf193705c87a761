"""Every way in which a kernel can end or misbehave is one failed case with its reason, and the run goes on."""

import os
import time
from pathlib import Path

import psutil
import pytest

from lab.core.schema import ArmPlan, CasePlan
from lab.experiment import timing
from lab.store import RunReader
from tests.experiment import python_kernels, rough_kernels
from tests.experiment.test_python_kernel import case, run

KERNEL = f"python:{Path(rough_kernels.__file__)}:rough"
FAILS = {
    "exits": r"SystemExit: 0 \(rough_kernels\.py:\d+, in <lambda>\)",
    "exits hard": "ended before it had answered",
    "exits with words": "SystemExit: enough",
    "raises": r"ZeroDivisionError: division by zero \(rough_kernels\.py:\d+, in <lambda>\)",
    "interrupts": "KeyboardInterrupt",
    "kills itself": "Segmentation fault",
    "kills its parent's group": "killed by signal 9",
    "prints for ever": "printed more than",
    "hangs": "no sign of life",
    "eats memory": "MemoryError",
    "forks": "a process that the kernel forked returned from it",
    "closes all descriptors": "ended",
    "writes []": "wrote into the worker's answers",
    "writes no line end": "wrote into the worker's answers",
    "writes an answer": "wrote into the worker's answers",
    "writes to 3": r"OSError: \[Errno 9\]",
    "ignores count": "must do count of them|no sign of life",
    "has no pass": "pass_iterations is 0",
    "factory exits": "arm arm1: SystemExit: 0",
    "factory exits hard": "ended before it had answered",
    "factory raises": r"arm arm1: ZeroDivisionError: division by zero \(rough_kernels\.py",
    "factory prints for ever": "printed more than",
    **dict.fromkeys(rough_kernels.WRONG, "run must return"),
}
HARMLESS = [
    "prints a line", "prints []", "starts threads", "leaves a daemon", "changes the folder", "leaves files",
    "reads its input", "listens", "factory prints []", "factory leaves a daemon", "factory changes the folder",
]  # fmt: skip


def with_neighbours(how: str) -> list[CasePlan]:
    """A case of that mood between two that are well."""
    arms = (ArmPlan("arm0", {"mood": "well"}), ArmPlan("arm1", {"mood": how}))
    return [
        case("0", "plain", "slow"),
        case("1", arms=arms, kernel=KERNEL),
        case("2", "plain", "slow"),
    ]


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Runs a mood and gives the sealed run."""
    monkeypatch.setattr(timing, "IDLE_TIMEOUT_S", 5.0)
    monkeypatch.setenv("ROUGH_PIDS", str(tmp_path / "pids"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def measure(how: str) -> RunReader:
        return run(tmp_path, *with_neighbours(how), memory_bytes=1 << 30 if how == "eats memory" else 0)

    return measure


@pytest.mark.parametrize("how", FAILS)
def test_it_costs_its_own_case_with_the_reason(measured: object, how: str) -> None:
    reader = measured(how)
    table = reader.table()
    bad = table[table["status"] != "ok"]
    assert bad[["case", "arm", "status"]].drop_duplicates().to_numpy().tolist() == [
        ["demo/group/size=1", "arm1", "failed"]
    ]
    assert len(bad) == 1
    assert bad["reason"].str.contains(FAILS[how]).all(), bad["reason"].tolist()
    assert reader.summary.failed_cases == ("demo/group/size=1",)
    well = table[table["case"] != "demo/group/size=1"]
    assert well.groupby(["case", "arm"])["replicate"].nunique().to_dict() == {
        (f"demo/group/size={size}", arm): 2 for size in "02" for arm in ("arm0", "arm1")
    }


@pytest.mark.parametrize("how", HARMLESS)
def test_what_only_looks_odd_is_measured(measured: object, how: str) -> None:
    table = measured(how).table()
    assert set(table["status"]) == {"ok"}, table["reason"].unique()


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux lets a process adopt what its children leave")
@pytest.mark.parametrize("how", ["leaves a daemon", "factory leaves a daemon"])
def test_nothing_that_a_worker_started_outlives_it(measured: object, tmp_path: Path, how: str) -> None:
    measured(how)
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert pids
    assert not [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


def test_what_a_failed_worker_printed_is_kept_beside_the_run(measured: object) -> None:
    reader = measured("raises")
    logs = [one for one in reader.summary.artifacts if one.path.startswith("artifacts/logs/")]
    assert [(one.case, one.arm, one.probe) for one in logs] == [("demo/group/size=1", "arm1", "clock")]
    text = (reader.folder / logs[0].path).read_text()
    assert "ZeroDivisionError" in text
    assert "rough_kernels.py" in text


def test_each_arm_fails_for_its_own_reason(tmp_path: Path) -> None:
    moods = ("factory raises", "factory exits", "has no pass")
    arms = tuple(ArmPlan(f"arm{number}", {"mood": mood}) for number, mood in enumerate(moods))
    table = run(tmp_path, case("1", arms=arms, kernel=KERNEL, baseline="arm0")).table()
    reasons = table.set_index("arm")["reason"]
    assert set(reasons.index) == {"arm1", "arm2"}
    assert all("arm arm0: ZeroDivisionError" in reason and "rough_kernels.py:" in reason for reason in reasons)
    assert "arm arm1: SystemExit" in reasons["arm1"]
    assert "arm2" not in reasons["arm1"]
    assert "arm arm2: the kernel's pass_iterations is 0" in reasons["arm2"]


def test_a_worker_sees_the_path_the_environment_and_the_folder_of_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that only sys.path finds, as after pip install --target, and a variable."""
    place = tmp_path / "a:b" / "installed"
    place.mkdir(parents=True)
    (place / "only_there.py").write_text(Path(python_kernels.__file__).read_text())
    (place / "json.py").write_text("raise ImportError('not the one that was meant')")
    monkeypatch.syspath_prepend(str(place))
    (place / "json.py").unlink()
    monkeypatch.setenv("LD_PRELOAD", "")
    monkeypatch.chdir(place)
    monkeypatch.setenv("LD_PRELOAD", os.environ.get("LD_PRELOAD") or "/nonexistent.so")
    table = run(tmp_path, case("1", "plain", "preloaded", kernel="python:only_there:sums")).table()
    assert set(table["status"]) == {"ok"}, table["reason"].unique()


def test_a_silent_worker_is_ended_in_time_whatever_it_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "IDLE_TIMEOUT_S", 1.0)
    start = time.monotonic()
    arms = (ArmPlan("arm0", {"mood": "well"}), ArmPlan("arm1", {"mood": "hangs"}))
    table = run(tmp_path, case("1", arms=arms, kernel=KERNEL)).table()
    assert table["reason"].str.startswith("no sign of life for 1 s, killed").all()
    assert time.monotonic() - start < 30
