"""`lab calibrate`: how small a difference can be told apart on this machine, and how often the lab errs."""

from pathlib import Path

import click
import msgspec

from lab import api
from lab.cli.options import json_option, reports_option
from lab.cli.progress import TerminalObserver
from lab.cli.terminal import Console, echo_json, errors
from lab.report.calibration import calibration_block
from lab.report.text import write_block


@click.command()
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Time to spend; more minutes resolve smaller differences.",
)
@click.option("--fresh", is_flag=True, help="Forget earlier calibration runs.")
@json_option
@reports_option
def calibrate(minutes: float, fresh: bool, as_json: bool, reports: Path | None) -> None:
    """Compare identical code with itself and find planted slowdowns, to learn what this machine can tell apart.

    The margins of later runs on this machine come from the result. A later calibration adds to the earlier ones; an
    interrupted one is continued.
    """
    console = errors()
    try:
        with TerminalObserver(console) as observer:
            result = api.calibrate(minutes, reports=reports or api.reports_folder(), fresh=fresh, observer=observer)
    except KeyboardInterrupt:
        console.print("interrupted; what was measured is kept, continue with: lab calibrate")
        raise
    if as_json:
        echo_json(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
        return
    write_block(calibration_block(result), Console())
