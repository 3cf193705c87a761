"""`lab calibrate`: what can be told apart on this machine, from repeated runs of the self-test."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from lab.analysis.calibrate import margins_of, sorts_of
from lab.api.runs import Options, Run, execute, plan_experiments
from lab.core.calibration import CALIBRATION_SCHEMA, Calibration
from lab.core.errors import LabError, UsageError
from lab.experiment.observer import Observer, Silent
from lab.experiment.profiles import MARGINS
from lab.experiment.registry import load_experiments
from lab.measure.native import find_native
from lab.store import RunWriter, find_run, list_runs
from lab.store.calibration import deciding_facts, write_calibration

EXPERIMENT = "selftest"
RUN_S = 240.0  # a run of the self-test: long enough for verdicts on a slow machine
LEAST_S = 60.0  # less than this is not worth another run


def calibrate(minutes: float, *, reports: Path, fresh: bool = False, observer: Observer | None = None) -> Calibration:
    """Run the self-test for some minutes and store what this machine can tell apart.

    Runs of earlier calibrations of the same machine and the same kernels count too, so that an interrupted or a short
    calibration is continued by the next. The result is stored after every run: an interrupt loses the run in progress
    alone, and the next call continues that one.

    Args:
        minutes: wall time to spend, at least one run.
        reports: the project's folder of runs; calibration runs are kept in `calibration` below it.
        fresh: forget the runs of earlier calibrations.
        observer: hears of progress.

    Raises:
        UsageError: `minutes` is not above 0.
        EnvironmentFailure: the native part is missing, or a folder cannot be written.
        KeyboardInterrupt: stopped.
    """
    if not 0 < minutes < float("inf"):
        raise UsageError(f"{minutes:g} minutes; give a number above 0")
    folder = reports / "calibration"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    observer = observer or Silent()
    end = time.monotonic() + 60 * minutes
    experiments = load_experiments([EXPERIMENT])
    result: Calibration | None = None
    while result is None or end - time.monotonic() >= LEAST_S:
        budget = min(RUN_S, max(end - time.monotonic(), LEAST_S))
        writer = _unfinished(folder)
        if writer is None:
            options = Options(profile="quick", reports=folder, budget_s=budget)
            plan = plan_experiments(experiments, options, command="lab calibrate", calibrated=False)
            writer = RunWriter.create(folder, plan)
        with writer:
            finished = execute(writer, folder, observer)
        result = _derive(folder, finished)
        write_calibration(result)
    return result


def _unfinished(folder: Path) -> RunWriter | None:
    """The interrupted run of an earlier call, if it can go on here."""
    native = find_native()
    for entry in list_runs(folder):
        if (entry / "run.json").exists():
            continue
        try:
            writer = RunWriter.resume(entry)
        except LabError:
            continue  # another process writes it, or it is damaged: leave it alone
        if writer.plan.kernels == native.digest():
            return writer
        writer.close()
    return None


def _derive(folder: Path, latest: Run) -> Calibration:
    """What all runs of this machine and these kernels say together."""
    machine = deciding_facts(latest.plan.machine)
    runs = []
    for entry in list_runs(folder):
        try:
            run = Run(find_run(folder, entry.name))
        except LabError:
            continue
        if deciding_facts(run.plan.machine) == machine and run.plan.kernels == latest.plan.kernels:
            runs.append(run)
    sorts = sorts_of([(run.plan, run.measurements) for run in runs])
    return Calibration(
        schema=CALIBRATION_SCHEMA,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=machine,
        runs=tuple(run.id for run in runs),
        minutes=sum(run.summary.clock_s for run in runs) / 60,
        sorts=sorts,
        margins=margins_of(sorts, MARGINS),
    )
