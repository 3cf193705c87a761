"""What analysis says about a run: plain records that reports, notebooks, exports and gates format."""

from typing import Literal

import msgspec

from lab.core.schema import Kind, Provenance, Verdict

AgreementStatus = Literal["equal", "explained", "differs", "not available"]
ClaimOutcome = Literal["kept", "exceeded", "short", "refuted", "unresolved", "not measured"]


class Comparison(msgspec.Struct, frozen=True):
    """One arm against its baseline in one metric.

    `ratio` is treatment / baseline, below 1 is less of the metric; `low`..`high` is its interval (95 % confidence
    sequence for the clock; the ratio itself for exact counts). A bound that the data do not give is None.

    Attributes:
        detectable: smallest slowdown, as a fraction (0.02 = 2 %), that this comparison would have called with
            probability 0.95; None where none would have been.
        baseline_value, arm_value: per item, in `unit` (medians of the processes for the clock).
        item: what `baseline_value` is per ("row").
        processes: replicates behind the interval, 1 for an exact count.
        order_effect: how much the position in the pair changes ln(ratio), median over processes.
        dropped: pairs dropped because a sample was preempted.
        control: arm and baseline are the same code (the null comparison).
        mode: "paired", "separate", "both" (agreeing paired and separate results), "exact".
        reason: why the verdict is unresolved, or what it hides; "" otherwise.
    """

    experiment: str
    group: str
    case: str
    factors: dict[str, str]
    arm: str
    baseline: str
    metric: str
    unit: str
    ratio: float | None
    low: float | None
    high: float | None
    detectable: float | None
    verdict: Verdict
    provenance: Provenance
    kind: Kind
    baseline_value: float | None
    arm_value: float | None
    item: str
    processes: int
    order_effect: float | None
    dropped: int
    control: bool
    mode: str
    reason: str


class Unavailable(msgspec.Struct, frozen=True):
    """A metric that could not be had, for which cases, and why (`count` rows share the reason)."""

    experiment: str
    metric: str
    probe: str
    status: str
    reason: str
    count: int
    cases: tuple[str, ...]


class ClaimResult(msgspec.Struct, frozen=True):
    """What the run says of one promise: `sentence` is what the report prints.

    kept: the interval lies within the promise; exceeded: beyond its better end; short: it pays, but by less than
    promised; refuted: it does not pay; unresolved: the interval allows more than one of these.
    """

    id: str
    claim: str
    outcome: ClaimOutcome
    promised: str
    found: str
    sentence: str
    case: str
    arm: str
    metric: str
    provenance: str


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
        complete: whether these are all there are; if not, interactions of three and more switches are not told apart.
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

    equal: the same figure. explained: once each is less what does not belong to the pass, the others are not below the
    first and exceed it by no more than `allowed`. differs: anything else. not available: a figure is missing.

    Attributes:
        tallies: the first is what the code under test says of itself.
        difference: largest between two counts as they were counted, `relative` to the smaller; None where fewer than
            two were, or for `relative` where the smaller is zero.
        left: the largest that remains between two counts, each less what does not belong to the pass; None where that
            or a count is missing.
        allowed: what may remain, 0 where nothing may.
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


class Answer(msgspec.Struct, frozen=True):
    """The headline of one arm of one experiment, over all its cases in the clock."""

    experiment: str
    arm: str
    baseline: str
    cases: int
    better: int
    worse: int
    same: int
    unresolved: int
    best: Comparison | None
    worst: Comparison | None
    sentence: str


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
