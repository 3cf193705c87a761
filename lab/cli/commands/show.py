"""`lab show`: what a run found, on the terminal or as JSON."""

import json
from pathlib import Path

import click

from lab import api
from lab.cli.options import json_option, reports_option, run_argument
from lab.cli.terminal import Console, echo_json
from lab.report.exports import comparisons_json
from lab.report.text import results_text


@click.command()
@run_argument
@reports_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Every comparison, not only the answers.")
def show(run: str, reports: Path | None, as_json: bool, everything: bool) -> None:
    """Show what a RUN found (an id, its beginning, or `latest`)."""
    opened = api.open_run(run, reports)
    if as_json:
        echo_json(json.dumps(comparisons_json(opened.results), indent=2, allow_nan=False))
    else:
        results_text(opened.results, Console(), everything=everything)
