"""`lab doctor`: what this machine can and cannot measure, and what would help."""

import click
import msgspec
from rich.console import Console
from rich.table import Table

from lab import api
from lab.cli.options import json_option
from lab.measure.doctor import check_levels, examine
from lab.measure.machine import measure_machine
from lab.measure.native import find_native

MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "unavailable": "[red]unavailable[/]"}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Show what can be measured here, what cannot, and what would help."""
    checks = examine(api.reports_folder())
    if all(check.state != "unavailable" for check in checks if check.name == "native part"):
        checks += check_levels(measure_machine(find_native()))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(checks), indent=2).decode())
        return
    table = Table("check", "state", "found", box=None, header_style="bold")
    for check in checks:
        table.add_row(check.name, MARKS[check.state], check.message)
        if check.remedy:
            table.add_row("", "", f"[dim]remedy: {check.remedy}[/]")
    Console().print(table)
