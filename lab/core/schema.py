"""The records of a run, as they are stored on disk.

Schema history
    1 (2026-11): first form.
    2 (2026-11): `Rule.procedure` and `Rule.mixture`, `Metric.context`, `CasePlan.priority`; `Plan.budget_s`, `until`
       and `only`; `RunSummary.lives`, `probe_s` and `remembered`; the table's `measured`, without which all of a table
       was measured in its run; `RunSummary.seal`, without which a changed plan goes unnoticed. A run of version 1 reads
       with their defaults, and so is judged by the rule that its plan was made with.

A *run* is planned once (`Plan`, stored before the first worker starts) and fills one tidy table (`MEASUREMENT_FIELDS`,
one row per sample or count). A *case* is one combination of factor levels; its *arms* do the same work in different
ways; a *comparison* is (case, treatment arm, baseline arm, metric). A *replicate* is one fresh process.
"""

from typing import Annotated, Literal, get_args, get_origin, get_type_hints

import msgspec

from lab.core.life import Life

SCHEMA_VERSION = 2

Provenance = Literal["pmu", "kernel", "simulated", "traced", "ledger", "clock", "derived"]
Status = Literal["ok", "unavailable", "failed"]
Regime = Literal["warm", "cold"]
Kind = Literal["cache", "allocating", "dram"]
Verdict = Literal["better", "worse", "same", "unresolved"]
Role = Literal["", "default", "gate", "selftest"]
Procedure = Literal["union bound", "e-BH"]

# Whole numbers with the width of their column in the table.
Int8 = Annotated[int, "int8"]
Int32 = Annotated[int, "int32"]
Int64 = Annotated[int, "int64"]

NULL_SUFFIX = "~null"  # in the table, of the second side of a null control: see lab.core.arms
TIME = "time"  # seconds; every other metric name is free, those of the claims table are preferred


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measured quantity; less of it is better unless `more_is_better`.

    Attributes:
        name: as in the table's `metric` column.
        unit: of `value`: "s", "count", "B".
        label: for people, with the unit where it needs one.
        probe: which probe yields it.
        exact: a deterministic count: one value is the truth and needs no interval.
        aside: belongs to another figure (setup's part of it); arms are not compared in it.
        context: shown for each arm to help read the other figures (page faults, processor time); counted once, so that
            it gets no verdict.
    """

    name: str
    unit: str
    label: str
    probe: str
    exact: bool = False
    more_is_better: bool = False  # a hit rate
    aside: bool = False
    context: bool = False


class Margin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts as a difference for one kind of work, in ln(ratio).

    Attributes:
        bias: m, the floor below which the method itself may be off.
        same: delta, the equivalence margin; bias < same.
    """

    bias: float
    same: float


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How every comparison of the run is judged; fixed before the first worker starts.

    Attributes:
        alpha: error rate of all better/worse verdicts together, in the sense of `procedure`.
        comparisons: C, the number of clock comparisons planned, null controls included.
        interval_alpha: 1 - confidence of the interval that is shown, and of `same`.
        margins: by kind of work.
        exact_margin: |ln ratio| up to which exact counts of unequal value are still `same`, by metric; 0 if absent.
        procedure: "union bound": any false verdict in the run has probability at most alpha. "e-BH": of all verdicts,
            the expected share of false ones is at most alpha.
        mixture: a of the Beta(a, a) mixture in the sign e-process; a small value weighs unanimous signs more.
        margins_from: where the margins come from, for people: a calibration of this machine, or why there is none.
    """

    alpha: float
    comparisons: int
    interval_alpha: float
    margins: dict[str, Margin]
    exact_margin: dict[str, float] = {}
    procedure: Procedure = "union bound"
    mixture: float = 0.5
    margins_from: str = ""


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One promised figure, a row of claims.csv; `low`/`high` bound `quantity` of `metric` (None: open end)."""

    id: str
    component: str
    claim: str
    metric: str
    unit: str
    workload: str
    quantity: str
    low: float | None
    high: float | None
    plan_before: float | None = None
    plan_after: float | None = None


class ClaimTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which comparisons of an experiment bear on a claim: those whose factors include `where`."""

    claim: str
    metric: str
    arm: str
    where: dict[str, str] = {}
    note: str = ""


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one source counts of a quantity that others count too: the sum of `metrics`, less the sum of `apart`.

    Attributes:
        probe: whose count it is, as in the table's `probe` column.
        provenance: as in the table.
        metrics: of one pass.
        per_item: whether `metrics` are per item; they are then multiplied by the items of the pass.
        apart: metrics, of any probe, that say how much of the sum does not belong to the pass that is compared.
        because: why it does not, to be read after that figure: "by setup".
    """

    probe: str
    provenance: Provenance
    metrics: tuple[str, ...]
    per_item: bool = False
    apart: tuple[str, ...] = ()
    because: str = ""


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A quantity that several sources count, of the cases whose factors include `where`: they should agree.

    Attributes:
        what: the quantity ("bytes allocated").
        unit: "count" or "B".
        readings: two or more; the first is what the code under test says of itself.
        where: levels of the cases in which they are set side by side.
        slack: a metric of which each unit lets the other readings exceed the first by up to `slack_each`; "" for none.
        slack_each: in `unit`.
        note: why there may be a difference, one sentence.
    """

    what: str
    unit: str
    readings: tuple[Reading, ...]
    where: dict[str, str] = {}
    slack: str = ""
    slack_each: float = 0.0
    note: str = ""


class ArmPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of doing a case's work.

    Attributes:
        args: the kernel arguments that make it this arm.
        environment: variables of the process that measures it (an allocator to preload); such an arm shares no process.
        missing: why this arm cannot be measured here, "" if it can: it is planned all the same, as `unavailable`.
    """

    name: str
    args: dict[str, str]
    environment: dict[str, str] = {}
    missing: str = ""


class CasePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One combination of factor levels.

    Attributes:
        id: unique in the run: "layout/scan/fields=1,order=random,working_set=L1".
        experiment, group: where it belongs.
        factors: level of each factor as text, in declaration order.
        kernel: name in the kernel library, or "python:FILE_OR_MODULE:FUNCTION" (lab.experiment.python_kernel).
        item: what one item is ("row"); figures are divided by items.
        input_digest: content hash of the input file, "" where none.
        kind: decides the margin.
        regime: state of the caches before a timed sample.
        baseline: name of the arm that the others are compared with.
        arms: the baseline and the treatments.
        null: compare the baseline with itself as well (the control).
        paired: compare in adjacent pairs within one process.
        separate: compare (as well) with each arm alone in its own process: what an aged allocator needs, and the only
            way for arms that cannot share a process.
        passes: names of the probes that look at this case besides the clock ("callgrind", "perf", "memray").
        working_set_bytes: 0 where it has no meaning.
        library: key in Plan.libraries of the library that holds the kernel; "" for the lab's own.
        priority: 0 where answers and promises depend on the case; larger numbers can wait.
    """

    id: str
    experiment: str
    group: str
    factors: dict[str, str]
    kernel: str
    item: str
    input_digest: str
    kind: Kind
    regime: Regime
    baseline: str
    arms: tuple[ArmPlan, ...]
    null: bool
    separate: bool
    passes: tuple[str, ...]
    working_set_bytes: int = 0
    paired: bool = True
    library: str = ""
    priority: int = 1


class GroupPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cases that one process measures together, and how people read them.

    Attributes:
        axis: the factor on a figure's horizontal axis.
        series: the factor that distinguishes curves of one arm, "" if none.
        note: how to read the group's figure, one or two sentences.
        settings: arm -> the switches that are on in it; empty where the arms are no settings of switches.
        ceiling_bytes: bytes that each arm moves per item, where the group is there to show what the memory can do: its
            fastest arm is the ceiling of the experiment's bandwidth fractions; 0 elsewhere.
        planted: the arms are slowed down on purpose and must be found worse (in an experiment with role "selftest").
    """

    name: str
    title: str
    axis: str
    series: str
    note: str = ""
    settings: dict[str, tuple[str, ...]] = {}
    ceiling_bytes: int = 0
    planted: bool = False


class ExperimentPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An experiment as it was planned. `role` is what the lab itself uses it for, see declare.Experiment."""

    name: str
    title: str
    question: str
    groups: tuple[GroupPlan, ...]
    arms: dict[str, str]  # arm name -> what it does, one sentence
    claims: tuple[ClaimTest, ...]
    limits: str = ""  # what this experiment cannot show, in the report beside its answer
    agreements: tuple[Agreement, ...] = ()
    role: Role = ""


class LibraryPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kernel library that does not come with the lab.

    Attributes:
        builds: absolute paths of its builds; more than one where the same code was built with different padding.
        described: where it comes from, for people ("variants.c, gcc -O3 -g").
    """

    builds: tuple[str, ...]
    described: str


class LeftOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that was not planned or not measured, and why."""

    what: str
    reason: str


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paired timing of one run.

    Attributes:
        budget_s: wall seconds for the clock passes of the whole run.
        most_processes: replicates at most per comparison.
        pairs: pairs per order (AB, BA) and process.
        sample_s: shortest timed sample.
        measure_s: longest time for the pairs of one comparison in one process; where samples are so long that all pairs
            take longer, fewer are taken.
    """

    budget_s: float
    most_processes: int
    pairs: int
    sample_s: float
    measure_s: float = 4.0


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that was decided before the first worker started.

    Attributes:
        machine: flat facts about the machine, "cpu.model" -> "AMD EPYC"; pyperf's metadata among them.
        inputs: digest -> file name below the input cache, with its description.
        kernels: digest of the kernel library's four builds (the code under test).
        command: how to repeat the run, as typed in a shell.
        libraries: digest of the builds -> a kernel library of the user's own.
        files: absolute path -> digest of its content, of every source file and program that is measured.
        folder: working directory of Python kernels and commands; "" for that of the process that runs them.
        budget_s: wall seconds for the whole command, planning, probes and report included; 0 where it was not recorded.
        until: the run goes on until a change of this size (0.02 = 2 %) is decided for every priority comparison;
            0: the budget ends it.
        only: the run measures the cases whose name matches this pattern; "" for all.
    """

    schema: int
    id: str
    created: str
    profile: str
    seed: int
    revision: str
    host: str
    command: str
    machine: dict[str, str]
    inputs: dict[str, str]
    kernels: str
    clock: Clock
    rule: Rule
    metrics: tuple[Metric, ...]
    experiments: tuple[ExperimentPlan, ...]
    cases: tuple[CasePlan, ...]
    claims: tuple[Claim, ...]
    left_out: tuple[LeftOut, ...]
    libraries: dict[str, LibraryPlan] = {}
    files: dict[str, str] = {}
    folder: str = ""
    budget_s: float = 0.0
    until: float = 0.0
    only: str = ""


class Artifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a probe left: `path` is relative to the run's folder."""

    path: str
    title: str
    case: str
    arm: str
    probe: str


class Remembered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures from the cache: how many, and the days on which the oldest and the newest were measured."""

    figures: int
    oldest: str
    newest: str


class RunSummary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """run.json: written last, its presence says that the run is complete and sealed.

    Attributes:
        rows: of the tidy table.
        workers: processes that measured.
        clock_s: wall seconds of the clock passes.
        table_sha256: of measurements.parquet; "" where it was not recorded.
        probe_s: wall seconds of each probe's passes, those that ran side by side added up.
        remembered: probe -> what it took from the cache instead of measuring it.
        lives: where the time of the clock's workers went, by group.
        seal: hash over plan.json, the table's hash and this record without its seal; see lab.store.seal.
    """

    schema: int
    id: str
    sealed: str
    rows: int
    workers: int
    clock_s: float
    failed_cases: tuple[str, ...]
    artifacts: tuple[Artifact, ...]
    left_out: tuple[LeftOut, ...]
    table_sha256: str = ""
    probe_s: dict[str, float] = {}
    remembered: dict[str, Remembered] = {}
    lives: tuple[Life, ...] = ()
    seal: str = ""


class Measurement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One row of the tidy table: one sample, one count, or one thing that could not be had.

    The order of the fields is that of the columns.

    Attributes:
        case: CasePlan.id.
        against: the other arm of the pair that this sample belongs to; "" outside the paired clock.
        value: for all `iterations` together; None (NaN in the table) unless the status is ok.
        items: processed in those iterations.
        replicate: number of the process, -1 outside the clock.
        mode: "paired", "separate", "null", or the probe's own word.
        block: number of the pair within the process.
        position: 0 if measured first in its pair, 1 if second.
        layout: which of the four builds.
        measured: the day on which a remembered figure was measured, "2026-11-28"; "" if in this run.
    """

    experiment: str
    group: str
    case: str
    arm: str
    against: str = ""
    metric: str
    unit: str
    value: float | None
    iterations: Int64 = 0
    items: Int64 = 0
    replicate: Int32 = -1
    mode: str = ""
    block: Int32 = 0
    position: Int8 = 0
    preempted: bool = False
    layout: Int8 = 0
    probe: str
    provenance: Provenance
    status: Status = "ok"
    reason: str = ""
    measured: str = ""


def _column(hint: object) -> str:
    """The Arrow type of a column: its width where the annotation names one, else by the type."""
    if get_origin(hint) is Annotated:
        return str(get_args(hint)[1])
    return {bool: "bool", float | None: "float64"}.get(hint, "string")  # type: ignore[call-overload, no-any-return]


# The columns of the tidy table: name -> Arrow type name.
MEASUREMENT_FIELDS: dict[str, str] = {
    name: _column(hint) for name, hint in get_type_hints(Measurement, include_extras=True).items()
}
LATER_FIELDS = ("measured",)  # the last columns, which older tables lack: empty text there
