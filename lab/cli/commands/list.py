"""`lab list`: the experiments that can be run and the runs there are."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from lab import api
from lab.cli.options import json_option, reports_option
from lab.core.errors import LabError
from lab.store import RunReader, list_runs


@click.command("list")
@reports_option
@json_option
def list_experiments(reports: Path | None, as_json: bool) -> None:
    """Show the experiments that can be run, and the runs there are."""
    experiments = api.experiments()
    runs = [_describe(path) for path in list_runs(reports or api.reports_folder())]
    if as_json:
        found = [{"name": e.name, "title": e.title, "question": e.question} for e in experiments]
        click.echo(json.dumps({"experiments": found, "runs": runs}, indent=2))
        return
    console = Console()
    table = Table("experiment", "question", box=None, header_style="bold")
    for experiment in experiments:
        table.add_row(experiment.name, experiment.question)
    console.print(table)
    if runs:
        table = Table("run", "experiments", "profile", "state", box=None, header_style="bold")
        for run in runs:
            table.add_row(run["id"], run["experiments"], run["profile"], run["state"])
        console.print(table)


def _describe(folder: Path) -> dict[str, str]:
    try:
        reader = RunReader(folder)
    except LabError as error:
        return {"id": folder.name, "experiments": "", "profile": "", "state": str(error)}
    names = ", ".join(experiment.name for experiment in reader.plan.experiments)
    return {"id": folder.name, "experiments": names, "profile": reader.plan.profile, "state": "complete"}
