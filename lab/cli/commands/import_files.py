"""`lab import`: results of other tools."""

import json
import shlex
import sys
from pathlib import Path

import click

from lab.api.foreign import import_files
from lab.cli.options import file, json_option, reports_option
from lab.cli.terminal import Console, echo, echo_json
from lab.core.errors import EXIT_OK
from lab.report.text import answers_text


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=file())
@reports_option
@json_option
def import_results(files: tuple[Path, ...], reports: Path | None, as_json: bool) -> int:
    """Make a run of JSON that pyperf, pytest-benchmark, hyperfine or Google Benchmark wrote.

    The benchmarks of one FILE are compared with its first; of several files, what has one name in all of them. Such a
    run is of a lesser kind: no pairs, no random order, no control; what was measured in one process has no verdict.
    """
    run = import_files(files, reports, command=shlex.join(["lab", *sys.argv[1:]]))
    if as_json:
        found = [{**one.flat(), "factors": one.key.factors} for one in run.results.comparisons]
        echo_json(json.dumps({"run": run.id, "comparisons": found}, indent=2))
        return EXIT_OK
    answers_text(run.results, Console())
    echo(run.folder / "index.html")
    return EXIT_OK
