"""`lab verify-frontend`: a table with a count and a zero, or the first differences and exit code 1."""

import json
from pathlib import Path

import pytest

from lab.translation.ladder import STEPS
from lab.translation.ladder.steps import Difference
from tests.cli.conftest import Lab
from tests.translation.conftest import SPEAKS

pytestmark = pytest.mark.skipif(not SPEAKS, reason="the front end knows the grammar of 3.11, not of the running Python")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CPython's answers go nowhere near the user's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


FEW = ("--mutants", "0", "--programs", "0", "--layouts", "0")


def test_every_variant_of_a_corpus_is_equal(lab: Lab, project: Path) -> None:
    (project / "corpus" / "bad.py").write_text("x = (\n")
    answer = lab("verify-frontend", "--corpus", "corpus", *FEW, "--processes", "1", "--json")
    assert answer.code == 0
    found = json.loads(answer.out)
    assert (found["files"], found["refused"], found["variants"], found["differing"]) == (4, 1, 256, 0)
    assert [(row["step"], row["variant"], row["compared"], row["differing"]) for row in found["steps"]] == [
        ("accept", "256 variants", 4 * 256, 0),
        ("line", "256 variants", 256, 0),
        ("tokens", "32 variants", 3 * 32, 0),
        ("kinds", "32 variants", 3 * 32, 0),
        ("plain", "2 variants", 3 * 2, 0),
        ("full", "256 variants", 3 * 256, 0),
        ("columns", "32 variants", 3 * 32, 0),
    ]
    assert [row["step"] for row in found["steps"]] == list(STEPS)


@pytest.mark.parametrize("variants", ["best", "baseline", "arena+views+simd"])
def test_one_variant_ends_in_a_table(lab: Lab, project: Path, variants: str) -> None:
    twice = ("--corpus", "corpus") * 2
    answer = lab("verify-frontend", *twice, "--variants", variants, *FEW, "--processes", "1")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert ["full", variants, "3", "3", "0"] in [line.split() for line in lines]
    assert lines[-1] == (
        "3 files of 0.0 MB, 0 of them refused by CPython; 0 mutants, 0 of them refused; "
        "0 made programs, 0 of them refused; 0 differences"
    )


def test_steps_are_chosen(lab: Lab, project: Path) -> None:
    (project / "corpus" / "bad.py").write_text("x = (\n")
    chosen = ("--step", "full", "--step", "accept")
    answer = lab(
        "verify-frontend", "--corpus", "corpus", "--variants", "best", *chosen, *FEW, "--processes", "1", "--json"
    )
    assert answer.code == 0
    found = json.loads(answer.out)
    assert [(row["step"], row["compared"]) for row in found["steps"]] == [("accept", 4), ("full", 3)]
    assert lab("verify-frontend", "--step", "lines").refused(2, "--step", "'lines' is not one of")


def test_a_difference_is_shown_and_is_exit_code_1(lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lab.cli.commands import verify_frontend as command

    climb = command.climb

    def planted(*arguments: object, **options: object) -> object:
        found = climb(*arguments, **options)
        found.steps.differing["full", "best"] += 1
        found.steps.differences.append(Difference("a.py", "full", "best", 2, "theirs", "ours", "x = 1\ny\n"))
        found.crashed.append("b.py")
        return found

    monkeypatch.setattr(command, "climb", planted)
    answer = lab("verify-frontend", "--corpus", "corpus", "--variants", "best", *FEW, "--processes", "1")
    assert answer.code == 1
    assert answer.out.startswith(
        "a.py:2: full, best\n  expected theirs\n  got      ours\n  the program:\n  | x = 1\n  | y\n"
    )
    assert "b.py: its comparison ended the process" in answer.out
    assert answer.out.splitlines()[-1].endswith("2 differences")


def test_wrong_usage_is_one_line(lab: Lab, project: Path) -> None:
    (project / "empty").mkdir()
    assert lab("verify-frontend", "--corpus", "empty").refused(2, "corpus empty: no .py file")
    assert lab("verify-frontend", "--corpus", "corpus", "--variants", "arenas").refused(
        2, "no switch 'arenas'", "or all"
    )
    assert lab("verify-frontend", "--grammar", "3.9").refused(2, "--grammar", "give one of 3.11, 3.12, 3.13, 3.14")
    assert lab("verify-frontend", "--mutants", "-1").refused(2, "--mutants")
