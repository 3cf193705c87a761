"""The words an experiment is declared in.

An experiment asks one question. Its groups each run one kernel over every combination of factor levels; the arms of
a group do the same work in different ways and are compared with the group's baseline. Declarations are plain data
and functions of the machine and the corpus: nothing is measured or read when a module that holds one is imported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.core.errors import UsageError
from lab.core.schema import Agreement, Claim, ClaimTest, Kind, Metric, Regime, Role
from lab.experiment.corpus import Corpus
from lab.experiment.subjects import NativeKernel, Subject
from lab.measure.machine import Machine

PROFILES = ("quick", "standard", "full")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a factor.

    Attributes:
        label: what people read and filter by ("L2").
        args: kernel arguments that this level stands for.
        working_set_bytes: set where the level decides the working set.
        kind: set where the level decides the kind of work.
        regime: set where the level decides the state of the caches.
    """

    label: str
    args: Mapping[str, str]
    working_set_bytes: int = 0
    kind: Kind | None = None
    regime: Regime | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """What is varied. `quick` names the levels that the quick profile keeps, all of them if None."""

    name: str
    levels: tuple[Level, ...] | Callable[[Machine], tuple[Level, ...]]
    quick: tuple[str, ...] | None = None


def words(name: str, *values: object, quick: tuple[object, ...] | None = None) -> Factor:
    """A factor whose levels are values of the kernel parameter of the same name."""
    levels = tuple(Level(str(value), {name: str(value)}) for value in values)
    return Factor(name, levels, None if quick is None else tuple(str(value) for value in quick))


def working_sets(parameter: str = "working_set") -> Factor:
    """The factor `working_set`: one level per level of the memory hierarchy, sized by measuring the machine."""

    def levels(machine: Machine) -> tuple[Level, ...]:
        return tuple(
            Level(size.label, {parameter: str(size.bytes)}, size.bytes, "dram" if size.label == "DRAM" else "cache")
            for size in machine.working_sets
        )

    return Factor("working_set", levels)


@dataclass(frozen=True, slots=True)
class Arms:
    """The ways of doing the work.

    Attributes:
        parameter: the kernel parameter that tells them apart.
        baseline: what the others are compared with.
        meaning: arm -> one sentence, baseline first; "" where the name says it all.
        values: arm -> value of the parameter, where that is not the arm's own name.
        preload: arm -> a library that the process of this arm preloads ("libjemalloc.so.2"); searched for when the run
            is planned, and where it is not installed the arm is `unavailable`. Such arms are measured separately.
        missing: arm -> why it cannot be measured, found out before the run was planned; it is then `unavailable`.
    """

    parameter: str
    baseline: str
    meaning: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    preload: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def treatments(self) -> tuple[str, ...]:
        """Every arm but the baseline, in declaration order."""
        return tuple(name for name in self.meaning if name != self.baseline)


def everywhere(_factors: Mapping[str, str]) -> bool:
    """Look at every case."""
    return True


def nowhere(_factors: Mapping[str, str]) -> bool:
    """Look at no case."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cases that share a kernel and that one process measures together.

    Attributes:
        name: a word, unique in the experiment.
        title: heading in the report.
        subject: what is measured: NativeKernel, PythonKernel, Functions or Command of lab.experiment.subjects.
        kernel: short for NativeKernel(kernel), a kernel of the lab's own library; give either this or `subject`.
        item: what one item of a Python kernel is; a native kernel says so itself.
        input: builds the kernel's input file from the corpus; None where it needs none.
        data: a file that is the kernel's input as it is, in place of `input`.
        factors: varied, in the order in which they are shown.
        arms: compared.
        args: kernel arguments that all cases share.
        kind: kind of work where no level says it.
        regime: state of the caches where no level says it.
        null: which cases also compare the baseline with itself.
        paired: which cases time their arms in adjacent pairs within one process.
        separate: which cases run each arm alone in a process of its own (as well).
        headline: which cases the experiment's answers hang on, to be settled before the others. Cases that a timed
            promise is tested in are among them anyway; where an experiment has neither, all its cases are.
        keep: returns "" to keep a case or the reason to leave it out, from (factor labels, profile).
        passes: probe name -> which cases it looks at, from the factor labels; the subject's defaults if empty.
        axis, series, note: how the group's figure is drawn and read.
        ceiling_bytes: bytes that each arm moves per item, where the group is the ceiling of bandwidth fractions.
        planted: the arms are slowed down on purpose: an experiment with role "selftest" must find them worse.
    """

    name: str
    title: str
    kernel: str = ""
    subject: Subject | None = None
    factors: tuple[Factor, ...] = ()
    arms: Arms
    item: str = ""
    input: Callable[[Corpus], bytes] | None = None
    data: Path | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "cache"
    regime: Regime = "warm"
    null: Callable[[Mapping[str, str]], bool] = everywhere
    paired: Callable[[Mapping[str, str]], bool] = everywhere
    separate: Callable[[Mapping[str, str]], bool] = nowhere
    headline: Callable[[Mapping[str, str]], bool] = nowhere
    keep: Callable[[Mapping[str, str], str], str] = lambda _factors, _profile: ""
    passes: Mapping[str, Callable[[Mapping[str, str]], bool]] = field(default_factory=dict)
    axis: str = "working_set"
    series: str = ""
    note: str = ""
    ceiling_bytes: int = 0
    planted: bool = False

    def __post_init__(self) -> None:
        """Check what a type cannot say.

        Raises:
            UsageError: neither `subject` nor `kernel` was given, or both, or both `input` and `data`.
        """
        if (self.subject is None) == (not self.kernel):
            raise UsageError(f"group {self.name}: give either subject=... or kernel=..., not both")
        if self.input is not None and self.data is not None:
            raise UsageError(f"group {self.name}: give either input=... or data=..., not both")

    @property
    def measures(self) -> Subject:
        """The subject, whichever way it was given."""
        return self.subject or NativeKernel(self.kernel)

    @property
    def looks(self) -> Mapping[str, Callable[[Mapping[str, str]], bool]]:
        """Probe name -> which cases it looks at, the subject's defaults where the group names none."""
        return self.passes or dict.fromkeys(self.measures.passes, everywhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A question and the groups of cases that answer it.

    Attributes:
        name: as on the command line.
        title: heading in the report.
        question: one sentence with a question mark.
        groups: the cases.
        claims: the promises it tests.
        limits: what it cannot tell.
        corpus: a corpus of its own; the run's if None.
        promises: reads the table in which the tested claims stand.
        metrics: quantities of its own besides the standard ones (a kernel ledger's counters).
        agreements: quantities that several sources count and that should agree.
        role: what the lab uses it for besides answering its question: "default" for a part of a run of which no
            experiment is named, "gate" for what the gate measures, "selftest" for identical and planted code.
    """

    name: str
    title: str
    question: str
    groups: tuple[Group, ...]
    claims: tuple[ClaimTest, ...] = ()
    limits: str = ""
    corpus: Path | None = None
    promises: Callable[[], Sequence[Claim]] = tuple
    metrics: tuple[Metric, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    role: Role = ""
