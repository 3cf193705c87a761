"""A run killed at twenty moments, from planning to the report, is never corrupt and ends complete.

`make test-kills` runs it; LAB_KILL_SEED repeats one of its sequences.
"""

import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from lab.core.errors import CorruptRun
from lab.experiment.clock import targets_of
from lab.store import RunReader, RunWriter, list_runs
from tests.cli.project import ALL_PASSES, lab_command, make_module, make_project, run_lab

KILLS = 20
ORPHANS_GONE_WITHIN_S = 5.0
SAMPLE = ["case", "arm", "against", "metric", "probe", "replicate", "mode", "block", "position"]


@dataclass(frozen=True)
class Moment:
    """When to kill: `after_s` seconds after the runner has written `line`, or after `file` of the run is there."""

    line: str = ""
    file: str = ""
    after_s: float = 0.0


def moments(random_: random.Random) -> list[Moment]:
    """In the order in which a run meets them, so that few runs see them all."""
    return [
        *(Moment(after_s=random_.uniform(0.1, 1.0)) for _ in range(2)),
        *(Moment("planning", after_s=random_.uniform(0, 4)) for _ in range(2)),
        Moment(file="plan.json"),
        *(Moment("clock", after_s=random_.uniform(0, 1.2)) for _ in range(6)),
        *(Moment("callgrind", after_s=random_.uniform(0, 2)) for _ in range(3)),
        Moment("allocations", after_s=random_.uniform(0, 0.3)),
        Moment(file="measurements.parquet"),
        Moment(file="run.json"),
        *(Moment(file="run.json", after_s=random_.uniform(0, 1.2)) for _ in range(3)),
    ]


class Runner:
    """One `lab run` as a process; leaving the block checks that nothing of it lives on."""

    def __init__(self, project: Path, arguments: list[str], scratch: Path) -> None:
        scratch.mkdir()
        self._scratch = scratch
        # Workers inherit TMPDIR: that is how what a killed runner leaves behind is recognised.
        with (scratch / "stderr").open("w") as stderr:
            self.process = subprocess.Popen(
                lab_command("run", *arguments),
                cwd=project,
                env={**os.environ, "TMPDIR": str(scratch)},
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )

    def said(self) -> str:
        """What it has written to standard error."""
        return (self._scratch / "stderr").read_text()

    def kill_at(self, moment: Moment, reports: Path) -> bool:
        """Wait for the moment and kill; False if the runner ended before."""
        finished = {path.parent for path in reports.glob("runs/*/index.html")}

        def there(name: str) -> bool:
            return bool({path.parent for path in reports.glob(f"runs/*/{name}")} - finished)

        # A sealed run writes its report and none of the lines any more: every moment counts from its start.
        while not (there("run.json") or (there(moment.file) if moment.file else moment.line in self.said())):
            if self.process.poll() is not None:
                return False
            time.sleep(0.0005)
        time.sleep(moment.after_s)
        if self.process.poll() is not None:
            return False
        self.process.kill()
        return self.process.wait() == -signal.SIGKILL

    def _living(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._is_mine(process)]

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("TMPDIR") == str(self._scratch) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + ORPHANS_GONE_WITHIN_S
        while (living := self._living()) and time.monotonic() < deadline:
            time.sleep(0.05)
        orphans = [" ".join(process.cmdline()) for process in living]
        for process in living:
            process.kill()
        assert orphans == []


def check_store(reports: Path) -> str | None:
    """Every run is readable or says that it is incomplete and how to go on; the name of the one to go on with."""
    complete = ("run.json", "index.html")  # a report alone may be one of what is known so far
    unfinished = [folder for folder in list_runs(reports) if not all((folder / name).exists() for name in complete)]
    for folder in list_runs(reports):
        try:
            RunReader(folder).table()
        except CorruptRun as error:
            words = f"run {folder.name} is incomplete; continue it with lab run --resume {folder.name}"
            assert str(error).startswith(words)
            assert folder in unfinished
    assert len(unfinished) <= 1
    for folder in unfinished:
        with RunWriter.resume(folder) as writer:
            works = [shard.work for shard in writer.shards()]
            assert sorted(set(works)) == sorted(works)
    return unfinished[0].name if unfinished else None


def check_complete(project: Path, name: str) -> None:
    """Every planned comparison is shown, no sample stands twice, and the report is there."""
    folder = project / "reports" / "runs" / name
    reader = RunReader(folder)
    answer = run_lab("show", name, "--json", cwd=project)
    assert (answer.returncode, answer.stderr) == (0, "")
    shown = {(one["case"], one["arm"], one["metric"]) for one in json.loads(answer.stdout)["comparisons"]}
    planned = {(target.case.id, target.arm, "time") for case in reader.plan.cases for target in targets_of(case)}
    counted = {
        (case.id, arm.name, metric)
        for case in reader.plan.cases
        for arm in case.arms
        if arm.name != case.baseline
        for metric in ("allocations", *(["instructions"] if shutil.which("valgrind") else []))
    }
    assert (planned | counted) - shown == set()
    table = reader.table()
    faults = table[table["metric"] == "minor_faults"]  # context: counted for each arm, compared with none
    assert set(zip(faults["case"], faults["arm"], strict=True)) == {
        (case.id, arm.name) for case in reader.plan.cases for arm in case.arms
    }
    assert not table.duplicated(SAMPLE).any()
    assert set(table["status"]) <= {"ok", "unavailable"}
    assert (folder / "index.html").stat().st_size > 0
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


def test_run_killed_at_twenty_moments_ends_complete(tmp_path: Path) -> None:
    seed = int(os.environ.get("LAB_KILL_SEED") or secrets.randbits(31))
    print(f"\nLAB_KILL_SEED={seed}")
    random_ = random.Random(seed)
    small = make_module("small", fields="1, 2, 4, 8", live="16", passes=ALL_PASSES)
    project = make_project(tmp_path / "project", small=small)
    reports = project / "reports"
    pending = moments(random_)
    kills = 0
    while pending:
        moment = pending.pop(0)
        name = check_store(reports)
        begin = ["small", "--corpus", "corpus", "--budget", "40", "--seed", str(seed)]
        with Runner(project, ["--resume", name] if name else begin, tmp_path / f"scratch-{time.monotonic_ns()}") as lab:
            killed = lab.kill_at(moment, reports)
            kills += killed
            print(f"{kills:3d} {'killed' if killed else 'missed'} {name or 'new run'}: {moment}")
        if not killed:  # it was faster than the moment: the run must be complete, and another moment takes its place
            assert lab.process.returncode == 0, lab.said()
            assert check_store(reports) is None
            pending.append(Moment("clock", after_s=random_.uniform(0, 2)))
    assert kills == KILLS
    name = check_store(reports)
    if name is not None:
        answer = run_lab("run", "--resume", name, cwd=project)
        assert answer.returncode == 0, answer.stderr
    assert check_store(reports) is None
    assert (reports / "latest").resolve() == list_runs(reports)[-1].resolve()
    for folder in list_runs(reports):
        check_complete(project, folder.name)
