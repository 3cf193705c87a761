"""`lab` called in this process, which spares the imports; what needs a process of its own starts one."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.cli import main
from tests.cli.project import RealRun


@dataclass(frozen=True)
class Answer:
    """How a call of `lab` ended and what it said."""

    code: int
    out: str
    err: str

    def refused(self, code: int, *fragments: str) -> bool:
        """Whether it ended with the code and one line that holds the fragments, besides lines of progress."""
        lines = [line for line in self.err.splitlines() if not line.startswith(("planning:", "run ", "clock:"))]
        assert self.out == ""
        assert (self.code, len(lines)) == (code, 1), self.err
        assert lines[0].startswith("lab: ")
        assert [fragment for fragment in fragments if fragment not in lines[0]] == [], lines[0]
        return True


Lab = Callable[..., Answer]


@pytest.fixture
def project(real_run: RealRun, tmp_path: Path) -> Path:
    """A copy of the project with its run, to be damaged at will."""
    return shutil.copytree(real_run.project, tmp_path / real_run.project.name, symlinks=True)


@pytest.fixture
def run_folder(project: Path) -> Path:
    """The folder of the run in `project`."""
    return (project / "reports" / "latest").resolve()


@pytest.fixture
def lab(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lab:
    """Calls `lab` with arguments, standing in `project`."""
    monkeypatch.chdir(project)

    def call(*arguments: str | os.PathLike[str]) -> Answer:
        monkeypatch.setattr(sys, "argv", ["lab", *map(os.fspath, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Answer(int(end.value.code or 0), out, err)

    return call
