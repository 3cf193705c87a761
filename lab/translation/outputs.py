"""Results on disk: text as it is, columns as an Arrow file. A reader sees a whole file or none."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from lab.core.errors import EnvironmentFailure
from lab.translation.columns import NodeTable


def write_text(place: Path, text: Any) -> None:
    """Write a text, given as a buffer.

    Raises:
        OSError: It cannot be written; what was there is as it was.
    """
    _replace(place, lambda file: file.write(text))


def write_table(place: Path, table: NodeTable) -> None:
    """Write nodes as an Arrow IPC file.

    Raises:
        EnvironmentFailure: pyarrow is not installed.
        OSError: It cannot be written; what was there is as it was.
    """
    arrow, ipc = load_pyarrow()
    batch = arrow.record_batch(table)

    def write(file: IO[bytes]) -> None:
        with ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)

    _replace(place, write)


class TableStream:
    """Writes nodes of several sources as one Arrow IPC stream, a batch for each; a context manager.

    Args:
        file: Where to; it stays open. Nothing is written to it where there is no table.

    Raises:
        EnvironmentFailure: pyarrow is not installed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._arrow, self._ipc = load_pyarrow()
        self._writer: Any = None

    def __enter__(self) -> "TableStream":
        return self

    def __exit__(self, *error: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, table: NodeTable) -> None:
        """Write a batch.

        Raises:
            OSError: It cannot be written.
        """
        batch = self._arrow.record_batch(table)
        if self._writer is None:
            self._writer = self._ipc.new_stream(self._file, batch.schema)
        self._writer.write_batch(batch)


def load_pyarrow() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.ipc.

    Raises:
        EnvironmentFailure: It is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import ipc
    except ImportError as error:
        raise EnvironmentFailure(
            "columns are written with pyarrow, which is not installed: pip install 'pyarrow>=17', or take --emit ast"
        ) from error
    return arrow, ipc


def _replace(place: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write beside the place and rename; the name is known before the file is, so that an interrupt leaves none."""
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            write(file)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
