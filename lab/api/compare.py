"""`lab.compare`: two ways or more of doing the same thing, measured as the lab measures its own.

>>> run = lab.compare(old, new, data=Path("sample.json"))
>>> run.verdict
'better'
"""

import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from lab.api.answer import ArmAnswer, answer_lines, arm_answers, process_times
from lab.api.arms import (
    ArmsFailed,
    Function,
    Input,
    Prepared,
    experiment_of,
    function_names,
    prepare_functions,
    with_data_file,
)
from lab.api.runs import Options, Run, execute, inputs_folder, plan_experiments
from lab.core.errors import UsageError
from lab.core.schema import Plan, Verdict
from lab.experiment.observer import Observer, Silent
from lab.experiment.python_kernel import in_worker, is_python
from lab.experiment.sanity import clock_trouble
from lab.experiment.subjects import is_command
from lab.experiment.trials import TIMEOUT_S
from lab.measure.counting import CountRequest, count_jobs
from lab.measure.native import Native, find_native
from lab.measure.probe import Job
from lab.measure.process import Workers
from lab.store import RunWriter

BUDGET_S = 30.0  # of the whole command
MODERATE = 5.0  # times slower; beyond that samples are shortened
SHORTEST_SAMPLE_S = 5e-6


class ComparedRun(Run):
    """A run of two arms or more, with its answer.

    Attributes:
        failures: arm -> why it could not be measured.
        tracebacks: the same, whole.
    """

    def __init__(
        self, folder: Path, failures: Mapping[str, str] | None = None, tracebacks: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(folder)
        self.failures = dict(failures or {})
        self.tracebacks = dict(tracebacks or {})

    @property
    def answers(self) -> list[ArmAnswer]:
        """One for each arm but the baseline, in the order given; arms that failed have none."""
        return arm_answers(self.plan, self.results, self.measurements)

    @property
    def answer(self) -> ArmAnswer:
        """Of the first arm that was measured.

        Raises:
            ArmsFailed: none was.
        """
        found = self.answers
        if not found:
            reasons = "; ".join(f"{arm}: {reason}" for arm, reason in self.failures.items())
            raise ArmsFailed(f"no arm could be measured: {reasons or 'see the report'}")
        return found[0]

    @property
    def verdict(self) -> Verdict:
        """The first candidate's time against the baseline's: "better", "worse", "same" or "unresolved"."""
        return self.answer.verdict

    def plot(self, experiment: str | None = None, group: str | None = None) -> object:
        """The times of every process of each arm, a matplotlib Figure. Both arguments are for the base class."""
        from lab.report.samples import samples_figure

        del experiment, group
        return samples_figure(process_times(self.plan, self.measurements), self.plan.cases[0].item)

    def __str__(self) -> str:
        """The answer in three lines for each arm."""
        return "\n".join(answer_lines(self.plan, self.summary, self.answers, self.folder))

    __repr__ = __str__


def compare(
    baseline: Function | Mapping[str, Function],
    *candidates: Function,
    data: object = None,
    setup: Function | None = None,
    names: Sequence[str] | None = None,
    data_as: str = "",
    check: bool = True,
    budget_s: float = BUDGET_S,
    timeout_s: float = TIMEOUT_S,
    reports: Path | str | None = None,
    seed: int | None = None,
    observer: Observer | None = None,
) -> ComparedRun:
    """Compare Python functions: time with a verdict, and memory.

    Each is called as `function(argument)`, in fresh processes that import it by its name. The argument is what `setup`
    returns, or the data itself; without either the functions are called without an argument.

    Args:
        baseline: a function at the top of a module, where to find it ("old.py:parse", "package.module:parse"), or
            names with functions, the baseline first, in place of the candidates.
        *candidates: what is compared with it.
        data: a Path, text, bytes, or any value that can be pickled.
        setup: makes the argument, once per process and untimed: `setup(data)`, or `setup()` without data.
        names: of the arms, the baseline's first; from the functions if None.
        data_as: what becomes of a file: "text" (if empty), "bytes", "json" or "path".
        check: the functions must return the same.
        budget_s: wall seconds for everything.
        timeout_s: after which one call counts as one that never returns.
        reports: where the run is stored; `reports/` of the project one is in if None.
        seed: random seed; drawn if None.
        observer: hears of progress.

    Raises:
        UsageError: a fresh process cannot find a function; an argument is wrong.
        ArmsFailed: a function raises, ends its process, never returns, or returns something else than the baseline.
        EnvironmentFailure: the native part is missing, or the reports folder cannot be written.
        KeyboardInterrupt: stopped; the run can be resumed.
    """
    if in_worker():
        raise UsageError(
            'lab.compare was called while a worker imported its module; put the call under `if __name__ == "__main__":`'
        )
    if isinstance(baseline, Mapping):
        if candidates or names is not None:
            raise UsageError("give either functions by name, or functions one after another")
        arms = dict(baseline)
    else:
        functions = [baseline, *candidates]
        arms = dict(zip(names or function_names(functions), functions, strict=True))
        if len(arms) < len(functions):
            raise UsageError("two arms have the same name")
    started = time.monotonic()
    given = Input(data=data, data_as=data_as, check=check, timeout_s=timeout_s)
    options = Options(budget_s=budget_s, reports=Path(reports) if reports is not None else None, seed=seed)
    with with_data_file(given) as ready:
        return run_arms(prepare_functions(arms, setup, ready), options, observer=observer, started=started)


def run_arms(
    prepared: Prepared, options: Options, *, observer: Observer | None = None, command: str | None = None,
    timeout_s: float = TIMEOUT_S, started: float | None = None,
) -> ComparedRun:  # fmt: skip
    """Plan and carry out the comparison of prepared arms.

    Args:
        prepared: the arms.
        options: how to run.
        observer: hears of progress.
        command: how to repeat the run, for the report.
        timeout_s: after which one call of a native arm counts as one that never returns.
        started: time.monotonic() from which the budget counts; now if None.

    Raises:
        ArmsFailed: a native arm crashes, never returns, or gives another answer.
    """
    started = time.monotonic() if started is None else started
    title = " or ".join(prepared.group.arms.meaning)
    typed = command or shlex.join(["lab", "compare", *prepared.group.arms.meaning])
    planned = plan_experiments([experiment_of(prepared, title)], options, command=typed, sweep=False)
    if _is_native(planned):
        failures = _try_native(planned, options, find_native(), timeout_s)
        if failures:
            arms = replace(prepared.group.arms, missing=failures)
            prepared = replace(prepared, group=replace(prepared.group, arms=arms), failures=failures)
            planned = plan_experiments([experiment_of(prepared, title)], options, command=typed, sweep=False)
    planned = _with_short_samples(planned, prepared.spread)
    with RunWriter.create(options.reports_or_default, planned) as writer:
        run = execute(writer, options.reports_or_default, observer or Silent(), started=started)
    return ComparedRun(run.folder, prepared.failures, prepared.tracebacks)


def _with_short_samples(planned: Plan, spread: float) -> Plan:
    """The plan with samples so short that the slowest arm's are not endless.

    Both arms of a pair run the same iterations, and the faster arm decides how many. Where it is hundreds of times
    faster, a sample of the usual length for it would be a second of the other, to no use: so large a difference shows
    in short samples too.
    """
    usual = planned.clock.sample_s
    wanted = min(max(usual * MODERATE / spread, SHORTEST_SAMPLE_S), usual)
    while wanted < usual and clock_trouble(wanted) is not None:  # this machine's clock is too coarse for it
        wanted = min(2 * wanted, usual)
    return msgspec.structs.replace(planned, clock=msgspec.structs.replace(planned.clock, sample_s=wanted))


def _is_native(planned: Plan) -> bool:
    kernel = planned.cases[0].kernel
    return not is_python(kernel) and not is_command(kernel)


def _try_native(planned: Plan, options: Options, native: Native, timeout_s: float) -> dict[str, str]:
    """Run each arm once, in a process of its own: arm -> why it cannot be measured.

    Raises:
        ArmsFailed: the baseline, or every other arm, does not work, or answers differ.
    """
    case = planned.cases[0]
    inputs = inputs_folder(options.reports_or_default)
    library = Path(planned.libraries[case.library].builds[0]) if case.library else None
    data = inputs / case.input_digest if case.input_digest else None
    request = CountRequest(native=native, workers=Workers(), options=("--apart",), idle_timeout_s=timeout_s)
    failures: dict[str, str] = {}
    checksums: dict[str, str] = {}
    for arm in case.arms:
        for _, answer in count_jobs(request, [Job(case=case, arm=arm, input_path=data, library=library)]):
            if answer.status == "ok":
                checksums[arm.name] = answer.checksum
            else:
                failures[arm.name] = answer.reason
    if case.baseline in failures or len(failures) == len(case.arms) - 1:
        name = case.baseline if case.baseline in failures else next(iter(failures))
        raise ArmsFailed(f"{name} failed: {failures[name]}")
    for name, checksum in checksums.items():
        if checksum != checksums[case.baseline]:
            raise ArmsFailed(
                f"{case.baseline} and {name} give different answers (checksums {checksums[case.baseline]} and"
                f" {checksum}); --no-check measures them all the same"
            )
    return failures
