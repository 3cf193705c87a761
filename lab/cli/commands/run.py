"""`lab run`: measure, judge, report."""

import shlex
import sys
from pathlib import Path

import click
from rich.console import Console

from lab import api
from lab.cli.options import reports_option
from lab.cli.progress import TerminalObserver
from lab.core.errors import EXIT_CASES_FAILED, EXIT_OK, UsageError
from lab.core.schema import CasePlan, Plan
from lab.experiment.clock import targets_of
from lab.experiment.declare import PROFILES
from lab.report.text import answers_text
from lab.store import RunWriter, find_run


@click.command()
@click.argument("experiments", nargs=-1)
@click.option("--profile", default=None, help=f"One of {', '.join(PROFILES)}; quick if not given.")
@click.option(
    "--corpus", type=click.Path(path_type=Path), help="Folder of .py files; the standard library if not given."
)
@click.option("--seed", type=click.IntRange(min=0), help="Of every random choice; drawn if not given.")
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), help="Seconds for the clock.")
@click.option("--resume", metavar="ID", help="Continue an interrupted run.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@reports_option
def run(
    experiments: tuple[str, ...],
    profile: str | None,
    corpus: Path | None,
    seed: int | None,
    budget: float | None,
    resume: str | None,
    dry_run: bool,
    reports: Path | None,
) -> int:
    """Run EXPERIMENTS (layout, pooling and alignment if none is named) as one run with one report.

    Exit code 3: the run is complete but some cases failed; they are named in the report.
    """
    console = Console(stderr=True)
    reports = reports or api.reports_folder()
    if resume is not None:
        if experiments or profile or corpus or seed is not None or budget:
            raise UsageError("--resume takes everything from the run's own plan; give it alone")
        writer = RunWriter.resume(find_run(reports, resume))
        names = "its experiments"
    else:
        chosen = list(experiments or api.DEFAULT_EXPERIMENTS)
        options = api.Options(profile=profile or "quick", corpus=corpus, seed=seed, budget_s=budget, reports=reports)
        console.print("planning: measuring the machine, reading the corpus", highlight=False)
        plan = api.plan(chosen, options, command=shlex.join(["lab", *sys.argv[1:]]))
        if dry_run:
            _show_plan(Console(), plan)
            return EXIT_OK
        writer = RunWriter.create(reports, plan)
        names = ", ".join(chosen)
    with writer:
        identity = writer.plan.id
        console.print(f"run {identity}: {names}, profile {writer.plan.profile}", highlight=False)
        try:
            with TerminalObserver(console) as observer:
                finished = api.execute(writer, reports, observer)
        except KeyboardInterrupt:
            console.print(f"interrupted; continue with: lab run --resume {identity}", highlight=False)
            raise
    answers_text(finished.results, Console())
    failed = finished.summary.failed_cases
    if failed:
        console.print(f"{len(failed)} cases failed; the report names them", style="red", highlight=False)
    click.echo(reports / "latest" / "index.html")
    return EXIT_CASES_FAILED if failed else EXIT_OK


def _show_plan(console: Console, plan: Plan) -> None:
    for experiment in plan.experiments:
        cases: list[CasePlan] = [case for case in plan.cases if case.experiment == experiment.name]
        comparisons = sum(len(targets_of(case)) for case in cases)
        console.print(f"{experiment.name}: {len(cases)} cases, {comparisons} clock comparisons", highlight=False)
        for case in cases:
            console.print(f"  {case.id}  [{case.kind}, {case.regime}]", highlight=False, markup=False)
    for out in plan.left_out:
        console.print(f"left out: {out.what}: {out.reason}", highlight=False, markup=False)
