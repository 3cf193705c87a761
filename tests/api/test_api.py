"""The lab from Python: run, resume, open, and what a run gives; what importing it costs."""

import ast
import subprocess
import sys
from pathlib import Path

import matplotlib.figure
import pytest

import lab
import lab.api
import lab.store
from lab.core.errors import CorruptRun, UsageError
from lab.core.results import COMPARISON_FIELDS
from lab.experiment.clock import targets_of
from lab.experiment.observer import Silent
from tests.cli.project import RealRun

EXPORTS = {
    "lab": {"ComparedRun", "Options", "Run", "compare", "convert", "open_run", "resume", "run"},
    "lab.api": {
        "ArmsFailed", "Baselines", "ComparedRun", "Options", "Run", "calibrate",
        "check_gate", "compare", "default_experiments",
        "execute", "experiments", "measure_figures", "open_run", "plan", "plan_experiments", "price", "project_folder",
        "read_baselines", "run_arms",
        "reports_folder", "resume", "run", "write_baseline",
    },
    "lab.store": {
        "RunReader", "RunWriter", "copy_atomically", "find_run", "list_runs", "point_latest", "write_atomically",
    },
}  # fmt: skip


@pytest.fixture
def opened(real_run: RealRun) -> lab.Run:
    return lab.open_run("latest", real_run.project / "reports")


@pytest.mark.parametrize("name", EXPORTS)
def test_public_names_are_those_that_users_rely_on(name: str) -> None:
    module = sys.modules[name]
    assert set(module.__all__) == EXPORTS[name]
    assert [one for one in module.__all__ if not hasattr(module, one)] == []


def test_completion_in_a_shell_offers_the_public_names() -> None:
    assert {name for name in dir(lab) if not name.startswith("_")} >= EXPORTS["lab"]
    assert [name for name in dir(lab) if not hasattr(lab, name)] == []


def test_other_names_of_the_package_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lab.nonsense


def modules_after(statement: str) -> set[str]:
    """Names of the packages in sys.modules after a statement in a fresh interpreter, beyond those of a bare one."""
    script = f"import sys; before = set(sys.modules); {statement}; print(sorted(set(sys.modules) - before))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ast.literal_eval(answer.stdout)} - set(sys.stdlib_module_names)


def test_importing_lab_imports_nothing_else() -> None:
    assert modules_after("import lab") == {"lab"}


def test_importing_the_api_does_not_load_what_draws() -> None:
    assert "matplotlib" not in modules_after("import lab.api")


def test_run_knows_its_plan_its_summary_and_its_table(opened: lab.Run, real_run: RealRun) -> None:
    assert opened.folder == real_run.folder
    assert opened.id == opened.plan.id == opened.summary.id == real_run.folder.name
    assert len(opened.measurements) == opened.summary.rows


def test_frame_has_a_row_per_comparison_and_a_column_per_factor(opened: lab.Run) -> None:
    frame = opened.frame()
    assert len(frame) == len(opened.results.comparisons)
    assert set(frame.columns) == set(COMPARISON_FIELDS) - {"factors"} | {"reason"} | {
        "fields", "working_set", "live", "sizes",
    }  # fmt: skip
    timed = frame[frame["metric"] == "time"]
    planned = {(target.case.id, target.arm) for case in opened.plan.cases for target in targets_of(case)}
    assert set(zip(timed["case"], timed["arm"], strict=True)) == planned
    assert set(frame["verdict"]) <= {"better", "worse", "same", "unresolved"}


def test_plot_draws_the_group_asked_for(opened: lab.Run) -> None:
    assert isinstance(opened.plot(), matplotlib.figure.Figure)
    assert isinstance(opened.plot("small", "scan"), matplotlib.figure.Figure)
    with pytest.raises(UsageError, match="small/scan/time"):
        opened.plot("small", "nothing")


def test_notebook_view_is_one_fragment_that_names_the_run(opened: lab.Run) -> None:
    view = opened._repr_html_()
    assert opened.id in view
    assert "<html" not in view


def test_report_is_written_beside_the_run(opened: lab.Run) -> None:
    assert opened.write_report() == opened.folder / "index.html"
    assert "</html>" in (opened.folder / "index.html").read_text()


def test_missing_run_is_a_usage_error_that_names_those_there_are(real_run: RealRun) -> None:
    with pytest.raises(UsageError, match=real_run.folder.name):
        lab.open_run("nothing", str(real_run.project / "reports"))


class Interrupting(Silent):
    """Interrupts at the first sign of progress."""

    def advance(self, done: float, detail: str) -> None:
        raise KeyboardInterrupt


def test_interrupted_run_is_resumed_and_repeats_no_sample(
    real_run: RealRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(real_run.project)
    reports = str(tmp_path / "elsewhere")
    options = {"seed": 3, "budget_s": 0.5, "reports": reports, "corpus": str(real_run.project / "corpus")}
    with pytest.raises(KeyboardInterrupt):
        lab.run("quick", observer=Interrupting(), **options)
    (folder,) = lab.store.list_runs(Path(reports))
    with pytest.raises(CorruptRun, match="incomplete"):
        lab.open_run(folder.name, reports)
    resumed = lab.resume(folder.name, reports)
    assert resumed.id == folder.name
    assert not resumed.measurements.duplicated(["case", "arm", "against", "replicate", "mode", "block"]).any()
    assert lab.open_run("latest", reports).id == resumed.id
    with pytest.raises(UsageError, match="nothing to resume"):
        lab.resume(folder.name, reports)


def test_run_killed_after_sealing_gets_its_report_when_resumed(real_run: RealRun, tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    folder = reports / "runs" / real_run.folder.name
    folder.mkdir(parents=True)
    for name in ("plan.json", "run.json", "measurements.parquet"):
        (folder / name).write_bytes((real_run.folder / name).read_bytes())
    resumed = lab.resume(folder.name, reports)
    assert (resumed.folder / "index.html").exists()
    assert (reports / "latest").resolve() == folder.resolve()


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"profile": "fast"}, "no profile 'fast'"),
        ({"budget_s": 0}, "budget of 0 s"),
        ({"budget_s": float("nan")}, "budget of nan s"),
        ({"corpus": "nowhere"}, "corpus nowhere"),
    ],
)
def test_wrong_options_are_usage_errors_before_anything_is_measured(
    real_run: RealRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: dict[str, object], match: str
) -> None:
    monkeypatch.chdir(real_run.project)
    with pytest.raises(UsageError, match=match):
        lab.run("quick", reports=tmp_path / "reports", **fields)
    assert not (tmp_path / "reports").exists()


def test_options_are_given_once() -> None:
    with pytest.raises(UsageError, match="not both"):
        lab.run("quick", lab.Options(), profile="quick")


def test_reports_belong_to_the_project_one_stands_in(real_run: RealRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(real_run.project / "corpus" / "sub")
    assert lab.api.reports_folder() == real_run.project / "reports"
    assert {"quick", "small"} <= {experiment.name for experiment in lab.api.experiments()}
