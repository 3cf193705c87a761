"""Converts many sources to text or columns, in memory or on disk: what `lab convert` does, in one call."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final, Literal

from lab.core.errors import UsageError
from lab.memory import MemoryConfig, MemoryManager
from lab.memory.boundary.results import OrderedResults
from lab.memory.bridge.threads import processors
from lab.translation.batch import SourceBatch, SourceFailure, Translator
from lab.translation.columns import NodeTable
from lab.translation.dataset import NodeDataset
from lab.translation.errors import TranslationError, UnreadableError
from lab.translation.inputs import Source, place_outputs, sources_of
from lab.translation.ledger import TaskLedger
from lab.translation.outputs import OutputFolder, load_pyarrow
from lab.translation.settings import load_config
from lab.translation.switches import Switches

Emit = Literal["ast", "columns", "parquet"]
Input = str | os.PathLike[str] | bytes
SUFFIXES: Final[dict[str, str]] = {"ast": ".ast", "columns": ".arrow"}  # of a file for each source
EMITS: Final = (*SUFFIXES, "parquet")
CHUNK_BYTES: Final = 4 << 20  # of sources in one batch: an interrupt waits for the batch, whose texts are in memory
CHUNK_FILES: Final = 2000
Result = bytes | NodeTable | Path
Progress = Callable[[int, int], object]
Take = Callable[[str, Result], object]


class Conversion(OrderedResults[Result]):
    """Results in the order of the sources. Reading the result of a source that failed raises its error.

    Attributes:
        sources: Names of what was converted: paths, `<stdin>`, and `<source N>` for bytes.
        failures: The sources that failed, by index.
        ledger: What the conversion cost in memory.
        pinned_count: Threads that were bound to a NUMA node.
    """

    def __init__(
        self,
        sources: tuple[str, ...],
        results: list[Any],
        failures: tuple[SourceFailure, ...],
        ledger: TaskLedger,
        pinned_count: int,
    ) -> None:
        self.sources, self.failures, self.ledger, self.pinned_count = sources, failures, ledger, pinned_count
        super().__init__(results)
        self._errors = {failure.index: failure.error for failure in failures}

    def _error(self, index: int) -> Exception | None:
        return self._errors.get(index)

    def done(self) -> Iterator[tuple[str, Result]]:
        """Yield name and result of each source that did not fail."""
        for index, source in enumerate(self.sources):
            if index not in self._errors:
                yield source, self._values[index]


@dataclass(slots=True)
class _Job:
    """A conversion in progress: its sources, where results go, and the results so far."""

    sources: list[Source]
    places: Sequence[PurePath]
    output: OutputFolder | None
    emit: Emit
    results: list[Any]
    failures: list[SourceFailure]
    ledger: TaskLedger
    pinned_count: int = 0
    dataset: NodeDataset | None = None

    def do(self, translator: Translator, first: int, stop: int) -> None:
        """Translate some sources and keep or write their results."""
        keep: Literal["text", "columns"] = "text" if self.emit == "ast" else "columns"
        chunk = self.sources[first:stop]
        unread: dict[int, TranslationError | MemoryError] = {}
        data: list[bytes] = []
        if chunk[0].path is not None and self.dataset is None:
            batch = translator.files([str(one.path) for one in chunk], keep=keep)
        else:
            data += [_read(one, number, unread) for number, one in enumerate(chunk)]
            batch = translator.texts(data, keep=keep, names=[one.name for one in chunk])
        failed = {failure.index: failure.error for failure in batch.failures} | unread
        tables = {number: table for one in batch.tables for number, table in one.split()}
        for number in range(first, stop):
            if (error := failed.get(number - first)) is not None:
                self.failures.append(SourceFailure(number, error))
                continue
            try:
                if self.dataset is not None:
                    self.dataset.write(tables[number - first], data[number - first])
                    self.results[number] = self.dataset.path
                else:
                    self.results[number] = self._keep(number, batch, number - first, tables)
            except OSError as unwritten:
                self.failures.append(SourceFailure(number, self._unwritten(number, unwritten)))
        self.ledger += batch.ledger
        self.pinned_count = batch.pinned_count

    def _keep(self, number: int, batch: SourceBatch, row: int, tables: dict[int, NodeTable]) -> Result:
        if self.emit == "columns":
            table = tables[row]
            return table if self.output is None else self.output.write_table(self.places[number], table)
        text = batch.texts.data[batch.texts.offsets[row] : batch.texts.offsets[row + 1]]
        return bytes(text) if self.output is None else self.output.write_text(self.places[number], text)

    def _unwritten(self, number: int, error: OSError) -> TranslationError:
        place = self.places[number] if self.output is None else self.output.root / self.places[number]
        words = f"cannot be written ({error.strerror or error}); choose another --output"
        return UnreadableError(str(place), 0, 0, words)

    def hand_on(self, take: Take, first: int, stop: int) -> None:
        """Hand results to the caller and drop them."""
        for number in range(first, stop):
            if self.results[number] is not None:
                take(self.sources[number].name, self.results[number])
                self.results[number] = None


def convert(
    inputs: Iterable[Input],
    *,
    emit: Emit = "ast",
    output: str | os.PathLike[str] | None = None,
    config: MemoryConfig | MemoryManager | str | os.PathLike[str] | None = None,
    switches: Switches | None = None,
    threads: int | None = None,
    grammar: int | None = None,
    show_empty: bool = False,
    progress: Progress | None = None,
    take: Take | None = None,
) -> Conversion:
    """Convert Python sources to the text of their syntax trees, to columns of nodes, or to one data set.

    Args:
        inputs: Paths of files, of pipes and devices, or of folders, which stand for every .py file below them; `-` is
            standard input. bytes are a source themselves.
        emit: "ast", the text of `ast.dump(ast.parse(source), include_attributes=True)` in UTF-8, "columns", or
            "parquet", the nodes of all sources in one Parquet file; `NodeDataset` says what its columns are.
        output: Folder for the results, each at its source's path with `.ast` or `.arrow` appended. Nothing is written
            outside it: `../x.py` and absolute paths keep their whole path below it, and no link inside it is followed.
            None keeps the results in memory. For "parquet" it must be given: the path of the file where it ends in
            `.parquet`, or the folder of `nodes.parquet`.
        config: A configuration of the memory layer, a manager, which also counts what the conversion costs, or the path
            of a `portalis.toml`, each key of which must have a meaning for a conversion.
        switches: Memory techniques to use (default: those of the configuration, or all of them).
        threads: Number of threads (default: one for each processor that this process may run on).
        grammar: Minor version of the Python whose grammar the sources are in: 11 for 3.11 (default: the running one's).
        show_empty: Show empty lists in the text, as ast.dump(show_empty=True) does; before 3.13 it always does.
        progress: Called with the number of sources done and of all sources.
        take: Called with the name and the result of each source, in order, as soon as it is ready. Results are then not
            kept.

    Returns:
        For each source its text (bytes), its `NodeTable`, or with `output` the path of the file (the same for
        all, if it is a data set).

    Raises:
        UsageError: There is no source, a path is empty or holds a NUL, two sources would be written to one place, or a
            data set has no output.
        ConfigError: The configuration is wrong.
        UnsupportedGrammarError: The front end does not know this version of the language.
        EnvironmentFailure: Columns are to be written, and pyarrow is not installed; or the data set cannot be written.
        ValueError: `emit` or `threads` has a value that does not exist.
        MemoryError: The system refuses memory.
    """
    if emit not in EMITS:
        raise ValueError(f"emit must be {', '.join(map(repr, EMITS[:-1]))} or {EMITS[-1]!r}, got {emit!r}")
    if emit == "parquet" and output is None:
        raise UsageError("a data set is a file; give --output, a folder or a path that ends in .parquet")
    if isinstance(inputs, str | bytes | os.PathLike):
        inputs = [inputs]
    sources = sources_of(inputs)
    places: Sequence[PurePath] = [one.place for one in sources]
    if output is not None and emit != "parquet":
        places = place_outputs(sources, SUFFIXES[emit])
        if emit == "columns":
            load_pyarrow()
    loaded = load_config(config) if isinstance(config, str | os.PathLike) else config
    folder = None if output is None else OutputFolder(Path(output))
    job = _Job(sources, places, folder, emit, [None] * len(sources), [], TaskLedger())
    workers = min(processors() if threads is None else threads, max(len(sources), 1))
    minor = sys.version_info.minor if grammar is None else grammar
    with ExitStack() as stack:
        translator = stack.enter_context(
            Translator(switches, config=loaded, workers=workers, grammar=grammar, show_empty=show_empty)
        )
        if emit == "parquet" and output is not None:
            job.dataset = stack.enter_context(NodeDataset(Path(output), minor))
        for first, stop in _chunks(sources):
            job.do(translator, first, stop)
            if take is not None:
                job.hand_on(take, first, stop)
            if progress is not None:
                progress(stop, len(sources))
    names = tuple(one.name for one in sources)
    return Conversion(names, job.results, tuple(job.failures), job.ledger, job.pinned_count)


def _chunks(sources: Sequence[Source]) -> Iterator[tuple[int, int]]:
    """First and stop of batches: of files alone, of bytes alone or of one stream, and not too large."""
    first, held = 0, 0
    for number, one in enumerate(sources):
        size = _size(one)
        full = held + size > CHUNK_BYTES or number - first >= CHUNK_FILES
        before = sources[number - 1]
        alone = one.stream is not None or before.stream is not None
        if number > first and (full or alone or (one.path is None) != (before.path is None)):
            yield first, number
            first, held = number, 0
        held += size
    if sources:
        yield first, len(sources)


def _size(source: Source) -> int:
    if source.data is not None:
        return len(source.data)
    try:
        return os.stat(source.path).st_size if source.path is not None else 0  # noqa: PTH116 (any path may be given)
    except (OSError, ValueError):
        return 0


def _read(source: Source, number: int, unread: dict[int, TranslationError | MemoryError]) -> bytes:
    """The bytes to translate. If they cannot be read: none, and the reason in `unread`."""
    try:
        return source.read()
    except OSError as error:
        remedy = "give a readable stream" if source.path is None else "give the path of a readable file"
        unread[number] = UnreadableError(source.name, 0, 0, f"{error.strerror or error}; {remedy}")
        return b""
