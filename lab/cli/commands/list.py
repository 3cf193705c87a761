"""`lab list`: the experiments that can be run and the runs there are."""

import json
from pathlib import Path

import click

from lab import api
from lab.cli.options import json_option, reports_option
from lab.cli.terminal import Console, echo_json
from lab.core.errors import LabError
from lab.experiment.registry import survey
from lab.report.text import Block, write_block
from lab.store import RunReader, list_runs


@click.command("list")
@reports_option
@json_option
def list_experiments(reports: Path | None, as_json: bool) -> None:
    """Show the experiments that can be run, and the runs there are.

    A broken experiment or run is listed with its error; it hides no other.
    """
    experiments, broken = survey()
    runs = [_describe(path) for path in list_runs(reports or api.reports_folder())]
    if as_json:
        found = [{"name": e.name, "title": e.title, "question": e.question} for e in experiments]
        failed = [{"name": name, "error": error} for name, error in broken.items()]
        echo_json(json.dumps({"experiments": found, "broken": failed, "runs": runs}, indent=2))
        return
    console = Console()
    rows = tuple((experiment.name, experiment.question) for experiment in experiments)
    write_block(Block("Experiments", ("experiment", "question"), rows), console)
    if broken:
        write_block(Block("Broken experiments", ("experiment", "error"), tuple(broken.items())), console)
    if runs:
        heads = ("id", "experiments", "profile", "state")
        write_block(Block("Runs", heads, tuple(tuple(run[head] for head in heads) for run in runs)), console)


def _describe(folder: Path) -> dict[str, str]:
    try:
        reader = RunReader(folder)
    except LabError as error:
        return {"id": folder.name, "experiments": "", "profile": "", "state": str(error)}
    names = ", ".join(experiment.name for experiment in reader.plan.experiments)
    return {"id": folder.name, "experiments": names, "profile": reader.plan.profile, "state": "complete"}
