"""What analysis says about a run: plain records of numbers and codes. `lab.report` writes them out in words."""

from typing import Literal

import msgspec

from lab.core.reasons import Reason
from lab.core.schema import Claim, Kind, Provenance, Rule, Verdict

AgreementStatus = Literal["equal", "explained", "differs", "not available"]
ClaimOutcome = Literal[
    "kept", "exceeded", "short", "refuted", "opposite", "unresolved", "not measurable", "not measured"
]
ComparisonStatus = Literal["ok", "failed", "unavailable", "not measured", "implausible"]
Shown = Verdict | ComparisonStatus


class Key(msgspec.Struct, frozen=True):
    """Which comparison: one arm of a case against the baseline, in one metric.

    Attributes:
        item: what a value is per ("row"), "" for the whole pass.
        control: arm and baseline are the same code (the null comparison).
    """

    experiment: str
    group: str
    case: str
    factors: dict[str, str]
    arm: str
    baseline: str
    metric: str
    unit: str
    provenance: Provenance
    kind: Kind
    item: str
    control: bool


class Estimate(msgspec.Struct, frozen=True):
    """What was found of a comparison. A figure that the data do not give is None.

    Attributes:
        ratio: arm / baseline; below 1 is less of the metric.
        low, high: interval of the ratio (95 % confidence sequence for the clock, the ratio itself for exact counts).
        called_low, called_high: the interval that belongs to a better or worse verdict of the clock, at the level at
            which the verdict was given (1 - alpha K / C with e-BH). It never contains 1; None for other verdicts.
        detectable: the smallest change, as a fraction (0.02 = 2 %), that this comparison would have been called for
            with probability 0.95, given its number of processes, its spread and the run's present threshold.
        baseline_value, arm_value: per item, in the key's unit (medians of the processes for the clock).
        processes: replicates behind the interval, 1 for an exact count.
        order_effect: how much the position in the pair changes ln(ratio), median over processes.
        dropped: pairs dropped because a sample was preempted.
        mode: "paired", "separate", "both" (agreeing paired and separate results), "exact", "derived".
    """

    ratio: float | None
    low: float | None
    high: float | None
    called_low: float | None
    called_high: float | None
    detectable: float | None
    baseline_value: float | None
    arm_value: float | None
    processes: int
    order_effect: float | None
    dropped: int
    mode: str


class Comparison(msgspec.Struct, frozen=True):
    """One arm against its baseline in one metric.

    Attributes:
        status: "ok" where the verdict is what the rule says of the data. With any other status the verdict is
            "unresolved" and the reasons say what happened; the estimate is context at best.
        reasons: why the verdict is unresolved, or what to know when reading it.
    """

    key: Key
    estimate: Estimate
    verdict: Verdict
    status: ComparisonStatus = "ok"
    reasons: tuple[Reason, ...] = ()

    @property
    def shown(self) -> Shown:
        """The verdict, or the status where there can be none."""
        return self.verdict if self.status == "ok" else self.status

    def flat(self) -> dict[str, object]:
        """All fields of key and estimate side by side, then verdict and status; for tables."""
        return {
            **msgspec.structs.asdict(self.key),
            **msgspec.structs.asdict(self.estimate),
            "verdict": self.verdict,
            "status": self.status,
        }


COMPARISON_FIELDS = (*Key.__struct_fields__, *Estimate.__struct_fields__, "verdict", "status")  # of Comparison.flat


class ContextFigure(msgspec.Struct, frozen=True):
    """A figure that was counted once and helps to read the others: it gets no verdict. `value` is per `item`."""

    experiment: str
    group: str
    case: str
    factors: dict[str, str]
    arm: str
    metric: str
    unit: str
    provenance: Provenance
    item: str
    value: float


class Trajectory(msgspec.Struct, frozen=True):
    """How a verdict came about: the evidence after each process.

    Attributes:
        evidence: log10 E after 1, 2, ... processes, in the order in which they were measured, per mode.
        needed: log10 of the E that the comparison needed at the end of the run.
    """

    key: Key
    verdict: Verdict
    evidence: dict[str, tuple[float, ...]]
    needed: float


class Spread(msgspec.Struct, frozen=True):
    """Where the spread of a process's ln(ratio) comes from, for one kind of work: medians over its comparisons.

    Attributes:
        within: standard deviation of ln(ratio) between the pairs of one process.
        process: standard deviation of a process's ln(ratio).
        shares: cause -> mean share of the variance of a process's ln(ratio); they add up to 1. "pairs": what the spread
            within a process leaves in its median; "code layout": which build each arm ran; "other": everything else
            that differs between processes (memory placement, environment, the host).
        order: median over comparisons of |order effect|, in ln(ratio); it cancels out of a process's value.
        comparisons, processes: how many comparisons of the clock, and how many values in all.
    """

    kind: Kind
    within: float
    process: float
    shares: dict[str, float]
    order: float
    comparisons: int
    processes: int


class Unavailable(msgspec.Struct, frozen=True):
    """A metric that could not be had, for which cases, and why (`count` rows share the reason)."""

    experiment: str
    metric: str
    probe: str
    status: str
    reason: str
    count: int
    cases: tuple[str, ...]


class Attribution(msgspec.Struct, frozen=True):
    """What one switch brings to one metric among all the others: its Shapley value over the settings of a case.

    On the scale "ratio" (time) every figure is a factor on the metric, below 1 is less of it, and the factors of all
    switches multiply to `together`; on the scale "difference" (counts) every figure is a change per item, below 0 is
    less of it, and they add up to `together`.

    Attributes:
        factors: of the case.
        switch: its name.
        value, low, high: the Shapley value with its interval (95 % confidence sequence over processes for the clock;
            the value itself for exact counts); an end that the data do not give is None.
        alone: this switch on and all others off, against all off.
        last: all on, against all on but this one: what is lost by taking it out, turned round.
        together: all on against all off.
        before: the metric per item with every switch off, in `unit`.
        settings: how many settings were measured.
        complete: whether these are all there are; if not, interactions of three and more switches are not separated.
        processes: replicates behind the interval, 1 for an exact count.
    """

    experiment: str
    group: str
    case: str
    factors: dict[str, str]
    metric: str
    unit: str
    provenance: Provenance
    item: str
    scale: Literal["ratio", "difference"]
    switch: str
    value: float
    low: float | None
    high: float | None
    alone: float | None
    last: float | None
    together: float
    before: float | None
    settings: int
    complete: bool
    processes: int


class ClaimResult(msgspec.Struct, frozen=True):
    """What the run says of one promise.

    kept: the interval lies within the promise; exceeded: beyond its better end; short: it pays, but by less than
    promised; refuted: it makes no difference; opposite: it makes things worse; unresolved: the interval allows more
    than one of these; not measurable: the figure means nothing in the cases at hand, or this machine cannot give it;
    not measured: this run holds no such figure.

    Attributes:
        promise: the claim as planned, with its bounds.
        comparison, attribution: what was quoted, at most one of the two.
        reasons: what to add to the figure.
    """

    id: str
    promise: Claim
    outcome: ClaimOutcome
    arm: str
    metric: str
    comparison: Comparison | None = None
    attribution: Attribution | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def case(self) -> str:
        """Id of the case that was quoted, "" if there is none."""
        quoted = self.comparison.key if self.comparison is not None else self.attribution
        return quoted.case if quoted is not None else ""

    @property
    def provenance(self) -> Provenance | None:
        """Where the quoted figure comes from."""
        if self.attribution is not None:
            return "derived"
        return self.comparison.key.provenance if self.comparison is not None else None


class Tally(msgspec.Struct, frozen=True):
    """What one source counted of one pass of one arm.

    Attributes:
        probe, provenance: whose count it is.
        counted: None where it could not be had, `missing` then says why.
        apart: how much of `counted` does not belong to the pass, `because` says why; 0 for none.
    """

    probe: str
    provenance: Provenance
    counted: float | None
    apart: float
    because: str
    missing: str = ""


class AgreementResult(msgspec.Struct, frozen=True):
    """What several sources counted of the same quantity in the same pass, and whether they agree.

    equal: the same figure. explained: after subtracting counts from outside the pass, the others are not below the
    first and exceed it by no more than `allowed`. differs: anything else. not available: a figure is missing.

    Attributes:
        tallies: the first is what the code under test says of itself.
        difference: largest between two counts as they were counted, `relative` to the smaller; None where fewer than
            two were, or for `relative` where the smaller is zero.
        left: the largest difference after subtracting counts from outside the pass; None if one of them is missing.
        allowed: the tolerance for `left`.
        reason: why it is not available, "" otherwise.
        note: why there may be a difference.
    """

    experiment: str
    case: str
    factors: dict[str, str]
    arm: str
    what: str
    unit: str
    tallies: tuple[Tally, ...]
    difference: float | None
    relative: float | None
    left: float | None
    allowed: float
    status: AgreementStatus
    reason: str
    note: str


class Extreme(msgspec.Struct, frozen=True):
    """A comparison that an answer quotes; `where`: the levels that distinguish its case from the others."""

    comparison: Comparison
    where: dict[str, str]


class Brought(msgspec.Struct, frozen=True):
    """What each switch brings to the time of one case, among all others.

    Attributes:
        where: the levels that distinguish the case from the others, empty if there is but one.
        less, more: switch -> the fraction of the time that it saves or costs, the largest first.
        undecided: switches whose interval allows both.
    """

    where: dict[str, str]
    less: dict[str, float]
    more: dict[str, float]
    undecided: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True):
    """The headline of one arm of one experiment, over the cases in the clock that answers depend on.

    Attributes:
        cases: how many; `better` to `failed` add up to it.
        failed: cases that failed or gave no plausible figure.
        best, worst: by ratio, among those with a verdict if any has one; None if no case has a ratio.
        worse_where: levels that the cases with verdict "worse" share and not all cases have.
        reasons: of the first case, where no case has a ratio.
        brought: where the arm is the whole of several switches.
    """

    experiment: str
    arm: str
    baseline: str
    cases: int
    better: int
    worse: int
    same: int
    unresolved: int
    failed: int
    best: Extreme | None
    worst: Extreme | None
    worse_where: dict[str, str] = {}
    reasons: tuple[Reason, ...] = ()
    brought: tuple[Brought, ...] = ()


class Plant(msgspec.Struct, frozen=True):
    """A slowdown planted in the self-test; `instructions`: ratio of simulated instructions, None where not counted."""

    comparison: Comparison
    found: bool
    instructions: float | None


class SelfTest(msgspec.Struct, frozen=True):
    """The lab judged by itself: `called` of `count` comparisons of identical code, `upper` as in Results.null_upper."""

    called: int
    count: int
    upper: float
    plants: tuple[Plant, ...]


class Results(msgspec.Struct, frozen=True):
    """Everything analysis derives from one run."""

    run: str
    comparisons: tuple[Comparison, ...]
    answers: tuple[Answer, ...]
    claims: tuple[ClaimResult, ...]
    unavailable: tuple[Unavailable, ...]
    null_called: int
    null_count: int
    null_upper: float  # upper 95 % limit of the rate of null comparisons called better or worse
    selftest: SelfTest | None = None  # where the run holds that experiment
    attributions: tuple[Attribution, ...] = ()  # where the run varies switches together
    agreements: tuple[AgreementResult, ...] = ()  # where several sources count the same
    context: tuple[ContextFigure, ...] = ()
    trajectories: tuple[Trajectory, ...] = ()  # of the comparisons that answers quote
    spreads: tuple[Spread, ...] = ()
    rule: Rule | None = None  # that the verdicts were given by
    called: int = 0  # K: how many comparisons of the clock are called
    failed: int = 0  # comparisons of the clock without a verdict because something failed
