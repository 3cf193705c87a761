"""Two Python functions compared from the command line and from Python."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import lab as package
from lab.api.arms import ArmsFailed
from lab.core.errors import UsageError
from tests.own.conftest import Lab

BUDGET = "90"  # a few seconds on a quiet machine; the run ends with its verdict
PARSE = ("compare", "old.py:parse", "new.py:parse", "--data", "sample.json", "--budget", BUDGET)


def test_large_difference_is_found_and_told_in_three_lines(lab: Lab, folder: Path) -> None:
    done = lab(*PARSE)
    assert done.returncode == 0, done.stderr
    headline, why, more = done.stdout.splitlines()
    assert headline.startswith("new.py:parse is ")
    assert "x faster than old.py:parse: 0." in headline
    assert "a call, old.py:parse: " in headline
    assert "allocations, not" in why
    report = Path(more.partition("report: ")[2])
    assert report.is_relative_to(folder / "reports")
    assert "old.py:parse" in report.read_text()


def test_json_holds_the_interval_absolute_times_and_memory(lab: Lab) -> None:
    done = lab(*PARSE, "--json")
    found = json.loads(done.stdout)
    (one,) = found["comparisons"]
    assert (one["verdict"], one["arm"], one["baseline"]) == ("better", "new.py:parse", "old.py:parse")
    assert one["low"] <= one["ratio"] <= one["high"] < 1
    assert 0 < one["arm_seconds"][0] <= one["arm_seconds"][1] < one["baseline_seconds"][0]
    counts = {count["metric"]: count for count in one["counts"]}
    assert {"python_allocations", "python_allocated_bytes", "python_peak_bytes"} <= set(counts)
    assert 0 < counts["python_allocations"]["arm"] < counts["python_allocations"]["baseline"]
    assert found["checked"] is True
    assert Path(found["report"]).is_file()


def test_identical_functions_are_not_called_different(folder: Path) -> None:
    """A verdict of a difference would be a false alarm; that there is no verdict is allowed on a busy machine."""
    (folder / "same.py").write_text((folder / "old.py").read_text())
    places = [str(folder / name) for name in ("old.py:parse", "same.py:parse")]
    run = package.compare(*places, data=folder / "sample.json", budget_s=25, reports=folder / "reports", seed=1)
    assert run.verdict in ("same", "unresolved")
    assert not any(count.differs for count in run.answer.counts if count.provenance == "traced")


def test_run_has_a_verdict_a_frame_a_figure_and_a_display(folder: Path) -> None:
    places = {"slow": str(folder / "old.py:parse"), "fast": str(folder / "new.py:parse")}
    run = package.compare(places, data=[1, 2, 3], data_as="pickle", check=False, setup=str(folder / "old.py:as_text"),
                          budget_s=float(BUDGET), reports=folder / "reports")  # fmt: skip
    assert run.verdict == "better"
    assert set(run.frame()["metric"]) >= {"time", "python_allocations"}
    assert type(run.plot()).__name__ == "Plot"
    assert "fast" in run._repr_html_()
    assert str(run).startswith("fast is ")
    assert "not compared" in (run.folder / "index.html").read_text()


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        ("old.py:raises", ["ValueError: made to raise", "old.py:20, in helper", "Traceback", "in raises"]),
        ("old.py:dies", ["killed by signal 6"]),
        ("old.py:hangs", ["no sign of life for 3 s"]),
        ("old.py:leaves", ["SystemExit"]),
        ("old.py:hogs", ["MemoryError", "in hogs"]),
        ("old.py:lazy", ["generator", "list(...)"]),
        ("new.py:wrong", ["different answers: at [1] 780 and 781", "--no-check"]),
        ("old.py:absent", ["there is no function absent"]),
    ],
)
def test_arm_that_does_not_work_is_said_before_anything_is_measured(
    lab: Lab, folder: Path, arm: str, words: list[str]
) -> None:
    done = lab("compare", "old.py:parse", arm, "--data", "sample.json", "--timeout", "3")
    assert done.returncode == 3
    assert done.stdout == ""
    assert [word for word in words if word not in done.stderr] == [], done.stderr
    assert done.stderr.splitlines()[-1].startswith("lab: ")
    assert not list((folder / "reports").glob("runs/*"))


def test_broken_arm_costs_only_itself(lab: Lab) -> None:
    done = lab("compare", "old.py:parse", "old.py:raises", "new.py:parse", *PARSE[3:], "--json")
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert [(one["arm"], one["verdict"]) for one in found["comparisons"]] == [("new.py:parse", "better")]
    assert "made to raise" in found["failures"]["old.py:raises"]
    assert "old.py:raises failed and is left out" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["old.py:parse"], "give a second thing to compare"),
        (["old.py:parse", "nowhere.py:parse"], "there is no file"),
        (["old.py:parse", "old"], "FILE.py:FUNCTION"),
        (["old.py:parse", "new.py:parse", "--data", "nowhere.json"], "there is no file"),
        ([], "name what to compare"),
        (["--budget", "0", "old.py:parse", "new.py:parse"], "--budget"),
    ],
)
def test_wrong_usage_is_told_at_once(lab: Lab, arguments: list[str], words: str) -> None:
    done = lab("compare", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_code_that_prints_forks_starts_threads_and_moves_about_is_measured(lab: Lab, folder: Path) -> None:
    (folder / "wild.py").write_text(
        "import os, threading, json, tempfile\n"
        "print('printed while it is imported')\n"
        "os.chdir(tempfile.gettempdir())\n"
        "threading.Thread(target=lambda: None).start()\n"
        "if os.fork() == 0:\n    os._exit(0)\n"
        "os.wait()\n"
        'def parse(text):\n    print(\'{"id": "0", "status": "ok"}\')\n    return [n * 780 for n in json.loads(text)]\n'
    )
    done = lab("compare", "old.py:parse", "wild.py:parse", *PARSE[3:], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["comparisons"][0]["verdict"] == "better"


def test_two_revisions_in_two_folders_each_import_their_own_modules(lab: Lab, folder: Path) -> None:
    for name, factor in (("before", "sum(range(40))"), ("after", "780")):
        (folder / name).mkdir()
        (folder / name / "helper.py").write_text(f"def factor():\n    return {factor}\n")
        (folder / name / "parser.py").write_text(
            "import json\nfrom helper import factor\n"
            "def parse(text):\n    return [n * factor() for n in json.loads(text)]\n"
            "def where(text):\n    return __file__ if text else ''\n"
        )
    done = lab("compare", "before/parser.py:parse", "after/parser.py:parse", *PARSE[3:], "--json")
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["comparisons"]
    assert (one["baseline"], one["arm"], one["verdict"]) == (
        "before/parser.py:parse",
        "after/parser.py:parse",
        "better",
    )


@pytest.mark.parametrize("data", [b"", b"{}"])
def test_empty_data_is_data(lab: Lab, folder: Path, data: bytes) -> None:
    (folder / "data").write_bytes(data)
    (folder / "two.py").write_text(
        "def slow(data):\n    return sum(range(100 + len(data)))\n"
        "def fast(data):\n    n = 100 + len(data)\n    return n * (n - 1) // 2\n"
    )
    done = lab("compare", "two.py:slow", "two.py:fast", "--data", "data", "--budget", BUDGET, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["comparisons"][0]["verdict"] == "better"


def test_lambdas_and_closures_are_refused_with_the_remedy(tmp_path: Path) -> None:
    def inner() -> int:
        return 1

    with pytest.raises(UsageError, match=r"lambda.*top of a module"):
        package.compare(lambda: 1, inner, reports=tmp_path)
    with pytest.raises(UsageError, match=r"inside another function.*setup="):
        package.compare(inner, inner, reports=tmp_path)


def test_data_that_cannot_travel_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match="cannot be sent to another process"):
        package.compare(f"{folder}/old.py:parse", f"{folder}/new.py:parse", data=lambda: 1)


def test_function_that_changes_its_argument_is_told_apart_from_a_wrong_one(folder: Path) -> None:
    (folder / "grow.py").write_text(
        "def grows(data):\n    data.append(1)\n    return len(data)\ndef size(data):\n    return len(data)\n"
    )
    with pytest.raises(ArmsFailed, match="changes its argument"):
        package.compare(f"{folder}/grow.py:grows", f"{folder}/grow.py:size", data=[1], reports=folder / "reports")


def test_script_that_compares_when_it_is_imported_is_told_to_guard_the_call(folder: Path) -> None:
    script = folder / "script.py"
    script.write_text(
        "import lab\ndef one():\n    return 1\ndef two():\n    return 1\nprint(lab.compare(one, two).verdict)\n"
    )
    done = subprocess.run([sys.executable, str(script)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert '__name__ == "__main__"' in done.stderr
