"""`lab run`: measure, judge, report."""

import shlex
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from lab import api
from lab.cli.options import ChangeSize, folder, reports_option
from lab.cli.progress import TerminalObserver
from lab.cli.terminal import Console, echo, errors
from lab.core.errors import EXIT_CASES_FAILED, EXIT_OK, UsageError
from lab.core.schema import CasePlan, Plan
from lab.experiment.clock import targets_of
from lab.experiment.declare import PROFILES
from lab.experiment.registry import load_experiments, names_in_folder
from lab.report.text import answers_text
from lab.store import RunWriter, find_run


@click.command()
@click.argument("experiments", nargs=-1)
@click.option("--experiments", "folder_of", type=folder(), help="Folder of experiment files (default: the project's).")
@click.option("--profile", default=None, help=f"One of {', '.join(PROFILES)}; quick if not given.")
@click.option("--corpus", type=folder(), help="Folder of .py files (default: the standard library).")
@click.option("--seed", type=click.IntRange(min=0), help="Random seed (default: random).")
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds for the whole command, planning and report included (default: the profile's).",
)
@click.option("--until", type=ChangeSize(), help="Go on until a change of this size (2%) is decided for every answer.")
@click.option("--only", metavar="GLOB", help="Measure only the cases whose name matches, such as 'layout/scan/*'.")
@click.option("--resume", metavar="ID", help="Continue an interrupted run.")
@click.option("--fresh", is_flag=True, help="Count and trace again what is remembered of earlier runs.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@reports_option
def run(
    experiments: tuple[str, ...],
    folder_of: Path | None,
    profile: str | None,
    corpus: Path | None,
    seed: int | None,
    budget: float | None,
    until: float | None,
    only: str | None,
    resume: str | None,
    fresh: bool,
    dry_run: bool,
    reports: Path | None,
) -> int:
    """Run EXPERIMENTS (all that answer a question about memory if none is named) as one run with one report.

    Exit code 3: the run is complete but some cases failed; they are named in the report.
    """
    started = time.monotonic()
    console = errors()
    elsewhere = [] if reports is None else ["--reports", str(reports)]
    reports = reports or api.reports_folder()
    if resume is not None:
        if (
            experiments
            or folder_of
            or profile
            or corpus
            or seed is not None
            or budget
            or until
            or only is not None
            or dry_run
        ):
            raise UsageError("--resume takes everything from the run's own plan; give it alone")
        writer = RunWriter.resume(find_run(reports, resume))
        names, price = "its experiments", []
    else:
        chosen = list(experiments or (names_in_folder(folder_of) if folder_of else api.default_experiments()))
        if only == "":
            raise UsageError("--only is empty; give a pattern such as 'layout/scan/*', or leave it out")
        options = api.Options(
            profile=profile or "quick",
            corpus=corpus,
            seed=seed,
            budget_s=budget,
            until=until,
            only=only or "",
            reports=reports,
        )
        options.check()
        loaded = load_experiments(chosen, folder=folder_of)
        console.print("planning: measuring the machine, reading the corpus")
        try:
            plan = api.plan_experiments(loaded, options, command=_as_typed(sys.argv[1:]))
        except KeyboardInterrupt:
            console.print("interrupted while planning; nothing was measured")
            raise
        price = api.price(plan, reports).sentences()
        if dry_run:
            _show_plan(plan)
            for line in price:
                echo(line)
            return EXIT_OK
        writer = RunWriter.create(reports, plan)
        names = ", ".join(chosen)
    with writer:
        identity = writer.plan.id
        console.print(f"run {identity}: {names}, profile {writer.plan.profile}")
        try:
            for line in price:
                console.print(f"clock: {line}")
            with _end_like_interrupt(), TerminalObserver(console) as observer:
                finished = api.execute(writer, reports, observer, started=started, fresh=fresh)
        except KeyboardInterrupt:
            report = writer.folder / "index.html"
            if report.exists():
                console.print(f"what is known so far: {report}")
            again = shlex.join(["lab", "run", "--resume", identity, *elsewhere])
            console.print(f"interrupted; continue with: {again}")
            raise
    answers_text(finished.results, Console())
    failed = finished.summary.failed_cases
    if failed:
        console.print(f"{len(failed)} case{'s' * (len(failed) > 1)} failed; the report names them", style="red")
    echo(reports / "latest" / "index.html")
    return EXIT_CASES_FAILED if failed else EXIT_OK


@contextmanager
def _end_like_interrupt() -> Iterator[None]:
    """Treat a request to end (SIGTERM) like Ctrl-C: nothing is lost, and the report says what is known."""

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _as_typed(arguments: Sequence[str]) -> str:
    """The command in a shell's words, as text that UTF-8 can hold whatever bytes were typed in whatever locale."""
    return shlex.join(["lab", *arguments]).encode(errors="surrogateescape").decode(errors="backslashreplace")


def _show_plan(plan: Plan) -> None:
    for experiment in plan.experiments:
        cases: list[CasePlan] = [case for case in plan.cases if case.experiment == experiment.name]
        comparisons = sum(len(targets_of(case)) for case in cases)
        echo(f"{experiment.name}: {len(cases)} cases, {comparisons} clock comparisons")
        for case in cases:
            echo(f"  {case.id}  [{case.kind}, {case.regime}]")
    for out in plan.left_out:
        echo(f"left out: {out.what}: {out.reason}")
