"""The ladder itself: it finds what is planted, knows which lines are stable, and asks CPython once."""

import ast
import dataclasses
import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from lab.core.errors import EnvironmentFailure
from lab.translation import Session, Switches, UnsupportedGrammarError
from lab.translation.ladder import STEPS, AnswerCache, cache_folder, climb, few_switches
from lab.translation.ladder.answers import Answer, ThisPython
from lab.translation.ladder.cpython import Mode, deeply, dump, kinds, token_views
from lab.translation.ladder.layouts import layouts
from lab.translation.ladder.mutants import mutants
from lab.translation.ladder.oracles import find
from lab.translation.ladder.programs import programs
from lab.translation.ladder.rows import rows_of_answer, rows_of_table
from lab.translation.ladder.steps import Climber, Tally, without_attributes
from lab.translation.session import GRAMMARS
from tests.translation.conftest import SOURCES, needs_answers

SOURCE = b"def f(a, *, b=1):\n    return f'{a!r:>{b}}' + 'lineno=1, col_offset=2' if a else {1: None}\n"
BROKEN = b"x = 1\ny = (2\nz = 3 +\n"


@pytest.fixture(scope="module")
def climber() -> Climber:
    return Climber((Switches.all(), Switches.none()), ThisPython())


def answer(source: bytes, mode: Mode) -> Answer:
    return ThisPython().answer(source, mode)


def differing(tally: Tally) -> set[str]:
    return {step for step, _ in tally.differing}


@needs_answers
def test_equal_answers_have_no_difference(climber: Climber) -> None:
    tally = climber.climb("x.py", SOURCE, answer(SOURCE, "file"), "file")
    assert (tally.differences, tally.differing) == ([], Counter())
    assert {step for step, _ in tally.compared} == set(STEPS) - {"line"}
    assert set(tally.compared.values()) == {1}


@needs_answers
@pytest.mark.parametrize("step", ["tokens", "kinds", "plain", "full", "columns"])
def test_another_answer_of_one_step_is_found_in_every_variant(
    climber: Climber, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = dataclasses.replace(answer(SOURCE, "file"), **{step: "0" * 32})
    tally = climber.climb("x.py", SOURCE, said, "file")
    assert tally.differing == Counter({(step, "best"): 1, (step, "baseline"): 1})
    assert {(one.file, one.step) for one in tally.differences} == {("x.py", step)}


@needs_answers
def test_a_changed_source_shows_where_it_differs(climber: Climber) -> None:
    said = answer(SOURCE, "file")
    changed = SOURCE.replace(b"b=1", b"b=2")
    tally = climber.climb("x.py", changed, said, "file")
    assert differing(tally) == {"plain", "full", "columns"}
    moved = climber.climb("x.py", b"\n" + SOURCE, said, "file")
    assert differing(moved) == {"tokens", "full", "columns"}
    assert {one.line for one in tally.differences} <= {0, 1}


@needs_answers
def test_acceptance_and_lines_are_compared(climber: Climber) -> None:
    accepted = climber.climb("x.py", SOURCE, Answer(False, "SyntaxError: no", 2, True), "file")
    assert differing(accepted) == {"accept"}
    assert (accepted.differences[0].expected, accepted.differences[0].got) == ("SyntaxError: no", "accepted")
    refused = climber.climb("x.py", BROKEN, answer(SOURCE, "file"), "file")
    assert differing(refused) == {"accept"}
    said = answer(BROKEN, "file")
    assert (said.accepted, said.line, said.stable) == (False, 2, True)
    assert climber.climb("x.py", BROKEN, said, "mutant").differences == []
    elsewhere = dataclasses.replace(said, line=3)
    assert differing(climber.climb("x.py", BROKEN, elsewhere, "mutant")) == {"line"}
    assert climber.climb("x.py", BROKEN, dataclasses.replace(elsewhere, stable=False), "mutant").differences == []


@needs_answers
@pytest.mark.parametrize(
    ("source", "line", "stable"),
    [
        (b"x = 1\ny = = 2\nz = 3\n", 2, True),
        (b"x = (1\n     2)\n", 1, False),  # "forgot a comma?", but alone the first line has an open bracket
        (b"x = (1 2,\n  3)\n", 1, True),
        (b"x = '''1\n2\n", 1, True),  # "detected at line 2", and alone at line 1
        (b"if x:\n    y\n  z\n", 3, True),
        (b"# coding: nonsense\n", 0, False),
    ],
)
def test_a_line_is_stable_where_nothing_behind_it_counts(source: bytes, line: int, stable: bool) -> None:
    said = answer(source, "mutant")
    assert (said.accepted, said.line, said.stable) == (False, line, stable)


@needs_answers
def test_rows_of_a_tree_are_those_of_its_columns() -> None:
    for path in SOURCES:
        source = path.read_bytes()
        mine = deeply(lambda source=source: rows_of_answer(ThisPython().detail(source, "rows")))
        with Session() as session:
            theirs = rows_of_table(session.columns(source))
        assert mine.digest() == theirs.digest()
        assert mine.histogram() == theirs.histogram()
        assert mine.row(0)["kind"] == "Module"
        assert mine.row(len(mine.kind)) == {}


@needs_answers
def test_attributes_are_taken_out_of_nodes_and_never_out_of_strings() -> None:
    tree = ast.parse(SOURCE)
    assert without_attributes(dump(tree).decode()) == ast.dump(tree)
    empty = ast.parse("pass\nlambda: ...\nx = b', lineno=1, col_offset=2, end_lineno=3, end_col_offset=4'")
    assert without_attributes(dump(empty).decode()) == ast.dump(empty)


@needs_answers
def test_classes_of_nodes_are_counted_without_contexts_and_operators() -> None:
    assert kinds(ast.parse("x = a + b if not c else d < e")) == Counter(
        {"Name": 6, "Module": 1, "Assign": 1, "IfExp": 1, "BinOp": 1, "UnaryOp": 1, "Compare": 1}
    )


@needs_answers
def test_tokens_that_the_tokenize_module_does_not_know_have_no_answer() -> None:
    assert token_views("x = ℘\n".encode()) is None
    assert token_views(b"x = 1\n") is not None


def test_few_switches_are_every_compiled_setting_twice() -> None:
    few = few_switches()
    assert len(set(few)) == len(few) == 32
    assert {(one.arena, one.intern, one.views, one.soa) for one in few} == {
        tuple(bool(number & bit) for bit in (1, 2, 4, 8)) for number in range(16)
    }
    assert {(one.pool, one.simd, one.aligned, one.prefetch) for one in few} == {(False,) * 4, (True,) * 4}


def test_mutants_are_the_same_again_and_others_by_seed() -> None:
    source = Path(ast.__file__).read_bytes()
    first = list(mutants(source, 50, 1))
    assert first == list(mutants(source, 50, 1))
    assert first != list(mutants(source, 50, 2))
    assert len(set(first)) > 45
    assert list(mutants(b"\xff\xfe", 5, 1)) == []


def test_answers_are_kept_by_source_mode_and_version(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    key = AnswerCache.key(b"x", "file")
    assert (cache.get(key), AnswerCache.key(b"x", "mutant") != key, len(cache)) == (None, True, 0)
    kept = Answer(False, "SyntaxError: é\nx", 3, True)
    cache.add({key: kept})
    with cache.path.open("a") as file:
        file.write('{"cut off')
    again = AnswerCache(tmp_path)
    assert (again.get(key), len(again), again.path) == (kept, 1, cache.path)
    assert json.loads(cache.path.read_text().splitlines()[0])[0] == key


def test_a_cache_that_cannot_be_written_costs_nothing_but_asking_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = AnswerCache(tmp_path / "file")
    cache.add({"file x": Answer(True)})
    assert cache.get("file x") == Answer(True)
    assert AnswerCache(tmp_path / "file").get("file x") is None


def test_the_cache_lies_in_the_platforms_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "portalis-lab"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_folder().parts[-3:] == ("Library", "Caches", "portalis-lab")


def test_a_grammar_that_is_not_known_is_refused() -> None:
    with pytest.raises(
        UnsupportedGrammarError, match=r"does not know the grammar of Python 3\.99; it knows 3\.11, 3\.12"
    ):
        climb([], (), grammar=99)


def test_a_version_without_an_interpreter_is_unavailable_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PYENV_ROOT", "/nowhere")
    other = 14 if sys.version_info.minor != 14 else 13
    with pytest.raises(EnvironmentFailure, match=rf"no CPython 3\.{other} to compare with: install python3\.{other}"):
        find(other)


def test_programs_and_layouts_are_the_same_again_and_most_programs_parse() -> None:
    minor = sys.version_info.minor
    made = list(programs(minor, 300, 1))
    assert made == list(programs(minor, 300, 1))
    assert made != list(programs(minor, 300, 2))
    assert sum(answer(source, "mutant").accepted for source in made) > 280
    small = list(layouts(300, 1))
    assert small == list(layouts(300, 1))
    assert {b"\r", b"\f", b"\t", b"\\"} <= {bytes([byte]) for source in small for byte in source}


@pytest.mark.parametrize("minor", GRAMMARS)
def test_programs_and_layouts_of_every_grammar_have_no_difference(tmp_path: Path, minor: int) -> None:
    try:
        find(minor)
    except EnvironmentFailure as missing:
        pytest.skip(str(missing))
    (tmp_path / "a.py").write_bytes(SOURCE)
    found = climb(
        [tmp_path / "a.py"], (Switches.all(), Switches.none()), grammar=minor, cache=tmp_path / "cache",
        program_count=150, layout_count=400, seed=5, processes=1,
    )  # fmt: skip
    assert found.differences == []
    assert (found.files, found.programs, found.python.split(".")[:2]) == (1, 550, ["3", str(minor)])


@needs_answers
def test_a_corpus_is_climbed_in_processes_and_asked_about_once(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.py", "b.py", "bad.py")]
    for path, source in zip(files, (SOURCE, SOURCE * 40, BROKEN), strict=True):
        path.write_bytes(source)
    seen: list[tuple[int, int]] = []
    first = climb(
        files, (Switches.all(),), mutant_count=30, seed=3, cache=tmp_path / "cache",
        processes=2, progress=lambda done, total, words: seen.append((done, total)),
    )  # fmt: skip
    assert (first.differences, first.crashed, first.files, first.refused) == ([], [], 3, 1)
    assert first.mutants == 10  # the other two have no natural piece of some size
    assert first.bytes == sum(path.stat().st_size for path in files)
    assert seen[-1] == (first.bytes, first.bytes)
    kept = AnswerCache(tmp_path / "cache").path
    lines = kept.read_text()
    again = climb(files, (Switches.none(),), mutant_count=30, seed=3, cache=tmp_path / "cache", processes=1)
    assert (again.differences, again.mutants, kept.read_text()) == ([], first.mutants, lines)


@needs_answers
def test_a_file_that_ends_the_process_is_named_and_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_bytes(SOURCE)
    (tmp_path / "b.py").write_bytes(SOURCE + b"\n")
    planted = tmp_path / "planted"
    planted.mkdir()
    # The processes are fresh ones: what they import first plants the end of a process for one source.
    (planted / "sitecustomize.py").write_text(
        "import sys\n"
        "from importlib.abc import MetaPathFinder\n"
        "class Plant(MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'lab.translation.ladder.climb':\n"
        "            sys.meta_path.remove(self)\n"
        "            import os\n"
        "            from lab.translation.ladder.steps import Climber\n"
        "            climb = Climber.climb\n"
        "            def dying(self, file, source, said, mode):\n"
        "                if file.endswith('b.py'):\n"
        "                    os._exit(9)\n"
        "                return climb(self, file, source, said, mode)\n"
        "            Climber.climb = dying\n"
        "sys.meta_path.insert(0, Plant())\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{planted}:{__import__('os').environ.get('PYTHONPATH', '')}")
    files = [tmp_path / name for name in ("a.py", "b.py", "c.py")]
    found = climb(files, (Switches.all(),), cache=tmp_path / "cache", processes=1)
    assert (found.crashed, found.files, found.differing) == ([str(files[1])], 3, 1)
    assert found.steps.compared["full", "best"] == 2
