"""Experiment files to start from: each runs as it is."""

from pathlib import Path

import pytest

import lab as package
from tests.own.conftest import Lab


@pytest.mark.parametrize(
    ("kind", "arm", "verdict"),
    [("--python", "builtin", "better"), ("--c", "set_bits_only", None), ("--command", "json", "worse")],
)
def test_file_runs_as_it_is(lab: Lab, folder: Path, kind: str, arm: str, verdict: str | None) -> None:
    made = lab("new", "mine", kind)
    assert made.returncode == 0, made.stderr
    *_, run = made.stdout.splitlines()
    assert run == "run it with: lab run --experiments . mine"
    done = lab("run", "--experiments", ".", "mine", "--budget", "120")
    assert done.returncode == 0, done.stderr
    found = package.open_run("latest", folder / "reports").frame()
    clock = found[(found["metric"] == "time") & (found["arm"] == arm)]
    assert len(clock)
    if verdict:
        assert set(clock["verdict"]) == {verdict}


def test_nothing_is_overwritten(lab: Lab, folder: Path) -> None:
    (folder / "mine.c").write_text("mine")
    done = lab("new", "mine", "--c")
    assert (done.returncode, "mine.c exists" in done.stderr) == (2, True)
    assert (folder / "mine.c").read_text() == "mine"
    assert not (folder / "mine.py").exists()


@pytest.mark.parametrize("name", ["my-own", "3d", "a/b", ""])
def test_name_must_be_one_of_a_module(lab: Lab, name: str) -> None:
    done = lab("new", name)
    assert (done.returncode, "cannot name a Python file" in done.stderr) == (2, True)


def test_folder_without_experiments_is_told(lab: Lab) -> None:
    done = lab("run", "--experiments", ".")
    assert (done.returncode, "lab new NAME" in done.stderr) == (2, True)
    done = lab("run", "--experiments", "nowhere")
    assert (done.returncode, "there is no folder nowhere" in done.stderr) == (2, True)
