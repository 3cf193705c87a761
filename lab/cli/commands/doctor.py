"""`lab doctor`: what this machine can and cannot measure, and what would help."""

import click
import msgspec

from lab import api
from lab.cli.options import json_option
from lab.cli.terminal import Console, echo_json
from lab.measure.doctor import check_levels, examine
from lab.measure.machine import measure_machine
from lab.measure.native import find_native
from lab.report.text import Block, write_block

COLOURS = {"ok": "green", "warning": "yellow", "unavailable": "red"}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Show what can be measured here, what cannot, and what would help."""
    checks = examine(api.reports_folder())
    if all(check.state != "unavailable" for check in checks if check.name == "native part"):
        checks += check_levels(measure_machine(find_native()))
    if as_json:
        echo_json(msgspec.json.format(msgspec.json.encode(checks), indent=2).decode())
        return
    rows = tuple((check.name, check.message, check.remedy, check.state) for check in checks)
    colours = tuple(COLOURS[check.state] for check in checks)
    write_block(Block("What this machine can measure", ("check", "found", "remedy", "state"), rows, colours), Console())
