"""`lab report`: write a run's report again."""

from pathlib import Path

import click

from lab import api
from lab.cli.options import reports_option, run_argument
from lab.cli.terminal import echo


@click.command()
@run_argument
@reports_option
def report(run: str, reports: Path | None) -> None:
    """Write the HTML report of a RUN from its stored figures and print its path."""
    echo(api.open_run(run, reports).write_report())
