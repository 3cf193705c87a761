"""Runs from beginning to end: plan, measure, judge, report; and sealed runs opened again."""

import contextlib
import platform
import secrets
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import psutil

from lab.analysis import analyse
from lab.analysis.judge import RunJudge
from lab.core.errors import EnvironmentFailure, UsageError
from lab.core.results import Results
from lab.core.schema import Margin, Plan, RunSummary
from lab.experiment.clock import targets_of
from lab.experiment.code import digest_of
from lab.experiment.corpus import check_corpus, read_corpus
from lab.experiment.declare import Experiment
from lab.experiment.equipment import Equipment
from lab.experiment.observer import Observer, Silent
from lab.experiment.planner import Surroundings, plan_run
from lab.experiment.price import Price, price_of, remember_costs
from lab.experiment.profiles import MARGINS, clock_of
from lab.experiment.registry import experiment_names, lab_table, load_experiments, names_by_role
from lab.experiment.remember import PassCache, remembering
from lab.experiment.runner import carry_out
from lab.experiment.subject_probes import make_subject_probes, subject_metrics, subject_probes
from lab.measure.machine import describe_machine, measure_machine
from lab.measure.native import Native, find_native
from lab.measure.probes import make_probes, probe_metrics, probe_names
from lab.store import RunReader, RunWriter, find_run, point_latest, write_atomically
from lab.store.calibration import read_calibration


def project_folder(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` whose pyproject.toml has a [tool.lab] table, else `start` itself."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        with contextlib.suppress(UsageError):  # a file that cannot be read claims nothing
            if lab_table(folder) is not None:
                return folder
    return start


def reports_folder() -> Path:
    """Where runs are kept: `reports/` of the project one stands in."""
    return project_folder() / "reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run. Folders may be given as text.

    Attributes:
        profile: "quick", "standard" or "full".
        corpus: folder of Python sources; the standard library if None.
        seed: of every random choice; drawn if None.
        budget_s: wall seconds for the whole command, planning and report included; the profile's own if None.
        until: go on until a change of this size (0.02 = 2 %) is decided for every priority comparison; the budget then
            limits the run only where it is given.
        only: measure only the cases whose name matches this pattern ("layout/scan/*"); "" for all.
        reports: where the run is stored; `reports_folder()` if None.
        fresh: measure again what the cache of deterministic passes remembers.
    """

    profile: str = "quick"
    corpus: Path | None = None
    seed: int | None = None
    budget_s: float | None = None
    until: float | None = None
    only: str = ""
    reports: Path | None = None
    fresh: bool = False

    def __post_init__(self) -> None:
        for name in ("corpus", "reports"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, Path(getattr(self, name)))

    def check(self) -> None:
        """Say what is wrong before anything is measured.

        Raises:
            UsageError: the profile, the budget, the size of a change or the corpus.
        """
        clock_of(self.profile, self.budget_s, self.until)
        if self.corpus is not None:
            check_corpus(self.corpus)

    @property
    def reports_or_default(self) -> Path:
        """The folder to use."""
        return self.reports or reports_folder()


class Run:
    """A run and what analysis makes of it. Reading is lazy; nothing here measures.

    Args:
        folder: of the run.
        partial: whether a run that is not complete will do, with what it holds so far.
    """

    def __init__(self, folder: Path, *, partial: bool = False) -> None:
        self._reader = RunReader(folder, partial=partial)

    @property
    def complete(self) -> bool:
        """Whether everything has been measured."""
        return bool(self.summary.sealed)

    @property
    def id(self) -> str:
        """Name of the run's folder."""
        return self._reader.plan.id

    @property
    def folder(self) -> Path:
        """Where it is stored."""
        return self._reader.folder

    @property
    def plan(self) -> Plan:
        """What was decided before measuring."""
        return self._reader.plan

    @property
    def summary(self) -> RunSummary:
        """How it went."""
        return self._reader.summary

    @cached_property
    def measurements(self) -> pd.DataFrame:
        """The tidy table, one row per sample, count, or thing that could not be had."""
        return self._reader.table()

    @cached_property
    def results(self) -> Results:
        """Comparisons, answers, claims."""
        return analyse(self.plan, self.measurements)

    def frame(self) -> pd.DataFrame:
        """One row per comparison: the fields of its key and estimate, verdict, status, reason; factors as columns."""
        from lab.report.wording import why

        rows = []
        for comparison in self.results.comparisons:
            row = {name: field for name, field in comparison.flat().items() if name != "factors"}
            rows.append({**row, "reason": why(comparison), **comparison.key.factors})
        return pd.DataFrame(rows)

    def promises(self) -> pd.DataFrame:
        """One row per promise: claim, promised, found, outcome and what the run says of it, in words."""
        from lab.report import wording

        return pd.DataFrame(
            {
                "claim": one.id,
                "promised": wording.promised(one.promise),
                "found": wording.found(one),
                "outcome": one.outcome,
                "sentence": wording.claim(one),
            }
            for one in self.results.claims
        )

    def plot(self, experiment: str | None = None, group: str | None = None) -> object:
        """The figure of a group (the run's first if not named), a matplotlib Figure."""
        from lab.report.notebook import figure_of

        return figure_of(self.plan, self.results, experiment, group)

    def write_report(self) -> Path:
        """Write index.html beside the run and return its path."""
        from lab.report.html import render_report  # matplotlib takes longer to load than all the rest

        path = self.folder / "index.html"
        write_atomically(path, render_report(self.plan, self.summary, self.results).encode())
        return path

    def _repr_html_(self) -> str:
        from lab.report.notebook import run_html

        return run_html(self.plan, self.summary, self.results)


def _revision(folder: Path) -> str:
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=folder, capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()


def plan(names: Sequence[str], options: Options, *, command: str | None = None) -> Plan:
    """Plan a run of experiments; nothing is measured but the machine itself."""
    return plan_experiments(load_experiments(list(names)), options, command=command)


def plan_experiments(
    experiments: Sequence[Experiment],
    options: Options,
    *,
    command: str | None = None,
    sweep: bool = True,
    calibrated: bool = True,
) -> Plan:
    """Plan a run of experiments that are at hand.

    Args:
        experiments: in the order of the report.
        options: how to run.
        command: how to repeat the run, for the report.
        sweep: measure the working sets of this machine, which takes seconds; needed where a factor has such levels.
        calibrated: judge with this machine's own margins, where `lab calibrate` has found them.
    """
    options.check()
    native = find_native()
    machine = measure_machine(native) if sweep else describe_machine(native)
    margins, margins_from = _margins(machine.facts) if calibrated else (MARGINS, "shipped with the lab")
    names = [experiment.name for experiment in experiments]
    return plan_run(
        experiments,
        profile=options.profile,
        seed=options.seed if options.seed is not None else secrets.randbits(31),
        command=command or shlex.join(["lab", "run", *names, "--profile", options.profile]),
        budget_s=options.budget_s,
        until=options.until,
        only=options.only,
        surroundings=Surroundings(
            machine=machine,
            corpus=lambda own: read_corpus(own or options.corpus),
            kernel_items=native.kernel_items(),
            kernels_digest=native.digest(),
            revision=_revision(project_folder()),
            host=platform.node(),
            inputs=inputs_folder(options.reports_or_default),
            metrics=(*probe_metrics(), *subject_metrics()),
            margins=margins,
            margins_from=margins_from,
            library_items=native.kernel_items,
            probes={**dict.fromkeys(probe_names(), frozenset({"native"})), **subject_probes()},
            folder=Path.cwd(),
        ),
    )


def _margins(facts: Mapping[str, str]) -> tuple[Mapping[str, Margin], str]:
    """The margins to judge with, and where they come from."""
    calibration, reason = read_calibration(facts)
    if calibration is None:
        return MARGINS, f"shipped with the lab; {reason}"
    day = calibration.created.partition("T")[0]
    return {**MARGINS, **calibration.margins}, f"calibrated on this machine, {day}"


def _check_same_ground(planned: Plan, native: Native, reports: Path) -> None:
    """A run continues only where it began: samples of other code or of another machine would not be comparable.

    Raises:
        EnvironmentFailure: the host, the code under test or an input is not what the plan was made for.
    """
    if planned.host != platform.node():
        raise EnvironmentFailure(f"run {planned.id} was planned on {planned.host}; resume it there or start a new one")
    for files, digest in (
        *((library.builds, digest) for digest, library in planned.libraries.items()),
        *(((path,), digest) for path, digest in planned.files.items()),
    ):
        _check_unchanged(planned, files, digest)
    if planned.kernels != native.digest():
        raise EnvironmentFailure(f"the code under test has changed since run {planned.id} was planned; start a new run")
    for digest in planned.inputs:
        if not (inputs_folder(reports) / digest).is_file():
            raise EnvironmentFailure(f"input {digest} of run {planned.id} is gone; start a new run")


def _check_unchanged(planned: Plan, files: Sequence[str], digest: str) -> None:
    try:
        now = digest_of([Path(file) for file in files])
    except UsageError as error:
        raise EnvironmentFailure(f"run {planned.id} measures a file that is gone: {error}; start a new run") from error
    if now != digest:
        raise EnvironmentFailure(f"{files[0]} has changed since run {planned.id} was planned; start a new run")


def inputs_folder(reports: Path) -> Path:
    """Where input files are kept, named by the hash of their content."""
    return _cache(reports) / "inputs"


def _cache(reports: Path) -> Path:
    return reports / "cache"


def _passes(reports: Path) -> Path:
    """Where the figures of deterministic passes are kept, named by what they depend on."""
    return _cache(reports) / "passes"


def price(planned: Plan, reports: Path) -> Price:
    """What a planned run will cost, from what runs on this machine cost before."""
    judge = RunJudge(planned)
    target = next((target for case in planned.cases for target in targets_of(case)), None)
    needed = judge.standing(*target.key).needed if target is not None else 0.0
    return price_of(planned, needed, _cache(reports))


def execute(
    writer: RunWriter, reports: Path, observer: Observer, *, started: float | None = None, fresh: bool = False
) -> Run:
    """Carry out what is missing of a run, seal it, make it the latest and write its report, in this order.

    The report comes last because its presence says that nothing is missing any more. Before that, and when it is
    interrupted, reports of what is known so far are written in its place.

    Args:
        writer: of the run.
        reports: folder of the runs and of the caches.
        observer: hears of progress.
        started: time.monotonic() at which the command began, from which its budget counts; now if None.
        fresh: take nothing from the cache of deterministic passes; what is measured replaces what is there.

    Raises:
        KeyboardInterrupt: stopped; the run can be resumed, and has a report of what is known if anything is.
    """
    if not writer.sealed:
        try:
            _measure(writer, reports, observer, time.monotonic() if started is None else started, fresh=fresh)
        except KeyboardInterrupt:
            report_so_far(writer.folder)
            raise
        remember_costs(writer.plan, Run(writer.folder).summary.lives, _cache(reports))
    run = Run(writer.folder)
    point_latest(reports, writer.folder)
    run.write_report()
    return run


def report_so_far(folder: Path) -> Path | None:
    """Write the report of a run that is not complete; None where nothing is known yet."""
    run = Run(folder, partial=True)
    return run.write_report() if run.summary.rows else None


def _measure(writer: RunWriter, reports: Path, observer: Observer, started: float, *, fresh: bool) -> None:
    native = find_native()
    _check_same_ground(writer.plan, native, reports)
    carry_out(
        writer,
        Equipment(
            native=native,
            inputs=inputs_folder(reports),
            judge=RunJudge(writer.plan),
            probes=[
                *remembering(make_probes(native, writer.plan.machine), PassCache(_passes(reports), fresh=fresh)),
                *make_subject_probes(native),
            ],
            observer=observer,
            memory_bytes=psutil.virtual_memory().total * 3 // 4,
            started=started,
            publish=lambda: report_so_far(writer.folder),
        ),
    )


def run(
    names: str | Sequence[str] | None = None, options: Options | None = None, *, observer: Observer | None = None,
    command: str | None = None, **fields: object,
) -> Run:  # fmt: skip
    """Run experiments and return the sealed run.

    Args:
        names: an experiment or several; those with role "default" if None.
        options: how to run.
        observer: hears of progress.
        command: how to repeat the run, for the report.
        **fields: the fields of Options, in place of `options` (`profile="standard"`).

    Raises:
        UsageError: a name, a profile or the corpus is wrong; nothing was measured.
        EnvironmentFailure: the native part is missing, or the reports folder cannot be written.
        KeyboardInterrupt: stopped; the run can be resumed.
    """
    if options is not None and fields:
        raise UsageError("give either options or its fields as keywords, not both")
    started = time.monotonic()
    options = options or Options(**fields)  # type: ignore[arg-type]
    chosen = [names] if isinstance(names, str) else list(names or default_experiments())
    planned = plan(chosen, options, command=command)
    with RunWriter.create(options.reports_or_default, planned) as writer:
        return execute(writer, options.reports_or_default, observer or Silent(), started=started, fresh=options.fresh)


def resume(name: str, reports: Path | str | None = None, *, observer: Observer | None = None) -> Run:
    """Continue an interrupted run; `name` as in `open_run`."""
    reports = Path(reports) if reports is not None else reports_folder()
    with RunWriter.resume(find_run(reports, name)) as writer:
        return execute(writer, reports, observer or Silent())


def open_run(name: str = "latest", reports: Path | str | None = None, *, partial: bool = False) -> Run:
    """A run by its id, the beginning of its id, or "latest"; with `partial` one that is not complete as well."""
    return Run(find_run(Path(reports) if reports is not None else reports_folder(), name), partial=partial)


def default_experiments() -> list[str]:
    """Names of the experiments that a run takes when none is named: those with role "default".

    Raises:
        UsageError: there are none, or an experiment cannot be loaded.
    """
    names = names_by_role("default")
    if not names:
        raise UsageError('no experiment here has role="default"; name those to run')
    return names


def experiments() -> list[Experiment]:
    """Every experiment that can be found from here."""
    return load_experiments(experiment_names())
