"""`lab baseline`: write the deterministic figures that the gate holds."""

from pathlib import Path

import click

from lab import api
from lab.cli.options import file
from lab.cli.progress import TerminalObserver
from lab.cli.terminal import echo, errors
from lab.core.errors import UsageError


@click.command()
@click.option("--reason", required=True, help="Why the figures may change; stored in the file.")
@click.option(
    "--output",
    "-o",
    type=file(),
    help="File to write (default: reports/baselines/gate.json).",
)
def baseline(reason: str, output: Path | None) -> None:
    """Measure the deterministic figures and write them as the gate's baseline for this toolchain."""
    if not reason.strip():
        raise UsageError("--reason is empty; say why the figures may change")
    path = output or api.reports_folder() / "baselines" / "gate.json"
    if path.exists():
        api.read_baselines(path)  # fails on a damaged file before a minute of measuring
    with TerminalObserver(errors()) as observer:
        current = api.measure_figures(observer, reason=reason.strip())
    api.write_baseline(path, current)
    echo(f"{path}: {len(current.figures)} figures for {current.toolchain}")
