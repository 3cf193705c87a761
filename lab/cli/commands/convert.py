"""`lab convert`: Python sources to the text of their syntax trees, to columns of nodes, or to one data set."""

import sys
import time
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from lab.cli.options import GrammarVersion, NonEmptyPath, file
from lab.cli.progress import TerminalObserver
from lab.cli.terminal import Console, errors
from lab.core.errors import EXIT_OK, EXIT_WORSE, UsageError
from lab.core.printable import printable
from lab.memory.manager.config import MemoryConfig, nearest_config
from lab.translation.columns import NodeTable
from lab.translation.convert import EMITS, Conversion, Result, Take
from lab.translation.convert import convert as convert_sources
from lab.translation.dataset import SUFFIX, dataset_path
from lab.translation.inputs import STANDARD_INPUT, read_list
from lab.translation.ledger import TaskLedger
from lab.translation.outputs import TableStream, load_pyarrow
from lab.translation.settings import load_config, read_settings

PATIENCE_S = 1.0  # progress is shown when it takes longer
FAILURES_SHOWN = 20


@click.command()
@click.argument("inputs", nargs=-1, metavar="[FILE|DIR|-]...", type=str)
@click.option(
    "--from-file",
    "lists",
    multiple=True,
    type=NonEmptyPath(dir_okay=False, allow_dash=True),
    help="File with one path per line, - for standard input; may be repeated.",
)
@click.option("--null", "-0", is_flag=True, help="Paths in --from-file end with NUL, as find -print0 writes them.")
@click.option(
    "--emit",
    type=click.Choice(EMITS),
    default="ast",
    help="Text of the trees, Arrow columns, or all nodes in one Parquet file.",
)
@click.option(
    "--grammar",
    type=GrammarVersion(),
    help="Version of Python whose grammar the sources are in (default: the running one's).",
)
@click.option("--show-empty", is_flag=True, help="Show empty lists in the text, as versions before 3.13 always do.")
@click.option(
    "--output",
    "-o",
    type=NonEmptyPath(),
    help="Folder for the results: each at its input's path below it, with .ast or .arrow appended. For --emit parquet "
    "the file, where it ends in .parquet, or the folder of nodes.parquet.",
)
@click.option(
    "--optimize-memory/--no-memory-pools",
    "pools",
    default=None,
    help="Reuse buffers for the next file (default), or allocate new ones for each.",
)
@click.option("--string-pool-size", type=click.IntRange(min=0), metavar="N", help="Most byte buffers to keep.")
@click.option("--vec-pool-size", type=click.IntRange(min=0), metavar="N", help="Most typed buffers to keep.")
@click.option("--numa-aware", is_flag=True, default=None, help="Bind threads to the machine's NUMA nodes.")
@click.option("--memory-profile", is_flag=True, help="Print on standard error what the conversion cost in memory.")
@click.option("--config", type=file(), help="A portalis.toml; its table [memory] is read (default: the nearest one).")
@click.option(
    "--threads", type=click.IntRange(1, 4096), metavar="N", help="Number of threads (default: one per processor)."
)
def convert(
    inputs: tuple[str, ...],
    lists: tuple[Path, ...],
    null: bool,
    emit: Any,
    grammar: int | None,
    show_empty: bool,
    output: Path | None,
    pools: bool | None,
    string_pool_size: int | None,
    vec_pool_size: int | None,
    numa_aware: bool | None,
    memory_profile: bool,
    config: Path | None,
    threads: int | None,
) -> int:
    """Convert Python sources, the .py files of folders, or standard input (-) to their syntax trees.

    The text is that of CPython's ast.dump with attributes, a line for each source. Without --output it goes to standard
    output in the order of the inputs; columns go there as an Arrow IPC stream. A Parquet file needs --output.

    Exit code 1: some inputs failed. Standard error names them; all others are written.
    """
    if [*inputs, *map(str, lists)].count(STANDARD_INPUT) > 1:
        raise UsageError("standard input can be read once; give - once")
    given = [*inputs, *(line for path in lists for line in read_list(path, null=null))]
    if not given:
        raise UsageError("nothing to convert; name files, folders, - for standard input, or --from-file LIST")
    if output is not None and output.is_file() and not (emit == "parquet" and dataset_path(output) == output):
        other = f", or a path that ends in {SUFFIX}" if emit == "parquet" else ""
        raise UsageError(f"--output {printable(str(output))}: that is a file; give a folder{other}")
    if emit == "columns":
        load_pyarrow()
        if output is None and sys.stdout.isatty():
            raise UsageError("columns are not for a terminal; give --output DIR, or redirect standard output")
    found = nearest_config() if config is None else None
    settings = None if found is None else read_settings(found)
    chosen = load_config(config) if config is not None else settings.config if settings is not None else MemoryConfig()
    loaded = chosen.override(
        memory_pools=pools, string_pool_size=string_pool_size, vec_pool_size=vec_pool_size, numa_aware=numa_aware
    )
    console = errors()
    with ExitStack() as stack:
        progress = stack.enter_context(_Progress(console))
        done = convert_sources(
            given,
            emit=emit,
            output=output,
            config=loaded,
            threads=threads,
            grammar=grammar,
            show_empty=show_empty,
            progress=progress.advance,
            take=_printer(emit, stack) if output is None and emit != "parquet" else None,
        )
    sys.stdout.buffer.flush()
    _say(done, dataset_path(output) if output is not None and emit == "parquet" else output, console)
    unused = {} if settings is None else settings.unused
    if memory_profile:
        _say_config(config or found, unused, console)
        _profile(done, console)
    elif unused:
        keys = "1 key" if len(unused) == 1 else f"{len(unused)} keys"
        console.print(
            f"{keys} of {printable(str(found))} without meaning for a conversion; --memory-profile names them"
        )
    return EXIT_WORSE if done.failures else EXIT_OK


class _Progress:
    """Shows the progress of a conversion that takes longer than PATIENCE_S."""

    def __init__(self, console: Console) -> None:
        self._observer = TerminalObserver(console)
        self._begin = time.monotonic()
        self._shown = False

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *error: Any) -> None:
        if self._shown:
            self._observer.__exit__(*error)

    def advance(self, done: int, total: int) -> None:
        if not self._shown and done < total and time.monotonic() - self._begin > PATIENCE_S:
            self._observer.__enter__()
            self._observer.phase("converting", total, "files")
            self._shown = True
        if self._shown:
            self._observer.advance(done, f"{done} of {total} files")


def _printer(emit: str, stack: ExitStack) -> Take:
    """A function that writes each result to standard output."""
    out = sys.stdout.buffer
    stream = stack.enter_context(TableStream(out)) if emit == "columns" else None

    def put(_: str, result: Result) -> None:
        if stream is not None and isinstance(result, NodeTable):
            stream.write(result)
        elif isinstance(result, bytes):
            out.write(result)
            out.write(b"\n")

    return put


def _say(done: Conversion, output: Path | None, console: Console) -> None:
    """Print what failed and how many results were written."""
    for failure in done.failures[:FAILURES_SHOWN]:
        console.print(f"failed: {printable(str(failure.error))}", style="red")
    more = len(done.failures) - FAILURES_SHOWN
    if more > 0:
        console.print(f"failed: {more} more", style="red")
    if output is not None:
        console.print(f"{output}: {len(done) - len(done.failures)} of {len(done)} sources written")


def _say_config(path: Path | None, unused: dict[str, str], console: Console) -> None:
    """Where the configuration came from, and which keys of a file that was found mean nothing for a conversion."""
    console.print("configuration: defaults" if path is None else f"configuration: {printable(str(path))}")
    for key, reason in unused.items():
        console.print(f"not used: {key}: {reason}")


def _profile(done: Conversion, console: Console) -> None:
    """Print the memory ledger, in total and per source."""
    from lab.report.text import Block, write_block

    tasks = max(done.ledger.task_count, 1)
    rows = []
    for item in fields(TaskLedger):
        value = getattr(done.ledger, item.name)
        each = "" if item.name in ("task_count", "live_bytes", "peak_bytes") else f"{value / tasks:,.2f}"
        rows.append((item.name, f"{value:,}", each))
    if done.pinned_count:
        rows.append(("bound_threads", str(done.pinned_count), ""))
    write_block(Block("What it cost", ("count", "total", "per source"), tuple(rows)), console)
