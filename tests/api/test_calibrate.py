"""Calibrating by repeated self-tests, and what later runs take from it."""

import importlib
from pathlib import Path

import pytest

from lab import api
from lab.core.errors import UsageError
from lab.core.schema import Margin
from lab.experiment.profiles import MARGINS
from lab.measure.machine import describe_machine
from lab.measure.native import find_native
from lab.store.calibration import calibration_path, deciding_facts, read_calibration, write_calibration
from tests.cli.project import make_module, make_project
from tests.store.test_calibration import a_calibration

calibration = importlib.import_module("lab.api.calibrate")  # the function of that name hides the module


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("minutes", [0, -1, float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused(minutes: float, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="minutes"):
        api.calibrate(minutes, reports=tmp_path)


def test_runs_add_up_and_a_calibration_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project(tmp_path / "project", small=make_module("small", groups="HEAP,"))
    monkeypatch.chdir(project)
    monkeypatch.setattr(calibration, "EXPERIMENT", "small")
    monkeypatch.setattr(calibration, "LEAST_S", 6.0)
    first = api.calibrate(0.05, reports=project / "reports")
    second = api.calibrate(0.05, reports=project / "reports")
    assert len(first.runs) == 1
    assert second.runs[0] == first.runs[0]
    assert len(second.runs) == 2
    facts = api.open_run(second.runs[1], project / "reports" / "calibration").plan.machine
    assert read_calibration(facts) == (second, "")
    assert [sort.name for sort in second.sorts] == ["heap"]


def test_plans_take_the_margins_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project(tmp_path / "project", small=make_module("small", groups="HEAP,"))
    monkeypatch.chdir(project)
    options = api.Options(reports=project / "reports")
    shipped = api.plan(["small"], options).rule
    assert shipped.margins == MARGINS
    assert "lab calibrate" in shipped.margins_from
    facts = describe_machine(find_native()).facts
    own = Margin(bias=0.002, same=0.004)
    write_calibration(a_calibration(machine=deciding_facts(facts), margins={"cache": own}))
    calibrated = api.plan(["small"], options).rule
    assert calibrated.margins == {**MARGINS, "cache": own}
    assert calibrated.margins_from == "calibrated on this machine, 2026-11-28"
    calibration_path().write_bytes(b"{")
    assert api.plan(["small"], options).rule.margins == MARGINS
