"""%lab and %%lab in a notebook's shell."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lab.core.errors import UsageError
from lab.magic import compare_sources


@pytest.fixture
def shell(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "lab")
    yield shell
    InteractiveShell.clear_instance()


def test_two_cells_are_compared_with_the_names_of_the_notebook(shell: InteractiveShell) -> None:
    shell.run_cell("import math\nvalues = list(range(3000))\ndef add(numbers):\n    return sum(numbers)")
    found = shell.run_cell_magic(
        "lab", "--budget 90",
        "total = 0\nfor value in values:\n    total += math.floor(value)\ntotal\n::\nadd(values)  # at once\n",
    )  # fmt: skip
    assert found.verdict == "better"
    assert str(found).startswith("second is ")


def test_a_line_holds_two_expressions(shell: InteractiveShell) -> None:
    shell.run_cell("n = 100")
    found = shell.run_line_magic("lab", "--budget 90 sum(range(n)) :: n * (n - 1) // 2")
    assert found.verdict == "better"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 + 1", "give two ways"),
        ("1 :: 2 +", "is no Python"),
        ("--nonsense 1 :: 2", "no option"),
        ("--budget soon 1 :: 2", "number of seconds"),
        ("1 :: 2", "different answers"),
        ("1 :: 1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_is_wrong_is_printed_in_place_of_a_traceback(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    assert shell.run_line_magic("lab", line) is None
    assert words in capsys.readouterr().out


def test_values_that_cannot_travel_are_named() -> None:
    with Path(__file__).open() as handle, pytest.raises(UsageError, match=r"handle is a .*cannot be sent to another"):
        compare_sources(["handle.read()", "1"], {"handle": handle, "math": math})
    with pytest.raises(UsageError, match="f is a lambda"):
        compare_sources(["f()", "1"], {"f": eval("lambda: 1", {"__name__": "__main__"})})
