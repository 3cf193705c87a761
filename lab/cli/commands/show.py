"""`lab show`: what a run found, on the terminal or as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from lab import api
from lab.cli.options import json_option, reports_option, run_argument
from lab.cli.terminal import Console, echo_json
from lab.core.life import Life
from lab.report.costs import cost_lines
from lab.report.exports import comparisons_json
from lab.report.text import Block, results_text, write_block


@click.command()
@run_argument
@reports_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Every comparison, not only the answers.")
@click.option("--workers", is_flag=True, help="What the clock's processes spent their time on, instead of the answers.")
def show(run: str, reports: Path | None, as_json: bool, everything: bool, workers: bool) -> None:
    """Show what a RUN found (an id, its beginning, or `latest`)."""
    opened = api.open_run(run, reports)
    if workers and as_json:
        echo_json(json.dumps([msgspec.structs.asdict(life) for life in opened.summary.lives], indent=2))
    elif workers:
        write_block(_lives(opened.summary.lives), Console())
    elif as_json:
        echo_json(json.dumps(comparisons_json(opened.results), indent=2, allow_nan=False))
    else:
        results_text(opened.results, Console(), everything=everything)
        if costs := tuple(cost_lines(opened.summary)):
            write_block(Block("What measuring cost", ("probe", "cost"), costs), Console())


def _lives(lives: Sequence[Life]) -> Block:
    """A row per group: milliseconds of a worker by what they went into."""
    parts = ("libraries", "inputs", "setup", "check", "calibrate", "warm", "timed", "other")
    rows = []
    for life in lives:
        each = [f"{1e3 * getattr(life, part) / life.workers:.1f}" for part in parts]
        useful = (life.warm + life.timed) / life.wall if life.wall else 0.0
        name = f"{life.experiment}/{life.group}/{life.kind}"
        counts = (str(life.workers), f"{life.comparisons / life.workers:.1f}", f"{1e3 * life.wall / life.workers:.1f}")
        rows.append((name, *counts, *each, f"{useful:.0%}"))
    whole = sum(life.wall for life in lives)
    useful = sum(life.warm + life.timed for life in lives)
    note = f"{useful / whole:.0%} of {whole:.0f} s were warm or timed runs." if whole else "This run has no record."
    return Block(
        "What a worker's time goes into, in milliseconds",
        ("group", "workers", "comparisons", "wall", *parts, "warm or timed"),
        tuple(rows),
        note=note,
    )
