"""A small project of its own: a pyproject.toml, two experiments over two groups, a corpus of three files."""

import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

MODULE = """
from experiments.inputs import records
from lab.experiment.declare import Arms, Experiment, Group, everywhere, words

SCAN = Group(
    name="scan", title="Rows or columns", kernel="layout.scan", input=records,
    factors=(words("fields", {fields}), words("working_set", 16384)),
    args={{"pages": "small", "order": "sequential"}},
    arms=Arms("layout", "aos", {{"aos": "Rows.", "soa": "Columns."}}),
    passes={passes}, series="fields",
)
HEAP = Group(
    name="heap", title="Identical code", kernel="selftest.heap",
    factors=(words("live", {live}), words("sizes", "small")),
    args={{"plant": "0"}}, kind="allocating",
    arms=Arms("copy", "{baseline}", {{"{baseline}": "Malloc.", "again": "The same."}}),
    separate=everywhere, passes={passes}, axis="live",
)
EXPERIMENT = Experiment(name="{name}", title="{name}", question="Does it pay?", groups=({groups}), role="{role}")
"""
ALL_PASSES = '{name: everywhere for name in ("callgrind", "perf", "resident", "allocations")}'
SOURCES = {"a.py": "def f(x):\n    return x + 1\n", "b.py": "# a comment\nVALUE = 3\n", "sub/c.py": "import os\n" * 40}


@dataclass(frozen=True)
class RealRun:
    """A run that was interrupted in its clock passes and resumed; how both commands ended."""

    project: Path
    interrupted: subprocess.CompletedProcess[str]
    resumed: subprocess.CompletedProcess[str]

    @property
    def folder(self) -> Path:
        return (self.project / "reports" / "latest").resolve()


def make_module(
    name: str,
    *,
    groups: str = "SCAN, HEAP",
    fields: str = "1, 8",
    live: str = "64",
    passes: str = "{}",
    baseline: str = "same",
    role: str = "",
) -> str:
    """The source of an experiment; a baseline other than "same" is one that the kernel refuses."""
    return MODULE.format(
        name=name, groups=groups, fields=fields, live=live, passes=passes, baseline=baseline, role=role
    )


def make_project(folder: Path, **modules: str) -> Path:
    """Write the project with one experiment per keyword; the folder is made."""
    (folder / "mine").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[tool.lab]\nexperiments = "mine"\n')
    for name, text in modules.items():
        (folder / "mine" / f"{name}.py").write_text(text)
    for name, text in SOURCES.items():
        path = folder / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def lab_command(*arguments: str) -> list[str]:
    """The command line of the installed `lab`."""
    return [str(Path(sysconfig.get_path("scripts")) / "lab"), *arguments]


def run_lab(*arguments: str, cwd: Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run `lab` to its end as a process of its own."""
    return subprocess.run(
        lab_command(*arguments), cwd=cwd, capture_output=True, text=True, timeout=120, check=False, **options
    )
