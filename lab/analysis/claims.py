"""What a run says of each promise.

A promise of `ratio` bounds arm / baseline: it is exceeded below its lower end, kept between its ends, short between
its upper end and 1, refuted where the arm is the same, and the opposite is true where the arm is worse. It needs a
verdict first: what the rule leaves unresolved, a promise cannot settle, and an interval that reaches over an end is
unresolved too; where only whether it pays is open, and the promise is broken either way, a reason says so. A promise
that allows a ratio of 1 (nothing gets slower) is kept by better and by same.

A promise of `value` bounds the arm's own figure. It wants at least `low` where it names a lower end, at most `high`
where it names that alone; short is on the promise's side of the baseline, the opposite on the other side.

A promise of `gain` bounds the speed-up that one switch brings among all the others, 1 / its Shapley factor - 1: 0.3 is
30 % more work in the same time. Its test names the switch as the arm.

Where several comparisons bear on one promise it must hold in all of them: the weakest is quoted. Comparisons whose
figure means nothing (a bandwidth fraction of work that lives in the cache) take no part; if nothing else bears on the
promise, it is not measurable here.
"""

import math
from collections.abc import Sequence

from lab.core.reasons import Reason
from lab.core.results import Attribution, ClaimOutcome, ClaimResult, Comparison, Unavailable
from lab.core.schema import TIME, Claim, ClaimTest, Plan, Provenance

WEAKEST_FIRST: tuple[ClaimOutcome, ...] = (
    "opposite", "refuted", "short", "unresolved", "not measurable", "not measured", "kept", "exceeded",
)  # fmt: skip
_NEAREST_TO_THE_TRUTH: tuple[Provenance, ...] = ("pmu", "clock", "kernel", "ledger", "traced", "simulated", "derived")
_MEANINGLESS = ("implausible", "failed", "unavailable")


def claim_results(
    plan: Plan,
    comparisons: Sequence[Comparison],
    missing: Sequence[Unavailable],
    shares: Sequence[Attribution] = (),
) -> tuple[ClaimResult, ...]:
    """One result per promise and test, in the plan's order; promises that nothing tests are not measured.

    Args:
        plan: of the run.
        comparisons: all of the run.
        missing: what the run could not have, for the reason of what was not measured.
        shares: what switches bring among each other.
    """
    results = []
    for claim in plan.claims:
        tests = [(one.name, test) for one in plan.experiments for test in one.claims if test.claim == claim.id]
        if claim.quantity == "gain":
            results += [_gain(claim, name, test, shares) for name, test in tests]
        else:
            results += [_test(claim, name, test, comparisons, missing) for name, test in tests]
        if not tests:
            results.append(_without(claim, ClaimTest(claim.id, claim.metric, ""), "not measured", (Reason("no test"),)))
    return tuple(results)


def outcome(claim: Claim, comparison: Comparison) -> ClaimOutcome:
    """What one comparison says of a promise."""
    if claim.low is None and claim.high is None:
        return "not measured"
    if claim.quantity == "ratio":
        return _of_ratio(claim.low or 0.0, claim.high, comparison)
    return _of_value(claim.low, claim.high, comparison) if claim.quantity == "value" else "not measured"


def _of_ratio(least: float, most: float | None, comparison: Comparison) -> ClaimOutcome:
    if comparison.verdict == "unresolved":
        return "unresolved"
    if comparison.verdict == "worse":
        return "opposite"
    if comparison.verdict == "same":
        return "kept" if most is not None and most >= 1 else "refuted"
    most = math.inf if most is None else most
    low = -math.inf if comparison.estimate.low is None else comparison.estimate.low
    high = math.inf if comparison.estimate.high is None else comparison.estimate.high
    if low >= least and high <= most:
        return "kept"
    return "exceeded" if high < least else "short" if low > most else "unresolved"


def _of_value(low: float | None, high: float | None, comparison: Comparison) -> ClaimOutcome:
    value, before = comparison.estimate.arm_value, comparison.estimate.baseline_value
    if value is None:
        return "not measured"
    if low is not None and value < low:
        return _missed(gain=value - (before or 0.0))
    if high is not None and value > high:
        if low is not None:
            return "exceeded"
        return "refuted" if before is None else _missed(gain=before - value)
    return "kept"


def _missed(gain: float) -> ClaimOutcome:
    """The outcome of a value beyond its bound, by how far it lies on the promise's side of the baseline."""
    return "short" if gain > 0 else "opposite" if gain < 0 else "refuted"


def _test(
    claim: Claim,
    experiment: str,
    test: ClaimTest,
    comparisons: Sequence[Comparison],
    missing: Sequence[Unavailable],
) -> ClaimResult:
    found = [
        one
        for one in comparisons
        if (one.key.experiment, one.key.metric, one.key.arm) == (experiment, test.metric, test.arm)
        and test.where.items() <= one.key.factors.items()
    ]
    bearing = [one for one in found if one.status not in _MEANINGLESS]
    if not bearing:
        if found:
            failed = all(one.status == "failed" for one in found)
            return _without(claim, test, "not measured" if failed else "not measurable", found[0].reasons)
        for one in missing:
            if (one.experiment, one.metric) == (experiment, test.metric):
                failed = one.status == "failed"
                reason = Reason("failed" if failed else "unavailable", names={"why": one.reason})
                return _without(claim, test, "not measured" if failed else "not measurable", (reason,))
        names = {"metric": test.metric, "arm": test.arm}
        return _without(claim, test, "not measured", (Reason("not held", names=names),))
    nearest = min(_NEAREST_TO_THE_TRUTH.index(one.key.provenance) for one in bearing)
    bearing = [one for one in bearing if _NEAREST_TO_THE_TRUTH.index(one.key.provenance) == nearest]
    outcomes = {one.key.case: outcome(claim, one) for one in bearing}
    weakest = min(bearing, key=lambda one: WEAKEST_FIRST.index(outcomes[one.key.case]))
    verdict = outcomes[weakest.key.case]
    low = weakest.estimate.low
    reasons_ = []
    if len(outcomes) > 1:
        reasons_.append(Reason("weakest of several", _tally(list(outcomes.values()))))
    if verdict == "unresolved" and claim.high is not None and low is not None and low > claim.high:
        reasons_.append(Reason("broken either way"))
    if verdict == "unresolved":
        reasons_ += weakest.reasons
    return ClaimResult(
        id=claim.id,
        promise=claim,
        outcome=verdict,
        arm=test.arm,
        metric=test.metric,
        comparison=weakest,
        reasons=(*reasons_, *_note(test)),
    )


def _tally(outcomes: Sequence[ClaimOutcome]) -> dict[str, float | None]:
    """Outcome -> how many, the best first."""
    return {one: outcomes.count(one) for one in reversed(WEAKEST_FIRST) if one in outcomes}


def _note(test: ClaimTest) -> tuple[Reason, ...]:
    return (Reason("note", names={"note": test.note}),) if test.note else ()


def _gain(claim: Claim, experiment: str, test: ClaimTest, shares: Sequence[Attribution]) -> ClaimResult:
    bearing = [
        one
        for one in shares
        if (one.experiment, one.metric, one.switch) == (experiment, TIME, test.arm)
        and test.where.items() <= one.factors.items()
    ]
    if not bearing:
        reason = Reason("no attribution", names={"switch": test.arm})
        return _without(claim, test, "not measured", (reason,))
    outcomes = {one.case: gain_outcome(claim, one) for one in bearing}
    weakest = min(bearing, key=lambda one: WEAKEST_FIRST.index(outcomes[one.case]))
    verdict = outcomes[weakest.case]
    reasons = []
    if weakest.alone is not None and weakest.last is not None:
        reasons.append(Reason("alone and last", {"alone": 1 / weakest.alone, "last": 1 / weakest.last}))
    if verdict == "unresolved" and _falls_short(claim, weakest):
        reasons.append(Reason("broken either way"))
    if len(bearing) > 1:
        reasons.append(Reason("weakest of several", _tally(list(outcomes.values()))))
    if weakest.low is None or weakest.high is None:
        reasons.append(Reason("no interval"))
    return ClaimResult(
        id=claim.id,
        promise=claim,
        outcome=verdict,
        arm=test.arm,
        metric=test.metric,
        attribution=weakest,
        reasons=(*reasons, *_note(test)),
    )


def gain_outcome(claim: Claim, share: Attribution) -> ClaimOutcome:
    """What one attribution of time says of a promised gain."""
    if claim.low is None:
        return "not measured"
    if share.low is None or share.high is None:
        return "unresolved"
    least, most = 1 / share.high - 1, 1 / share.low - 1
    upper = math.inf if claim.high is None else claim.high
    if least >= claim.low and most <= upper:
        return "kept"
    if least > upper:
        return "exceeded"
    if _falls_short(claim, share):
        return "opposite" if most < 0 else "refuted" if most == 0 else "short" if least > 0 else "unresolved"
    return "unresolved"


def _falls_short(claim: Claim, share: Attribution) -> bool:
    """Whether the whole interval of a gain lies below the promised one."""
    return claim.low is not None and share.low is not None and 1 / share.low - 1 < claim.low


def _without(claim: Claim, test: ClaimTest, outcome: ClaimOutcome, reasons: tuple[Reason, ...]) -> ClaimResult:
    """A result that quotes no figure."""
    return ClaimResult(id=claim.id, promise=claim, outcome=outcome, arm=test.arm, metric=test.metric, reasons=reasons)
