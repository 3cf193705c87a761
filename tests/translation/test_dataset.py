"""`--emit parquet`: the nodes of many sources in one file, what readers make of it, and that it is whole or absent."""

import ast
import dataclasses
import errno
import sys
import textwrap
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from lab.core.errors import EnvironmentFailure, UsageError
from lab.translation import SourceError, UnreadableError, convert, dataset
from lab.translation.outputs import OutputFolder

SMALL = {"a.py": "import os\nx = f(1, 'é')\n", "b.py": "def f(y):\n    return y\n", "sub/c.py": "z = 3\n"}
LIBRARY = [str(module.__file__) for module in (textwrap, tokenize, dataclasses, ast)]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in SMALL.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def rows(*inputs: Any, grammar: int = 11, **options: Any) -> list[dict[str, Any]]:
    done = convert(inputs, emit="parquet", output="nodes.parquet", grammar=grammar, **options)
    assert not done.failures
    table = parquet.read_table("nodes.parquet")
    table.validate(full=True)
    return table.to_pylist()


def test_a_row_is_a_node_with_its_parent_place_and_text(tree: Path) -> None:
    found = rows("src")
    assert [(row["node_id"], row["parent_id"], row["kind"], row["field"], row["text"]) for row in found[:9]] == [
        (0, None, "Module", None, None),
        (1, 0, "Import", "body", "import os"),
        (2, 1, "alias", "names", "os"),
        (3, 0, "Assign", "body", "x = f(1, 'é')"),
        (4, 3, "Name", "targets", "x"),
        (5, 3, "Call", "value", "f(1, 'é')"),
        (6, 5, "Name", "func", "f"),
        (7, 5, "Constant", "args", "1"),
        (8, 5, "Constant", "args", "'é'"),
    ]
    last = found[8]
    assert (last["file"], last["line"], last["col"], last["end_line"], last["end_col"]) == ("src/a.py", 2, 9, 2, 13)
    assert (last["value"], last["index"], found[6]["name"], found[6]["index"]) == ("'é'", 1, "f", None)
    assert [row["node_id"] for row in found] == list(range(len(found)))
    roots = [row for row in found if row["parent_id"] is None]
    assert [(row["kind"], row["file"]) for row in roots] == [("Module", f"src/{name}") for name in sorted(SMALL)]
    assert all(found[row["parent_id"]]["file"] == row["file"] for row in found if row["parent_id"] is not None)


def test_texts_are_what_ast_cuts_out_of_the_sources(tree: Path) -> None:
    texts = {name: Path(name).read_text("utf-8") for name in LIBRARY}
    lines = {name: ast._splitlines_no_ff(text) for name, text in texts.items()}  # type: ignore[attr-defined]
    checked = 0
    for row in rows(*texts, grammar=min(sys.version_info.minor, 14)):
        if row["text"] is None:
            continue
        first, last = row["line"] - 1, row["end_line"] - 1
        if first == last:
            expected = lines[row["file"]][first].encode()[row["col"] : row["end_col"]].decode()
        else:
            place = SimpleNamespace(
                lineno=row["line"], col_offset=row["col"], end_lineno=row["end_line"], end_col_offset=row["end_col"]
            )
            expected = ast.get_source_segment(texts[row["file"]], place)  # type: ignore[arg-type, assignment]
        assert row["text"] == expected.replace("\r\n", "\n"), row
        checked += 1
    assert checked > 10_000


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"\xef\xbb\xbfab = 1\r\ncd = (2,\r\n 3)\r\n", "cd = (2,\n 3)"),
        ("# coding: latin-1\ncd = 'é'\n".encode("latin-1"), "cd = 'é'"),
        (b"if 1:\n\x0ccd = 2", None),
        (b"\x0c\ncd = 2", "cd = 2"),
    ],
)
def test_places_count_in_the_text_that_the_source_is_decoded_to(tree: Path, source: bytes, text: str | None) -> None:
    if text is None:
        done = convert([source], emit="parquet", output="nodes.parquet", grammar=11)
        assert isinstance(done.failures[0].error, SourceError)
        return
    assert [row["text"] for row in rows(source) if row["kind"] == "Assign"][-1] == text


def test_fields_of_f_strings_have_a_text_where_the_place_is_one(tree: Path) -> None:
    source = "é = 1\nx = f'éé{é!r:>{é}}ü' f'''\n{é\n}é'''\n".encode()
    for grammar in (11, 12, 13, 14):
        found = rows(source, grammar=grammar)  # reading them checks that each is UTF-8
        names = [row["text"] for row in found if row["kind"] == "Name" and row["name"] == "é"]
        assert len(names) == 4
        if grammar > 11:  # 3.11 tells places of its own for them
            assert names == ["é"] * 4


def test_a_node_that_is_long_has_no_text(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "TEXT_BYTES", 6)
    texts = {row["kind"]: row["text"] for row in rows(b"abcd = 1\nabc=2\n")}
    assert texts == {"Module": None, "Assign": "abc=2", "Name": "abc", "Constant": "2"}
    assert [row["text"] for row in rows(b"abcd = 1\n") if row["kind"] == "Assign"] == [None]


@pytest.mark.parametrize("threads", [1, 3])
def test_row_groups_are_bounded_and_change_no_row(tree: Path, monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    whole = rows("src", *LIBRARY[:2], threads=1)
    monkeypatch.setattr(dataset, "ROWS", 640)
    assert rows("src", *LIBRARY[:2], threads=threads) == whole
    written = parquet.ParquetFile("nodes.parquet").metadata
    sizes = [written.row_group(number).num_rows for number in range(written.num_row_groups)]
    assert sum(sizes) == len(whole)
    assert all(640 <= size < 2 * 640 for size in sizes[:-1]) and len(sizes) > 3


def test_pandas_and_polars_read_it(tree: Path) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    expected = [row["kind"] for row in rows("src")]
    frame = pandas.read_parquet("nodes.parquet")
    assert list(frame["kind"]) == expected
    assert frame.loc[frame["kind"] == "Call", "text"].tolist() == ["f(1, 'é')"]
    other = polars.read_parquet("nodes.parquet")
    assert other["kind"].cast(polars.String).to_list() == expected
    assert other.filter(polars.col("kind") == "Call")["text"].to_list() == ["f(1, 'é')"]


def test_duckdb_reads_it(tree: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
    expected = rows("src")
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM 'nodes.parquet' ORDER BY node_id").fetchall()
    assert found == [tuple(row.values()) for row in expected]


def test_sources_that_fail_are_left_out(tree: Path) -> None:
    (tree / "src" / "bad.py").write_text("x = (\n")
    done = convert(["src", "nowhere.py"], emit="parquet", output="out", grammar=11)
    assert [(failure.index, type(failure.error)) for failure in done.failures] == [
        (2, SourceError),
        (4, UnreadableError),
    ]
    assert str(done.failures[1].error) == "nowhere.py: No such file or directory; give the path of a readable file"
    assert done[0] == done[3] == Path("out/nodes.parquet")
    files = parquet.read_table("out/nodes.parquet").column("file").to_pylist()
    assert set(files) == {f"src/{name}" for name in SMALL}


def test_without_a_source_that_is_python_there_are_no_rows(tree: Path) -> None:
    rows("src")
    done = convert([b"x = ("], emit="parquet", output="nodes.parquet", grammar=11)
    assert len(done.failures) == 1
    empty = parquet.read_table("nodes.parquet")
    assert (empty.num_rows, empty.schema.field("kind").type) == (0, pa.dictionary(pa.int32(), pa.string()))


def test_the_output_is_a_file_or_a_folder(tree: Path) -> None:
    (tree / "folder.parquet").mkdir()
    for output, path in (
        ("deep/er/x.parquet", "deep/er/x.parquet"),
        ("folder", "folder/nodes.parquet"),
        ("folder.parquet", "folder.parquet/nodes.parquet"),
    ):
        done = convert(["src"], emit="parquet", output=output, grammar=11)
        assert set(done) == {Path(path)}
        assert parquet.read_metadata(path).num_rows > 0
    with pytest.raises(UsageError, match=r"give --output, a folder or a path that ends in \.parquet"):
        convert(["src"], emit="parquet", grammar=11)
    with pytest.raises(EnvironmentFailure, match=r"src/a\.py/nodes\.parquet: cannot be written \(File exists\)"):
        convert(["src"], emit="parquet", output="src/a.py", grammar=11)


def test_an_interrupt_leaves_the_old_file_and_no_other(tree: Path) -> None:
    rows("src/a.py")
    before = (tree / "nodes.parquet").read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(["src"], emit="parquet", output="nodes.parquet", grammar=11, progress=interrupted)
    assert (tree / "nodes.parquet").read_bytes() == before
    assert sorted(path.name for path in tree.iterdir()) == ["nodes.parquet", "src"]


@pytest.mark.parametrize("group", [8, dataset.ROWS], ids=["while it runs", "at its end"])
def test_a_full_disk_ends_the_conversion_in_words(tree: Path, monkeypatch: pytest.MonkeyPatch, group: int) -> None:
    rows("src/a.py")
    before = (tree / "nodes.parquet").read_bytes()
    replacing = OutputFolder.replacing

    class Full:
        def __init__(self, file: Any) -> None:
            self.file, self.room = file, 1000

        def write(self, data: Any) -> int:
            self.room -= len(data)
            if self.room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return int(self.file.write(data))

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    @contextmanager
    def full(self: OutputFolder, place: Any) -> Iterator[Any]:
        with replacing(self, place) as file:
            yield Full(file)

    monkeypatch.setattr(OutputFolder, "replacing", full)
    monkeypatch.setattr(dataset, "ROWS", group)
    with pytest.raises(EnvironmentFailure, match=r"cannot be written \(No space left on device\); choose another"):
        convert(["src", *LIBRARY], emit="parquet", output="nodes.parquet", grammar=11)
    assert (tree / "nodes.parquet").read_bytes() == before
    assert sorted(path.name for path in tree.iterdir()) == ["nodes.parquet", "src"]
