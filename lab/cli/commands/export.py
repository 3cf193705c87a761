"""`lab export`: a run in the formats of other tools."""

import json
from pathlib import Path

import click

from lab import api
from lab.cli.options import file, reports_option, run_argument
from lab.cli.terminal import Console, echo_json
from lab.core.errors import UsageError
from lab.report.exports import to_pyperf, to_pytest_benchmark
from lab.report.peers_export import peers_block, to_peers
from lab.report.text import write_block
from lab.store import write_atomically


@click.command()
@run_argument
@reports_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["pyperf", "pytest-benchmark", "peers"]),
    required=True,
    help="Format of the other tool. peers: our timings against each contender, for a run of the experiment peers.",
)
@click.option("--output", "-o", type=file(), help="File to write (default: standard output).")
def export(run: str, reports: Path | None, form: str, output: Path | None) -> None:
    """Write the timings of a RUN as JSON that pyperf or pytest-benchmark reads, or as the list of its peers.

    A list of peers that goes to a file is also printed as a table.
    """
    opened = api.open_run(run, reports)
    value: object
    if form == "peers":
        value = to_peers(opened.plan, opened.results)
        if not value:
            raise UsageError(f"run {opened.id} compares no peers; make one with: lab run peers")
        if output is not None:
            write_block(peers_block(value), Console())
    elif form == "pyperf":
        value = to_pyperf(opened.plan, opened.measurements)
    else:
        value = to_pytest_benchmark(opened.plan, opened.results, opened.measurements)
    text = json.dumps(value, allow_nan=False)
    if output is None:
        echo_json(text)
    else:
        write_atomically(output, f"{text}\n".encode())
