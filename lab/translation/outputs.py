"""Results on disk: text as it is, columns as an Arrow file. A reader sees a whole file or none."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePath
from typing import IO, Any

from lab.core.errors import EnvironmentFailure
from lab.translation.columns import NodeTable

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class OutputFolder:
    """A folder that results are written below, and nowhere else: no link inside it is followed.

    Args:
        root: Its path; made when the first result is written. A link here is the user's own, and is followed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def write_text(self, place: PurePath, text: Any) -> Path:
        """Write a text, given as a buffer, at a place below the folder; returns its path.

        Raises:
            OSError: It cannot be written, or a link is in the way; what was there is unchanged.
        """
        return self._replace(place, lambda file: file.write(text))

    def write_table(self, place: PurePath, table: NodeTable) -> Path:
        """Write nodes as an Arrow IPC file at a place below the folder; returns its path.

        Raises:
            EnvironmentFailure: pyarrow is not installed.
            OSError: It cannot be written, or a link is in the way; what was there is unchanged.
        """
        arrow, ipc = load_pyarrow()
        batch = arrow.record_batch(table)

        def write(file: IO[bytes]) -> None:
            with ipc.new_file(file, batch.schema) as writer:
                writer.write_batch(batch)

        return self._replace(place, write)

    def _replace(self, place: PurePath, write: Callable[[IO[bytes]], object]) -> Path:
        """Write the whole of a file at once; see `replacing`."""
        with self.replacing(place) as file:
            write(file)
        return self.root / place

    @contextmanager
    def replacing(self, place: PurePath) -> Iterator[IO[bytes]]:
        """A file beside the place, which is renamed when the block ends; after an error the old file stays, alone.

        Raises:
            OSError: It cannot be written, or a link is in the way; what was there is unchanged.
        """
        parts = place.parts
        if not parts or place.anchor or any(part in ("..", ".", "") or "\0" in part for part in parts):
            raise OSError(f"not a place below {self.root}")
        temporary = f".lab-{secrets.token_hex(8)}.tmp"
        with self._opened(parts[:-1]) as folder:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    yield file
                os.replace(temporary, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise

    @contextmanager
    def _opened(self, parts: tuple[str, ...]) -> Iterator[int]:
        """The descriptor of a folder below the root; folders that are missing are made."""
        self.root.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            folder = os.open(self.root, _FOLDER)
            stack.callback(os.close, folder)
            for part in parts:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=folder)
                folder = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
                stack.callback(os.close, folder)
            yield folder


class TableStream:
    """Writes the nodes of several sources as one Arrow IPC stream, one batch per source; a context manager.

    Args:
        file: Receives the stream; the caller owns it and closes it. Without a table nothing is written to it.

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
        EnvironmentFailure: pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import ipc
    except ImportError as error:
        raise EnvironmentFailure(
            "columns are written with pyarrow, which is not installed: pip install 'pyarrow>=17', or take --emit ast"
        ) from error
    return arrow, ipc
