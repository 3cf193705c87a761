"""`lab.convert`: many inputs in one call, results in order, failures named, results on disk whole or not at all."""

import io
import os
import sys
import threading
from pathlib import Path, PurePath

import pytest
from pyarrow import ipc

import lab
from lab.core.errors import EnvironmentFailure, UsageError
from lab.memory import MemoryConfig, PoolSizes
from lab.translation import Conversion, Session, SourceError, Switches, UnreadableError, convert, inputs, translate
from lab.translation.inputs import find_sources, place_outputs, read_list, sources_of
from lab.translation.outputs import TableStream


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

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
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
    for given, words in (((), "nothing to convert"), (("empty",), "holds no .py file"), (("",), "empty path")):
        with pytest.raises(UsageError, match=words):
            run(*given, output="out")
    with pytest.raises(ValueError, match="emit must be 'ast', 'columns' or 'parquet'"):
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
    sources = sources_of(["a.py", "./b/../c.py", "../x.py", "-", b"x = 1\n", "<stdin>", "</x/escaped>", "<../../esc>"])
    assert place_outputs(sources, ".ast") == [
        PurePath("a.py.ast"),
        PurePath("c.py.ast"),
        PurePath(f"{above[1:]}.ast"),
        PurePath("stdin.ast"),
        PurePath("source 4.ast"),
        PurePath("<stdin>.ast"),
        PurePath("</x/escaped>.ast"),
        PurePath("esc>.ast"),
    ]


def test_a_list_of_inputs_is_read_line_by_line(tree: Path) -> None:
    Path("list").write_text("src/a.py\n\n  \nsrc/sub\n")
    assert read_list("list") == ["src/a.py", "src/sub"]
    assert find_sources(read_list("list")) == ["src/a.py", "src/sub/b.py", "src/sub/deep/c.py"]
    with pytest.raises(UsageError, match="one path per line"):
        read_list("nolist")


NAMES = [
    "</elsewhere/escaped>.py", "<stdin>", "-.py", "a\nb.py", "a\x1b[31mb.py", "é.py", "\udcff.py", "--emit", "x" * 253,
    "a b", "'", ".hidden", "a.py.", "~", "$HOME", "con", "*",
]  # fmt: skip


def test_every_result_is_below_the_output_whatever_its_name(tree: Path) -> None:
    """Names of files, of folders, and ways to write them; one that is too long to have a suffix fails alone."""
    (tree / "names").mkdir()
    (tree / "link").symlink_to(tree / "src")
    for name in NAMES:
        (tree / "names" / name.replace("/", "_")).write_text("x = 1\n")
        (tree / "names" / f"d{name.replace('/', '_')}"[:200]).mkdir()
        (tree / "names" / f"d{name.replace('/', '_')}"[:200] / "in.py").write_text("x = 1\n")
    files = sorted(str(path) for path in (tree / "names").rglob("*") if path.is_file())
    relative = [os.path.relpath(path) for path in files]
    ways = [*files, *relative, *(f"names/../{one}" for one in relative), f"../{tree.name}/src/a.py", "link/a.py"]
    before = {path for path in tree.parent.rglob("*") if path.is_file()}
    done = run(*ways, output="out/deep")
    assert all(failure.error.message.startswith("cannot be written (File name too long)") for failure in done.failures)
    assert len(done.failures) == 3
    assert len([1 for _, result in done.done() if tree / "out" / "deep" in (tree / result).parents]) == len(ways) - 3
    made = {path for path in tree.parent.rglob("*") if path.is_file()} - before
    assert all((tree / "out" / "deep") in path.parents for path in made)
    assert not [path for path in made if path.suffix == ".tmp"]


def test_no_link_inside_the_output_leads_out_of_it(tree: Path) -> None:
    (tree / "victim").mkdir()
    (tree / "victim" / "a.py.ast").write_text("precious")
    (tree / "out" / "src").mkdir(parents=True)
    (tree / "out" / "src" / "sub").symlink_to(tree / "victim")
    (tree / "out" / "src" / "a.py.ast").symlink_to(tree / "victim" / "a.py.ast")
    done = run("src/a.py", "src/sub/b.py", output="out")
    assert [failure.index for failure in done.failures] == [1]
    assert [path.name for path in (tree / "victim").iterdir()] == ["a.py.ast"]
    assert (tree / "victim" / "a.py.ast").read_text() == "precious"
    assert not (tree / "out" / "src" / "a.py.ast").is_symlink()


def test_a_file_of_the_name_of_standard_input_is_a_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x = 1\n")))
    for name in ("<stdin>", "-"):
        Path(name).write_text("y = 2\n")
    Path("list").write_bytes(b"-\n<stdin>\n")
    done = run("-", *read_list("list"), output="out")
    assert done.sources == ("<stdin>", "./-", "<stdin>")
    assert [str(result) for result in done] == ["out/stdin.ast", "out/-.ast", "out/<stdin>.ast"]


def test_a_nul_in_a_name_is_an_error_and_null_reads_lists_of_them(tree: Path) -> None:
    Path("list").write_bytes(b"src/a.py\0src/sub/b.py\0")
    assert read_list("list", null=True) == ["src/a.py", "src/sub/b.py"]
    with pytest.raises(UsageError, match=r"line 1 holds a NUL.*--null"):
        read_list("list")
    with pytest.raises(UsageError, match="NUL in its path"):
        run("src/a.py\0zzz")
    Path("list").write_bytes(b"src/new\nline.py\0")
    assert read_list("list", null=True) == ["src/new\nline.py"]
    with Session(grammar=11) as session, pytest.raises(UnreadableError, match="NUL character"):
        session.text(Path("src/a.py\0q"))


@pytest.mark.parametrize("emit", ["ast", "columns"])
def test_pipes_and_devices_are_read_as_streams(tree: Path, emit: str) -> None:
    read, write = os.pipe()
    os.write(write, b"x = 1\n")
    os.close(write)
    fifo = tree / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(b"y = 2\n",))
    writer.start()
    done = run("src/a.py", f"/dev/fd/{read}", "src/sub/b.py", "fifo", "/dev/null", b"w = 1\n", emit=emit)
    writer.join()
    os.close(read)
    assert not done.failures
    if emit == "ast":
        assert (done[0], done[2]) == (done[1], done[3])


def test_an_endless_stream_fails_alone(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "STREAM_BYTES_MAX", 1 << 20)
    done = run("/dev/zero", "src/a.py")
    assert [(failure.index, "longer than" in str(failure.error)) for failure in done.failures] == [(0, True)]


def test_all_tables_have_one_schema_whatever_the_names(tree: Path) -> None:
    for name in ("\udcff.py", "plain.py", "é.py"):
        Path(name).write_text("x = 1\n")
    buffer = io.BytesIO()
    with TableStream(buffer) as stream:
        run("\udcff.py", "plain.py", "é.py", emit="columns", take=lambda _, table: stream.write(table))
    table = ipc.open_stream(buffer.getvalue()).read_all()
    assert sorted(set(table.column("file").to_pylist())) == ["\\xff.py", "plain.py", "é.py"]


def test_the_umask_is_respected(tree: Path) -> None:
    before = os.umask(0o077)
    try:
        run("src/a.py", output="out")
    finally:
        os.umask(before)
    assert Path("out/src/a.py.ast").stat().st_mode & 0o777 == 0o600
    assert Path("out/src").stat().st_mode & 0o777 == 0o700
