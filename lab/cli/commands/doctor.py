"""`lab doctor`: what this machine can and cannot measure, and what would help."""

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from lab import api
from lab.cli.options import json_option
from lab.cli.terminal import Console, echo_json
from lab.core.errors import LabError
from lab.experiment.profiles import clock_of
from lab.measure.doctor import Check, check_cost, check_levels, check_quiet, examine
from lab.measure.machine import measure_machine
from lab.measure.native import find_native
from lab.measure.quiet import look
from lab.report.costs import cost_lines
from lab.report.text import Block, write_block

COLOURS = {"ok": "green", "warning": "yellow", "unavailable": "red"}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Show what can be measured here, what cannot, and what would help."""
    reports = api.reports_folder()
    checks = examine(reports)
    if all(check.state != "unavailable" for check in checks if check.name == "native part"):
        native = find_native()
        checks += check_quiet(look())
        checks += check_cost(native, clock_of("quick", None).sample_s)
        checks += check_levels(measure_machine(native))
    checks += check_probes(reports)
    if as_json:
        echo_json(msgspec.json.format(msgspec.json.encode(checks), indent=2).decode())
        return
    rows = tuple((check.name, check.message, check.remedy, check.state) for check in checks)
    colours = tuple(COLOURS[check.state] for check in checks)
    write_block(Block("What this machine can measure", ("check", "found", "remedy", "state"), rows, colours), Console())


def check_probes(reports: Path) -> Iterator[Check]:
    """What each probe cost in the latest run, and what it remembered instead of measuring it."""
    try:
        summary = api.open_run("latest", reports).summary
    except LabError:
        return  # no run yet
    for name, said in cost_lines(summary):
        yield Check(f"cost of {name}", "ok", f"in the latest run {said}")
