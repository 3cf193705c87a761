"""What `compare` measures: two ways or more of doing the same, tried once before anything is planned.

Each kind (Python functions, a C file, functions of shared libraries, commands) becomes one group of one case.
"""

import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.core.errors import EXIT_CASES_FAILED, LabError, UsageError
from lab.experiment.callables import DATA_PATH
from lab.experiment.command_counts import CommandInstructionsProbe
from lab.experiment.commands import CommandFailed, Launch, argv_of, differ, output_of, spec_of
from lab.experiment.compiled import Exported, Workshop, glue
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, everywhere, nowhere
from lab.experiment.locate import quoted, where_is
from lab.experiment.subjects import Command, Functions, NativeKernel, Subject, programs, words_of
from lab.experiment.trials import TIMEOUT_S, Ground, Trial, try_arms
from lab.measure.native import Native

NAME = "compare"
NATIVE_PASSES = ("callgrind", "allocations", "resident")
MOST_NAME_CHARACTERS = 60
Function = Callable[..., object] | str


class ArmsFailed(LabError):
    """Too few arms work to compare any.

    Attributes:
        traceback: as Python, or the program, wrote it; "" where there is none.
    """

    exit_code = EXIT_CASES_FAILED

    def __init__(self, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What the arms work on.

    Attributes:
        data: a file; or text, bytes or any other value, which is written to a file for the workers.
        data_as: what Python functions get of the file: "text", "bytes", "json" or "path".
        check: the arms must give the same answer.
        timeout_s: after which one call, or one run of a command, counts as one that never ends.
        label: of the data in the report; from the file's name if empty.
    """

    data: object = None
    data_as: str = ""
    check: bool = True
    timeout_s: float = TIMEOUT_S
    label: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Arms that work, and those that do not.

    Attributes:
        group: what is measured.
        failures: arm -> why it is not.
        tracebacks: the same, whole, as Python shows it.
        seconds: arm -> what one call takes, roughly.
    """

    group: Group
    failures: Mapping[str, str] = field(default_factory=dict)
    tracebacks: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def spread(self) -> float:
        """How many times longer the slowest arm takes than the fastest; 1 where that is not known."""
        known = [seconds for arm, seconds in self.seconds.items() if arm not in self.failures and seconds > 0]
        return max(known) / min(known) if known else 1.0


def experiment_of(prepared: Prepared, title: str) -> Experiment:
    """The experiment that compares the arms."""
    return Experiment(
        name=NAME, title=title, question=f"Which is faster: {title}?", groups=(prepared.group,),
        limits="One machine, one input: another input may turn the answer round.",
    )  # fmt: skip


@contextmanager
def with_data_file(given: Input) -> Iterator[Input]:
    """The same input with its data in a file; text, bytes and other values are in it for as long as this lasts.

    Raises:
        UsageError: there is no such file, or the value cannot be pickled.
    """
    data = given.data
    if data is None or isinstance(data, Path):
        if data is not None and not data.is_file():
            raise UsageError(f"there is no file {data}")
        yield replace(given, data=data.resolve() if data else None, data_as=given.data_as or "text")
        return
    if isinstance(data, str):
        content, kind = data.encode(), "text"
    elif isinstance(data, bytes | bytearray | memoryview):
        content, kind = bytes(data), "bytes"
    else:
        try:
            content, kind = pickle.dumps(data), "pickle"
        except Exception as error:
            raise UsageError(
                f"data of type {type(data).__name__} cannot be sent to another process ({error}); give a file, or build"
                " it in a function given as setup="
            ) from error
    with tempfile.NamedTemporaryFile(prefix="lab-data-") as file:
        file.write(content)
        file.flush()
        yield replace(given, data=Path(file.name), data_as=given.data_as or kind, label=type(data).__name__)


def _group(subject: Subject, arms: Arms, given: Input, **args: str) -> Group:
    """The one group: `given.data` is a file by now, `args` are arguments of all arms."""
    assert given.data is None or isinstance(given.data, Path)
    native = isinstance(subject, NativeKernel)
    return Group(
        name="arms",
        title="The arms",
        subject=subject,
        arms=arms,
        args=args,
        data=given.data,
        factors=(Factor("data", (Level(given.label or (given.data.name if given.data else "none"), {}),)),),
        axis="data",
        kind="allocating",
        item="" if native else "run" if isinstance(subject, Command) else "call",
        passes=dict.fromkeys(NATIVE_PASSES, everywhere) if native else {},
        note="" if given.check else "The answers of the arms were not compared (--no-check).",
    )


def _check_count(names: Sequence[str]) -> None:
    if len(names) < 2:
        raise UsageError("give two things to compare, the baseline first")


# --- Python functions ----------------------------------------------------------------------------------------------


def function_names(functions: Sequence[Function]) -> list[str]:
    """Names of functions that tell them apart: as short as they can be."""
    places = [where_is(function) for function in functions]
    names = [_short(place) for place in places]
    parts = 1
    while len(set(names)) < len(names) and parts < MOST_NAME_CHARACTERS:
        parts += 1
        names = [_short(place, parts) for place in places]
    return [f"{name} ({names[:at].count(name) + 1})" if name in names[:at] else name for at, name in enumerate(names)]


def _short(place: str, parts: int = 1) -> str:
    where, _, name = place.rpartition(":")
    return f"{'/'.join(where.split('/')[-parts:])}:{name}"


def prepare_functions(functions: Mapping[str, Function], setup: Function | None, given: Input) -> Prepared:
    """Python functions, each called once in a process of its own; answers are compared.

    Args:
        functions: arm -> function or where it is; the first is the baseline.
        setup: makes the argument.
        given: data and how it is passed; a file by now.

    Raises:
        UsageError: a fresh process cannot find a function.
        ArmsFailed: the baseline, or every other arm, does not work, or the answers differ.
    """
    _check_count(list(functions))
    assert given.data is None or isinstance(given.data, Path)
    subject = Functions(functions, setup, given.data_as, given.check)  # type: ignore[arg-type]
    own = {DATA_PATH: quoted(str(given.data))} if given.data is not None else {}
    arms = subject.arms()
    each = {arm: {**subject.arguments, **own, arms.parameter: value} for arm, value in arms.values.items()}
    data = given.data if given.data is not None and given.data.stat().st_size else None
    trials = try_arms(each, Ground(kernel=subject.kernel, data=data, timeout_s=given.timeout_s))
    failures = _checked(trials)
    group = _group(subject, subject.arms(failures), given, **own)
    tracebacks = {arm: trials[arm].traceback for arm in failures}
    return Prepared(group, failures, tracebacks, {arm: trial.seconds for arm, trial in trials.items()})


def _checked(trials: Mapping[str, Trial]) -> dict[str, str]:
    """Arm -> why it cannot be measured.

    Raises:
        ArmsFailed: the baseline, or every other arm, does not work, or answers differ.
    """
    for trial in trials.values():
        if trial.differs:
            raise ArmsFailed(f"{trial.reason}; --no-check (check=False) measures them all the same")
    failures = {name: trial.reason for name, trial in trials.items() if trial.reason}
    baseline = next(iter(trials))
    if baseline in failures or len(failures) == len(trials) - 1:
        name = baseline if baseline in failures else next(iter(failures))
        raise ArmsFailed(f"{name} failed: {failures[name]}", trials[name].traceback)
    return failures


# --- C ---------------------------------------------------------------------------------------------------------------


def prepare_c(source: Path, workshop: Workshop, given: Input) -> Prepared:
    """The arms of a C file that includes lk/compare.h.

    Raises:
        UsageError: see Workshop.build.
        DoesNotCompile: see there.
    """
    compiled = workshop.build(source)
    return Prepared(_native_group(compiled.subject, compiled.arms, given))


def prepare_libraries(
    functions: Sequence[Exported], header: Path, call: str, workshop: Workshop, given: Input
) -> Prepared:
    """Functions that shared libraries export.

    Raises:
        UsageError: a library or the header does not exist.
        DoesNotCompile: the header does not declare the function, or the call does not fit it.
    """
    names = _library_names(functions)
    _check_count(names)
    for path in (header, *(function.library for function in functions)):
        if not path.is_file():
            raise UsageError(f"there is no file {path}")
    with tempfile.TemporaryDirectory(prefix="lab-glue-") as folder:
        source = Path(folder) / "glue.c"
        resolved = [replace(function, library=function.library.resolve()) for function in functions]
        source.write_text(glue(resolved, names, header, call))
        sources = [function.library for function in resolved]
        compiled = workshop.build(source, sources=sources, described=", ".join(names))
    return Prepared(_native_group(compiled.subject, tuple(names), given))


def _library_names(functions: Sequence[Exported]) -> list[str]:
    names = [function.name for function in functions]
    if len(set(names)) < len(names):
        names = [f"{function.library.parent.name}/{function.name}" for function in functions]
    return [f"{name} ({names[:at].count(name) + 1})" if name in names[:at] else name for at, name in enumerate(names)]


def _native_group(subject: Subject, names: Sequence[str], given: Input) -> Group:
    assert given.data is None or isinstance(given.data, Path)
    arms = Arms("arm", names[0], dict.fromkeys(names, ""))
    return _group(subject, arms, given, check="yes" if given.check else "no")


# --- commands --------------------------------------------------------------------------------------------------------


def command_names(commands: Sequence[Sequence[str]]) -> list[str]:
    """Names of commands that tell them apart: the program, or the whole line, cut where it is long."""
    names = [command[0] for command in commands]
    if len(set(names)) < len(names):
        names = [_cut(" ".join(command)) for command in commands]
    return [f"{name} ({names[:at].count(name) + 1})" if name in names[:at] else name for at, name in enumerate(names)]


def _cut(text: str) -> str:
    return text if len(text) <= MOST_NAME_CHARACTERS else f"{text[: MOST_NAME_CHARACTERS - 3]}..."


def prepare_commands(commands: Mapping[str, Sequence[str]], how: Command, given: Input, native: Native) -> Prepared:
    """Whole commands, each run once; what they write is compared.

    Args:
        commands: arm -> its words; the first is the baseline.
        how: everything but the words.
        given: the data is on standard input.
        native: has the launcher.

    Raises:
        ArmsFailed: the baseline, or every other command, fails, or they write different things.
    """
    _check_count(list(commands))
    assert given.data is None or isinstance(given.data, Path)
    subject = replace(how, argv=["{argv}"], check=given.check)
    arms = Arms("argv", next(iter(commands)), dict.fromkeys(commands, ""), {
        arm: words_of(argv) for arm, argv in commands.items()
    })  # fmt: skip
    if native.launcher is None:
        raise UsageError("lab-launch is missing beside the compiled module; build the native part: make setup")
    launch = Launch(launcher=native.launcher, data=given.data, timeout_s=given.timeout_s)
    spec = spec_of(subject.kernel)
    trials: dict[str, Trial] = {}
    written: dict[str, str] = {}
    for arm, words in arms.values.items():
        try:
            written[arm], used = output_of(launch, arm, argv_of(spec, {"argv": words}), spec)
            trials[arm] = Trial(arm, used.ns * 1e-9)
        except CommandFailed as error:
            trials[arm] = Trial(arm, reason=str(error).removeprefix(f"{arm}: "))
    failures = _checked(trials)
    baseline = next(iter(commands))
    for arm, digest in written.items():
        if given.check and digest != written[baseline]:
            raise ArmsFailed(differ(baseline, arm))
    arms = replace(arms, missing=failures)
    group = _group(subject, arms, given)
    uncounted = CommandInstructionsProbe(native.launcher).unavailable()
    if uncounted:  # known now: no time need be kept for it
        note = " ".join(filter(None, [group.note, f"Instructions were not counted: {uncounted}."]))
        group = replace(group, passes={CommandInstructionsProbe.name: nowhere}, note=note)
    return Prepared(_with_files(group, commands), failures)


def _with_files(group: Group, commands: Mapping[str, Sequence[str]]) -> Group:
    assert isinstance(group.subject, Command)
    found = programs([argv[0] for argv in commands.values()])
    return replace(group, subject=replace(group.subject, sources=found))
