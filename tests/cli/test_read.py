"""`lab list`, `show`, `report`, `export`, `doctor`: what reads a run, and what they say of a bad one."""

import json
from pathlib import Path

import pyperf
import pytest

from lab.core.results import COMPARISON_FIELDS
from lab.experiment.clock import targets_of
from lab.store import RunReader
from tests.cli.conftest import Lab
from tests.cli.test_run import unsealed

READERS = [["show"], ["show", "--json"], ["report"], ["export", "--format", "pyperf"]]
CONTRACT = {
    "experiment", "case", "arm", "baseline", "metric", "unit",
    "ratio", "low", "high", "detectable", "verdict", "provenance",
}  # fmt: skip


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not strict JSON")


def test_json_lists_every_comparison_with_every_promised_field(lab: Lab, run_folder: Path) -> None:
    answer = lab("show", "latest", "--json")
    assert (answer.code, answer.err) == (0, "")
    comparisons = json.loads(answer.out, parse_constant=no_constant)["comparisons"]
    assert all(set(one) >= CONTRACT for one in comparisons)
    assert set(comparisons[0]) == {*COMPARISON_FIELDS, "reason"}
    assert {one["verdict"] for one in comparisons} <= {"better", "worse", "same", "unresolved"}
    planned = {(target.case.id, target.arm) for case in RunReader(run_folder).plan.cases for target in targets_of(case)}
    assert {(one["case"], one["arm"]) for one in comparisons if one["metric"] == "time"} == planned
    for one in comparisons:
        low, ratio, high = (one[name] for name in ("low", "ratio", "high"))
        assert ratio is None or ((low is None or low <= ratio) and (high is None or ratio <= high)), one


def test_show_prints_answers_and_with_all_every_comparison(lab: Lab) -> None:
    short, long = lab("show"), lab("show", "--all")
    assert (short.code, long.code) == (0, 0)
    assert short.out.startswith("Answers (measured by clock)\n")
    assert "small: treatment / baseline" not in short.out.casefold()
    assert "small: treatment / baseline" in long.out.casefold()


def test_run_is_found_by_the_beginning_of_its_name(lab: Lab, run_folder: Path) -> None:
    assert json.loads(lab("show", run_folder.name[:10], "--json").out)["run"] == run_folder.name


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("name", ["nothing", "", "..", "../../etc/passwd", "n" * 5000])
def test_missing_run_is_one_line_that_names_those_there_are(
    lab: Lab, run_folder: Path, command: list[str], name: str
) -> None:
    assert lab(*command, name).refused(2, "no run '", f"there are: {run_folder.name}")


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_folder_without_runs_names_the_remedy(lab: Lab, command: list[str]) -> None:
    assert lab(*command, "--reports", "corpus").refused(2, "no complete run in corpus", "lab run")
    assert lab(*command, "--reports", "n" * 5000).refused(4, "File name too long")


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_unfinished_run_names_the_command_that_continues_it(lab: Lab, project: Path, command: list[str]) -> None:
    unsealed(project, "half").close()
    assert lab(*command, "half").refused(4, "run half is incomplete", "lab run --resume half")


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("name", ["plan.json", "run.json"])
def test_run_of_a_newer_lab_is_refused(lab: Lab, run_folder: Path, command: list[str], name: str) -> None:
    path = run_folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 99, "unheard_of": []}))
    assert lab(*command).refused(4, "written by a newer lab (schema 99", "upgrade portalis-lab")


@pytest.mark.parametrize("command", READERS, ids=" ".join)
@pytest.mark.parametrize("name", ["plan.json", "run.json", "measurements.parquet"])
def test_half_written_file_is_refused(lab: Lab, run_folder: Path, command: list[str], name: str) -> None:
    path = run_folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert lab(*command).refused(4, str(path), "delete the run's folder and run again")


def test_list_shows_experiments_and_runs_whatever_state_they_are_in(lab: Lab, project: Path, run_folder: Path) -> None:
    unsealed(project, "half").close()
    unsealed(project, "torn [red]").close()
    (project / "reports" / "runs" / "torn [red]" / "plan.json").write_bytes(b'{"schema":')
    found = json.loads(lab("list", "--json").out)
    names = {one["name"] for one in found["experiments"]}
    assert names >= {"small", "quick", "gate", "layout", "pooling", "alignment", "selftest"}
    states = {run["id"]: run["state"] for run in found["runs"]}
    assert states[run_folder.name] == "complete"
    assert "lab run --resume half" in states["half"]
    assert "damaged" in states["torn [red]"]
    lines = lab("list").out.splitlines()
    assert [len([line for line in lines if line.startswith(name)]) for name in states] == [1, 1, 1]


def test_narrow_output_cuts_nothing_off(lab: Lab, run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("TERM", "dumb")
    assert [line for line in lab("list").out.splitlines() if line.startswith(f"{run_folder.name}  small  ")]


def test_report_is_written_again_from_the_stored_figures(lab: Lab, run_folder: Path) -> None:
    page = run_folder / "index.html"
    page.unlink()
    answer = lab("report")
    assert (answer.code, answer.out) == (0, f"{page}\n")
    assert "</html>" in page.read_text()


def test_report_that_cannot_be_written_is_one_line(lab: Lab, run_folder: Path) -> None:
    (run_folder / "index.html").unlink()
    (run_folder / "index.html").mkdir()
    assert lab("report").refused(4, "cannot write", "choose another place")


def test_exports_go_to_a_file_or_to_standard_output(lab: Lab, project: Path) -> None:
    printed = lab("export", "--format", "pyperf").out
    assert lab("export", "--format", "pyperf", "-o", "out/suite.json").code == 0
    assert (project / "out" / "suite.json").read_text() == printed
    suite = pyperf.BenchmarkSuite.loads(printed)
    assert "small/scan/fields=1,working_set=16384 [soa]" in suite.get_benchmark_names()
    assert json.loads(lab("export", "--format", "pytest-benchmark").out)["benchmarks"]


def test_export_refuses_other_forms_and_places(lab: Lab) -> None:
    assert lab("export", "--format", "xml").refused(2, "'--format'", "'pyperf', 'pytest-benchmark'")
    assert lab("export").refused(2, "Missing option '--format'")
    assert lab("export", "--format", "pyperf", "-o", "corpus").refused(2, "'--output'", "directory")
    assert lab("export", "--format", "pyperf", "-o", "pyproject.toml/x").refused(4, "choose another place")


def test_doctor_says_of_each_check_how_it_stands(lab: Lab) -> None:
    checks = json.loads(lab("doctor", "--json").out)
    assert {check["state"] for check in checks} <= {"ok", "warning", "unavailable"}
    assert {"native part", "memory", "disk", "level L1"} <= {check["name"] for check in checks}
    plain = lab("doctor")
    assert plain.code == 0
    assert [check["name"] for check in checks if check["name"] not in plain.out] == []
