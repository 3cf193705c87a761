"""Results on disk: text as it is, columns as an Arrow file. A reader sees a whole file or none."""

import os
import tempfile
from collections.abc import Callable, Sequence
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


def write_stream(file: IO[bytes], tables: Sequence[NodeTable]) -> None:
    """Write nodes of several sources as one Arrow IPC stream, a batch for each.

    Raises:
        EnvironmentFailure: pyarrow is not installed.
        OSError: It cannot be written.
    """
    arrow, ipc = load_pyarrow()
    batches = [arrow.record_batch(table) for table in tables]
    if batches:
        with ipc.new_stream(file, batches[0].schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


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
    """Write beside the place and rename."""
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{place.name[:100]}.", suffix=".tmp", dir=place.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
