"""`lab gate`: have the deterministic figures got worse?"""

from pathlib import Path

import click
import msgspec

from lab import api
from lab.cli.options import file, json_option
from lab.cli.progress import TerminalObserver
from lab.cli.terminal import Console, echo, echo_json, errors
from lab.core.errors import EXIT_ENVIRONMENT, EXIT_OK, EXIT_WORSE
from lab.report.text import Block, write_block

EXIT_CODES = {"fine": EXIT_OK, "worse": EXIT_WORSE, "not comparable": EXIT_ENVIRONMENT}


@click.command()
@click.option("--baseline", "path", type=file(), required=True, help="The committed baseline file.")
@json_option
@click.pass_context
def gate(context: click.Context, path: Path, as_json: bool) -> None:
    """Measure the deterministic figures and compare them with a committed baseline.

    Exit code 1: a figure got worse; 4: not comparable (another toolchain, or figures that only one side has).
    """
    baselines = api.read_baselines(path)
    with TerminalObserver(errors()) as observer:
        current = api.measure_figures(observer)
    verdict = api.check_gate(current, baselines)
    if as_json:
        echo_json(msgspec.json.format(msgspec.json.encode(verdict), indent=2).decode())
    else:
        changed = tuple(
            (row.case, row.arm, row.metric, *map(_number, (row.before, row.after, row.ratio)), row.state)
            for row in verdict.rows
            if row.state != "same"
        )
        if changed:
            heads = ("case", "arm", "metric", "before", "now", "ratio", "state")
            write_block(Block("Figures that changed", heads, changed), Console())
        echo(f"gate: {verdict.outcome}; {len(verdict.rows) - len(changed)} figures unchanged")
        if verdict.reason:
            echo(verdict.reason)
    context.exit(EXIT_CODES[verdict.outcome])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
