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
    """Write the HTML report of a RUN from its stored figures and print its path.

    A run that is not complete is reported as far as it is known.
    """
    opened = api.open_run(run, reports, partial=True)
    if not opened.complete and not opened.summary.rows:
        opened = api.open_run(run, reports)  # says that nothing is there yet, and how to go on
    if not opened.complete:
        echo(
            f"run {opened.id} is incomplete: this is what {opened.summary.workers} processes measured; continue it with"
            f" lab run --resume {opened.id}",
            err=True,
        )
    echo(opened.write_report())
