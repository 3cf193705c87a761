"""Nodes of many sources as one Parquet file, written in row groups: what queries over a code base read."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePath
from types import TracebackType
from typing import IO, Any, Final, Self

import numpy as np
import numpy.typing as npt

from lab.core.errors import EnvironmentFailure
from lab.core.printable import printable
from lab.translation.columns import NodeTable
from lab.translation.decoding import decode_source
from lab.translation.outputs import OutputFolder, load_pyarrow

SUFFIX: Final = ".parquet"
FILE_NAME: Final = "nodes.parquet"  # below an output that is a folder
ROWS: Final = 1 << 17  # rows that are held before they are written as a group, which has fewer than twice as many
TEXT_BYTES: Final = 4096  # the longest text of a node: longer ones would repeat most of the source at each level
_LINE_FEED: Final = 10
_NUMBERS: Final = {"line": "lineno", "col": "col_offset", "end_line": "end_lineno", "end_col": "end_col_offset"}


def dataset_path(output: Path) -> Path:
    """The file of a data set: the output itself, if it ends in .parquet and is no folder, or nodes.parquet in it."""
    return output if output.suffix == SUFFIX and not output.is_dir() else output / FILE_NAME


class NodeDataset:
    """Writes the nodes of sources, one after another, as one Parquet file; a context manager.

    The file appears whole when the block ends. After an error in the block there is none, and an older one stays. What
    is held at a time: the columns of one source, and fewer than 2 * ROWS rows. For one thread.

    A row is a node. `node_id` counts the nodes of the file from 0, `parent_id` is the node_id of its parent. `line` and
    `end_line` count from 1, `col` and `end_col` are bytes of UTF-8 from 0. `text` is the node's source where that is at
    most TEXT_BYTES long. `file`, `kind`, `field`, `index`, `name` and `value` are as in `NodeTable`.

    Args:
        output: A folder, or the path of the file; see `dataset_path`.
        minor: Minor version of the Python that the sources are for.

    Raises:
        EnvironmentFailure: pyarrow is not installed.
    """

    def __init__(self, output: Path, minor: int) -> None:
        self.path = dataset_path(output)
        self._minor = minor
        self._arrow, _ = load_pyarrow()
        self._node_count, self._row_count = 0, 0
        self._tables: list[Any] = []
        self._stack = ExitStack()
        self._writer: Any = None

    def __enter__(self) -> Self:
        from pyarrow import parquet

        folder = OutputFolder(self.path.parent)
        with self._failing(), ExitStack() as stack:
            self._sink = _Sink(stack.enter_context(folder.replacing(PurePath(self.path.name))))
            self._writer = parquet.ParquetWriter(self._sink, self._schema(), compression="zstd")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandon()
            self._stack.__exit__(kind, error, trace)
            return
        with self._failing(), self._stack:
            try:
                self._flush()
                self._writer.close()
            except BaseException:
                self._abandon()
                raise

    def write(self, table: NodeTable, source: bytes) -> None:
        """Append the nodes of one source.

        Args:
            table: Its nodes.
            source: The bytes that they were made of.

        Raises:
            EnvironmentFailure: The file cannot be written.
        """
        texts = _Texts(table, self._decoded(source))
        batch = self._arrow.record_batch(table)
        first, self._node_count = self._node_count, self._node_count + len(table)
        for begin in range(0, len(table), ROWS):
            end = min(begin + ROWS, len(table))
            self._tables.append(self._rows(batch.slice(begin, end - begin), texts, first, begin))
            self._row_count += end - begin
            if self._row_count >= ROWS:
                with self._failing():
                    self._flush()

    def _decoded(self, source: bytes) -> bytes:
        try:
            return decode_source(source, self._minor)
        except SyntaxError:  # a codec that answers differently when it is asked again: nodes without texts
            return b""

    def _schema(self) -> Any:
        arrow = self._arrow
        words = arrow.dictionary(arrow.int32(), arrow.string())
        return arrow.schema(
            [
                ("file", words),
                arrow.field("node_id", arrow.int64(), nullable=False),
                ("parent_id", arrow.int64()),
                ("kind", words),
                ("field", words),
                ("index", arrow.int32()),
                *((name, arrow.int32()) for name in _NUMBERS),
                ("name", arrow.large_string()),
                ("value", arrow.large_string()),
                ("text", arrow.large_string()),
            ]
        )

    def _rows(self, batch: Any, texts: "_Texts", first: int, begin: int) -> Any:
        """Rows of a source whose first node is number `first`, from its row `begin` on."""
        arrow, schema, count = self._arrow, self._schema(), len(batch)
        from pyarrow import compute

        made = {
            "node_id": arrow.array(np.arange(first + begin, first + begin + count, dtype=np.int64)),
            "parent_id": compute.add(batch.column("parent").cast(arrow.int64()), first),
            "index": batch.column("index"),
            "text": texts.array(arrow, begin, begin + count),
        }
        for name, source_name in _NUMBERS.items():
            made[name] = batch.column(source_name)
        for name in ("file", "kind", "field"):
            column = batch.column(name)
            codes, words = column.indices.cast(arrow.int32()), column.dictionary.cast(arrow.string())
            made[name] = arrow.DictionaryArray.from_arrays(codes, words)
        for name in ("name", "value"):
            made[name] = batch.column(name).dictionary_decode()
        return arrow.Table.from_arrays([made[name] for name in schema.names], schema=schema)

    def _flush(self) -> None:
        if self._tables:
            table = self._arrow.concat_tables(self._tables).unify_dictionaries()
            self._tables, self._row_count = [], 0
            self._writer.write_table(table, row_group_size=len(table))

    def _abandon(self) -> None:
        """Close the writer without the file: one that is left open writes its end when it is collected, and fails."""
        self._sink.drop()
        with suppress(Exception):
            self._writer.close()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Around what writes: what the system refuses, in words."""
        try:
            yield
        except OSError as error:
            where, why = printable(str(self.path)), error.strerror or error
            raise EnvironmentFailure(f"{where}: cannot be written ({why}); choose another --output") from error


class _Sink:
    """A file as pyarrow writes it; once it is dropped, writes go nowhere and cannot fail."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file: IO[bytes] | None = file
        self._place = 0

    def drop(self) -> None:
        self._file = None

    def write(self, data: bytes) -> int:
        if self._file is not None:
            self._file.write(data)
        size = memoryview(data).nbytes
        self._place += size
        return size

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """The file is its owner's to close."""


class _Texts:
    """Where the text of each node is in its source."""

    __slots__ = ("_first", "_known", "_source", "_stop")

    def __init__(self, table: NodeTable, source: bytes) -> None:
        self._source = source
        place = {name: table.numbers(of).astype(np.int64) for name, of in _NUMBERS.items()}
        raw = np.frombuffer(source + b"\0", np.uint8)  # a place may be the end
        begins = np.concatenate(([0], np.flatnonzero(raw == _LINE_FEED) + 1))
        ends = np.append(begins[1:] - 1, len(source))
        self._known = (place["line"] > 0) & (place["end_line"] > 0)
        self._first = self._places(place["line"], place["col"], raw, begins, ends)
        self._stop = self._places(place["end_line"], place["end_col"], raw, begins, ends)
        size = self._stop - self._first
        self._known &= (size > 0) & (size <= TEXT_BYTES)

    def _places(
        self,
        lines: npt.NDArray[np.int64],
        columns: npt.NDArray[np.int64],
        raw: npt.NDArray[np.uint8],
        begins: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int64]:
        """Bytes of the source; what is no place, as 3.11 says of some fields of f-strings, becomes unknown."""
        rows = np.clip(lines - 1, 0, len(begins) - 1)
        found: npt.NDArray[np.int64] = begins[rows] + columns
        self._known &= (rows == lines - 1) & (columns >= 0) & (found <= ends[rows])
        found = np.clip(found, 0, raw.size - 1)
        self._known &= (raw[found] & 0xC0) != 0x80  # not inside a character
        return found

    def array(self, arrow: Any, begin: int, end: int) -> Any:
        """The texts of some rows, null where there is none."""
        first, stop, known = (values[begin:end] for values in (self._first, self._stop, self._known))
        offsets = np.zeros(len(known) + 1, np.int64)
        np.cumsum(np.where(known, stop - first, 0), out=offsets[1:])
        spans = zip(first[known].tolist(), stop[known].tolist(), strict=True)
        data = b"".join(self._source[one:other] for one, other in spans)
        validity = np.packbits(known, bitorder="little")
        return arrow.LargeStringArray.from_buffers(
            len(known), arrow.py_buffer(offsets), arrow.py_buffer(data), arrow.py_buffer(validity)
        )
