"""Each construct, literal, layout and encoding: every variant gives CPython's own answer."""

import ast
import sysconfig
from pathlib import Path

import pytest

from lab.translation.ladder import STEPS, climb
from lab.translation.ladder.answers import Answer, ThisPython
from lab.translation.ladder.cpython import deeply, parse
from lab.translation.ladder.steps import Climber
from lab.translation.switches import Switches
from tests.translation.conftest import SOURCES, SPEAKS, needs_answers

pytestmark = needs_answers
LIBRARY = Path(sysconfig.get_path("stdlib"))
LIBRARY_FILES = 150
LIBRARY_BYTES = range(1, 30_000)


@pytest.fixture(scope="module")
def climber() -> Climber:
    """Sessions for every setting of the switches."""
    return Climber(Switches.every(), ThisPython())


@pytest.mark.parametrize("path", SOURCES if SPEAKS else [], ids=lambda path: path.stem)
def test_every_variant_answers_as_cpython(climber: Climber, path: Path) -> None:
    source = path.read_bytes()
    said: Answer = deeply(lambda: ThisPython().answer(source, "file"))
    assert said.accepted, said.error
    tally = deeply(lambda: climber.climb(path.name, source, said, "file"))
    assert tally.differences == []
    assert tally.compared["full", "best"] == tally.compared["full", "baseline"] == 1
    assert len(tally.compared) == 256 + 256 + 2 + 32 * (2 + bool(said.tokens))


def test_the_sources_hold_every_class_of_node() -> None:
    trees = [deeply(lambda path=path: parse(path.read_bytes())) for path in SOURCES]
    found = {type(node) for tree in trees for node in deeply(lambda tree=tree: list(ast.walk(tree)))}
    every = {kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)}
    abstract = {kind for kind in every if any(kind in other.__bases__ for other in every)}
    # Never made by ast.parse in this mode, or kept for programs of before 3.9.
    others = {ast.Expression, ast.FunctionType, ast.Interactive, ast.TypeIgnore, ast.Suite, ast.Param}
    others |= {ast.AugLoad, ast.AugStore, ast.Num, ast.Str, ast.Bytes, ast.NameConstant, ast.Ellipsis}
    others |= {ast.Index, ast.ExtSlice}
    assert every - abstract - others - found == set()


def test_the_standard_library_and_its_mutants_have_no_difference(tmp_path: Path) -> None:
    below = (path for path in LIBRARY.rglob("*.py") if "site-packages" not in path.relative_to(LIBRARY).parts)
    files = sorted(path for path in below if path.stat().st_size in LIBRARY_BYTES)
    chosen = files[:: max(len(files) // LIBRARY_FILES, 1)]
    found = climb(chosen, (Switches.all(), Switches.none()), mutant_count=300, seed=11, cache=tmp_path, processes=2)
    assert found.differences == []
    assert (found.files, found.crashed) == (len(chosen), [])
    assert found.mutants > 200
    assert {step for step, _ in found.steps.compared} == set(STEPS)
