"""What a run says of each promise.

A promise of `ratio` bounds arm / baseline: it is exceeded below its lower end, kept between its ends, short between
its upper end and 1, refuted where the arm does not pay. It needs a verdict first: what the rule leaves unresolved, a
promise cannot settle, and an interval that reaches over an end is unresolved too; where only whether it pays is open,
and the promise is broken either way, the sentence says so. A promise that allows a ratio of 1 (nothing gets slower) is
kept by better and by same.

A promise of `value` bounds the arm's own figure. It wants at least `low` where it names a lower end, at most `high`
where it names that alone; short is on the promise's side of the baseline.

A promise of `gain` bounds the speed-up that one switch brings among all the others, 1 / its Shapley factor - 1: 0.3 is
30 % more work in the same time. Its test names the switch as the arm.

Where several comparisons bear on one promise it must hold in all of them: the weakest decides and is quoted.
"""

import math
from collections.abc import Sequence

from lab.analysis import words
from lab.core.results import Attribution, ClaimOutcome, ClaimResult, Comparison, Unavailable
from lab.core.schema import TIME, Claim, ClaimTest, Plan, Provenance

WEAKEST_FIRST: tuple[ClaimOutcome, ...] = ("refuted", "short", "unresolved", "not measured", "kept", "exceeded")
_BROKEN_EITHER_WAY = "it is less than promised in any case, whether it pays at all stays open"
_NEAREST_TO_THE_TRUTH: tuple[Provenance, ...] = ("pmu", "clock", "kernel", "ledger", "traced", "simulated", "derived")


def claim_results(
    plan: Plan,
    comparisons: Sequence[Comparison],
    missing: Sequence[Unavailable],
    shares: Sequence[Attribution] = (),
) -> tuple[ClaimResult, ...]:
    """One result per promise and test, in the plan's order; promises that nothing tests are not measured.

    Args:
        plan: of the run.
        comparisons: all of it.
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
            results.append(_not_measured(claim, "", claim.metric, "no experiment of this run tests it"))
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
    if most is not None and most >= 1 and comparison.verdict == "same":
        return "kept"
    if comparison.verdict != "better":
        return "refuted"
    most = math.inf if most is None else most
    low = -math.inf if comparison.low is None else comparison.low
    high = math.inf if comparison.high is None else comparison.high
    if low >= least and high <= most:
        return "kept"
    return "exceeded" if high < least else "short" if low > most else "unresolved"


def _of_value(low: float | None, high: float | None, comparison: Comparison) -> ClaimOutcome:
    value, before = comparison.arm_value, comparison.baseline_value
    if value is None:
        return "not measured"
    if low is not None and value < low:
        return "short" if value > (before or 0.0) else "refuted"
    if high is not None and value > high:
        if low is not None:
            return "exceeded"
        return "short" if before is not None and value < before else "refuted"
    return "kept"


def _test(
    claim: Claim,
    experiment: str,
    test: ClaimTest,
    comparisons: Sequence[Comparison],
    missing: Sequence[Unavailable],
) -> ClaimResult:
    bearing = [
        one
        for one in comparisons
        if (one.experiment, one.metric, one.arm) == (experiment, test.metric, test.arm)
        and test.where.items() <= one.factors.items()
    ]
    if not bearing:
        reasons = [one.reason for one in missing if (one.experiment, one.metric) == (experiment, test.metric)]
        reason = reasons[0] if reasons else f"the run holds no {test.metric} of {test.arm} in such a case"
        return _not_measured(claim, test.arm, test.metric, reason)
    nearest = min(_NEAREST_TO_THE_TRUTH.index(one.provenance) for one in bearing)
    bearing = [one for one in bearing if _NEAREST_TO_THE_TRUTH.index(one.provenance) == nearest]
    outcomes = {one.case: outcome(claim, one) for one in bearing}
    weakest = min(bearing, key=lambda one: WEAKEST_FIRST.index(outcomes[one.case]))
    return ClaimResult(
        id=claim.id,
        claim=claim.claim,
        outcome=outcomes[weakest.case],
        promised=_promised(claim),
        found=_found(claim, weakest),
        sentence=_sentence(claim, test, weakest, list(outcomes.values())),
        case=weakest.case,
        arm=test.arm,
        metric=test.metric,
        provenance=weakest.provenance,
    )


def _gain(claim: Claim, experiment: str, test: ClaimTest, shares: Sequence[Attribution]) -> ClaimResult:
    bearing = [
        one
        for one in shares
        if (one.experiment, one.metric, one.switch) == (experiment, TIME, test.arm)
        and test.where.items() <= one.factors.items()
    ]
    if not bearing:
        return _not_measured(claim, test.arm, test.metric, f"the run attributes no time to {test.arm} in such a case")
    outcomes = {one.case: gain_outcome(claim, one) for one in bearing}
    weakest = min(bearing, key=lambda one: WEAKEST_FIRST.index(outcomes[one.case]))
    verdict = outcomes[weakest.case]
    found = _gain_found(weakest)
    where = f" ({words.levels(weakest.factors)})" if weakest.factors else ""
    alone, last = (None if one is None else words.change(1 / one) for one in (weakest.alone, weakest.last))
    parts = [
        f"{verdict.capitalize()}: among all switches {test.arm} changes the speed by {found}{where}; promised was"
        f" {_promised(claim)}",
        f"switched on alone it changes it by {alone}, added last by {last}" if alone and last else "",
        _BROKEN_EITHER_WAY if verdict == "unresolved" and _falls_short(claim, weakest) else "",
        f"the weakest of {len(bearing)} cases" if len(bearing) > 1 else "",
        "too few processes for an interval" if weakest.low is None or weakest.high is None else "",
        test.note.rstrip("."),
    ]
    return ClaimResult(
        id=claim.id,
        claim=claim.claim,
        outcome=verdict,
        promised=_promised(claim),
        found=found,
        sentence="; ".join(filter(None, parts)) + ".",
        case=weakest.case,
        arm=test.arm,
        metric=test.metric,
        provenance="derived",
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
        return "refuted" if most <= 0 else "short" if least > 0 else "unresolved"
    return "unresolved"


def _falls_short(claim: Claim, share: Attribution) -> bool:
    """Whether the whole interval of a gain lies below the promised one."""
    return claim.low is not None and share.low is not None and 1 / share.low - 1 < claim.low


def _gain_found(share: Attribution) -> str:
    """The gain with its interval: "+12 % [+10 %, +14 %]"."""
    if share.low is None or share.high is None:
        return f"{words.change(1 / share.value)} (no interval)"
    return f"{words.change(1 / share.value)} [{words.change(1 / share.high)}, {words.change(1 / share.low)}]"


def _not_measured(claim: Claim, arm: str, metric: str, reason: str) -> ClaimResult:
    return ClaimResult(
        id=claim.id,
        claim=claim.claim,
        outcome="not measured",
        promised=_promised(claim),
        found="",
        sentence=f"Not measured: {reason}.",
        case="",
        arm=arm,
        metric=metric,
        provenance="",
    )


def _promised(claim: Claim) -> str:
    if claim.quantity == "gain":
        ends = [f"+{words.percent(end)}" for end in (claim.low, claim.high) if end is not None]
        return " to ".join(ends) if len(ends) == 2 else f"at least {ends[0]}" if ends else "no figure"

    def show(value: float) -> str:
        return words.quantity(value, claim.unit) if claim.quantity == "value" else words.number(value)

    of_what = " of the baseline" if claim.quantity == "ratio" else ""
    if claim.low is not None and claim.high is not None:
        return f"{show(claim.low)} to {show(claim.high)}{of_what}"
    if claim.low is not None:
        return f"at least {show(claim.low)}{of_what}"
    return f"at most {show(claim.high)}{of_what}" if claim.high is not None else "no figure"


def _found(claim: Claim, comparison: Comparison) -> str:
    if claim.quantity == "ratio":
        return words.ratio(comparison.ratio, comparison.low, comparison.high)
    return "no value" if comparison.arm_value is None else words.quantity(comparison.arm_value, comparison.unit)


def _sentence(claim: Claim, test: ClaimTest, weakest: Comparison, outcomes: Sequence[ClaimOutcome]) -> str:
    verdict = WEAKEST_FIRST[min(map(WEAKEST_FIRST.index, outcomes))]
    what = weakest.metric.replace("_", " ")
    where = f" ({words.levels(weakest.factors)})" if weakest.factors else ""
    subject = (
        f"{weakest.arm} took {_found(claim, weakest)} of the {what} of {weakest.baseline}"
        if claim.quantity == "ratio"
        else f"{what} of {weakest.arm} is {_found(claim, weakest)}"
    )
    parts = [f"{verdict.capitalize()}: {subject}{where}; promised was {_promised(claim)}"]
    if len(outcomes) > 1:
        tally = [f"{outcomes.count(one)} {one}" for one in reversed(WEAKEST_FIRST) if one in outcomes]
        parts.append(f"of {len(outcomes)} cases {words.listed(tally)}, this is the weakest")
    if verdict == "unresolved" and claim.high is not None and weakest.low is not None and weakest.low > claim.high:
        parts.append(_BROKEN_EITHER_WAY)
    if verdict == "unresolved" and weakest.reason:
        parts.append(weakest.reason)
    return "; ".join([*parts, *filter(None, [test.note.rstrip(".")])]) + "."
