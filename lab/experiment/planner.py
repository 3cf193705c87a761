"""From declarations to a plan: which cases, which inputs, in what budget, and what was left out and why."""

import difflib
import fnmatch
import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lab.core.errors import UsageError
from lab.core.schema import (
    SCHEMA_VERSION,
    TIME,
    ArmPlan,
    CasePlan,
    ClaimTest,
    ExperimentPlan,
    GroupPlan,
    LeftOut,
    Margin,
    Metric,
    Plan,
)
from lab.experiment.budget import clock_budget_s
from lab.experiment.code import Code, digest_of
from lab.experiment.corpus import Corpus, NotInCorpus
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, nowhere
from lab.experiment.preload import find_library, why_missing
from lab.experiment.profiles import MARGINS, clock_of, rule_for
from lab.measure.machine import Machine
from lab.store import copy_atomically, write_atomically
from lab.store.checks import Wrong, check_plan

CLOCK_METRICS = (TIME, "speed_gain")  # of promises that the clock decides
TIME_METRIC = Metric(TIME, "s", "time", "clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a plan is made for, gathered by the caller.

    Attributes:
        machine: measured.
        corpus: reads the corpus (the experiment's own folder, or the run's where that is None); called when the first
            input is built from it, not before.
        kernel_items: kernel name -> what one item is; the kernels that exist.
        kernels_digest: of the code under test.
        revision: of the project, "" if unknown.
        host: name of the machine.
        inputs: folder of input files named by digest.
        metrics: what the probes yield.
        margins: by kind of work, what this machine is judged with.
        margins_from: where they come from, for people.
        library_items: the same as `kernel_items` of a library of the user's own, by path.
        probes: probe name -> the subjects that it can look at, of "native", "python" and "command"; empty: unknown.
        folder: working directory of Python kernels and commands.
    """

    machine: Machine
    corpus: Callable[[Path | None], Corpus]
    kernel_items: Mapping[str, str]
    kernels_digest: str
    revision: str
    host: str
    inputs: Path
    metrics: tuple[Metric, ...]
    margins: Mapping[str, Margin] = field(default_factory=lambda: MARGINS)
    margins_from: str = ""
    library_items: Callable[[Path], Mapping[str, str]] = lambda _library: {}
    probes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    folder: Path | None = None


def plan_run(
    experiments: Sequence[Experiment],
    *,
    profile: str,
    seed: int,
    command: str,
    surroundings: Surroundings,
    budget_s: float | None = None,
    until: float | None = None,
    only: str = "",
) -> Plan:
    """Plan a run; the inputs it needs are on disk afterwards.

    Args:
        experiments: in the order of the report.
        profile: "quick", "standard" or "full".
        seed: of every random choice of the run.
        command: how to repeat it.
        surroundings: what the plan is made for.
        budget_s: wall seconds for the whole command, the profile's own if None.
        until: go on until a change of this size (0.02 = 2 %) is decided for every priority comparison; then `budget_s`
            limits the run only where it is given.
        only: measure only the cases whose name matches this pattern ("layout/scan/*"); "" for all.

    Raises:
        UsageError: a declaration names a kernel, a probe or a claim that does not exist, or a probe that cannot look
            at its subject; two declarations give one metric two meanings, the profile is unknown, or no case matches
            `only`.
        StoreError: an input cannot be written.
    """
    clock = clock_of(profile, budget_s, until)
    inputs = _Inputs(surroundings)
    code = Code(surroundings.kernel_items, surroundings.library_items, surroundings.probes)
    cases: list[CasePlan] = []
    left_out: list[LeftOut] = []
    for experiment in experiments:
        for group in experiment.groups:
            _check_passes(experiment, group, surroundings)
            code.take(experiment, group)
            cases += _cases(experiment, group, profile, surroundings, (inputs, code), left_out)
    cases = [msgspec.structs.replace(case, priority=0) if _urgent(case, experiments) else case for case in cases]
    if only:
        cases = _matching(only, cases, left_out)
    if not cases:
        raise UsageError("nothing left to measure; " + "; ".join(out.reason for out in left_out[:3]))
    by_id = {claim.id: claim for experiment in experiments for claim in experiment.promises()}
    tested = [test.claim for experiment in experiments for test in experiment.claims]
    if unknown := sorted(set(tested) - set(by_id)):
        raise UsageError(f"claims {', '.join(unknown)} are tested but stand in no claims table")
    created = datetime.now(UTC)
    plan = Plan(
        schema=SCHEMA_VERSION,
        id=f"{created:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
        created=created.isoformat(timespec="seconds"),
        profile=profile,
        seed=seed,
        revision=surroundings.revision,
        host=surroundings.host,
        command=command,
        machine=surroundings.machine.facts,
        inputs=inputs.described,
        kernels=surroundings.kernels_digest,
        clock=msgspec.structs.replace(
            clock, budget_s=clock_budget_s(clock.budget_s, probes=any(case.passes for case in cases))
        ),
        rule=rule_for(
            sum(len(case.arms) - 1 + case.null for case in cases), surroundings.margins, surroundings.margins_from
        ),
        metrics=_metrics(experiments, surroundings),
        experiments=tuple(_experiment_plan(experiment) for experiment in experiments),
        cases=tuple(cases),
        claims=tuple(by_id[name] for name in dict.fromkeys(tested)),
        left_out=tuple(left_out),
        libraries=code.libraries,
        files=code.files,
        folder=str(surroundings.folder or ""),
        budget_s=clock.budget_s,
        until=until or 0.0,
        only=only,
    )
    try:
        check_plan(plan)
    except Wrong as error:
        raise UsageError(f"the run cannot be planned: {error}") from error
    return plan


def _check_passes(experiment: Experiment, group: Group, surroundings: Surroundings) -> None:
    known = sorted({metric.probe for metric in surroundings.metrics})
    for name in group.looks:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise UsageError(f"experiment {experiment.name}, group {group.name}: no probe {name!r} for passes; {hint}")


def _matching(only: str, cases: Sequence[CasePlan], left_out: list[LeftOut]) -> list[CasePlan]:
    """The cases that the pattern names: whole, or up to a "/" or the "," between two levels.

    Raises:
        UsageError: none does; the message shows what names look like.
    """
    patterns = (only, f"{only}/*", f"{only},*")
    kept = [case for case in cases if any(fnmatch.fnmatchcase(case.id, pattern) for pattern in patterns)]
    if not kept:
        known = ", ".join(case.id for case in cases[:3])
        raise UsageError(f"--only {only!r} matches none of {len(cases)} cases; their names are like {known}")
    if len(kept) < len(cases):
        left_out.append(LeftOut(f"{len(cases) - len(kept)} of {len(cases)} cases", f"--only {only} leaves them out"))
    return kept


def _urgent(case: CasePlan, experiments: Sequence[Experiment]) -> bool:
    """Whether answers or promises hang on the case."""
    experiment = next(one for one in experiments if one.name == case.experiment)
    group = next(one for one in experiment.groups if one.name == case.group)
    if not any(test.metric in CLOCK_METRICS for test in experiment.claims) and not any(
        one.headline is not nowhere for one in experiment.groups
    ):
        return True
    return group.headline(case.factors) or any(
        test.metric in CLOCK_METRICS and test.where.items() <= case.factors.items() and _times(test, case, group)
        for test in experiment.claims
    )


def _times(test: ClaimTest, case: CasePlan, group: Group) -> bool:
    """Whether the promise speaks of an arm of this case, or of a switch that its arms set."""
    switches = {switch for on in group.arms.settings.values() for switch in on}
    return test.arm in switches if test.metric != TIME else any(arm.name == test.arm for arm in case.arms)


def _metrics(experiments: Sequence[Experiment], surroundings: Surroundings) -> tuple[Metric, ...]:
    """Every metric that has a declaration, once: figures carry no more than its name."""
    known = {metric.name: metric for metric in (TIME_METRIC, *surroundings.metrics)}
    for experiment in experiments:
        for metric in experiment.metrics:
            if known.setdefault(metric.name, metric) != metric:
                raise UsageError(
                    f"experiment {experiment.name}: the metric {metric.name} has another meaning elsewhere; declare it"
                    " once and share it, or take another name"
                )
    return tuple(known.values())


class _Inputs:
    """Input files, built once per builder and named by the hash of their content."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._built: dict[tuple[Callable[[Corpus], bytes], Path | None], str] = {}
        self._corpora: dict[Path | None, Corpus] = {}
        self.described: dict[str, str] = {}

    def digest(self, build: Callable[[Corpus], bytes] | None, folder: Path | None) -> str:
        """Build the input from the corpus in `folder` (None: the run's) unless it is built; "" without a builder."""
        if build is None:
            return ""
        if (build, folder) not in self._built:
            if folder not in self._corpora:
                self._corpora[folder] = self._surroundings.corpus(folder)
            corpus = self._corpora[folder]
            data = build(corpus)
            digest = hashlib.sha256(data).hexdigest()[:16]
            path = self._surroundings.inputs / digest
            if not path.exists() or path.stat().st_size != len(data):
                write_atomically(path, data)
            name = getattr(build, "__name__", "input")
            self.described[digest] = (
                f"{name}: {len(data)} bytes from {len(corpus.files)} files, {corpus.bytes} bytes of source"
                f" ({len(corpus.skipped)} skipped)"
            )
            self._built[build, folder] = digest
        return self._built[build, folder]

    def file(self, path: Path) -> str:
        """Take a file as an input as it is, however large; "" for an empty one, which no worker can map.

        Raises:
            UsageError: it cannot be read.
            StoreError: it cannot be copied.
        """
        digest = digest_of([path])
        size = path.stat().st_size
        if not size:
            return ""
        kept = self._surroundings.inputs / digest
        if not kept.exists() or kept.stat().st_size != size:
            copy_atomically(path, kept)
        self.described[digest] = f"{path}: {size} bytes"
        return digest


def _levels(factor: Factor, machine: Machine, profile: str) -> tuple[list[Level], list[Level]]:
    """The factor's levels that the profile keeps, and those that it leaves out."""
    levels = factor.levels(machine) if callable(factor.levels) else factor.levels
    if profile != "quick" or factor.quick is None:
        return list(levels), []
    kept = [level for level in levels if level.label in factor.quick]
    return kept, [level for level in levels if level.label not in factor.quick]


def _cases(  # noqa: PLR0917
    experiment: Experiment,
    group: Group,
    profile: str,
    surroundings: Surroundings,
    sources: tuple[_Inputs, Code],
    left_out: list[LeftOut],
) -> Iterator[CasePlan]:
    where = f"{experiment.name}/{group.name}"
    kept_levels = []
    for factor in group.factors:
        kept, dropped = _levels(factor, surroundings.machine, profile)
        kept_levels.append(kept)
        if dropped:
            names = ", ".join(level.label for level in dropped)
            left_out.append(LeftOut(f"{where}: {factor.name} = {names}", f"the {profile} profile leaves them out"))
    planned = []
    for levels in itertools.product(*kept_levels):
        factors = {factor.name: level.label for factor, level in zip(group.factors, levels, strict=True)}
        name = f"{where}/" + ",".join(f"{key}={label}" for key, label in factors.items())
        reason = group.keep(factors, profile)
        if reason:
            left_out.append(LeftOut(name, reason))
            continue
        planned.append((name, factors, levels))
    if not planned:
        return
    try:
        inputs, code = sources
        digest = inputs.file(group.data) if group.data else inputs.digest(group.input, experiment.corpus)
    except NotInCorpus as lack:
        left_out.append(LeftOut(where, f"{lack}; give --corpus a larger tree"))
        return
    for name, factors, levels in planned:
        yield _case(experiment, group, name, factors, levels, code, digest)


def _case(  # noqa: PLR0917
    experiment: Experiment,
    group: Group,
    name: str,
    factors: dict[str, str],
    levels: Sequence[Level],
    code: Code,
    input_digest: str,
) -> CasePlan:
    args = {**group.measures.arguments, **group.args}
    for level in levels:
        args.update(level.args)
    kinds = [level.kind for level in levels if level.kind]
    regimes = [level.regime for level in levels if level.regime]
    return CasePlan(
        id=name,
        experiment=experiment.name,
        group=group.name,
        factors=factors,
        kernel=group.measures.kernel,
        item=code.item(group),
        input_digest=input_digest,
        kind=kinds[-1] if kinds else group.kind,
        regime=regimes[-1] if regimes else group.regime,
        baseline=group.arms.baseline,
        arms=tuple(_arm(group.arms, arm, args) for arm in (group.arms.baseline, *group.arms.treatments)),
        null=group.null(factors),
        paired=group.paired(factors),
        separate=group.separate(factors),
        passes=tuple(probe for probe, wanted in group.looks.items() if wanted(factors)),
        working_set_bytes=max((level.working_set_bytes for level in levels), default=0),
        library=code.library(group),
    )


def _arm(arms: Arms, name: str, args: Mapping[str, str]) -> ArmPlan:
    own = {**args, arms.parameter: arms.values.get(name, name)}
    if name in arms.missing:
        return ArmPlan(name, own, missing=arms.missing[name])
    if name not in arms.preload:
        return ArmPlan(name, own)
    library = find_library(arms.preload[name])
    if library is None:
        return ArmPlan(name, own, missing=why_missing(arms.preload[name]))
    return ArmPlan(name, own, environment={"LD_PRELOAD": str(library)})


def _experiment_plan(experiment: Experiment) -> ExperimentPlan:
    return ExperimentPlan(
        name=experiment.name,
        title=experiment.title,
        question=experiment.question,
        groups=tuple(
            GroupPlan(
                name=group.name,
                title=group.title,
                axis=group.axis,
                series=group.series,
                note=group.note,
                settings=dict(group.arms.settings),
                ceiling_bytes=group.ceiling_bytes,
                planted=group.planted,
            )
            for group in experiment.groups
        ),
        arms={arm: text for group in experiment.groups for arm, text in group.arms.meaning.items() if text},
        claims=experiment.claims,
        limits=experiment.limits,
        agreements=experiment.agreements,
        role=experiment.role,
    )
