"""An experiment and its own Python kernel in one file: it works from every folder of the project."""

from pathlib import Path

import pytest

from lab.experiment.python_kernel import load_factory
from lab.experiment.registry import load_experiments
from tests.cli.project import run_lab

MODULE = """
from lab.experiment.declare import Arms, Experiment, Group, words
from lab.experiment.python_kernel import python_kernel


class _Sum:
    pass_iterations = 1

    def __init__(self, how):
        self.how, self.data = how, list(range(2_000))

    def run(self, first, count):
        total = 0
        for _ in range(count):
            if self.how == "loop":
                for x in self.data:
                    total += x
            else:
                total += sum(self.data)
        return total & (2**64 - 1), count * len(self.data)


def kernel(args, data):
    return _Sum(args["how"])


EXPERIMENT = Experiment(
    name="sums", title="Sums", question="Does sum() pay?",
    groups=(Group(name="list", title="A list", kernel=python_kernel(kernel), item="number", factors=(words("n", 2000),),
                  arms=Arms("how", "loop", {"loop": "a loop", "builtin": "sum()"})),),
)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.lab]\nexperiments = "trials"\n')
    (tmp_path / "trials" / "deep").mkdir(parents=True)
    (tmp_path / "trials" / "sums.py").write_text(MODULE)
    return tmp_path


def test_kernel_is_named_by_its_file(mine: Path) -> None:
    """The module has been loaded under a name that no other interpreter knows."""
    (experiment,) = load_experiments(["sums"], mine)
    kernel = experiment.groups[0].kernel
    assert kernel == f"python:{mine / 'trials' / 'sums.py'}:kernel"
    assert load_factory(kernel)({"how": "loop"}, None).run(0, 1) == load_factory(kernel)({"how": "x"}, None).run(0, 1)


@pytest.mark.parametrize("folder", [".", "trials", "trials/deep"])
def test_it_is_measured_from_any_folder(mine: Path, folder: str) -> None:
    done = run_lab("run", "sums", "--budget", "1", cwd=mine / folder)
    assert done.returncode == 0, done.stderr
    assert "failed: " not in done.stderr
    assert "builtin" in done.stdout
