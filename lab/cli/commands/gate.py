"""`lab gate`: have the deterministic figures got worse?"""

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from lab import api
from lab.cli.options import json_option
from lab.cli.progress import TerminalObserver
from lab.core.errors import EXIT_ENVIRONMENT, EXIT_OK, EXIT_WORSE

EXIT_CODES = {"fine": EXIT_OK, "worse": EXIT_WORSE, "not comparable": EXIT_ENVIRONMENT}


@click.command()
@click.option(
    "--baseline", "path", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The committed file."
)
@json_option
@click.pass_context
def gate(context: click.Context, path: Path, as_json: bool) -> None:
    """Measure the deterministic figures and compare them with a committed baseline.

    Exit code 1: something got worse; 4: not comparable (another toolchain, or figures missing).
    """
    baselines = api.read_baselines(path)
    with TerminalObserver(Console(stderr=True)) as observer:
        current = api.measure_figures(observer)
    verdict = api.check_gate(current, baselines)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(verdict), indent=2).decode())
    else:
        console = Console()
        changed = [row for row in verdict.rows if row.state != "same"]
        if changed:
            table = Table("case", "arm", "metric", "before", "now", "ratio", "state", box=None, header_style="bold")
            for row in changed:
                numbers = ("" if value is None else f"{value:.6g}" for value in (row.before, row.after, row.ratio))
                table.add_row(row.case, row.arm, row.metric, *numbers, row.state)
            console.print(table)
        same = len(verdict.rows) - len(changed)
        console.print(f"gate: {verdict.outcome}; {same} figures unchanged", highlight=False)
        if verdict.reason:
            console.print(verdict.reason, highlight=False, markup=False)
    context.exit(EXIT_CODES[verdict.outcome])
