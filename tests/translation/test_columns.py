"""Trees as columns: what Arrow makes of them, and what a walk of the tree says of the same nodes."""

import pyarrow as pa
import pytest

from lab.translation import Session, Switches, Translator
from lab.translation.columns import NodeTable

SOURCE = "import a as b\nx = {'é': 1, **y}\n"
COLUMNS = [
    "file", "kind", "field", "parent", "index", "lineno", "col_offset", "end_lineno", "end_col_offset", "name", "value",
]  # fmt: skip


@pytest.fixture(params=[Switches.all(), Switches.none()], ids=str)
def table(request: pytest.FixtureRequest) -> NodeTable:
    with Session(request.param, grammar=11) as session:
        return session.columns(SOURCE, file="src/ü.py")


def test_rows_are_the_nodes_in_the_order_of_the_dump(table: NodeTable) -> None:
    rows = pa.record_batch(table).to_pylist()
    assert [(row["kind"], row["field"], row["index"], row["parent"], row["name"], row["value"]) for row in rows] == [
        ("Module", None, None, None, None, None),
        ("Import", "body", 0, 0, None, None),
        ("alias", "names", 0, 1, "a", None),
        ("Assign", "body", 1, 0, None, None),
        ("Name", "targets", 0, 3, "x", None),
        ("Dict", "value", None, 3, None, None),
        ("Constant", "keys", 0, 5, None, "'é'"),
        ("Constant", "values", 0, 5, None, "1"),
        ("Name", "values", 1, 5, "y", None),
    ]
    assert {row["file"] for row in rows} == {"src/ü.py"}
    places = [tuple(row[name] for name in COLUMNS[5:9]) for row in rows]
    assert places[0] == (None, None, None, None)
    assert places[6:] == [(2, 5, 2, 9), (2, 11, 2, 12), (2, 16, 2, 17)]  # columns count bytes


def test_numbers_are_shared_with_arrow_and_outlive_the_session(table: NodeTable) -> None:
    batch = pa.record_batch(table)
    assert batch.schema.names == COLUMNS
    assert batch.schema.field("kind").type == pa.dictionary(pa.uint8(), pa.large_string())
    assert batch.schema.field("lineno").type == pa.int32()
    batch.validate(full=True)
    assert batch.column("parent").buffers()[1].address == table.numbers("parent").ctypes.data
    del table
    assert batch.column("name").to_pylist() == [None, None, "a", None, "x", None, None, None, "y"]


def test_a_source_of_nothing_is_one_row() -> None:
    with Session(grammar=11) as session:
        table = session.columns("")
    assert len(table) == 1
    assert pa.record_batch(table).column("kind").to_pylist() == ["Module"]


def test_sources_of_a_batch_are_taken_apart_without_each_others_strings() -> None:
    sources = ["x = 1\n", "y = (\n", "z = 'a'; w = z\n"]
    with Translator(workers=1, grammar=11) as translator:
        batch = translator.texts(sources, keep="columns", names=["a.py", "b.py", "c.py"])
    assert [failure.index for failure in batch.failures] == [1]
    (both,) = batch.tables
    assert len(both) == 4 + 7
    assert set(pa.record_batch(both).column("file").to_pylist()) == {"a.py", "c.py"}
    parts = dict(both.split())
    assert sorted(parts) == [0, 2]
    batch_of_z = pa.record_batch(parts[2])
    batch_of_z.validate(full=True)
    assert batch_of_z.column("file").to_pylist() == ["c.py"] * 7
    assert batch_of_z.column("name").dictionary.to_pylist() == ["z", "w"]
    assert batch_of_z.column("value").to_pylist() == [None, None, None, "'a'", None, None, None]
    assert batch_of_z.column("parent").to_pylist()[:2] == [None, 0]
