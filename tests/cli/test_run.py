"""`lab run`: what it refuses before it measures, how it ends, how it goes on."""

import errno
import json
import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

from lab.store import RunReader, RunWriter, list_runs
from tests.cli.conftest import Lab
from tests.cli.project import RealRun, lab_command


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def unsealed(project: Path, name: str) -> RunWriter:
    """A run that has been planned and not measured."""
    planned = RunReader((project / "reports" / "latest").resolve()).plan
    return RunWriter.create(project / "reports", msgspec.structs.replace(planned, id=name))


def test_interrupted_run_says_how_to_continue_and_measures_no_more(real_run: RealRun) -> None:
    command = f"lab run --resume {real_run.folder.name}"
    assert real_run.interrupted.returncode == 130
    assert real_run.interrupted.stdout == ""
    assert real_run.interrupted.stderr.strip().splitlines()[-1] == f"interrupted; continue with: {command}"


def test_resumed_run_is_complete_and_prints_answers_and_the_path_of_the_report(real_run: RealRun) -> None:
    assert real_run.resumed.returncode == 0
    assert real_run.resumed.stdout.splitlines()[-1] == str(real_run.project / "reports" / "latest" / "index.html")
    assert "Answers (measured by clock)" in real_run.resumed.stdout
    assert RunReader(real_run.folder).summary.failed_cases == ()


@pytest.mark.parametrize(
    ("arguments", "fragments"),
    [
        (["smalll"], ["no experiment 'smalll'", "did you mean small"]),
        (["zzzzzz"], ["no experiment 'zzzzzz'", "there are: ablation,", "quick"]),
        ([""], ["no experiment ''"]),
        (["../small"], ["no experiment '../small'"]),
        (["quick", "--profile", "fast"], ["no profile 'fast'", "quick, standard, full"]),
        (["quick", "--seed", "-1"], ["'--seed'", "-1"]),
        (["quick", "--seed", "many"], ["'--seed'", "not a valid integer"]),
        (["quick", "--budget", "0"], ["'--budget'"]),
        (["quick", "--budget", "-2"], ["'--budget'"]),
        (["quick", "--budget", "nan"], ["budget of nan s", "above 0"]),
        (["quick", "--budget", "inf"], ["budget of inf s", "above 0"]),
        (["quick", "--until", "much"], ["'--until'", "'much'", "2%"]),
        (["quick", "--until", "0.1%"], ["until 0.10%", "from 1%"]),
        (["quick", "--until", "200%"], ["until 200.00%"]),
        (["quick", "--only", ""], ["--only is empty"]),
        (["quick", "--only", "nothing/*"], ["--only 'nothing/*' matches none of 1 cases", "quick/heap/live=64"]),
        (["quick", "--corpus", ""], ["'--corpus'", "empty"]),
        (["quick", "--reports", ""], ["'--reports'", "empty"]),
        (["quick", "--corpus", "nowhere"], ["corpus nowhere", "--corpus"]),
        (["quick", "--corpus", "pyproject.toml"], ["'--corpus'", "is a file"]),
        (["quick", "--corpus", "n" * 5000], ["corpus nnn", "--corpus"]),
        (["quick", "--reports", "pyproject.toml"], ["'--reports'", "is a file"]),
        (["quick", "--nonsense"], ["No such option"]),
        (["--resume", "nothing"], ["no run 'nothing'", "there are: "]),
        (["--resume", ""], ["no run ''", "there are: "]),
        (["--resume", "../../etc"], ["no run '../../etc'"]),
        (["--resume", "latest"], ["is complete; there is nothing to resume"]),
        (["--resume", "latest", "--dry-run"], ["give it alone"]),
        (["quick", "--resume", "latest"], ["give it alone"]),
        (["--resume", "latest", "--seed", "0"], ["give it alone"]),
    ],
)
def test_wrong_usage_is_one_line_and_changes_nothing(
    lab: Lab, project: Path, arguments: list[str], fragments: list[str]
) -> None:
    before = snapshot(project / "reports")
    assert lab("run", *arguments).refused(2, *fragments)
    assert before == snapshot(project / "reports")


def test_corpus_without_a_usable_file_is_refused(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert lab("run", "small", "--corpus", tmp_path / "empty").refused(2, "no readable .py file", "--corpus")
    bad = tmp_path / "bad"
    (bad / "folder.py").mkdir(parents=True)
    (bad / "dangling.py").symlink_to("nowhere.py")
    (bad / "binary.py").write_bytes(b"\xff\xfe\x00")
    (bad / "cookie.py").write_bytes(b"# coding: no-such-coding\n")
    assert lab("run", "small", "--corpus", bad).refused(2, "no readable .py file", "2 could not be decoded")


def test_corpus_that_may_not_be_read_is_refused(lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(self: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "iterdir", forbidden)
    assert lab("run", "small", "--corpus", project / "corpus").refused(2, "Permission denied", "--corpus")


def test_reports_below_a_file_are_an_environment_failure(lab: Lab, project: Path) -> None:
    answer = lab("run", "small", "--corpus", "corpus", "--reports", project / "pyproject.toml" / "reports")
    assert answer.refused(4, "cannot write", "choose another place")


def test_unreadable_project_file_is_named(lab: Lab, project: Path) -> None:
    for text in ("[tool.lab", "tool = 3", "[tool]\nlab = 3", '[tool.lab]\nexperiments = "nowhere"'):
        (project / "pyproject.toml").write_text(text)
        assert lab("run", "small").refused(2, str(project / "pyproject.toml"))


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("EXPERIMENT = 1 / 0", "ZeroDivisionError"),
        ("import sys\nEXPERIMENT = sys.exit(5)", "SystemExit"),
        ("EXPERIMENT = (", "SyntaxError"),
        ("EXPERIMENT = 'two\\nlines'", "not a lab.experiment.declare.Experiment"),
    ],
)
def test_broken_experiment_is_one_line(lab: Lab, project: Path, text: str, fragment: str) -> None:
    (project / "mine" / "broken.py").write_text(text)
    assert lab("run", "broken").refused(2, "broken", fragment)


def test_defect_of_a_declaration_says_how_to_find_it(lab: Lab, project: Path) -> None:
    path = project / "mine" / "quick.py"
    path.write_text(path.read_text().replace("separate=everywhere", "separate=lambda factors: 1 / 0"))
    assert lab("run", "quick").refused(70, "ZeroDivisionError", "LAB_TRACEBACK=1")


def test_dry_run_shows_the_plan_and_stores_no_run(lab: Lab, project: Path) -> None:
    runs = list_runs(project / "reports")
    answer = lab("run", "small", "--corpus", "corpus", "--dry-run", "--profile", "standard")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "small: 3 cases, 7 clock comparisons"
    assert "  small/scan/fields=1,working_set=16384  [cache, warm]" in answer.out.splitlines()
    assert list_runs(project / "reports") == runs


def test_dry_run_says_the_price_and_what_another_budget_would_change(lab: Lab) -> None:
    answer = lab("run", "small", "--corpus", "corpus", "--dry-run")
    price, budget = answer.out.splitlines()[-2:]
    assert re.fullmatch(r"7 comparisons, about \d+ processes each: about \d+ s of clock \(.*\)", price)
    assert "enough for all of them" in budget
    tight = lab("run", "small", "--corpus", "corpus", "--dry-run", "--budget", "0.01").out.splitlines()[-1]
    assert re.search(r"--budget \d+ would do for all of it, --only measures a part", tight)


def test_part_of_the_cases_is_measured_and_the_rest_named(lab: Lab, project: Path) -> None:
    answer = lab(
        "run", "small", "--corpus", "corpus", "--only", "small/scan/fields=1*", "--until", "20%", "--budget", "9"
    )
    assert answer.code == 0
    reader = RunReader((project / "reports" / "latest").resolve())
    assert [case.id for case in reader.plan.cases] == ["small/scan/fields=1,working_set=16384"]
    assert (reader.plan.only, reader.plan.until, reader.plan.budget_s) == ("small/scan/fields=1*", 0.2, 9.0)
    assert "2 of 3 cases" in {out.what for out in reader.summary.left_out}


def test_request_to_end_leaves_a_report_and_the_command_that_goes_on(lab: Lab, project: Path) -> None:
    elsewhere = project / "ended"
    said = project / "said"
    with said.open("w") as stderr:
        process = subprocess.Popen(
            lab_command("run", "quick", "--budget", "100", "--until", "1%", "--reports", str(elsewhere)),
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        while not list(elsewhere.glob("runs/*/shards/*.json")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=120)
    (folder,) = list_runs(elsewhere)
    assert (process.returncode, output) == (130, "")
    again = shlex.join(["lab", "run", "--resume", folder.name, "--reports", str(elsewhere)])
    assert [line for line in said.read_text().splitlines() if line][-2:] == [
        f"what is known so far: {folder / 'index.html'}",
        f"interrupted; continue with: {again}",
    ]
    assert "incomplete" in (folder / "index.html").read_text()
    written = lab("report", folder.name, "--reports", elsewhere)
    assert (written.code, written.out.strip()) == (0, str(folder / "index.html"))
    assert f"run {folder.name} is incomplete" in written.err
    assert lab("show", folder.name, "--reports", elsewhere).refused(4, "is incomplete", f"lab report {folder.name}")


def test_table_of_workers_says_where_their_time_went(lab: Lab) -> None:
    text = lab("show", "--workers").out
    assert "small/heap/alone" in text
    assert re.search(r"\d+% of \d+ s were warm or timed runs", text)
    lives = json.loads(lab("show", "--workers", "--json").out)
    assert {f"{life['group']}/{life['kind']}" for life in lives} == {"scan/pairs", "heap/pairs", "heap/alone"}
    for life in lives:
        parts = ("libraries", "inputs", "setup", "check", "calibrate", "warm", "timed", "other")
        assert life["wall"] == pytest.approx(sum(life[part] for part in parts))
        assert min(life["warm"], life["timed"], life["workers"], life["comparisons"]) > 0


def test_failed_case_costs_itself_and_the_exit_code_tells(lab: Lab, project: Path) -> None:
    answer = lab("run", "quick", "failing", "--budget", "0.3")
    assert answer.code == 3
    assert "failed: failing/heap/live=64,sizes=small: copy=nonsense" in answer.err
    assert answer.err.strip().splitlines()[-1] == "1 case failed; the report names them"
    assert answer.out.splitlines()[-1] == str(project / "reports" / "latest" / "index.html")
    shown = json.loads(lab("show", "--json").out)["comparisons"]
    assert {
        one["case"]: one["ratio"] is not None for one in shown if not one["control"] and one["metric"] == "time"
    } == {
        "quick/heap/live=64,sizes=small": True,
        "failing/heap/live=64,sizes=small": False,
    }


def test_second_runner_of_a_run_is_refused_and_changes_nothing(lab: Lab, project: Path) -> None:
    with unsealed(project, "held") as writer:
        before = snapshot(writer.folder)
        assert lab("run", "--resume", "held").refused(4, "run held is being written by another process")
        assert before == snapshot(writer.folder)


def test_ambiguous_beginning_of_a_name_is_refused(lab: Lab, project: Path) -> None:
    for name in ("twin-1", "twin-2"):
        unsealed(project, name).close()
    assert lab("run", "--resume", "twin").refused(2, "several runs begin with 'twin'", "twin-1, twin-2")
    assert lab("show", "twin").refused(2, "several runs begin with 'twin'")


def test_run_of_changed_code_is_not_resumed(lab: Lab, project: Path) -> None:
    planned = RunReader((project / "reports" / "latest").resolve()).plan
    RunWriter.create(project / "reports", msgspec.structs.replace(planned, id="old", kernels="0" * 16)).close()
    assert lab("run", "--resume", "old").refused(4, "code under test has changed", "start a new run")


def test_full_disk_while_planning_leaves_no_run(lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = list_runs(project / "reports")
    monkeypatch.setattr(os, "fsync", _full)
    assert lab("run", "quick", "--budget", "0.3").refused(4, "the disk is full; free some space")
    assert [path.name for path in (project / "reports" / "runs").iterdir()] == [path.name for path in runs]


def test_full_disk_while_measuring_leaves_a_run_that_resumes_to_its_end(
    lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, calls = os.fsync, []

    def full_after_two_files(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 4:  # the file and its folder, for the plan and the first shard
            _full(descriptor)
        fsync(descriptor)

    elsewhere = project / "other reports"
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_after_two_files)
        answer = lab("run", "quick", "--budget", "0.3", "--seed", "1", "--reports", elsewhere)
    assert answer.refused(4, "the disk is full; free some space and resume the run")
    (folder,) = list_runs(elsewhere)
    assert lab("show", folder.name, "--reports", elsewhere).refused(4, f"lab run --resume {folder.name}")
    assert lab("run", "--resume", folder.name, "--reports", elsewhere).code == 0
    assert lab("show", "latest", "--reports", elsewhere).code == 0
    assert not RunReader(folder).table().duplicated(["case", "arm", "against", "replicate", "mode", "block"]).any()


def test_interrupt_while_planning_says_that_nothing_was_measured(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.api.plan_experiments", interrupt)
    answer = lab("run", "quick")
    assert (answer.code, answer.err.strip().splitlines()[-1]) == (
        130,
        "interrupted while planning; nothing was measured",
    )


def test_interrupted_run_in_another_folder_names_that_folder(
    lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.api.execute", interrupt)
    elsewhere = project / "it's here"
    answer = lab("run", "quick", "--reports", elsewhere)
    assert answer.code == 130
    (folder,) = list_runs(elsewhere)
    command = answer.err.strip().splitlines()[-1].removeprefix("interrupted; continue with: ")
    assert shlex.split(command) == ["lab", "run", "--resume", folder.name, "--reports", str(elsewhere)]


def test_names_that_utf8_cannot_hold_are_measured_and_recorded_as_escapes(lab: Lab, project: Path) -> None:
    strange = os.fsdecode(bytes(project / "corpus") + b"\xff")
    (project / "corpus").rename(strange)
    (Path(strange) / os.fsdecode(b"\xfe.py")).write_text("x = 1\n")
    answer = lab("run", "small", "--corpus", strange, "--budget", "0.2")
    assert answer.code == 0
    planned = RunReader((project / "reports" / "latest").resolve()).plan
    assert "corpus\\xff" in planned.command
    assert [text.endswith("(1 skipped)") for text in planned.inputs.values()] == [True]


def _full(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
