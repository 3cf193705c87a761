"""A function is found again in another process, by its module or its file."""

import json
import sys
from pathlib import Path

import pytest

from lab.core.errors import UsageError
from lab.experiment.locate import load_function, quoted, unquoted, where_is


@pytest.fixture(autouse=True)
def same_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_function_of_an_importable_module_is_named_by_it() -> None:
    assert where_is(json.loads) == "json:loads"
    assert load_function("json:loads") is json.loads


def test_text_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.py").write_text("def f():\n    return 1\n")
    monkeypatch.chdir(tmp_path)
    place = where_is("own.py:f")
    assert place == f"{tmp_path / 'own.py'}:f"
    assert load_function(place)() == 1


@pytest.mark.parametrize("text", ["own.py", "own.py:", ":f", "own.py:f g", "folder/own:f", "own.py:1"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        where_is(text)


def test_file_of_a_package_is_loaded_as_its_module(tmp_path: Path) -> None:
    package = tmp_path / "own_package_a"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "other.py").write_text("VALUE = 7\n")
    (package / "mine.py").write_text("from .other import VALUE\ndef f():\n    return VALUE\n")
    assert load_function(f"{package / 'mine.py'}:f")() == 7
    del sys.modules["own_package_a"], sys.modules["own_package_a.mine"], sys.modules["own_package_a.other"]


def test_two_folders_with_one_name_do_not_get_into_each_others_way(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own_helper_b.py").write_text(f"NAME = {name!r}\n")
        (tmp_path / name / "main.py").write_text("import own_helper_b\ndef f():\n    return own_helper_b.NAME\n")
    found = [load_function(f"{tmp_path / name / 'main.py'}:f") for name in ("one", "two")]
    assert [function() for function in found] == ["one", "two"]
    del sys.modules["own_helper_b"]


def test_error_of_the_module_itself_passes_through(tmp_path: Path) -> None:
    (tmp_path / "needs.py").write_text("import a_module_that_is_not_there\ndef f():\n    pass\n")
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_not_there"):
        load_function(f"{tmp_path / 'needs.py'}:f")
    with pytest.raises(UsageError, match="no module nowhere_at_all"):
        load_function("nowhere_at_all:f")
    with pytest.raises(UsageError, match="no function nothing in json"):
        load_function("json:nothing")


def test_tabs_and_line_ends_of_a_path_survive_the_protocol() -> None:
    place = "/a folder/with\ttab\nand 100 % ünï.py:f"
    assert not set(quoted(place)) & set("\t\n\r")
    assert unquoted(quoted(place)) == place
