"""`lab export`: a run in the formats of other tools."""

import json
from pathlib import Path

import click

from lab import api
from lab.cli.options import file, reports_option, run_argument
from lab.report.exports import to_pyperf, to_pytest_benchmark
from lab.store import write_atomically


@click.command()
@run_argument
@reports_option
@click.option(
    "--format", "form", type=click.Choice(["pyperf", "pytest-benchmark"]), required=True, help="The other tool."
)
@click.option("--output", "-o", type=file(), help="File; standard output if not given.")
def export(run: str, reports: Path | None, form: str, output: Path | None) -> None:
    """Write the timings of a RUN as JSON that pyperf or pytest-benchmark reads."""
    opened = api.open_run(run, reports)
    if form == "pyperf":
        value = to_pyperf(opened.plan, opened.measurements)
    else:
        value = to_pytest_benchmark(opened.plan, opened.results, opened.measurements)
    text = json.dumps(value, allow_nan=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
