"""Many sources to text or columns, in memory or on disk: what `lab convert` does, in one call."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from lab.core.errors import UsageError
from lab.memory.config import MemoryConfig
from lab.memory.parallel import processors
from lab.memory.results import OrderedResults
from lab.translation.batch import SourceBatch, SourceFailure, Translator
from lab.translation.columns import NodeTable
from lab.translation.errors import TranslationError, UnreadableError
from lab.translation.inputs import STANDARD_INPUT, STANDARD_INPUT_NAME, find_sources, is_stream, place_outputs
from lab.translation.ledger import TaskLedger
from lab.translation.outputs import load_pyarrow, write_table, write_text
from lab.translation.switches import Switches

Emit = Literal["ast", "columns"]
Input = str | os.PathLike[str] | bytes
SUFFIXES: Final[dict[str, str]] = {"ast": ".ast", "columns": ".arrow"}
CHUNK_BYTES: Final = 4 << 20  # of sources in one batch: an interrupt waits for a batch, and its texts are held
CHUNK_FILES: Final = 2000
Result = bytes | NodeTable | Path
Progress = Callable[[int, int], object]
Take = Callable[[str, Result], object]


class Conversion(OrderedResults[Result]):
    """Results in the order of the sources; reading that of a source that failed raises its error.

    Attributes:
        sources: What was converted: paths, and `<source N>` for what was given as bytes.
        failures: The sources that failed, by index.
        ledger: What it cost.
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
        """Source and result of each that has one."""
        for index, source in enumerate(self.sources):
            if index not in self._errors:
                yield source, self._values[index]


@dataclass(slots=True)
class _Made:
    """What a conversion gathers."""

    results: list[Any]
    failures: list[SourceFailure]
    ledger: TaskLedger
    pinned_count: int = 0


def convert(
    inputs: Iterable[Input],
    *,
    emit: Emit = "ast",
    output: str | os.PathLike[str] | None = None,
    config: MemoryConfig | str | os.PathLike[str] | None = None,
    switches: Switches | None = None,
    threads: int | None = None,
    grammar: int | None = None,
    progress: Progress | None = None,
    take: Take | None = None,
) -> Conversion:
    """Convert Python sources to the text of their syntax trees, or to columns of nodes.

    Args:
        inputs: Paths of files, or of folders, which stand for every .py file below them; `-` is standard
            input. bytes are a source themselves.
        emit: "ast", the text of `ast.dump(ast.parse(source), include_attributes=True)` in UTF-8, or "columns".
        output: Folder for the results: each at its source's path with `.ast` or `.arrow` appended. Where None results
            stay in memory.
        config: A configuration of the memory layer, or the path of a `portalis.toml`.
        switches: Memory techniques to use; those of the configuration where None, and all where that is None too.
        threads: How many; where None one for each processor that the process may run on.
        grammar: Minor version of the Python whose grammar the sources are in: 11 for 3.11 (default: the running one's).
        progress: Called with sources done and sources in all.
        take: Called with the name and the result of each source, in their order, as soon as it is there; results are
            not kept then.

    Returns:
        For each source its text (bytes), its `NodeTable`, or with `output` the path that was written.

    Raises:
        UsageError: There is no source, or two would be written to one place.
        ConfigError: The configuration is wrong.
        UnsupportedGrammarError: The front end does not know this version of the language.
        EnvironmentFailure: Columns are to be written, and pyarrow is not installed.
        ValueError: emit or threads is none that there is.
        MemoryError: The system refuses memory.
    """
    if emit not in SUFFIXES:
        raise ValueError(f"emit must be 'ast' or 'columns', got {emit!r}")
    if isinstance(inputs, str | bytes | os.PathLike):
        inputs = [inputs]
    sources, names = _sources(inputs)
    places: Sequence[Path | None] = [None] * len(sources)
    if output is not None:
        places = place_outputs(names, Path(output), SUFFIXES[emit])
        if emit == "columns":
            load_pyarrow()
    loaded = config if config is None or isinstance(config, MemoryConfig) else MemoryConfig.from_toml(config)
    made = _Made([None] * len(sources), [], TaskLedger())
    workers = min(processors() if threads is None else threads, max(len(sources), 1))
    with Translator(switches, config=loaded, workers=workers, grammar=grammar) as translator:
        for first, stop in _chunks(sources):
            batch = _translate(translator, sources[first:stop], names[first:stop], emit)
            _finish(made, batch, first, places[first:stop], emit)
            if take is not None:
                _hand_on(made, take, names, first, stop)
            if progress is not None:
                progress(stop, len(sources))
    return Conversion(tuple(names), made.results, tuple(made.failures), made.ledger, made.pinned_count)


def _sources(inputs: Iterable[Input]) -> tuple[list[str | bytes], list[str]]:
    """Sources as paths or bytes, and their names."""
    sources: list[str | bytes] = []
    names: list[str] = []
    for one in inputs:
        if isinstance(one, bytes):
            sources.append(one)
            names.append(f"<source {len(names)}>")
            continue
        for path in find_sources([one]):
            is_standard = path == STANDARD_INPUT
            if is_standard and STANDARD_INPUT_NAME in names:
                raise UsageError("standard input can be read once; give - once")
            sources.append(sys.stdin.buffer.read() if is_standard else _stream(path) if is_stream(path) else path)
            names.append(STANDARD_INPUT_NAME if is_standard else path)
    if not sources:
        raise UsageError("nothing to convert; name files, folders, or - for standard input")
    return sources, names


def _stream(path: str) -> str | bytes:
    """The bytes of a pipe or device, read here, where an interrupt ends the wait; its path where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return path  # it fails in its turn, and no other source with it


def _chunks(sources: Sequence[str | bytes]) -> Iterator[tuple[int, int]]:
    """First and stop of batches: of files alone or of bytes alone, and not too large."""
    first, held = 0, 0
    for number, one in enumerate(sources):
        size = len(one) if isinstance(one, bytes) else _size(one)
        full = held + size > CHUNK_BYTES or number - first >= CHUNK_FILES
        if number > first and (full or isinstance(one, bytes) != isinstance(sources[first], bytes)):
            yield first, number
            first, held = number, 0
        held += size
    if sources:
        yield first, len(sources)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 (a path that cannot be one fails when it is read)
    except (OSError, ValueError):
        return 0


def _translate(translator: Translator, sources: Sequence[str | bytes], names: Sequence[str], emit: Emit) -> SourceBatch:
    keep: Literal["text", "columns"] = "text" if emit == "ast" else "columns"
    if isinstance(sources[0], bytes):
        return translator.texts(sources, keep=keep, names=names)
    return translator.files([one for one in sources if isinstance(one, str)], keep=keep)


def _finish(made: _Made, batch: SourceBatch, first: int, places: Sequence[Path | None], emit: Emit) -> None:
    """Keep or write what a batch made."""
    failed = {failure.index: failure.error for failure in batch.failures}
    tables = {} if emit == "ast" else {number: table for one in batch.tables for number, table in one.split()}
    offsets = batch.texts.offsets
    for number, place in enumerate(places):
        if number in failed:
            made.failures.append(SourceFailure(first + number, failed[number]))
            continue
        try:
            if emit == "columns":
                result: Result = _keep_table(tables[number], place)
            else:
                result = _keep_text(batch.texts.data[offsets[number] : offsets[number + 1]], place)
        except OSError as error:
            made.failures.append(SourceFailure(first + number, _unwritten(place, error)))
        else:
            made.results[first + number] = result
    made.ledger += batch.ledger
    made.pinned_count = batch.pinned_count


def _hand_on(made: _Made, take: Take, names: Sequence[str], first: int, stop: int) -> None:
    """Give results away."""
    for number in range(first, stop):
        if made.results[number] is not None:
            take(names[number], made.results[number])
            made.results[number] = None


def _keep_text(text: Any, place: Path | None) -> Result:
    if place is None:
        return bytes(text)
    write_text(place, text)
    return place


def _keep_table(table: NodeTable, place: Path | None) -> Result:
    if place is None:
        return table
    write_table(place, table)
    return place


def _unwritten(place: Path | None, error: OSError) -> TranslationError:
    return UnreadableError(str(place), 0, 0, f"cannot be written ({error.strerror or error}); choose another --output")
