"""Experiments are found by name, wherever one stands, and a wrong name offers the nearest."""

from pathlib import Path

import pytest

from lab.core.errors import UsageError
from lab.experiment.registry import experiment_names, load_experiments

MODULE = """
from lab.experiment.declare import Arms, Experiment, Group, words

EXPERIMENT = Experiment(
    name="mine", title="Mine", question="Does it?",
    groups=(
        Group(name="g", title="G", kernel="k", factors=(words("size", 1),), arms=Arms("arm", "a", {"a": "", "b": ""})),
    ),
)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.lab]\nexperiments = "trials"\n')
    (tmp_path / "trials").mkdir()
    (tmp_path / "trials" / "mine.py").write_text(MODULE)
    (tmp_path / "trials" / "helper.py").write_text("VALUE = 1\n")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def test_built_in_experiments_are_found_anywhere(tmp_path: Path) -> None:
    assert {"alignment", "layout", "pooling", "selftest"} <= set(experiment_names(tmp_path))


def test_folder_of_the_nearest_project_is_found_from_below_it(project: Path) -> None:
    assert "mine" in experiment_names(project / "notebooks")
    assert "helper" not in experiment_names(project / "notebooks")
    assert [experiment.title for experiment in load_experiments(["mine"], project / "notebooks")] == ["Mine"]


def test_unknown_name_offers_the_nearest(project: Path) -> None:
    with pytest.raises(UsageError, match="did you mean layout"):
        load_experiments(["layuot"], project)
    with pytest.raises(UsageError, match=r"there are: .*mine"):
        load_experiments(["zzzzzz"], project)


def test_same_name_twice_is_loaded_once(project: Path) -> None:
    assert len(load_experiments(["mine", "mine"], project)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("EXPERIMENT = 1\n", "not a lab.experiment.declare.Experiment"),
        ("EXPERIMENT = nonsense\n", "NameError"),
        ("EXPERIMENT = (\n", "SyntaxError"),
    ],
)
def test_broken_module_is_one_clear_error(project: Path, text: str, message: str) -> None:
    (project / "trials" / "mine.py").write_text(text)
    with pytest.raises(UsageError, match=message):
        load_experiments(["mine"], project)


@pytest.mark.parametrize(
    "text", ["[tool.lab\n", '[tool.lab]\nexperiments = "missing"\n', "[tool.lab]\nexperiments = 3\n"]
)
def test_broken_project_file_is_one_clear_error(project: Path, text: str) -> None:
    (project / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        experiment_names(project)


def test_file_and_experiment_of_different_names_are_refused(project: Path) -> None:
    (project / "trials" / "other.py").write_text(MODULE)
    with pytest.raises(UsageError, match="give file and experiment one name"):
        load_experiments(["other"], project)


def test_own_file_of_a_built_in_name_replaces_it(project: Path) -> None:
    (project / "trials" / "layout.py").write_text(MODULE.replace('"mine"', '"layout"'))
    assert load_experiments(["layout"], project)[0].title == "Mine"
