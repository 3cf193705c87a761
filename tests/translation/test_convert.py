"""`lab.convert`: many inputs in one call, results in order, failures named, results on disk whole or not at all."""

import io
import os
import sys
import threading
from pathlib import Path

import pytest
from pyarrow import ipc

import lab
from lab.core.errors import EnvironmentFailure, UsageError
from lab.memory import MemoryConfig, PoolSizes
from lab.translation import Conversion, Session, SourceError, Switches, UnreadableError, convert, translate
from lab.translation.inputs import find_sources, place_outputs, read_list


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {"a.py": "x = 1\n", "sub/b.py": "y = 2\n", "sub/deep/c.py": "z = (\n", "note.txt": "no"}.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def run(*inputs: object, **options: object) -> Conversion:
    return convert(inputs, grammar=11, **options)


def test_results_are_in_the_order_of_the_inputs(tree: Path) -> None:
    done = run("src/sub/b.py", b"w = 3\n", Path("src"), tree / "src" / "a.py")
    assert done.sources == (
        "src/sub/b.py",
        "<source 1>",
        "src/a.py",
        "src/sub/b.py",
        "src/sub/deep/c.py",
        str(tree / "src/a.py"),
    )
    assert [done[0], done[1]] == [translate(text, grammar=11).encode() for text in ("y = 2\n", "w = 3\n")]
    assert done[2] == done[5]
    with pytest.raises(SourceError, match=r"src/sub/deep/c\.py:1:5: "):
        done[4]
    assert [failure.index for failure in done.failures] == [4]
    assert [name for name, _ in done.done()] == [name for name in done.sources if not name.endswith("c.py")]
    assert (len(done), done.ledger.task_count, done.ledger.failed_count) == (6, 6, 1)


def test_lab_shows_it(tree: Path) -> None:
    assert lab.convert is convert


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("switches", [Switches.all(), Switches.none()], ids=str)
def test_texts_are_written_at_their_inputs_paths(tree: Path, threads: int, switches: Switches) -> None:
    done = run("src", tree / "src" / "a.py", output="out", threads=threads, switches=switches)
    written = sorted(path.relative_to("out") for path in Path("out").rglob("*") if path.is_file())
    absolute = Path(*(tree / "src" / "a.py.ast").parts[1:])
    assert written == sorted([Path("src/a.py.ast"), Path("src/sub/b.py.ast"), absolute])
    assert done[0] == Path("out/src/a.py.ast")
    assert Path("out/src/a.py.ast").read_text() == translate("x = 1\n", grammar=11)
    assert [failure.error.file for failure in done.failures] == ["src/sub/deep/c.py"]
    assert Path("out/src/a.py.ast").stat().st_mode == Path("src/a.py").stat().st_mode


def test_columns_are_written_as_arrow_files(tree: Path) -> None:
    run("src", emit="columns", output="out")
    table = ipc.open_file("out/src/sub/b.py.arrow").read_all()
    assert table.column("kind").to_pylist() == ["Module", "Assign", "Name", "Constant"]
    assert table.column("name").to_pylist() == [None, None, "y", None]
    tables = run("src", emit="columns")
    assert [len(table) for _, table in tables.done()] == [4, 4]


def test_results_are_handed_on_as_they_come(tree: Path) -> None:
    taken: list[tuple[str, object]] = []
    seen: list[tuple[int, int]] = []
    done = run(
        "src", b"v = 1\n", take=lambda name, result: taken.append((name, result)), progress=lambda *n: seen.append(n)
    )
    assert [name for name, _ in taken] == ["src/a.py", "src/sub/b.py", "<source 3>"]
    assert taken[0][1] == translate("x = 1\n", grammar=11).encode()
    assert [done[number] for number in (0, 1, 3)] == [None] * 3
    assert seen[-1] == (4, 4)


def test_what_cannot_be_written_is_a_failure_of_its_own(tree: Path) -> None:
    (tree / "out").mkdir()
    (tree / "out" / "src").write_text("a file where a folder belongs")
    done = run("src/a.py", b"w = 1\n", output="out")
    assert [failure.index for failure in done.failures] == [0]
    assert isinstance(done.failures[0].error, UnreadableError)
    assert "choose another --output" in str(done.failures[0].error)
    assert done[1] == Path("out/source 1.ast")


def test_a_result_that_is_there_is_replaced_whole(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tree / "out" / "src" / "a.py.ast"
    run("src/a.py", output="out")
    before = place.read_bytes()
    (tree / "src" / "a.py").write_text("other = 2\n")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("src/a.py", output="out")
    assert place.read_bytes() == before
    assert [path.name for path in place.parent.iterdir()] == ["a.py.ast"]


def test_standard_input_is_read_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x = 1\n")))
    done = run("-", "src/a.py", output="out")
    assert done.sources == ("<stdin>", "src/a.py")
    assert done[0] == Path("out/stdin.ast")
    assert Path("out/stdin.ast").read_bytes() == Path("out/src/a.py.ast").read_bytes()
    with pytest.raises(UsageError, match="give - once"):
        run("-", "-")


def test_configuration_comes_as_an_object_or_a_file(tree: Path) -> None:
    Path("portalis.toml").write_text("[memory]\nenable_pools = false\nenable_arena_allocation = false\n")
    plain = run("src/a.py", config="portalis.toml")
    assert plain.ledger.pool_hits == 0
    sized = run("src/a.py", "src/a.py", config=MemoryConfig(pools=PoolSizes(string_pool_size=5)), threads=1)
    assert sized.ledger.pool_hits > 0
    assert plain[0] == sized[0]


def test_wrong_usage_is_said_before_anything_is_done(tree: Path) -> None:
    (tree / "empty").mkdir()
    for inputs, words in (((), "nothing to convert"), (("empty",), "holds no .py file"), (("",), "empty path")):
        with pytest.raises(UsageError, match=words):
            run(*inputs, output="out")
    with pytest.raises(ValueError, match="emit must be 'ast' or 'columns'"):
        run("src", emit="json")
    with pytest.raises(ValueError, match="workers must be"):
        run("src", threads=0)
    assert not (tree / "out").exists()


def test_two_sources_of_one_place_are_wrong_usage(tree: Path) -> None:
    absolute = (tree / "src" / "a.py").as_posix()
    below = tree / absolute.lstrip("/")
    below.parent.mkdir(parents=True)
    below.write_text("q = 1\n")
    with pytest.raises(UsageError, match="would both be written to"):
        run(absolute, absolute.lstrip("/"), output="out")
    assert len(run("src/a.py", "./src/a.py", "src/../src/a.py", output="out").failures) == 0


def test_missing_pyarrow_is_said_with_the_remedy(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(EnvironmentFailure, match="pip install 'pyarrow>=17', or take --emit ast"):
        run("src", emit="columns", output="out")


def test_places_are_below_the_folder_whatever_the_path(tree: Path) -> None:
    above = os.path.normpath(tree.parent / "x.py")
    places = place_outputs(["a.py", "./b/../c.py", "../x.py", "<stdin>", "<source 3>"], Path("out"), ".ast")
    assert places == [
        Path("out/a.py.ast"),
        Path("out/c.py.ast"),
        Path(f"out{above}.ast"),
        Path("out/stdin.ast"),
        Path("out/source 3.ast"),
    ]


def test_a_list_of_inputs_is_read_line_by_line(tree: Path) -> None:
    Path("list").write_text("src/a.py\n\n  \nsrc/sub\n")
    assert read_list("list") == ["src/a.py", "src/sub"]
    assert find_sources(read_list("list")) == ["src/a.py", "src/sub/b.py", "src/sub/deep/c.py"]
    with pytest.raises(UsageError, match="one path per line"):
        read_list("nolist")


def test_a_list_may_end_its_inputs_with_nul_and_says_so_where_it_is_not_told(tree: Path) -> None:
    Path("list").write_bytes(b"src/a.py\0src/sub\0")
    assert read_list("list", null=True) == ["src/a.py", "src/sub"]
    with pytest.raises(UsageError, match=r"line 1 holds a NUL.*pass --null"):
        read_list("list")
    with pytest.raises(UsageError, match="NUL in its path"):
        convert(["src/a.py\0zzz"], grammar=11)
    with Session(grammar=11) as session, pytest.raises(UnreadableError, match="NUL character"):
        session.text(Path("src/a.py\0q"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
def test_a_pipe_is_read_as_a_stream(tree: Path) -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_text("x = 1\n"))
    writer.start()
    done = convert(["pipe"], grammar=11)
    writer.join()
    assert done[0] == translate("x = 1\n", grammar=11).encode()
