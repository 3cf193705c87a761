"""`lab gate` and `lab baseline`: the verdict is the exit code, and a bad file is said before anything is measured."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from lab import api
from lab.analysis.gate import Figures
from tests.cli.conftest import Lab
from tests.cli.project import RealRun

Change = Callable[[dict], object]


@pytest.fixture(scope="module")
def figures(real_run: RealRun) -> Figures:
    """The figures of the project's own small gate, really measured."""
    if shutil.which("valgrind") is None:
        pytest.skip("the gate's figures are simulated by valgrind")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(real_run.project)
        return api.measure_figures()


@pytest.fixture
def baseline(lab: Lab, figures: Figures, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A baseline just written; from now on measuring gives its figures again."""

    def measured(_observer: object, reason: str = "") -> Figures:
        return msgspec.structs.replace(figures, reason=reason)

    monkeypatch.setattr(api, "measure_figures", measured)
    assert lab("baseline", "--reason", "the first", "-o", "gate.json").code == 0
    return Path("gate.json").resolve()


def change(path: Path, what: Change) -> None:
    data = json.loads(path.read_text())
    what(data)
    path.write_text(json.dumps(data))


def test_gate_measured_twice_is_fine(lab: Lab, figures: Figures, project: Path) -> None:
    api.write_baseline(project / "gate.json", figures)
    answer = lab("gate", "--baseline", "gate.json")
    assert (answer.code, answer.out) == (0, f"gate: fine; {len(figures.figures)} figures unchanged\n")


def test_worse_figure_is_exit_code_1_and_a_table_that_is_not_cut_off(lab: Lab, baseline: Path) -> None:
    def lower(data: dict) -> None:
        figure = next(one for one in data["baselines"][0]["figures"] if one["metric"] == "instructions")
        figure["value"] /= 2

    change(baseline, lower)
    answer = lab("gate", "--baseline", baseline)
    assert answer.code == 1
    assert "gate: worse; " in answer.out
    (row,) = [line for line in answer.out.splitlines() if line.startswith("gate/heap/live=64,sizes=small")]
    assert row.split()[1:3] == ["again", "instructions"]
    assert row.split()[-2:] == ["2", "worse"]
    assert json.loads(lab("gate", "--baseline", baseline, "--json").out)["outcome"] == "worse"


def test_better_figure_is_shown_and_fine(lab: Lab, baseline: Path) -> None:
    change(baseline, lambda data: data["baselines"][0]["figures"][0].update(value=1e12))
    answer = lab("gate", "--baseline", baseline)
    assert answer.code == 0
    assert "better" in answer.out


@pytest.mark.parametrize(
    ("what", "fragment"),
    [
        (lambda data: data["baselines"][0].update(toolchain="another"), "no baseline for this toolchain"),
        (lambda data: data["baselines"].clear(), "no baseline for this toolchain"),
        (lambda data: data["baselines"][0]["figures"][0].update(case="gate/heap/gone"), "missing from this run"),
    ],
)
def test_what_cannot_be_compared_is_exit_code_4(lab: Lab, baseline: Path, what: Change, fragment: str) -> None:
    change(baseline, what)
    answer = lab("gate", "--baseline", baseline)
    assert answer.code == 4
    assert "gate: not comparable" in answer.out
    assert fragment in answer.out


def test_baseline_of_another_toolchain_stays_when_one_is_added(lab: Lab, baseline: Path) -> None:
    change(baseline, lambda data: data["baselines"][0].update(toolchain="another"))
    assert lab("baseline", "--reason", "a second", "-o", baseline).code == 0
    reasons = {one["toolchain"]: one["reason"] for one in json.loads(baseline.read_text())["baselines"]}
    assert reasons["another"] == "the first"
    assert len(reasons) == 2


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("", "damaged"),
        ('{"schema": 1, "baselines": [{"toolchain": "x"}]}', "damaged"),
        ('{"schema": 1, "baselines": [], "more": 1}', "damaged"),
        ("\xff\xfe", "damaged"),
        ('{"schema": 99, "whatever": []}', "newer lab (schema 99)"),
    ],
)
def test_damaged_baseline_is_refused_before_anything_is_measured(
    lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch, text: str, fragment: str
) -> None:
    def measured(*_: object, **__: object) -> None:
        raise AssertionError("something was measured")

    monkeypatch.setattr(api, "measure_figures", measured)
    path = project / "gate.json"
    path.write_bytes(text.encode("latin-1"))
    assert lab("gate", "--baseline", path).refused(4, str(path), fragment)
    assert lab("baseline", "--reason", "new", "-o", path).refused(4, str(path), fragment)
    assert path.read_bytes() == text.encode("latin-1")


def twice(what: list) -> None:
    what.append(what[0])


ALTERED: dict[str, tuple[Change, str]] = {
    "a toolchain twice": (lambda data: twice(data["baselines"]), "the toolchain"),
    "a figure twice": (lambda data: twice(data["baselines"][0]["figures"]), "is there twice"),
    "negative": (lambda data: data["baselines"][0]["figures"][1].update(value=-1.0), "is -1.0"),
    "text": (lambda data: data["baselines"][0]["figures"][1].update(value="x"), "Expected `float`"),
    "unknown field": (lambda data: data["baselines"][0]["figures"][1].update(more=1), "unknown field"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_altered_baseline_is_refused_with_the_line(
    lab: Lab, baseline: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Each was taken once, and a doubled allocation passed."""
    how, fragment = ALTERED[what]
    data = json.loads(baseline.read_text())
    lines = json.dumps(data, indent=1).splitlines()
    how(data)
    altered = json.dumps(data, indent=1).splitlines()
    line = next(number for number, text in enumerate(altered, 1) if number > len(lines) or text != lines[number - 1])
    baseline.write_text("\n".join(altered))
    answer = lab("gate", "--baseline", baseline)
    assert answer.refused(4, str(baseline), fragment, ", line ")
    said = int(answer.err.partition(", line ")[2].partition(":")[0])
    assert abs(said - line) <= 8  # the figure, or the field of it


@pytest.mark.parametrize(
    ("old", "new", "fragment"),
    [
        ('"value": ', '"value": NaN, "x": ', "line 13"),
        ('"value": ', '"value": 1e999, "x": ', "line 13"),
        ('"value": ', '"value": 1, "value": ', "the key value is there twice"),
        ('"value": ', '"value": ' + "[" * 10_000, "line"),
        ('"value": ', '"value": ' + "9" * 5000, "line"),
        ('{\n "schema"', '\ufeff{\n "schema"', "line 1"),
    ],
)
def test_baseline_that_is_no_json_is_refused_with_the_line(
    lab: Lab, baseline: Path, old: str, new: str, fragment: str
) -> None:
    text = json.dumps(json.loads(baseline.read_text()), indent=1)
    assert old in text
    baseline.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert lab("gate", "--baseline", baseline).refused(4, str(baseline), fragment)


def test_figure_deleted_from_the_baseline_fails_the_gate(lab: Lab, baseline: Path) -> None:
    change(baseline, lambda data: data["baselines"][0]["figures"].pop())
    answer = lab("gate", "--baseline", baseline)
    assert answer.code == 4
    assert "1 figures of this run are missing from the baseline" in answer.out


def test_missing_file_option_or_reason_is_wrong_usage(lab: Lab) -> None:
    assert lab("gate", "--baseline", "nowhere.json").refused(2, "baseline nowhere.json", "lab baseline --reason")
    assert lab("gate", "--baseline", "corpus").refused(2, "'--baseline'", "directory")
    assert lab("gate").refused(2, "Missing option '--baseline'")
    assert lab("baseline").refused(2, "Missing option '--reason'")
    assert lab("baseline", "--reason", "  ").refused(2, "--reason is empty")


def test_gate_without_valgrind_is_an_environment_failure(
    lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "gate.json").write_text('{"schema": 1, "baselines": []}')
    monkeypatch.setenv("PATH", str(project))
    assert lab("gate", "--baseline", "gate.json").refused(4, "valgrind is not installed", "apt-get install")
